//! The product's way from a packet to a book, in two lengths: decoder and market alone, and the engine with all it
//! does.

use std::collections::BTreeMap;

use engine::{Engine, Input};
use market::{Event, Events, InstrumentId, LinkId, Market, Packet, Side, Venue};
use venues::Decoder;

use crate::reference::{Reference, SCALE};

/// Levels of each side that the contenders must agree on at the end.
const N_LEVELS_COMPARED: usize = 500;

/// Decoder and market, with nothing round them.
#[derive(Default)]
pub struct Plain {
    decoders: BTreeMap<Venue, Decoder>,
    markets: BTreeMap<InstrumentId, (LinkId, Market)>,
    events: Events,
}

impl Plain {
    /// Takes one frame.
    pub fn take(&mut self, packet: &Packet) -> anyhow::Result<()> {
        let decoder =
            self.decoders.entry(packet.venue).or_insert_with(|| Decoder::new(packet.venue));
        decoder.decode(packet, &mut self.events)?;
        let at = packet.received_at;
        for event in &self.events.items {
            let id = match event {
                Event::Book(message) => message.instrument,
                Event::Trade(trade) => trade.instrument,
                Event::Quote(quote) => quote.instrument,
                Event::Instrument(instrument) => instrument.id,
                Event::InstrumentsListed { .. }
                | Event::Checksum { .. }
                | Event::Reference(_)
                | Event::Liquidation(_)
                | Event::PastBars(_)
                | Event::PastTrades(_)
                | Event::LinkGap { .. }
                | Event::Heartbeat
                | Event::StreamAlive { .. }
                | Event::Subscribed { .. }
                | Event::Refused { .. }
                | Event::Notice { .. }
                | Event::Unknown { .. } => continue,
            };
            let (_, market) = self.markets.entry(id).or_insert_with(|| {
                let instrument = decoder.instruments()[id.index as usize].clone();
                (packet.link, Market::new(instrument).without_changes())
            });
            match event {
                Event::Book(message) => {
                    market.apply_book(message, &self.events, at);
                }
                Event::Trade(trade) => {
                    market.apply_trade(trade, at);
                }
                Event::Quote(quote) => market.apply_quote(quote),
                Event::Instrument(instrument) => {
                    market.set_instrument((**instrument).clone());
                }
                Event::InstrumentsListed { .. }
                | Event::Checksum { .. }
                | Event::Reference(_)
                | Event::Liquidation(_)
                | Event::PastBars(_)
                | Event::PastTrades(_)
                | Event::LinkGap { .. }
                | Event::Heartbeat
                | Event::StreamAlive { .. }
                | Event::Subscribed { .. }
                | Event::Refused { .. }
                | Event::Notice { .. }
                | Event::Unknown { .. } => {}
            }
        }
        Ok(())
    }

    /// The market that is heard on a link, once its book is right.
    pub fn market(&self, link: LinkId) -> Option<&Market> {
        let market = self.markets.values().find(|(its_link, _)| *its_link == link);
        market.map(|(_, market)| market).filter(|market| market.sync().is_synced())
    }
}

/// All frames through the engine.
pub fn through_engine(mut engine: Engine, packets: impl Iterator<Item = Packet>) -> Engine {
    let mut asks = Vec::new();
    for packet in packets {
        engine.step(Input::Packet(packet), &mut asks);
        asks.clear();
    }
    engine
}

/// A hash over numbers, which it takes in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer(pub u64);

impl Answer {
    /// The hash of nothing.
    pub const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// Takes a number.
    pub fn add(&mut self, number: i64) {
        self.0 = (self.0 ^ number as u64).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(23);
    }
}

/// The best levels of all books and the count of trades, of the reference.
pub fn answer_of_reference(reference: &Reference) -> u64 {
    let mut answer = Answer::new();
    for book in reference.books.values() {
        let bids = book.bids.iter().rev().take(N_LEVELS_COMPARED);
        for (price, quantity) in bids.chain(book.asks.iter().take(N_LEVELS_COMPARED)) {
            answer.add(*price);
            answer.add(*quantity);
        }
        answer.add(book.n_trades as i64);
    }
    answer.0
}

/// The same of decoder and market.
pub fn answer_of_plain(plain: &Plain) -> u64 {
    answer_of_markets(plain.markets.values().map(|(link, market)| (*link, market)).collect())
}

/// The same of the engine.
pub fn answer_of_engine(engine: &Engine) -> u64 {
    answer_of_markets(engine.all_watched().map(|(_, it)| (it.link, &it.market)).collect())
}

fn answer_of_markets(mut markets: Vec<(LinkId, &Market)>) -> u64 {
    markets.sort_by_key(|(link, _)| *link);
    let mut answer = Answer::new();
    for (_, market) in markets {
        for side in [Side::Buy, Side::Sell] {
            for level in market.book().levels(side).take(N_LEVELS_COMPARED) {
                let (price, quantity) = at_reference_scale(market, level);
                answer.add(price);
                answer.add(quantity);
            }
        }
        answer.add(market.tally().trades as i64);
    }
    answer.0
}

/// A level in the units of the reference.
pub fn at_reference_scale(market: &Market, level: market::Level) -> (i64, i64) {
    let instrument = market.instrument();
    let scaled = |value: i64, scale: u8| match u32::from(scale).checked_sub(SCALE) {
        Some(n_more) => value / 10_i64.pow(n_more),
        None => value * 10_i64.pow(SCALE - u32::from(scale)),
    };
    (
        scaled(level.price.0, instrument.price_scale),
        scaled(level.quantity.0, instrument.quantity_scale),
    )
}
