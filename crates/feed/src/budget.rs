//! What a venue grants to this machine: connections, request weight, and pauses that it demands.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::allowance::Allowance;
use venues::Limits;

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
    use super::*;

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
}
