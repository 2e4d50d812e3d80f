//! Requests for the time in which a symbol was not heard: before it was, each once; and between two connections, after
//! each reconnect. They are made when nothing else waits, and are never in the way of what is heard.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use market::Timestamp;
use tokio::time::Instant;
use venues::{Protocol, Request};

use crate::budget::{Budget, Share};
use crate::rest::Query;

/// A request that fails is made once more, after this.
const AGAIN_AFTER: Duration = Duration::from_secs(10);
const TRIES_MAX: u32 = 2;

/// What was missed is asked for so long after a new connection carries data: an answer must reach beyond the first
/// trade that is heard again, and what venues tell by HTTP can lag behind their sockets (Bitstamp: by a second).
const MISSED_AFTER: Duration = Duration::from_secs(2);

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

/// Symbols whose past was asked for, answered or not: what a link misses between two connections is asked for apart
/// from it. A link that follows another gets its clone, so that nothing is asked for twice in a session.
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
    /// Symbols that this connection carries, once data have come …
    carried: BTreeSet<String>,
    /// … and those of connections before, of which something may have been missed since.
    missed: BTreeSet<String>,
    gets: VecDeque<PastGet>,
}

impl Past {
    pub(crate) fn new(done: LookedBack) -> Self {
        let (queued, carried, missed) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        Self { done, queued, carried, missed, gets: VecDeque::new() }
    }

    /// A new connection: what still waited waits anew, and what the one before carried may have been missed.
    pub(crate) fn reconnect(&mut self) {
        self.missed.append(&mut self.carried);
        self.queued.clear();
        self.gets.clear();
    }

    /// Asks for the past of these symbols, as far as it was not, and for what was missed of them; of others no longer.
    pub(crate) fn want(
        &mut self,
        symbols: &BTreeSet<String>,
        protocol: &Protocol,
        (received_at, now): (impl Fn() -> Timestamp, Instant),
    ) {
        self.gets.retain(|get| symbols.contains(&get.symbol));
        self.queued.retain(|symbol| symbols.contains(symbol));
        for symbol in symbols {
            self.carried.insert(symbol.clone());
            let is_missed = self.missed.remove(symbol);
            if self.done.has(symbol) {
                if is_missed {
                    let missed = protocol.missed(symbol, received_at());
                    self.queue(missed.into_iter().collect(), symbol, Some(now + MISSED_AFTER));
                }
            } else if self.queued.insert(symbol.clone()) {
                let requests = protocol.history(symbol, received_at());
                if requests.is_empty() {
                    self.done.add(symbol.clone());
                }
                self.queue(requests, symbol, None);
            }
        }
    }

    /// Asks for the newest trades of a symbol, if it is carried and they are not asked for already.
    pub(crate) fn look(&mut self, symbol: &str, protocol: &Protocol, at: Timestamp) {
        let waits = self.gets.iter().any(|get| get.symbol == symbol);
        if self.carried.contains(symbol) && !waits {
            self.queue(protocol.missed(symbol, at).into_iter().collect(), symbol, None);
        }
    }

    fn queue(&mut self, requests: Vec<Request>, symbol: &str, not_before: Option<Instant>) {
        let n = requests.len();
        let get = |(index, request)| {
            let (symbol, is_last) = (symbol.to_owned(), index + 1 == n);
            Some(PastGet { query: Query::of(request)?, symbol, is_last, not_before, n_tries: 0 })
        };
        self.gets.extend(requests.into_iter().enumerate().filter_map(get));
    }

    /// When the next request may be made; `None` while there is none.
    pub(crate) fn get_at(
        &self,
        budget: &Budget,
        (share, now): (Share, Instant),
    ) -> Option<Instant> {
        let get = self.gets.get(self.next_index(now)?)?;
        let allowed = budget.request_at(get.query.weight, share, now);
        Some(get.not_before.map_or(allowed, |at| at.max(allowed)))
    }

    /// The next request, if it may be made now.
    pub(crate) fn take(
        &mut self,
        budget: &Budget,
        (share, now): (Share, Instant),
    ) -> Option<PastGet> {
        let index = self.next_index(now)?;
        let get = self.gets.get(index)?;
        let is_due = get.not_before.is_none_or(|at| at <= now);
        let is_granted = is_due && budget.request(get.query.weight, share, now);
        if is_granted { self.gets.remove(index) } else { None }
    }

    /// The request that is next: the first that need not wait, else the one that may be first.
    fn next_index(&self, now: Instant) -> Option<usize> {
        let ready = |get: &PastGet| get.not_before.is_none_or(|at| at <= now);
        self.gets.iter().position(ready).or_else(|| {
            let all = self.gets.iter().enumerate();
            all.min_by_key(|(_, get)| get.not_before).map(|(index, _)| index)
        })
    }

    /// A request was answered.
    pub(crate) fn answered(&mut self, get: PastGet) {
        if get.is_last {
            self.done.add(get.symbol);
        }
    }

    /// The venue answers nothing for now: this is asked again when it does.
    pub(crate) fn refused(&mut self, get: PastGet) {
        self.gets.push_back(get);
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
    use market::{LinkId, Venue};
    use venues::{Endpoints, Limits};

    use super::*;
    use crate::config::FeedConfig;
    use crate::refusal::Refusal;

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
            self.want_at(symbols, Duration::ZERO);
        }

        fn want_at(&mut self, symbols: &[&str], after: Duration) {
            let symbols = symbols.iter().map(|&symbol| symbol.to_owned()).collect();
            let moment = (Timestamp::default, self.start + after);
            self.past.want(&symbols, &self.protocol, moment);
        }

        /// The request that may be made `after` the start, and is.
        fn ask(&mut self, after: Duration) -> Option<PastGet> {
            let now = self.start + after;
            self.past.take(&self.budget, (Share::Half, now))
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
    fn a_link_to_another_socket_that_comes_first_takes_no_past_from_that_of_the_books() {
        let venue = Venue::BinanceUsdM;
        let config = FeedConfig::at(venue, LinkId(0), Endpoints::of(venue)).unwrap();
        let mut marks = config.beside(0, LinkId(1)).unwrap();
        let beside = marks.protocols.pop().unwrap();
        let mut second = Scene { protocol: beside, ..Scene::of(venue, marks.looked_back) };
        second.want(&["BTCUSDT"]);
        assert!(second.round(Duration::ZERO).is_empty(), "there is none of it");
        let mut first = Scene::of(venue, config.looked_back);
        first.want(&["BTCUSDT"]);
        assert_eq!(first.round(Duration::ZERO), ["BTCUSDT klines", "BTCUSDT trades"]);
    }

    #[test]
    fn what_a_connection_may_have_missed_is_asked_for_once_on_the_next() {
        let mut scene = Scene::of(Venue::Binance, LookedBack::default());
        scene.want(&["BTCUSDT", "ETHUSDT"]);
        assert_eq!(scene.round(Duration::ZERO).len(), 4);
        scene.past.reconnect();
        scene.want_at(&["BTCUSDT", "XRPUSDT"], 10 * SECOND);
        assert_eq!(scene.round(10 * SECOND), ["XRPUSDT klines", "XRPUSDT trades"]);
        assert!(scene.round(11 * SECOND).is_empty(), "the first trades are heard again meanwhile");
        assert_eq!(scene.round(12 * SECOND), ["BTCUSDT trades"]);
        scene.want_at(&["BTCUSDT", "XRPUSDT", "ETHUSDT"], 20 * SECOND);
        assert_eq!(scene.round(22 * SECOND), ["ETHUSDT trades"], "wanted again");
        // One that ends before it could ask leaves that to the next.
        scene.past.reconnect();
        scene.want_at(&["BTCUSDT"], 30 * SECOND);
        scene.past.reconnect();
        scene.want_at(&["BTCUSDT"], 40 * SECOND);
        assert_eq!(scene.round(42 * SECOND), ["BTCUSDT trades"]);
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
        assert_eq!(scene.budget.request_at(30, Share::All, scene.start), scene.start);
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
        scene.want(&["BTC_JPY"]);
        assert!(scene.ask(60 * SECOND).is_none());
    }

    #[test]
    fn while_the_venue_wants_to_be_left_alone_nothing_is_asked() {
        let mut scene = Scene::of(Venue::Binance, LookedBack::default());
        scene.want(&["BTCUSDT"]);
        scene.budget.pause(scene.start + 30 * SECOND, Refusal::new(429, None));
        assert!(scene.ask(29 * SECOND).is_none());
        assert!(scene.ask(30 * SECOND).is_some());
    }
}
