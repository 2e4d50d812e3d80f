//! One socket of a strand: the link that is heard on it, and for a while the one that takes that link's place.

use std::collections::BTreeSet;
use std::time::Duration;

use feed::{Feed, LinkReport, LinkState, Transport};
use market::{Body, LinkId, Packet, Timestamp};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::first_data::FirstData;
use crate::line::Start;

/// A second link is opened so long before the venue closes the first for its age: the feed leaves it by itself five
/// minutes before, and books need no more than one to be synced.
const ROLL_BEFORE: Duration = Duration::from_secs(600);

/// A second link that is not open by then is given up; the first one goes on.
const OPEN_NANOS_MAX: i64 = 120_000_000_000;

/// A running link.
pub(super) struct Carrier {
    pub feed: Feed,
    pub report: watch::Receiver<LinkReport>,
    pub link: LinkId,
    pub first_data: FirstData,
    stop: CancellationToken,
    started_at: Timestamp,
    opened_at: Option<Timestamp>,
    n_packets: u64,
    n_packets_before: u64,
    pub per_second: f64,
}

/// The link of one socket, and the one that follows it.
pub(super) struct Relay {
    pub carrier: Carrier,
    next: Option<Carrier>,
    /// The venue said that the link will end.
    is_leaving: bool,
}

impl Relay {
    /// Starts its link.
    pub fn start(start: Start) -> Self {
        Self { carrier: Carrier::start(start), next: None, is_leaving: false }
    }

    /// Its links.
    pub fn carriers(&self) -> impl Iterator<Item = &Carrier> + Clone {
        std::iter::once(&self.carrier).chain(&self.next)
    }

    pub fn carriers_mut(&mut self) -> impl Iterator<Item = &mut Carrier> {
        std::iter::once(&mut self.carrier).chain(&mut self.next)
    }

    /// Takes note of a packet, if it is of one of its links, which carry these.
    pub fn note(&mut self, packet: &Packet, symbols: &BTreeSet<String>) {
        let is_current = self.carrier.link == packet.link;
        let mut all = self.carriers_mut();
        let Some(carrier) = all.find(|carrier| carrier.link == packet.link) else { return };
        carrier.n_packets += 1;
        if !matches!(packet.body, Body::Opened(_)) {
            return;
        }
        carrier.opened_at = Some(packet.received_at);
        if is_current {
            carrier.first_data.restart(symbols.iter(), packet.received_at);
            drop(all);
            self.is_leaving = false;
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

    /// Opens a second link beside the first, for these.
    pub fn open_next(&mut self, start: Start, symbols: &BTreeSet<String>) {
        let next = Carrier::start(start);
        next.feed.subscribe(symbols.iter().cloned().collect());
        self.next = Some(next);
    }

    /// Lets the first link go when the second is ready, or when it has been open for `patience` or is needed; or gives
    /// the second one up. Gives which one is gone.
    pub fn roll_over(
        &mut self,
        is_ready: impl Fn(&Carrier) -> bool,
        (patience_nanos, symbols): (i64, &BTreeSet<String>),
        now: Timestamp,
    ) -> Option<Feed> {
        let next = self.next.as_ref()?;
        let is_open = next.is_streaming();
        let age = now.nanos_since(next.opened_at.unwrap_or(next.started_at));
        let is_needed = self.carrier.report.borrow().state != LinkState::Up || age > patience_nanos;
        if is_open && (is_needed || is_ready(next)) {
            return self.promote(symbols, now);
        }
        if is_open || now.nanos_since(next.started_at) <= OPEN_NANOS_MAX {
            return None;
        }
        // The first link then ends when the venue ends it, and is opened again by its own back-off.
        self.is_leaving = false;
        self.carrier.opened_at = None;
        self.next.take().map(Carrier::stop)
    }

    fn promote(&mut self, symbols: &BTreeSet<String>, now: Timestamp) -> Option<Feed> {
        let next = self.next.take()?;
        tracing::info!(link = next.link.0, "link rolled over");
        let old = std::mem::replace(&mut self.carrier, next);
        self.is_leaving = false;
        self.carrier.first_data.restart(symbols.iter(), now);
        Some(old.stop())
    }

    /// Its links, all of which are told to stop.
    pub fn stop(self) -> impl Iterator<Item = Feed> {
        std::iter::once(self.carrier).chain(self.next).map(Carrier::stop)
    }
}

impl Carrier {
    fn start(start: Start) -> Self {
        let link = start.config.link;
        let first_data = FirstData::of(start.config.brings());
        let feed = Feed::start(start.config, start.packets, start.stop.clone());
        Self {
            report: feed.link(),
            feed,
            link,
            first_data,
            stop: start.stop,
            started_at: start.now,
            opened_at: None,
            n_packets: 0,
            n_packets_before: 0,
            per_second: 0.0,
        }
    }

    pub fn is_streaming(&self) -> bool {
        let report = self.report.borrow();
        // What is polled is asked for, and not streamed.
        let is_polled = matches!(report.transport, Transport::Polling { .. });
        report.state == LinkState::Up && !is_polled
    }

    /// So many seconds have passed.
    pub fn count_rate(&mut self, seconds: f64) {
        let n_packets = self.n_packets - self.n_packets_before;
        self.per_second = n_packets as f64 / seconds;
        self.n_packets_before = self.n_packets;
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
