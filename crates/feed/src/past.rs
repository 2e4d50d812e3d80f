//! Requests for the time before a symbol was heard: each once, when nothing else waits, and never in the way of it.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use market::Timestamp;
use tokio::time::Instant;
use venues::Protocol;

use crate::budget::Budget;
use crate::rest::Query;

/// A request that fails is made once more, after this.
const AGAIN_AFTER: Duration = Duration::from_secs(10);
const TRIES_MAX: u32 = 2;

/// A request for the past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PastGet {
    pub query: Query,
    /// Whose past.
    pub symbol: String,
    /// Whether it is the last of its symbol.
    is_last: bool,
    not_before: Option<Instant>,
    n_tries: u32,
}

/// Symbols whose past was asked for, answered or not: a hole after a reconnect is no past. A link that follows another
/// gets its clone, so that nothing is asked for twice in a session.
#[derive(Clone, Debug, Default)]
pub struct LookedBack(Arc<Mutex<BTreeSet<String>>>);

impl LookedBack {
    fn has(&self, symbol: &str) -> bool {
        self.lock().contains(symbol)
    }

    fn add(&self, symbol: String) {
        self.lock().insert(symbol);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is asked of the past, on all connections of a link.
#[derive(Debug)]
pub(crate) struct Past {
    done: LookedBack,
    /// Symbols whose requests wait.
    queued: BTreeSet<String>,
    gets: VecDeque<PastGet>,
}

impl Past {
    pub(crate) const fn new(done: LookedBack) -> Self {
        Self { done, queued: BTreeSet::new(), gets: VecDeque::new() }
    }

    /// A new connection: what still waited waits anew.
    pub(crate) fn reconnect(&mut self) {
        self.queued.clear();
        self.gets.clear();
    }

    /// Asks for the past of these symbols, as far as it was not; of others no longer.
    pub(crate) fn want(
        &mut self,
        symbols: &BTreeSet<String>,
        protocol: &Protocol,
        received_at: impl Fn() -> Timestamp,
    ) {
        self.gets.retain(|get| symbols.contains(&get.symbol));
        self.queued.retain(|symbol| symbols.contains(symbol));
        for symbol in symbols {
            if self.done.has(symbol) || !self.queued.insert(symbol.clone()) {
                continue;
            }
            let requests = protocol.history(symbol, received_at());
            let n = requests.len();
            if n == 0 {
                self.done.add(symbol.clone());
            }
            let get = |(index, request)| {
                Some(PastGet {
                    query: Query::of(request)?,
                    symbol: symbol.clone(),
                    is_last: index + 1 == n,
                    not_before: None,
                    n_tries: 0,
                })
            };
            self.gets.extend(requests.into_iter().enumerate().filter_map(get));
        }
    }

    /// When the next request may be made; `None` while there is none.
    pub(crate) fn get_at(&self, budget: &Budget, now: Instant) -> Option<Instant> {
        let get = self.gets.front()?;
        let allowed = budget.idle_request_at(get.query.weight, now);
        Some(get.not_before.map_or(allowed, |at| at.max(allowed)))
    }

    /// The next request, if it may be made now.
    pub(crate) fn take(&mut self, budget: &Budget, now: Instant) -> Option<PastGet> {
        let get = self.gets.front()?;
        let is_due = get.not_before.is_none_or(|at| at <= now);
        if !is_due || !budget.idle_request(get.query.weight, now) {
            return None;
        }
        self.gets.pop_front()
    }

    /// A request was answered.
    pub(crate) fn answered(&mut self, get: PastGet) {
        if get.is_last {
            self.done.add(get.symbol);
        }
    }

    /// A request came to nothing: it is made once more, behind the others, and then given up.
    pub(crate) fn failed(&mut self, get: PastGet, now: Instant) {
        let n_tries = get.n_tries + 1;
        if n_tries == TRIES_MAX {
            return self.answered(get);
        }
        self.gets.push_back(PastGet { n_tries, not_before: Some(now + AGAIN_AFTER), ..get });
    }
}

#[cfg(test)]
mod tests {
    use market::Venue;
    use venues::{Endpoints, Limits};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    struct Scene {
        past: Past,
        protocol: Protocol,
        budget: Budget,
        start: Instant,
    }

    impl Scene {
        fn of(venue: Venue, done: LookedBack) -> Self {
            let protocol = Protocol::new(venue, Endpoints::of(venue)).unwrap();
            // What a minute holds is in question here.
            let budget = Budget::new(&Limits { rest_burst: None, ..protocol.limits() });
            Self { past: Past::new(done), protocol, budget, start: Instant::now() }
        }

        fn want(&mut self, symbols: &[&str]) {
            let symbols = symbols.iter().map(|&symbol| symbol.to_owned()).collect();
            self.past.want(&symbols, &self.protocol, Timestamp::default);
        }

        /// The request that may be made `after` the start, and is.
        fn ask(&mut self, after: Duration) -> Option<PastGet> {
            let now = self.start + after;
            self.past.take(&self.budget, now)
        }

        /// What is asked until nothing may be, all of it answered: symbol and last word of the path.
        fn round(&mut self, after: Duration) -> Vec<String> {
            let mut asked = Vec::new();
            while let Some(get) = self.ask(after) {
                let path = get.query.url.split(['?', '#']).next().unwrap();
                asked.push(format!("{} {}", get.symbol, path.rsplit('/').next().unwrap()));
                self.past.answered(get);
            }
            asked
        }
    }

    #[test]
    fn the_past_of_a_symbol_is_asked_for_once_in_a_session() {
        let done = LookedBack::default();
        let mut scene = Scene::of(Venue::Binance, done.clone());
        scene.want(&["BTCUSDT"]);
        assert_eq!(scene.round(Duration::ZERO), ["BTCUSDT klines", "BTCUSDT trades"]);
        scene.past.reconnect();
        scene.want(&["BTCUSDT", "ETHUSDT"]);
        assert_eq!(scene.round(SECOND), ["ETHUSDT klines", "ETHUSDT trades"]);
        let mut next = Scene::of(Venue::Binance, done);
        next.want(&["BTCUSDT", "ETHUSDT"]);
        assert!(next.round(Duration::ZERO).is_empty(), "a link that follows asks for none of it");
    }

    #[test]
    fn what_still_waited_when_a_connection_ended_is_asked_for_on_the_next() {
        let mut scene = Scene::of(Venue::Binance, LookedBack::default());
        scene.want(&["BTCUSDT"]);
        let get = scene.ask(Duration::ZERO).unwrap();
        scene.past.answered(get);
        scene.past.reconnect();
        assert!(scene.round(Duration::ZERO).is_empty());
        scene.want(&["BTCUSDT"]);
        assert_eq!(scene.round(Duration::ZERO).len(), 2);
        scene.want(&["ETHUSDT"]);
        scene.want(&[]);
        assert!(scene.round(Duration::ZERO).is_empty(), "nobody wants it any longer");
    }

    #[test]
    fn half_of_the_weight_stays_free_for_what_is_heard() {
        let symbols: Vec<String> = (0..100).map(|n| format!("C{n}/USD")).collect();
        let symbols: Vec<&str> = symbols.iter().map(String::as_str).collect();
        let mut scene = Scene::of(Venue::Kraken, LookedBack::default());
        scene.want(&symbols);
        assert_eq!(scene.round(Duration::ZERO).len(), 30, "of 60 a minute");
        assert_eq!(scene.budget.request_at(30, scene.start), scene.start);
        assert!(scene.round(59 * SECOND).is_empty());
        assert_eq!(scene.round(60 * SECOND).len(), 30);
    }

    #[test]
    fn a_request_that_fails_is_made_once_more_and_then_given_up() {
        let mut scene = Scene::of(Venue::BitFlyer, LookedBack::default());
        scene.want(&["BTC_JPY"]);
        let get = scene.ask(Duration::ZERO).unwrap();
        scene.past.failed(get, scene.start);
        assert!(scene.ask(9 * SECOND).is_none());
        let get = scene.ask(10 * SECOND).unwrap();
        scene.past.failed(get, scene.start + 10 * SECOND);
        scene.past.reconnect();
        scene.want(&["BTC_JPY"]);
        assert!(scene.ask(60 * SECOND).is_none());
    }

    #[test]
    fn while_the_venue_wants_to_be_left_alone_nothing_is_asked() {
        let mut scene = Scene::of(Venue::Binance, LookedBack::default());
        scene.want(&["BTCUSDT"]);
        scene.budget.pause(scene.start + 30 * SECOND);
        assert!(scene.ask(29 * SECOND).is_none());
        assert!(scene.ask(30 * SECOND).is_some());
    }
}
