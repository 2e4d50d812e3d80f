//! Frames that are lost, repeated, out of order or too early: each is caught at the first message that reveals it.
#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

mod binance;
mod bitbank;
mod bitfinex;
mod bitflyer;
mod bitget;
mod bitmex;
mod bitstamp;
mod bybit;
mod coinbase;
mod deribit;
mod dydx;
mod fetched;
mod gate;
mod gemini;
mod hitbtc;
mod hyperliquid;
mod independent_reserve;
mod kraken_futures;
mod kraken_v1;
mod kucoin;
mod okx;
mod okx_v3;

use bytes::Bytes;
use market::{
    Applied, Body, Event, Events, HttpExchange, LinkId, Market, Packet, Proof, State, Timestamp,
    Venue,
};
use venues::Decoder;

/// One instrument's market behind its venue's decoder.
struct Ear {
    venue: Venue,
    /// The link on which the next body comes.
    link: u16,
    decoder: Decoder,
    events: Events,
    market: Option<Market>,
}

impl Ear {
    fn new(venue: Venue) -> Self {
        let decoder = Decoder::new(venue);
        Self { venue, link: 0, decoder, events: Events::default(), market: None }
    }

    /// What became of the book messages of a body.
    fn hear(&mut self, body: Body) -> Vec<Applied> {
        let (link, received_at) = (LinkId(self.link), Timestamp::default());
        let packet = Packet { venue: self.venue, link, number: 0, received_at, body };
        self.decoder.decode(&packet, &mut self.events).unwrap();
        let mut applied = Vec::new();
        for event in &self.events.items {
            let market = &mut self.market;
            match event {
                Event::Instrument(one) => match market {
                    Some(market) => drop(market.set_instrument((**one).clone())),
                    None => *market = Some(Market::new((**one).clone())),
                },
                Event::Book(book) => applied.push(market.as_mut().unwrap().apply_book(
                    book,
                    &self.events,
                    received_at,
                )),
                Event::Quote(quote) => market.as_mut().unwrap().apply_quote(quote),
                Event::Checksum { checksum, .. } => {
                    let market = market.as_mut().unwrap();
                    applied.push(market.apply_checksum(*checksum, received_at));
                }
                Event::LinkGap { .. } => market.as_mut().unwrap().lose_frames(received_at),
                _ => {}
            }
        }
        applied
    }

    /// Whether the decoder refuses a frame.
    fn refuses(&mut self, frame: &str) -> bool {
        let (link, received_at) = (LinkId(self.link), Timestamp::default());
        let body = Body::Text(Bytes::copy_from_slice(frame.as_bytes()));
        let packet = Packet { venue: self.venue, link, number: 0, received_at, body };
        self.decoder.decode(&packet, &mut self.events).is_err()
    }

    fn text(&mut self, frame: &str) -> Vec<Applied> {
        self.hear(Body::Text(Bytes::copy_from_slice(frame.as_bytes())))
    }

    fn answer(&mut self, url: &str, body: &str) -> Vec<Applied> {
        let bytes = |text: &str| Bytes::copy_from_slice(text.as_bytes());
        self.hear(Body::Answered(HttpExchange { url: bytes(url), status: 200, body: bytes(body) }))
    }

    /// The book, best first: `bids | asks`.
    fn book(&self) -> String {
        let market = self.market.as_ref().unwrap();
        let one = market.instrument();
        let words = |level: market::Level| {
            let price = level.price.text(one.price_scale, 0);
            format!("{price}x{}", level.quantity.text(one.quantity_scale, 0))
        };
        let bids: Vec<String> = market.book().bids().map(words).collect();
        let asks: Vec<String> = market.book().asks().map(words).collect();
        format!("{} | {}", bids.join(" "), asks.join(" "))
    }

    fn is_synced(&self) -> bool {
        self.market.as_ref().unwrap().sync().is_synced()
    }

    fn state(&self) -> State {
        self.market.as_ref().unwrap().sync().state()
    }

    fn proof(&self) -> Proof {
        self.market.as_ref().unwrap().sync().proof()
    }

    fn n_gaps(&self) -> u64 {
        self.market.as_ref().unwrap().tally().gaps
    }
}
