//! What to ask next where only HTTP works, and when: pure, told the time, without a socket.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use market::HttpExchange;
use tokio::time::Instant;
use venues::{Poll, Protocol, Request};

use crate::backoff::Backoff;
use crate::budget::{Budget, Share};
use crate::fault::Fault;
use crate::patience::{POLLS_MISSED_MAX, Patience};
use crate::rest::Query;

/// One request of a round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    pub query: Query,
    not_before: Option<Instant>,
    /// How often it came to nothing in a row.
    failures: u32,
    /// The list of instruments, which may take long.
    is_list: bool,
}

/// Rounds of requests for book and trades of all that is wanted: one request at a time, within the venue's weight.
#[derive(Debug)]
pub(crate) struct Polling {
    protocol: Protocol,
    budget: Budget,
    backoff: Backoff,
    wanted: BTreeSet<String>,
    questions: VecDeque<Question>,
    is_asking: bool,
    /// The last trades were asked for: no round begins any longer.
    is_ending: bool,
    /// Until when the list of instruments may take.
    list_until: Option<Instant>,
    list: Duration,
    /// Without an answer to the very first request in this time, HTTP does not work either.
    first: Duration,
    is_answered: bool,
    answered_at: Instant,
    /// As often as the venue says, or as a round took, if that was longer.
    every: Duration,
    round_at: Instant,
    next_at: Instant,
}

impl Polling {
    /// Rounds for what is wanted, from `now` on; `None` where the venue offers no polling.
    pub(crate) fn begin(
        mut protocol: Protocol,
        (budget, patience): (Budget, &Patience),
        wanted: BTreeSet<String>,
        now: Instant,
    ) -> Option<Self> {
        let list = protocol.on_open();
        let poll = protocol.poll(&symbols(&wanted))?;
        let mut polling = Self {
            protocol,
            budget,
            backoff: Backoff::new(patience.backoff_min, patience.backoff_max),
            wanted,
            questions: VecDeque::new(),
            is_asking: false,
            is_ending: false,
            list_until: None,
            list: patience.answer,
            first: patience.first_poll,
            is_answered: false,
            answered_at: now,
            every: poll.every,
            round_at: now,
            next_at: now,
        };
        polling.begin_round(poll, now);
        // Behind what is waited for: it is long, and often known.
        polling.queue(list, true);
        Some(polling)
    }

    /// Asks for these from now on; for new ones at once.
    pub(crate) fn want(&mut self, wanted: &BTreeSet<String>, now: Instant) {
        if wanted.difference(&self.wanted).next().is_some() {
            self.next_at = now;
        }
        self.wanted.clone_from(wanted);
    }

    /// Whether no poll is made and none waits but those that have failed before.
    pub(crate) fn asks_nothing(&self) -> bool {
        !self.is_asking && self.is_round_over()
    }

    /// What is asked for.
    pub(crate) const fn wanted(&self) -> &BTreeSet<String> {
        &self.wanted
    }

    /// Asks for the newest trades once more, and then for nothing else: a WebSocket carries what comes after.
    pub(crate) fn end(&mut self) {
        self.is_ending = true;
        self.questions.clear();
        let trades = self.protocol.poll_trades(&symbols(&self.wanted));
        self.queue(trades, false);
    }

    /// Whether the last trades have all been told.
    pub(crate) fn has_ended(&self) -> bool {
        self.is_ending && !self.is_asking && self.questions.is_empty()
    }

    /// The requests for the last trades that were not made.
    pub(crate) fn take_rest(&mut self) -> impl Iterator<Item = Query> {
        let rest =
            if self.is_ending { std::mem::take(&mut self.questions) } else { VecDeque::new() };
        rest.into_iter().map(|question| question.query)
    }

    /// Goes on: the WebSocket carries nothing after all.
    pub(crate) fn go_on(&mut self, now: Instant) {
        if std::mem::take(&mut self.is_ending) {
            self.next_at = now;
        }
    }

    /// The request to be made now, if one may be.
    pub(crate) fn question_due(&mut self, now: Instant) -> Option<Question> {
        let is_next = !self.is_ending && now >= self.next_at;
        if is_next && self.is_round_over() && !self.is_asking {
            let poll = self.protocol.poll(&symbols(&self.wanted))?;
            self.begin_round(poll, now);
        }
        if self.question_at(now)? > now {
            return None;
        }
        let index = self.next_index(now)?;
        if !self.budget.request(self.questions.get(index)?.query.weight, Share::All, now) {
            return None;
        }
        let question = self.questions.remove(index)?;
        self.is_asking = true;
        self.list_until = question.is_list.then_some(now + self.list);
        Some(question)
    }

    /// A request was answered; its answer may say that there is more.
    pub(crate) fn answered(&mut self, exchange: &HttpExchange, now: Instant) {
        (self.is_asking, self.list_until) = (false, None);
        self.is_answered = true;
        self.answered_at = now;
        self.backoff.reset();
        let more = self.protocol.on_answer(exchange);
        self.queue(more, false);
        if self.is_round_over() && !self.is_ending {
            self.every = self.every.max(now - self.round_at);
        }
    }

    /// A request came to nothing and is made again, when the venue and the back-off allow it; gives the moment.
    /// Others go before it meanwhile, and one that fails and fails is made no more often than the others are.
    pub(crate) fn again(&mut self, question: Question, now: Instant) -> Instant {
        (self.is_asking, self.list_until) = (false, None);
        let wait = self.backoff.draw();
        let at = now + if question.failures == 0 { wait } else { wait.max(self.every) };
        let weight = question.query.weight;
        let failures = question.failures.saturating_add(1);
        self.questions.push_back(Question { not_before: Some(at), failures, ..question });
        self.budget.request_at(weight, Share::All, at)
    }

    /// A request came to nothing, and would so again.
    pub(crate) fn dropped(&mut self) {
        (self.is_asking, self.list_until) = (false, None);
    }

    /// How often all is asked for.
    pub(crate) const fn every(&self) -> Duration {
        self.every
    }

    /// When to look again, if nothing happens before.
    pub(crate) fn wake_at(&self, now: Instant) -> Instant {
        let next = match self.question_at(now) {
            Some(at) => at,
            None if self.is_asking || self.is_ending => self.limit().0,
            None => self.next_at,
        };
        next.min(self.limit().0)
    }

    /// What it means that no answer came for so long; `None` while one may still come.
    pub(crate) fn overdue(&self, now: Instant) -> Option<Fault> {
        let (at, span) = self.limit();
        (at <= now).then_some(Fault::Silent(span))
    }

    /// When what was polled can no longer be called right, if nothing more is answered.
    pub(crate) fn silent_at(&self) -> Instant {
        self.limit().0
    }

    fn limit(&self) -> (Instant, Duration) {
        let span = match self.is_answered {
            true => (self.every * POLLS_MISSED_MAX).max(self.first),
            false => self.first,
        };
        let at = self.answered_at + span;
        (self.list_until.map_or(at, |until| at.max(until)), span)
    }

    /// Whether nothing waits but the list and what has failed before.
    fn is_round_over(&self) -> bool {
        self.questions.iter().all(|question| question.is_list || question.failures > 0)
    }

    /// The question that is next: the first that may be asked, else the one that may be first.
    fn next_index(&self, now: Instant) -> Option<usize> {
        let may_be_asked = |at: &Question| at.not_before.is_none_or(|at| at <= now);
        let ready = self.questions.iter().position(may_be_asked);
        ready.or_else(|| {
            let all = self.questions.iter().enumerate();
            all.min_by_key(|(_, question)| question.not_before).map(|(index, _)| index)
        })
    }

    fn question_at(&self, now: Instant) -> Option<Instant> {
        let index = self.next_index(now).filter(|_| !self.is_asking)?;
        let question = self.questions.get(index)?;
        let allowed = self.budget.request_at(question.query.weight, Share::All, now);
        Some(question.not_before.map_or(allowed, |at| at.max(allowed)))
    }

    fn begin_round(&mut self, poll: Poll, now: Instant) {
        if poll.requests.is_empty() {
            self.answered_at = now; // Nobody is asked, so nobody is silent.
        }
        self.queue(poll.requests, false);
        self.every = poll.every;
        (self.round_at, self.next_at) = (now, now + poll.every);
    }

    fn queue(&mut self, requests: Vec<Request>, is_list: bool) {
        for request in requests {
            // There is no socket to send a frame on.
            let Some(query) = Query::of(request) else { continue };
            // What failed in the last round waits for its turn, and counts for this one.
            if !self.questions.iter().any(|waiting| waiting.query == query) {
                self.questions.push_back(Question {
                    query,
                    not_before: None,
                    failures: 0,
                    is_list,
                });
            }
        }
    }
}

fn symbols(wanted: &BTreeSet<String>) -> Vec<String> {
    wanted.iter().cloned().collect()
}

#[cfg(test)]
mod tests {
    use market::Venue;
    use venues::{Endpoints, Limits};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    struct Scene {
        polling: Polling,
        start: Instant,
    }

    impl Scene {
        fn of(venue: Venue, wanted: &[&str]) -> Self {
            let protocol = Protocol::new(venue, Endpoints::of(venue)).unwrap();
            // What a minute holds is in question here.
            let budget = Budget::new(&Limits { rest_burst: None, ..protocol.limits() });
            let wanted = wanted.iter().map(|&symbol| symbol.to_owned()).collect();
            let start = Instant::now();
            let means = (budget, &Patience::default());
            Self { polling: Polling::begin(protocol, means, wanted, start).unwrap(), start }
        }

        /// Words of the requests that are made at `at`, each answered at once.
        fn round(&mut self, at: Duration) -> Vec<String> {
            let mut asked = Vec::new();
            while let Some(question) = self.polling.question_due(self.start + at) {
                let path = question.query.url.split(['?', '#']).next().unwrap();
                asked.push(path.rsplit('/').next().unwrap().to_owned());
                self.polling.answered(&empty(question.query.url), self.start + at);
            }
            asked
        }
    }

    fn empty(url: String) -> HttpExchange {
        HttpExchange { url: url.into(), status: 200, body: "{}".into() }
    }

    #[test]
    fn rounds_follow_each_other_as_often_as_the_venue_says() {
        let mut scene = Scene::of(Venue::Binance, &["BTCUSDT"]);
        assert_eq!(scene.round(Duration::ZERO), ["depth", "trades", "exchangeInfo"]);
        assert!(scene.round(SECOND).is_empty());
        assert_eq!(scene.polling.wake_at(scene.start + SECOND), scene.start + 2 * SECOND);
        assert_eq!(scene.round(2 * SECOND), ["depth", "trades"]);
        assert_eq!(scene.polling.every(), 2 * SECOND);
    }

    #[test]
    fn rounds_keep_within_the_venues_weight() {
        let symbols: Vec<String> = (0..100).map(|n| format!("C{n}/USD")).collect();
        let symbols: Vec<&str> = symbols.iter().map(String::as_str).collect();
        let mut scene = Scene::of(Venue::Kraken, &symbols);
        assert_eq!(scene.round(Duration::ZERO).len(), 60);
        assert!(scene.round(59 * SECOND).is_empty());
        assert_eq!(scene.round(60 * SECOND).len(), 60);
        assert_eq!(scene.polling.every(), 300 * SECOND);
    }

    #[test]
    fn what_is_wanted_anew_is_asked_for_at_once() {
        let mut scene = Scene::of(Venue::Binance, &[]);
        assert_eq!(scene.round(Duration::ZERO), ["exchangeInfo"]);
        let wanted = BTreeSet::from(["ETHUSDT".to_owned()]);
        scene.polling.want(&wanted, scene.start + SECOND);
        assert_eq!(scene.round(SECOND), ["depth", "trades"]);
        scene.polling.want(&BTreeSet::new(), scene.start + SECOND);
        assert!(scene.round(3 * SECOND).is_empty());
    }

    #[test]
    fn three_polls_without_an_answer_end_it_and_the_first_one_sooner() {
        let mut scene = Scene::of(Venue::Kraken, &["A/B", "C/D"]);
        let at = |scene: &Scene, seconds| scene.start + SECOND * seconds;
        assert!(scene.polling.overdue(at(&scene, 4)).is_none());
        assert!(matches!(scene.polling.overdue(at(&scene, 5)), Some(Fault::Silent(_))));
        scene.round(SECOND);
        let question = scene.polling.question_due(at(&scene, 7)).unwrap();
        scene.polling.again(question, at(&scene, 8));
        assert!(scene.polling.overdue(at(&scene, 18)).is_none());
        assert!(matches!(scene.polling.overdue(at(&scene, 19)), Some(Fault::Silent(_))));
    }

    #[test]
    fn a_request_that_fails_and_fails_holds_up_no_other() {
        let mut scene = Scene::of(Venue::Binance, &["AUSDT", "BUSDT"]);
        scene.round(Duration::ZERO);
        let mut n_asked = (0, 0);
        for step in 1..=100 {
            let now = scene.start + SECOND * step / 10;
            while let Some(question) = scene.polling.question_due(now) {
                if question.query.url.contains("depth?symbol=AUSDT") {
                    n_asked.0 += 1;
                    scene.polling.again(question, now);
                } else {
                    n_asked.1 += u32::from(question.query.url.contains("depth?symbol=BUSDT"));
                    scene.polling.answered(&empty(question.query.url), now);
                }
            }
        }
        assert_eq!(n_asked.1, 5, "every two seconds");
        assert!((4..=7).contains(&n_asked.0), "{} times", n_asked.0);
        assert!(scene.polling.overdue(scene.start + 10 * SECOND).is_none());
    }

    #[test]
    fn at_the_end_the_newest_trades_are_asked_for_once_more_and_nothing_else() {
        let mut scene = Scene::of(Venue::Binance, &["AUSDT", "BUSDT"]);
        scene.round(Duration::ZERO);
        scene.polling.end();
        assert!(!scene.polling.has_ended());
        assert_eq!(scene.round(SECOND), ["trades", "trades"]);
        assert!(scene.polling.has_ended() && scene.round(9 * SECOND).is_empty());
        scene.polling.end();
        scene.polling.question_due(scene.start + 9 * SECOND).unwrap();
        let rest: Vec<Query> = scene.polling.take_rest().collect();
        assert!(rest.len() == 1 && rest[0].url.contains("trades?symbol=BUSDT"), "{rest:?}");
    }

    #[test]
    fn polls_go_on_where_the_socket_carries_nothing_after_all() {
        let mut scene = Scene::of(Venue::Binance, &["AUSDT"]);
        scene.round(Duration::ZERO);
        scene.polling.end();
        scene.round(SECOND);
        scene.polling.go_on(scene.start + SECOND);
        assert_eq!(scene.round(SECOND), ["depth", "trades"]);
    }

    #[test]
    fn nobody_is_silent_who_was_asked_nothing() {
        let mut scene = Scene::of(Venue::Kraken, &[]);
        for n in 0..100 {
            scene.round(3 * SECOND * n);
        }
        assert!(scene.polling.overdue(scene.start + 300 * SECOND).is_none());
    }
}
