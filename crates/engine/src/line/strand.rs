//! A part of a venue's instruments, and the links that carry it: one to each of the venue's sockets.

use std::collections::BTreeSet;
use std::time::Duration;

use feed::Feed;
use market::{LinkId, Packet, Stream, Timestamp, Venue};

use crate::engine::Engine;
use crate::first_data::{Missing, Overdue, Sign};
use crate::line::Start;
use crate::line::relay::{Carrier, Relay};
use crate::wire::NoticeLevel;

/// The first link is let go when the second is open for so long, whether all its books are right or not.
const SYNC_NANOS_MAX: i64 = 30_000_000_000;

/// Two links that carry no books are heard together for so long: marks come each second, and a forced order that one
/// of them tells late is told by the other.
const BESIDE_NANOS: i64 = 5_000_000_000;

/// A part of a venue's instruments and the links that carry it.
pub(super) struct Strand {
    /// What is asked for on it.
    pub symbols: BTreeSet<String>,
    /// The link of the books, then those to the venue's other sockets: marks, funding and forced orders come there.
    relays: Vec<Relay>,
}

impl Strand {
    /// Starts its link, and those to the venue's other sockets.
    pub fn start(start: Start, beside: Vec<Start>) -> Self {
        let relays = std::iter::once(start).chain(beside).map(Relay::start).collect();
        Self { symbols: BTreeSet::new(), relays }
    }

    /// All its links: the first, the one that follows it, and those to other sockets.
    pub fn carriers(&self) -> impl Iterator<Item = &Carrier> {
        self.relays.iter().flat_map(Relay::carriers)
    }

    /// Its links that carry books.
    pub fn book_carriers(&self) -> impl Iterator<Item = &Carrier> + Clone {
        self.relays.iter().take(1).flat_map(Relay::carriers)
    }

    fn carriers_mut(&mut self) -> impl Iterator<Item = &mut Carrier> {
        self.relays.iter_mut().flat_map(Relay::carriers_mut)
    }

    /// Takes note of a packet, if it is of one of its links.
    pub fn note(&mut self, packet: &Packet) {
        self.relays.iter_mut().for_each(|relay| relay.note(packet, &self.symbols));
    }

    /// Hears these from now on.
    pub fn ask_for(&mut self, symbols: Vec<String>, now: Timestamp) {
        self.symbols.extend(symbols.iter().cloned());
        for carrier in self.carriers_mut() {
            symbols.iter().for_each(|symbol| carrier.first_data.expect(symbol, now));
            carrier.feed.subscribe(symbols.clone());
        }
    }

    /// Hears it no longer, if it did.
    pub fn unsubscribe(&mut self, symbol: &str) {
        if self.symbols.remove(symbol) {
            for carrier in self.carriers_mut() {
                carrier.first_data.forget(symbol);
                carrier.feed.unsubscribe(vec![symbol.to_owned()]);
            }
        }
    }

    /// The venue has said that it will close this link.
    pub fn announce_end(&mut self, link: LinkId) {
        self.relays.iter_mut().for_each(|relay| relay.announce_end(link));
    }

    /// The sockets, by number, on which a second link is to be opened now, before the venue closes the first.
    pub fn wants_next(
        &self,
        lifetime: Option<Duration>,
        now: Timestamp,
    ) -> impl Iterator<Item = usize> {
        let all = self.relays.iter().enumerate();
        all.filter(move |(_, relay)| relay.wants_next(lifetime, now)).map(|(number, _)| number)
    }

    /// Opens a second link beside the first, on the socket of this number.
    pub fn open_next(&mut self, socket: usize, start: Start) {
        if let Some(relay) = self.relays.get_mut(socket) {
            relay.open_next(start, &self.symbols);
        }
    }

    /// Lets a first link go when the second has all its books, or gives a second one up. Gives which ones are gone.
    pub fn roll_over(&mut self, engine: &Engine, venue: Venue, now: Timestamp) -> Vec<Feed> {
        let symbols = &self.symbols;
        let has_books = |next: &Carrier| {
            symbols.iter().all(|symbol| {
                let instrument = engine.find(venue, symbol);
                instrument.is_some_and(|one| engine.is_synced_on(one.id, next.link))
            })
        };
        let mut gone = Vec::new();
        for (number, relay) in self.relays.iter_mut().enumerate() {
            gone.extend(match number {
                0 => relay.roll_over(has_books, (SYNC_NANOS_MAX, symbols), now),
                _ => relay.roll_over(|_| false, (BESIDE_NANOS, symbols), now),
            });
        }
        gone
    }

    /// Tells of what does not come of instruments within `limit`, and asks for it again on the link that brings it.
    pub fn look_for_data(
        &mut self,
        (engine, venue): (&Engine, Venue),
        limit: Duration,
        now: Timestamp,
        told: &mut Vec<(NoticeLevel, String)>,
    ) {
        let sign = |symbol: &str, stream| {
            let watched = engine.find(venue, symbol).and_then(|one| engine.watched(one.id));
            watched.map_or(Sign::default(), |watched| watched.sign(stream))
        };
        for Relay { carrier, .. } in &mut self.relays {
            if !carrier.is_streaming() {
                continue; // What is polled is spoken of in answers alone.
            }
            for overdue in carrier.first_data.overdue(limit, now, sign) {
                let sentence = overdue.sentence(venue.name());
                told.extend(sentence.map(|sentence| (NoticeLevel::Warn, sentence)));
                carrier.ask_again(overdue);
            }
        }
    }

    /// So many seconds have passed.
    pub fn count_rates(&mut self, seconds: f64) {
        self.carriers_mut().for_each(|carrier| carrier.count_rate(seconds));
    }

    /// Its links, all of which are told to stop.
    pub fn stop(self) -> impl Iterator<Item = Feed> {
        self.relays.into_iter().flat_map(Relay::stop)
    }
}

impl Carrier {
    fn ask_again(&self, overdue: Overdue) {
        match overdue {
            Overdue::AskAgain { symbol, missing: Missing::Streams(streams), .. }
                if streams == [Stream::Book] =>
            {
                self.feed.renew_book(symbol);
            }
            Overdue::AskAgain { symbol, .. } => self.feed.renew(symbol),
            Overdue::Doubt { symbol } => self.feed.look_for_trades(symbol),
            Overdue::GivenUp { .. } => {}
        }
    }
}
