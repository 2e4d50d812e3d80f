//! One venue of a live session: the link that carries it, and for a while the one that takes its place.

use std::collections::BTreeSet;
use std::time::Duration;

use feed::{
    Budget, Feed, FeedConfig, LinkCause, LinkReport, LinkState, LookedBack, ProxyConfig, Transport,
};
use market::{Body, LinkId, Packet, Timestamp, Venue};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use venues::Limits;

use crate::engine::Engine;
use crate::first_data::FirstData;
use crate::live::VenueConfig;
use crate::wire::NoticeLevel;

/// A second link is opened so long before the venue closes the first for its age: the feed leaves it by itself five
/// minutes before, and books need no more than one to be synced.
const ROLL_BEFORE: Duration = Duration::from_secs(600);

/// How long a connection whose venue has said that it will end it is heard on, while the second one is opened.
pub const HANDOVER: Duration = Duration::from_secs(60);

/// The first link is let go when the second is open for so long, whether all its books are right or not.
const SYNC_NANOS_MAX: i64 = 30_000_000_000;

/// A second link that is not open by then is given up; the first one goes on.
const OPEN_NANOS_MAX: i64 = 120_000_000_000;

/// Venues list kinds of instruments one after the other: what none of the lists names so long after the first is
/// unknown.
const LISTS_NANOS_MAX: i64 = 3_000_000_000;

/// A running link.
struct Carrier {
    feed: Feed,
    report: watch::Receiver<LinkReport>,
    link: LinkId,
    stop: CancellationToken,
    started_at: Timestamp,
    opened_at: Option<Timestamp>,
    n_packets: u64,
    n_packets_before: u64,
    per_second: f64,
}

/// What a screen is told of a link.
#[derive(Clone, Debug)]
pub struct LineReport {
    /// The venue.
    pub venue: Venue,
    /// The link.
    pub link: LinkId,
    /// Whether the venue is simulated.
    pub is_simulated: bool,
    /// What the link says of itself.
    pub report: LinkReport,
    /// Packets per second.
    pub per_second: f64,
}

/// What a link is started with.
pub struct Start {
    /// Whom to listen to, and how.
    pub config: FeedConfig,
    /// Where its packets go.
    pub packets: mpsc::Sender<Packet>,
    /// Ends it, a child of the session's.
    pub stop: CancellationToken,
    /// Session time.
    pub now: Timestamp,
}

/// One venue of a session.
pub struct Line {
    /// The venue.
    pub config: VenueConfig,
    /// What is wanted of it.
    pub wanted: BTreeSet<String>,
    /// Whether its list of instruments has come, or was waited for long enough.
    pub is_listed: bool,
    /// What is wanted and was not asked for yet, as no list has named it.
    unlisted: BTreeSet<String>,
    /// When the first of its lists came.
    listed_at: Option<Timestamp>,
    /// When it was started.
    pub started_at: Timestamp,
    carrier: Carrier,
    next: Option<Carrier>,
    /// Links to the venue's other sockets: marks, funding and forced orders come there, but no books.
    beside: Vec<Carrier>,
    /// The venue said that the link will end.
    is_leaving: bool,
    first_data: FirstData,
    limits: Limits,
    budget: Budget,
    looked_back: LookedBack,
    /// Links that were let go and have not stopped yet.
    gone: Vec<Feed>,
}

impl Line {
    /// Starts the venue's first link, and those to its other sockets.
    pub fn start(config: VenueConfig, start: Start, beside: Vec<Start>) -> Self {
        let (limits, budget, started_at) =
            (start.config.limits, start.config.budget.clone(), start.now);
        let looked_back = start.config.looked_back.clone();
        Self {
            config,
            wanted: BTreeSet::new(),
            is_listed: false,
            unlisted: BTreeSet::new(),
            listed_at: None,
            started_at,
            carrier: Carrier::start(start),
            next: None,
            beside: beside.into_iter().map(Carrier::start).collect(),
            is_leaving: false,
            first_data: FirstData::default(),
            limits,
            budget,
            looked_back,
            gone: Vec::new(),
        }
    }

    /// Takes note of a packet of one of its links.
    pub fn note(&mut self, packet: &Packet) {
        let is_current = self.carrier.link == packet.link;
        let mut all =
            std::iter::once(&mut self.carrier).chain(&mut self.next).chain(&mut self.beside);
        let Some(carrier) = all.find(|carrier| carrier.link == packet.link) else { return };
        carrier.n_packets += 1;
        if let Body::Opened(_) = packet.body {
            carrier.opened_at = Some(packet.received_at);
            if is_current {
                self.is_leaving = false;
                if self.is_listed {
                    let asked = self.wanted.difference(&self.unlisted);
                    self.first_data.restart(asked, packet.received_at);
                }
            }
        }
    }

    /// A list of the venue's instruments has come: asks for what is wanted of it.
    pub fn listed(&mut self, engine: &Engine, now: Timestamp) {
        self.is_listed = true;
        self.listed_at.get_or_insert(now);
        let venue = self.config.venue;
        let (known, unlisted): (BTreeSet<_>, BTreeSet<_>) = std::mem::take(&mut self.unlisted)
            .into_iter()
            .partition(|symbol| engine.find(venue, symbol).is_some());
        self.unlisted = unlisted;
        self.ask_for(known.into_iter().collect(), now);
    }

    /// No list came: all is asked for without one.
    pub fn listed_in_vain(&mut self, now: Timestamp) {
        self.is_listed = true;
        let all = std::mem::take(&mut self.unlisted);
        self.ask_for(all.into_iter().collect(), now);
    }

    /// What is wanted of the venue that none of its lists names; it is wanted no longer.
    pub fn take_unknown(&mut self, now: Timestamp) -> BTreeSet<String> {
        let has_all = |listed_at: Timestamp| now.nanos_since(listed_at) > LISTS_NANOS_MAX;
        if !self.listed_at.is_some_and(has_all) {
            return BTreeSet::new();
        }
        let unknown = std::mem::take(&mut self.unlisted);
        self.wanted.retain(|symbol| !unknown.contains(symbol));
        unknown
    }

    /// Hears an instrument from now on, or once the venue has listed it.
    pub fn subscribe(&mut self, symbol: &str, engine: &Engine, now: Timestamp) {
        if !self.wanted.insert(symbol.to_owned()) {
            return;
        }
        if self.is_listed && engine.find(self.config.venue, symbol).is_some() {
            self.ask_for(vec![symbol.to_owned()], now);
        } else {
            self.unlisted.insert(symbol.to_owned());
        }
    }

    fn ask_for(&mut self, symbols: Vec<String>, now: Timestamp) {
        if symbols.is_empty() {
            return;
        }
        for symbol in &symbols {
            self.first_data.expect(symbol, now);
        }
        self.each(|feed| feed.subscribe(symbols.clone()));
    }

    /// Hears it no longer.
    pub fn unsubscribe(&mut self, symbol: &str) {
        self.unlisted.remove(symbol);
        self.first_data.forget(symbol);
        if self.wanted.remove(symbol) {
            self.each(|feed| feed.unsubscribe(vec![symbol.to_owned()]));
        }
    }

    /// Fetches the book of an instrument anew, on the link whose book it is; on both where that is not known.
    pub fn resync(&self, link: Option<LinkId>, symbol: &str) {
        let all = std::iter::once(&self.carrier).chain(&self.next);
        let is_known = link.is_some_and(|link| all.clone().any(|carrier| carrier.link == link));
        for carrier in all.filter(|carrier| !is_known || Some(carrier.link) == link) {
            carrier.feed.resync(symbol.to_owned());
        }
    }

    /// Tries lost links again at once.
    pub fn try_now(&self) {
        self.each(Feed::try_now);
    }

    /// Goes out through this proxy from now on, and tries lost links at once.
    pub fn use_proxy(&self, proxy: &ProxyConfig) {
        self.each(|feed| feed.use_proxy(proxy.clone()));
    }

    /// Of each link: where it stands, and how the proxy keeps it out.
    pub fn logins(&self) -> impl Iterator<Item = (LinkReport, Option<LinkCause>)> {
        let all = std::iter::once(&self.carrier).chain(&self.next).chain(&self.beside);
        all.map(|carrier| (carrier.report.borrow().clone(), carrier.feed.login_trouble()))
    }

    /// The venue has said that it will close this link.
    pub fn announce_end(&mut self, link: LinkId) {
        self.is_leaving |= self.carrier.link == link;
    }

    /// Whether a second link is to be opened now, before the venue closes the first.
    pub fn wants_next(&self, now: Timestamp) -> bool {
        self.next.is_none()
            && self.is_streaming()
            && (self.is_leaving || is_old(self.carrier.opened_at, self.limits.link_lifetime, now))
    }

    /// Opens a second link beside the first, within the same limits.
    pub fn open_next(&mut self, mut start: Start) {
        start.config.budget = self.budget.clone();
        start.config.looked_back = self.looked_back.clone();
        let next = Carrier::start(start);
        if self.is_listed {
            next.feed.subscribe(self.wanted.difference(&self.unlisted).cloned().collect());
        }
        self.next = Some(next);
    }

    /// Lets the first link go when the second has all its books, or gives the second one up.
    pub fn roll_over(&mut self, engine: &Engine, now: Timestamp) {
        self.gone.retain(|feed| !feed.is_stopped());
        let Some(next) = &self.next else { return };
        let has_book = |symbol: &String| {
            let instrument = engine.find(self.config.venue, symbol);
            instrument.is_some_and(|one| engine.is_synced_on(one.id, next.link))
        };
        let is_open = next.is_streaming();
        let age = now.nanos_since(next.opened_at.unwrap_or(next.started_at));
        let is_needed = self.state() != LinkState::Up || age > SYNC_NANOS_MAX;
        if is_open && (is_needed || self.wanted.iter().all(has_book)) {
            self.promote(now);
        } else if !is_open && now.nanos_since(next.started_at) > OPEN_NANOS_MAX {
            let gone = self.next.take();
            self.gone.extend(gone.map(Carrier::stop));
            // The first link then ends when the venue ends it, and is opened again by its own back-off.
            self.is_leaving = false;
            self.carrier.opened_at = None;
        }
    }

    /// Tells of instruments of which nothing comes, and asks for them again.
    pub fn look_for_data(
        &mut self,
        engine: &Engine,
        now: Timestamp,
        told: &mut Vec<(NoticeLevel, String)>,
    ) {
        if !self.is_streaming() {
            return; // What is polled is spoken of in answers alone.
        }
        let venue = self.config.venue;
        let spoken_at = |symbol: &str| {
            let id = engine.find(venue, symbol)?.id;
            engine.watched(id)?.spoken_at()
        };
        for overdue in self.first_data.overdue(self.limits.first_datum, now, spoken_at) {
            told.push((NoticeLevel::Warn, overdue.sentence(venue.name())));
            if let crate::first_data::Overdue::AskAgain { symbol, .. } = overdue {
                self.carrier.feed.renew(symbol);
            }
        }
    }

    /// So many seconds have passed.
    pub fn count_rates(&mut self, seconds: f64) {
        let all = std::iter::once(&mut self.carrier).chain(&mut self.next).chain(&mut self.beside);
        for carrier in all {
            let n_packets = carrier.n_packets - carrier.n_packets_before;
            carrier.per_second = n_packets as f64 / seconds;
            carrier.n_packets_before = carrier.n_packets;
        }
    }

    /// Its links.
    pub fn reports(&self) -> impl Iterator<Item = LineReport> {
        let all = std::iter::once(&self.carrier).chain(&self.next).chain(&self.beside);
        all.map(|carrier| LineReport {
            venue: self.config.venue,
            link: carrier.link,
            is_simulated: self.config.is_simulated(),
            report: carrier.report.borrow().clone(),
            per_second: carrier.per_second,
        })
    }

    /// Waits until all its links have stopped.
    pub async fn stopped(self) {
        let all = std::iter::once(self.carrier).chain(self.next).chain(self.beside);
        for feed in all.map(|one| one.feed).chain(self.gone) {
            feed.stopped().await;
        }
    }

    fn promote(&mut self, now: Timestamp) {
        let Some(next) = self.next.take() else { return };
        tracing::info!(venue = self.config.venue.id(), link = next.link.0, "link rolled over");
        let old = std::mem::replace(&mut self.carrier, next);
        self.gone.push(old.stop());
        self.is_leaving = false;
        self.first_data.restart(self.wanted.difference(&self.unlisted), now);
    }

    fn is_streaming(&self) -> bool {
        self.carrier.is_streaming()
    }

    fn state(&self) -> LinkState {
        self.carrier.report.borrow().state
    }

    fn each(&self, say: impl Fn(&Feed)) {
        for carrier in std::iter::once(&self.carrier).chain(&self.next).chain(&self.beside) {
            say(&carrier.feed);
        }
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
