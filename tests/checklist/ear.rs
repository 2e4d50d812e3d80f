//! One instrument's market behind its venue's decoder.

use bytes::Bytes;
use market::{Body, Event, Events, HttpExchange, LinkId, Market, Packet, Tally, Timestamp, Venue};
use venues::{DecodeError, Decoder};

use crate::row::{Levels, Row, Said};

/// The book with which the stories begin.
pub const FIRST: Levels<'static> = [&[("10", "1")], &[("11", "1")]];

pub struct Ear {
    pub venue: Venue,
    decoder: Decoder,
    pub events: Events,
    market: Option<Market>,
}

impl Ear {
    /// What is heard before a book, and nothing else.
    pub fn open(venue: Venue, row: &Row) -> Self {
        let decoder = Decoder::new(venue);
        let mut ear = Self { venue, decoder, events: Events::default(), market: None };
        for frame in row.before {
            ear.hear(&Said::Frame((*frame).to_owned()));
        }
        ear
    }

    /// With the first book, of the number `n`.
    pub fn synced(venue: Venue, row: &Row, n: u64) -> Self {
        let mut ear = Self::open(venue, row);
        ear.hear(&(row.whole)(n, FIRST));
        assert_eq!((ear.book().as_str(), ear.is_synced()), ("10x1 | 11x1", true), "{venue:?}");
        ear
    }

    pub fn hear(&mut self, said: &Said) {
        self.try_hear(said).unwrap_or_else(|error| panic!("{:?}: {error}: {said:?}", self.venue));
    }

    pub fn try_hear(&mut self, said: &Said) -> Result<(), DecodeError> {
        let body = match said {
            Said::Frame(text) => Body::Text(text.clone().into()),
            Said::Answer(url, body) => {
                let (url, body) = (Bytes::from_static(url.as_bytes()), body.clone().into());
                Body::Answered(HttpExchange { url, status: 200, body })
            }
        };
        self.take(body)
    }

    pub fn take(&mut self, body: Body) -> Result<(), DecodeError> {
        if let (Body::Closed(_), Some(market)) = (&body, &mut self.market) {
            market.lose(market::Cause::LinkDown);
        }
        let (link, received_at) = (LinkId(0), Timestamp::default());
        let packet = Packet { venue: self.venue, link, number: 0, received_at, body };
        self.decoder.decode(&packet, &mut self.events)?;
        for event in &self.events.items {
            let market = self.market.as_mut();
            match (event, market) {
                (Event::Instrument(one), None) => self.market = Some(Market::new((**one).clone())),
                (Event::Instrument(one), Some(market)) => {
                    market.set_instrument((**one).clone());
                }
                (Event::Book(book), Some(market)) => {
                    market.apply_book(book, &self.events, received_at);
                }
                (Event::LinkGap { .. }, Some(market)) => market.lose_frames(received_at),
                (Event::Checksum { checksum, .. }, Some(market)) => {
                    market.apply_checksum(*checksum, received_at);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The book, best first: `bids | asks`.
    pub fn book(&self) -> String {
        let Some(market) = &self.market else { return String::new() };
        let bids: Vec<String> = market.book().bids().map(|level| words(market, level)).collect();
        let asks: Vec<String> = market.book().asks().map(|level| words(market, level)).collect();
        format!("{} | {}", bids.join(" "), asks.join(" "))
    }

    /// The best bid: price and quantity.
    pub fn best_bid(&self) -> String {
        let market = self.market.as_ref().expect("an instrument");
        words(market, market.book().bids().next().expect("a bid"))
    }

    pub fn is_synced(&self) -> bool {
        self.market.as_ref().is_some_and(|market| market.sync().is_synced())
    }

    pub fn tally(&self) -> &Tally {
        self.market.as_ref().expect("an instrument").tally()
    }

    /// Gaps, wrong checksums and crossed books.
    pub fn n_faults(&self) -> u64 {
        let tally = self.tally();
        tally.gaps + tally.checksums_wrong + tally.crossed
    }
}

/// A level: price and quantity.
fn words(market: &Market, level: market::Level) -> String {
    let one = market.instrument();
    let price = level.price.text(one.price_scale, 0);
    format!("{price}x{}", level.quantity.text(one.quantity_scale, 0))
}
