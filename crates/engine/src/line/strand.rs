//! A part of a venue's instruments, the link that carries it, and for a while the one that takes that link's place.

use std::collections::BTreeSet;
use std::time::Duration;

use feed::{Feed, LinkReport, LinkState, Transport};
use market::{Body, LinkId, Packet, Timestamp, Venue};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::engine::Engine;
use crate::first_data::{FirstData, Overdue};
use crate::line::Start;
use crate::wire::NoticeLevel;

/// A second link is opened so long before the venue closes the first for its age: the feed leaves it by itself five
/// minutes before, and books need no more than one to be synced.
const ROLL_BEFORE: Duration = Duration::from_secs(600);

/// The first link is let go when the second is open for so long, whether all its books are right or not.
const SYNC_NANOS_MAX: i64 = 30_000_000_000;

/// A second link that is not open by then is given up; the first one goes on.
const OPEN_NANOS_MAX: i64 = 120_000_000_000;

/// A running link.
pub(super) struct Carrier {
    pub feed: Feed,
    pub report: watch::Receiver<LinkReport>,
    pub link: LinkId,
    stop: CancellationToken,
    started_at: Timestamp,
    opened_at: Option<Timestamp>,
    n_packets: u64,
    n_packets_before: u64,
    pub per_second: f64,
}

/// A part of a venue's instruments and the links that carry it.
pub(super) struct Strand {
    /// What is asked for on it.
    pub symbols: BTreeSet<String>,
    carrier: Carrier,
    next: Option<Carrier>,
    /// Links to the venue's other sockets: marks, funding and forced orders come there, but no books.
    beside: Vec<Carrier>,
    /// The venue said that the link will end.
    is_leaving: bool,
    first_data: FirstData,
}

impl Strand {
    /// Starts its link, and those to the venue's other sockets.
    pub fn start(start: Start, beside: Vec<Start>) -> Self {
        Self {
            symbols: BTreeSet::new(),
            carrier: Carrier::start(start),
            next: None,
            beside: beside.into_iter().map(Carrier::start).collect(),
            is_leaving: false,
            first_data: FirstData::default(),
        }
    }

    /// All its links.
    pub fn carriers(&self) -> impl Iterator<Item = &Carrier> {
        self.book_carriers().chain(&self.beside)
    }

    /// Its links that carry books.
    pub fn book_carriers(&self) -> impl Iterator<Item = &Carrier> + Clone {
        std::iter::once(&self.carrier).chain(&self.next)
    }

    fn carriers_mut(&mut self) -> impl Iterator<Item = &mut Carrier> {
        std::iter::once(&mut self.carrier).chain(&mut self.next).chain(&mut self.beside)
    }

    /// Takes note of a packet, if it is of one of its links.
    pub fn note(&mut self, packet: &Packet) {
        let is_current = self.carrier.link == packet.link;
        let mut all = self.carriers_mut();
        let Some(carrier) = all.find(|carrier| carrier.link == packet.link) else { return };
        carrier.n_packets += 1;
        let is_opened = matches!(packet.body, Body::Opened(_));
        if is_opened {
            carrier.opened_at = Some(packet.received_at);
        }
        drop(all);
        if is_opened && is_current {
            self.is_leaving = false;
            self.first_data.restart(self.symbols.iter(), packet.received_at);
        }
    }

    /// Hears these from now on.
    pub fn ask_for(&mut self, symbols: Vec<String>, now: Timestamp) {
        for symbol in &symbols {
            self.first_data.expect(symbol, now);
        }
        self.symbols.extend(symbols.iter().cloned());
        self.carriers().for_each(|carrier| carrier.feed.subscribe(symbols.clone()));
    }

    /// Hears it no longer, if it did.
    pub fn unsubscribe(&mut self, symbol: &str) {
        if self.symbols.remove(symbol) {
            self.first_data.forget(symbol);
            let gone = vec![symbol.to_owned()];
            self.carriers().for_each(|carrier| carrier.feed.unsubscribe(gone.clone()));
        }
    }

    /// The venue has said that it will close this link.
    pub fn announce_end(&mut self, link: LinkId) {
        self.is_leaving |= self.carrier.link == link;
    }

    /// Whether a second link is to be opened now, before the venue closes the first.
    pub fn wants_next(&self, lifetime: Option<Duration>, now: Timestamp) -> bool {
        self.next.is_none()
            && self.carrier.is_streaming()
            && (self.is_leaving || is_old(self.carrier.opened_at, lifetime, now))
    }

    /// Opens a second link beside the first.
    pub fn open_next(&mut self, start: Start) {
        let next = Carrier::start(start);
        next.feed.subscribe(self.symbols.iter().cloned().collect());
        self.next = Some(next);
    }

    /// Lets the first link go when the second has all its books, or gives the second one up. Gives which one is gone.
    pub fn roll_over(&mut self, engine: &Engine, venue: Venue, now: Timestamp) -> Option<Feed> {
        let next = self.next.as_ref()?;
        let has_book = |symbol: &String| {
            let instrument = engine.find(venue, symbol);
            instrument.is_some_and(|one| engine.is_synced_on(one.id, next.link))
        };
        let is_open = next.is_streaming();
        let age = now.nanos_since(next.opened_at.unwrap_or(next.started_at));
        let is_needed = self.carrier.report.borrow().state != LinkState::Up || age > SYNC_NANOS_MAX;
        if is_open && (is_needed || self.symbols.iter().all(has_book)) {
            return self.promote(venue, now);
        }
        if is_open || now.nanos_since(next.started_at) <= OPEN_NANOS_MAX {
            return None;
        }
        // The first link then ends when the venue ends it, and is opened again by its own back-off.
        self.is_leaving = false;
        self.carrier.opened_at = None;
        self.next.take().map(Carrier::stop)
    }

    fn promote(&mut self, venue: Venue, now: Timestamp) -> Option<Feed> {
        let next = self.next.take()?;
        tracing::info!(venue = venue.id(), link = next.link.0, "link rolled over");
        let old = std::mem::replace(&mut self.carrier, next);
        self.is_leaving = false;
        self.first_data.restart(self.symbols.iter(), now);
        Some(old.stop())
    }

    /// Tells of instruments of which nothing comes within `limit`, and asks for them again.
    pub fn look_for_data(
        &mut self,
        (engine, venue): (&Engine, Venue),
        limit: Duration,
        now: Timestamp,
        told: &mut Vec<(NoticeLevel, String)>,
    ) {
        if !self.carrier.is_streaming() {
            return; // What is polled is spoken of in answers alone.
        }
        let spoken_at = |symbol: &str| {
            let id = engine.find(venue, symbol)?.id;
            engine.watched(id)?.spoken_at()
        };
        for overdue in self.first_data.overdue(limit, now, spoken_at) {
            told.push((NoticeLevel::Warn, overdue.sentence(venue.name())));
            if let Overdue::AskAgain { symbol, .. } = overdue {
                self.carrier.feed.renew(symbol);
            }
        }
    }

    /// So many seconds have passed.
    pub fn count_rates(&mut self, seconds: f64) {
        for carrier in self.carriers_mut() {
            let n_packets = carrier.n_packets - carrier.n_packets_before;
            carrier.per_second = n_packets as f64 / seconds;
            carrier.n_packets_before = carrier.n_packets;
        }
    }

    /// Its links, all of which are told to stop.
    pub fn stop(self) -> impl Iterator<Item = Feed> {
        let all = std::iter::once(self.carrier).chain(self.next).chain(self.beside);
        all.map(Carrier::stop)
    }
}

impl Carrier {
    fn start(start: Start) -> Self {
        let link = start.config.link;
        let feed = Feed::start(start.config, start.packets, start.stop.clone());
        Self {
            report: feed.link(),
            feed,
            link,
            stop: start.stop,
            started_at: start.now,
            opened_at: None,
            n_packets: 0,
            n_packets_before: 0,
            per_second: 0.0,
        }
    }

    fn is_streaming(&self) -> bool {
        let report = self.report.borrow();
        // What is polled is asked for, and not streamed.
        let is_polled = matches!(report.transport, Transport::Polling { .. });
        report.state == LinkState::Up && !is_polled
    }

    fn stop(self) -> Feed {
        self.stop.cancel();
        self.feed
    }
}

/// Whether a link is so old that its venue will soon close it.
fn is_old(opened_at: Option<Timestamp>, lifetime: Option<Duration>, now: Timestamp) -> bool {
    let (Some(opened_at), Some(lifetime)) = (opened_at, lifetime) else { return false };
    let kept = lifetime.saturating_sub(ROLL_BEFORE).as_nanos();
    now.nanos_since(opened_at) >= i64::try_from(kept).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_old_ten_minutes_before_its_venue_closes_it() {
        let day = Some(Duration::from_secs(24 * 3_600));
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1_000);
        let opened = Some(at(100));
        assert!(!is_old(opened, day, at(100 + 86_400 - 601)));
        assert!(is_old(opened, day, at(100 + 86_400 - 600)));
        assert!(!is_old(opened, None, at(1_000_000)));
        assert!(!is_old(None, day, at(1_000_000)));
    }
}
