//! What a venue grants to this machine: connections, request weight, and pauses that it demands.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::allowance::Allowance;
use crate::refusal::Refusal;
use market::Venue;
use venues::{Counted, Limits};

/// A second, and a tenth for the network, which may press two frames together.
pub(crate) const FRAME_SPAN: Duration = Duration::from_millis(1_100);

/// While all connections that may be open at once are, one that is closed is looked for this often.
const LOOK_FOR_SEAT: Duration = Duration::from_secs(1);

/// The budgets of this process at real venues, so that no link can be made that does not share its venue's.
static OF_VENUES: Mutex<BTreeMap<Venue, Budget>> = Mutex::new(BTreeMap::new());

/// A venue counts by network address, not by connection: so all links to one venue share a clone of one budget, and
/// a link that is made anew should get the old one's, so that a ban is remembered.
#[derive(Clone, Debug)]
pub struct Budget(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    connects: Allowance,
    /// Connections that may be open at once, and those that are.
    seats: Option<u32>,
    n_seats_taken: u32,
    /// Frames, where the venue counts those of all connections together.
    frames: Option<Allowance>,
    weight: Allowance,
    burst: Option<Allowance>,
    paused_until: Option<Instant>,
    /// With what the venue has said that it wants to be left alone until then.
    paused_by: Option<Refusal>,
    /// The same of requests alone.
    requests_paused_until: Option<Instant>,
}

/// How much of a minute's weight a request may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Share {
    /// Half of it: nobody waits for the answer, and the rest stays free for what is heard.
    Half,
    /// All of it.
    All,
}

/// A connection's place among those that may be open at once; free again when it is dropped.
#[derive(Debug)]
pub(crate) struct Seat(Budget);

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.lock().n_seats_taken -= 1;
    }
}

impl Budget {
    /// A budget of which nothing is spent.
    pub fn new(limits: &Limits) -> Self {
        let frames = match limits.frames_counted {
            Counted::ByLink => None,
            Counted::ByAddress => Some(Allowance::new(limits.frames_per_second, FRAME_SPAN)),
        };
        Self(Arc::new(Mutex::new(State {
            connects: Allowance::new(limits.connects, limits.connects_window),
            seats: limits.links,
            n_seats_taken: 0,
            frames,
            weight: Allowance::new(limits.rest_weight_per_minute, Duration::from_secs(60)),
            burst: limits.rest_burst.map(|rate| Allowance::new(rate.most, rate.span)),
            paused_until: None,
            paused_by: None,
            requests_paused_until: None,
        })))
    }

    /// The one budget of this process at a venue: shared by all its links, also by those that come later.
    pub(crate) fn of(venue: Venue, limits: &Limits) -> Self {
        let mut budgets = OF_VENUES.lock().unwrap_or_else(PoisonError::into_inner);
        budgets.entry(venue).or_insert_with(|| Self::new(limits)).clone()
    }

    /// When the next connection may be opened: `now` or later.
    pub(crate) fn connect_at(&self, now: Instant) -> Instant {
        self.lock().connect_at(now)
    }

    /// Takes leave to open a connection now; `None` where another link has taken it.
    pub(crate) fn connect(&self, now: Instant) -> Option<Seat> {
        let mut state = self.lock();
        if state.connect_at(now) > now {
            return None;
        }
        state.connects.spend(1, now);
        state.n_seats_taken += 1;
        Some(Seat(self.clone()))
    }

    /// When the next frame may be sent, as far as the venue counts those of all connections: `now` or later.
    pub(crate) fn frame_at(&self, now: Instant) -> Instant {
        self.lock().frames.as_mut().map_or(now, |frames| frames.ready_at(1, now))
    }

    /// Takes leave to send a frame now; `false` where another link has taken it.
    pub(crate) fn frame(&self, now: Instant) -> bool {
        self.lock().frames.as_mut().is_none_or(|frames| frames.try_spend(1, now))
    }

    /// When a request of this weight may be made: `now` or later.
    pub(crate) fn request_at(&self, weight: u32, share: Share, now: Instant) -> Instant {
        self.lock().request_at(weight, share, now)
    }

    /// Takes leave to make a request of this weight now; `false` where another link has taken it.
    pub(crate) fn request(&self, weight: u32, share: Share, now: Instant) -> bool {
        self.lock().request(weight, share, now)
    }

    /// The venue wants to be left alone until then, as it has said so.
    pub(crate) fn pause(&self, until: Instant, by: Refusal) {
        let mut state = self.lock();
        if state.paused_until < Some(until) {
            (state.paused_until, state.paused_by) = (Some(until), Some(by));
        }
    }

    /// With what the venue has said that it wants to be left alone beyond a moment.
    pub(crate) fn paused_by(&self, beyond: Instant) -> Option<Refusal> {
        let state = self.lock();
        state.paused_by.filter(|_| state.paused_until > Some(beyond))
    }

    /// The venue answers no request until then; its sockets are another matter.
    pub(crate) fn pause_requests(&self, until: Instant) {
        let mut state = self.lock();
        state.requests_paused_until = state.requests_paused_until.max(Some(until));
    }

    /// Requests may be made again: what was paused by us alone, somebody wants tried.
    pub(crate) fn try_requests(&self) {
        self.lock().requests_paused_until = None;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn connect_at(&mut self, now: Instant) -> Instant {
        let at = self.connects.ready_at(1, now).max(self.paused_until.unwrap_or(now));
        let is_full = self.seats.is_some_and(|seats| self.n_seats_taken >= seats);
        if is_full { at.max(now + LOOK_FOR_SEAT) } else { at }
    }

    fn request_at(&mut self, weight: u32, share: Share, now: Instant) -> Instant {
        let kept = match share {
            Share::Half => self.weight.most() / 2,
            Share::All => 0,
        };
        let at = self.weight.ready_at(weight.saturating_add(kept), now);
        let burst = self.burst.as_mut().map_or(now, |burst| burst.ready_at(weight, now));
        let paused_until = self.paused_until.max(self.requests_paused_until);
        at.max(burst).max(paused_until.unwrap_or(now))
    }

    fn request(&mut self, weight: u32, share: Share, now: Instant) -> bool {
        if self.request_at(weight, share, now) > now {
            return false;
        }
        self.weight.spend(weight, now);
        if let Some(burst) = &mut self.burst {
            burst.spend(weight, now);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use market::LinkId;
    use venues::Endpoints;

    use super::*;
    use crate::config::FeedConfig;

    fn limits() -> Limits {
        Limits {
            silence: Duration::from_secs(5),
            frames_per_second: 4,
            frames_counted: Counted::ByLink,
            asks: None,
            carried: None,
            carried_counted: Counted::ByLink,
            rest_weight_per_minute: 100,
            rest_burst: None,
            connects: 2,
            connects_window: Duration::from_secs(300),
            links: None,
            left_alone: Duration::ZERO,
            book_silence: None,
            first_datum: Duration::from_secs(10),
            link_lifetime: None,
        }
    }

    #[test]
    fn links_to_one_venue_share_its_limits() {
        let (budget, now) = (Budget::new(&limits()), Instant::now());
        let other = budget.clone();
        assert!(budget.connect(now).is_some() && other.connect(now).is_some());
        assert!(budget.connect(now).is_none());
        assert_eq!(budget.connect_at(now), now + Duration::from_secs(300));
        assert!(other.request(100, Share::All, now) && !budget.request(1, Share::All, now));
        assert_eq!(budget.request_at(1, Share::All, now), now + Duration::from_secs(60));
    }

    #[test]
    fn no_more_connections_are_open_at_once_than_the_venue_takes() {
        let limits = Limits { links: Some(2), connects: 100, ..limits() };
        let (budget, now) = (Budget::new(&limits), Instant::now());
        let (first, second) = (budget.connect(now), budget.connect(now));
        assert!(first.is_some() && second.is_some() && budget.connect(now).is_none());
        assert_eq!(budget.connect_at(now), now + LOOK_FOR_SEAT);
        drop(first);
        assert!(budget.connect(now).is_some());
    }

    #[test]
    fn frames_of_all_links_are_counted_together_where_the_venue_does() {
        for (counted, n_of_both) in [(Counted::ByLink, 12), (Counted::ByAddress, 4)] {
            let limits = Limits { frames_counted: counted, ..limits() };
            let (budget, now) = (Budget::new(&limits), Instant::now());
            let links = [budget.clone(), budget.clone()];
            let n_frames = (0..12).filter(|n| links[n % 2].frame(now)).count();
            assert_eq!(n_frames, n_of_both, "{counted:?}");
        }
    }

    #[test]
    fn a_burst_is_held_to_what_a_shorter_span_allows() {
        let limits = Limits { rest_burst: Some(venues::Rate::within_ms(10, 1_000)), ..limits() };
        let (budget, now) = (Budget::new(&limits), Instant::now());
        assert_eq!((0..100).filter(|_| budget.request(1, Share::All, now)).count(), 10);
        assert_eq!(budget.request_at(1, Share::All, now), now + Duration::from_secs(1));
        assert!(
            !budget.request(1, Share::Half, now)
                && budget.request(1, Share::Half, now + Duration::from_secs(1))
        );
    }

    #[test]
    fn a_pause_holds_connections_and_requests_and_is_never_shortened() {
        let (budget, now) = (Budget::new(&limits()), Instant::now());
        let [banned, slow_down] = [418, 429].map(|status| Refusal::new(status, None));
        budget.pause(now + Duration::from_secs(120), banned);
        budget.pause(now + Duration::from_secs(30), slow_down);
        assert_eq!(budget.paused_by(now + Duration::from_secs(119)), Some(banned));
        assert_eq!(budget.paused_by(now + Duration::from_secs(120)), None);
        assert_eq!(budget.connect_at(now), now + Duration::from_secs(120));
        assert_eq!(budget.request_at(1, Share::All, now), now + Duration::from_secs(120));
    }

    #[test]
    fn a_pause_of_requests_holds_no_connection() {
        let (budget, now) = (Budget::new(&limits()), Instant::now());
        budget.pause_requests(now + Duration::from_secs(600));
        budget.pause_requests(now + Duration::from_secs(300));
        assert_eq!(budget.connect_at(now), now);
        for share in [Share::All, Share::Half] {
            assert_eq!(budget.request_at(1, share, now), now + Duration::from_secs(600));
        }
        assert!(!budget.request(1, Share::All, now + Duration::from_secs(599)));
        assert!(budget.request(1, Share::All, now + Duration::from_secs(600)));
    }

    #[test]
    fn all_links_of_this_process_to_a_real_venue_share_one_budget() {
        let link = |at: Option<&str>| {
            let config = match at {
                None => FeedConfig::new(Venue::Kraken, LinkId(0)),
                Some(ws) => {
                    let rest = ws.replace("ws", "http");
                    let at = Endpoints { ws: ws.to_owned(), rest };
                    FeedConfig::at(Venue::Kraken, LinkId(0), at)
                }
            };
            config.unwrap().budget
        };
        let (here, now) = (Some("ws://127.0.0.1:1"), Instant::now());
        let until = now + Duration::from_secs(120);
        let local = link(here);
        link(None).pause(until, Refusal::new(418, None));
        local.pause(now + Duration::from_secs(7), Refusal::new(429, None));
        assert_eq!(link(None).connect_at(now), until);
        assert_eq!(link(here).connect_at(now), now, "what is on this machine counts for itself");
    }
}
