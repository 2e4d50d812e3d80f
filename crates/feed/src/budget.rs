//! What a venue grants to this machine: connections, request weight, and pauses that it demands.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::allowance::Allowance;
use market::Venue;
use venues::Limits;

/// The budgets of this process at real venues, so that no link can be made that does not share its venue's.
static OF_VENUES: Mutex<BTreeMap<Venue, Budget>> = Mutex::new(BTreeMap::new());

/// A venue counts by network address, not by connection: so all links to one venue share a clone of one budget, and
/// a link that is made anew should get the old one's, so that a ban is remembered.
#[derive(Clone, Debug)]
pub struct Budget(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    connects: Allowance,
    weight: Allowance,
    paused_until: Option<Instant>,
}

impl Budget {
    /// A budget of which nothing is spent.
    pub fn new(limits: &Limits) -> Self {
        Self(Arc::new(Mutex::new(State {
            connects: Allowance::new(limits.connects, limits.connects_window),
            weight: Allowance::new(limits.rest_weight_per_minute, Duration::from_secs(60)),
            paused_until: None,
        })))
    }

    /// The one budget of this process at a venue: shared by all its links, also by those that come later.
    pub(crate) fn of(venue: Venue, limits: &Limits) -> Self {
        let mut budgets = OF_VENUES.lock().unwrap_or_else(PoisonError::into_inner);
        budgets.entry(venue).or_insert_with(|| Self::new(limits)).clone()
    }

    /// When the next connection may be opened: `now` or later.
    pub(crate) fn connect_at(&self, now: Instant) -> Instant {
        let mut state = self.lock();
        state.connects.ready_at(1, now).max(state.paused_until.unwrap_or(now))
    }

    /// A connection is being opened.
    pub(crate) fn connect(&self, now: Instant) {
        self.lock().connects.spend(1, now);
    }

    /// When a request of this weight may be made: `now` or later.
    pub(crate) fn request_at(&self, weight: u32, now: Instant) -> Instant {
        let mut state = self.lock();
        state.weight.ready_at(weight, now).max(state.paused_until.unwrap_or(now))
    }

    /// When a request of this weight may be made that nobody waits for: half of the weight stays free for others.
    pub(crate) fn idle_request_at(&self, weight: u32, now: Instant) -> Instant {
        let mut state = self.lock();
        let kept = state.weight.most() / 2;
        let at = state.weight.ready_at(weight.saturating_add(kept), now);
        at.max(state.paused_until.unwrap_or(now))
    }

    /// A request of this weight is being made.
    pub(crate) fn request(&self, weight: u32, now: Instant) {
        self.lock().weight.spend(weight, now);
    }

    /// The venue wants to be left alone until then.
    pub(crate) fn pause(&self, until: Instant) {
        let mut state = self.lock();
        state.paused_until = state.paused_until.max(Some(until));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
            rest_weight_per_minute: 100,
            connects: 2,
            connects_window: Duration::from_secs(300),
            first_datum: Duration::from_secs(10),
            link_lifetime: None,
        }
    }

    #[test]
    fn links_to_one_venue_share_its_limits() {
        let (budget, now) = (Budget::new(&limits()), Instant::now());
        let other = budget.clone();
        budget.connect(now);
        other.connect(now);
        assert_eq!(budget.connect_at(now), now + Duration::from_secs(300));
        other.request(100, now);
        assert_eq!(budget.request_at(1, now), now + Duration::from_secs(60));
    }

    #[test]
    fn a_pause_holds_connections_and_requests_and_is_never_shortened() {
        let (budget, now) = (Budget::new(&limits()), Instant::now());
        budget.pause(now + Duration::from_secs(120));
        budget.pause(now + Duration::from_secs(30));
        assert_eq!(budget.connect_at(now), now + Duration::from_secs(120));
        assert_eq!(budget.request_at(1, now), now + Duration::from_secs(120));
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
        link(None).pause(until);
        local.pause(now + Duration::from_secs(7));
        assert_eq!(link(None).connect_at(now), until);
        assert_eq!(link(here).connect_at(now), now, "what is on this machine counts for itself");
    }
}
