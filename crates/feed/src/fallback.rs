//! A link whose WebSocket is blocked: it polls by HTTP, and goes back as soon as it can.
//!
//! ```text
//! WebSocket ──blocked, and HTTP answers──▶ polling ──data on the WebSocket──▶ WebSocket
//!                                             └──no answer in three polls──▶ back-off
//! ```
//!
//! A WebSocket that was never heard is called blocked at once, and so is one that is refused in so many words (403).
//! Else one that was heard is called so only when it could not be opened again for a while: a mere reconnect is over
//! sooner.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use market::Body;
use tokio::time::{Instant, sleep_until};

use crate::budget::Share;
use crate::connection::Connection;
use crate::fault::Fault;
use crate::link::{Asking, Link, answer, received_at, wall};
use crate::outbox::Gone;
use crate::past::PastGet;
use crate::polling::{Polling, Question};
use crate::report::{LinkState, Transport};
use crate::rest::Answer;
use crate::trial::{Means, Trial};
use crate::tunnel::ProxyTrouble;
use crate::way_back::{WayBack, happening};

/// The first wait until the WebSocket is tried again; it doubles up to [`Patience::socket_again`](crate::Patience).
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// How polling ended.
enum Polled {
    /// It never began: HTTP does not work either, or the venue has no such thing.
    Never,
    /// The WebSocket works again.
    Found(Box<Trial>),
    /// HTTP works no longer.
    Over(Fault),
}

/// Polling as it goes.
struct Rounds {
    polling: Polling,
    /// The base of the requests.
    rest: String,
    /// Whether HTTP was found to work.
    is_open: bool,
    /// Symbols whose past was asked for.
    looked_back_for: BTreeSet<String>,
    /// The attempt at the WebSocket that is under way.
    way_back: Option<WayBack>,
    /// When the next one is made …
    trial_at: Instant,
    /// … and how long after it the one after that.
    wait: Duration,
}

impl Link {
    /// Polls as long as the WebSocket, which `fault` ended, is blocked while HTTP works. Gives what ended the link.
    pub(crate) async fn fall_back(&mut self, fault: Fault) -> Fault {
        let mut fault = fault;
        while self.may_be_blocked(&fault) {
            match self.poll().await {
                Polled::Never => return fault,
                Polled::Over(fault) => return fault,
                Polled::Found(trial) => {
                    let Trial { socket, talk, protocol, held, seat: _seat, .. } = *trial;
                    *self.protocol() = protocol;
                    let connection = Connection::WebSocket(Box::new(socket));
                    fault = self.carry(connection, talk, held).await;
                }
            }
        }
        fault
    }

    /// Whether this is what a proxy or a firewall does to WebSockets: nothing was ever heard on it.
    fn may_be_blocked(&self, fault: &Fault) -> bool {
        // Engine.IO has its own way by HTTP, with the same frames.
        let is_plain =
            self.config.protocols[self.endpoint].transport() == venues::Transport::WebSocket;
        if self.has_heard || !is_plain || !(fault.is_no() || self.is_lost_for_long()) {
            return false;
        }
        match fault {
            Fault::Refused(refusal) => refusal.pause().is_none(),
            Fault::Proxy { trouble, .. } => matches!(trouble, ProxyTrouble::Refuses(_)),
            Fault::NoSuchName(_)
            | Fault::Unreachable(_)
            | Fault::ConnectTimeout(_)
            | Fault::UpgradeTimeout(_)
            | Fault::Closed(_)
            | Fault::Broken(_)
            | Fault::Nonsense(_)
            | Fault::Silent(_)
            | Fault::NoDatum(_)
            | Fault::NotTaken(_) => true,
            Fault::Address(_)
            | Fault::Certificate { .. }
            | Fault::Tls(_)
            | Fault::TooLarge { .. }
            | Fault::NotEngineIo { .. }
            | Fault::NotAdmitted(_)
            | Fault::NoHeartbeat(_)
            | Fault::WebSocketAgain
            | Fault::AskedOut
            | Fault::Leaving
            | Fault::Stopped => false,
        }
    }

    /// Whether the last connection that was heard has ended longer ago than a reconnect takes, or there was none.
    fn is_lost_for_long(&self) -> bool {
        let fall_back = self.config.patience.fall_back;
        self.heard_until.is_none_or(|heard_until| Instant::now() >= heard_until + fall_back)
    }

    async fn poll(&mut self) -> Polled {
        let Some(protocol) = self.config.protocol_again(self.endpoint) else {
            return Polled::Never;
        };
        let rest = protocol.endpoints().rest.clone();
        let wanted = self.wishes.lock().wanted.clone();
        let means = (self.config.budget.clone(), &self.config.patience);
        let now = Instant::now();
        if self.config.budget.request_at(1, Share::All, now) > now + self.config.patience.first_poll
        {
            return Polled::Never;
        }
        let Some(polling) = Polling::begin(protocol, means, wanted, now) else {
            return Polled::Never;
        };
        let wait = FIRST_WAIT.min(self.config.patience.socket_again);
        let mut rounds = Rounds {
            polling,
            rest,
            is_open: false,
            looked_back_for: BTreeSet::new(),
            way_back: None,
            trial_at: now + wait,
            wait,
        };
        let ended = self.rounds(&mut rounds).await.unwrap_or(Polled::Over(Fault::Stopped));
        self.transport = Transport::WebSocket;
        if rounds.is_open {
            let sentence = match &ended {
                Polled::Found(_) => format!("The WebSocket of {} works again.", self.who()),
                Polled::Over(fault) => fault.sentence(&self.who()),
                Polled::Never => String::new(),
            };
            tracing::info!(venue = self.config.venue.id(), %sentence, "polling ended");
            self.outbox.say_closed(sentence, &self.config.patience).await;
        }
        ended
    }

    async fn rounds(&mut self, rounds: &mut Rounds) -> Result<Polled, Gone> {
        let shutdown = self.outbox.shutdown.clone();
        let wishes = self.wishes.clone();
        let patience = self.config.patience;
        let mut asking: Option<(Question, Asking)> = None;
        let mut looking_back: Option<(PastGet, Asking)> = None;
        self.past.reconnect();
        loop {
            let now = Instant::now();
            if self.take_proxy_for(&mut asking, |question: &Question| &question.query) {
                rounds.way_back = None;
                rounds.polling.go_on(now);
            }
            {
                let mut wish = wishes.lock();
                wish.forget_repairs(); // Each poll brings the whole book.
                if std::mem::take(&mut wish.hurry) {
                    rounds.trial_at = now;
                }
                rounds.polling.want(&wish.wanted, now);
            }
            let socket_at = self.look_for_socket(rounds, now);
            if asking.is_none()
                && let Some(question) = rounds.polling.question_due(now)
            {
                asking = Some(self.ask(question, rounds).await?);
            }
            let mut past_at = self.past_due_at(rounds, looking_back.is_some(), now);
            if past_at.is_some_and(|at| at <= now) {
                looking_back = self.ask_back(Share::All, now).await?;
                past_at = None;
            }
            let wake = rounds.polling.wake_at(now);
            let wake = past_at.map_or(wake, |at| wake.min(at));
            let wake = socket_at.map_or(wake, |at| wake.min(at));
            tokio::select! {
                biased;
                () = shutdown.cancelled() => return Ok(Polled::Over(Fault::Stopped)),
                () = wishes.changed() => {}
                answer = answer(&mut looking_back) => {
                    if let Some((get, _)) = looking_back.take() {
                        self.looked_back(get, answer).await?;
                    }
                }
                answer = answer(&mut asking) => {
                    if let Some((question, _)) = asking.take()
                        && let Some(ended) = self.polled(question, answer, rounds).await?
                    {
                        return Ok(ended);
                    }
                }
                tried = happening(&mut rounds.way_back, patience) => {
                    if let Some(trial) = self.tried(tried, rounds) {
                        return Ok(Polled::Found(trial));
                    }
                }
                () = sleep_until(wake) => {
                    match (rounds.polling.overdue(Instant::now()), &mut rounds.way_back) {
                        (Some(_), Some(way_back)) if way_back.carries() => way_back.leave(),
                        (Some(_), _) if !rounds.is_open => return Ok(Polled::Never),
                        (Some(fault), _) => return Ok(Polled::Over(fault)),
                        (None, _) => {}
                    }
                }
            }
        }
    }

    /// Goes on with the way back to the WebSocket, and begins it when it is time to. Gives when to look again.
    fn look_for_socket(&self, rounds: &mut Rounds, now: Instant) -> Option<Instant> {
        if let Some(way_back) = &mut rounds.way_back {
            way_back.go_on(&mut rounds.polling, (&self.config.patience, now));
            return way_back.wake_at();
        }
        if !rounds.is_open {
            return None;
        }
        let at = self.config.budget.connect_at(now).max(rounds.trial_at);
        if at <= now {
            rounds.way_back = self.another_attempt(now);
        }
        Some(at)
    }

    /// What came of an attempt at the WebSocket: the WebSocket, once it goes on alone.
    fn tried(
        &self,
        tried: Option<Result<Trial, Fault>>,
        rounds: &mut Rounds,
    ) -> Option<Box<Trial>> {
        match tried? {
            Ok(mut trial) => {
                rounds.polling.take_rest().for_each(|query| trial.talk.ask(query));
                Some(Box::new(trial))
            }
            Err(fault) => {
                tracing::debug!(venue = self.config.venue.id(), ?fault, "still blocked");
                let now = Instant::now();
                rounds.way_back = None;
                rounds.polling.go_on(now);
                rounds.trial_at = now + rounds.wait;
                rounds.wait = (rounds.wait * 2).min(self.config.patience.socket_again);
                None
            }
        }
    }

    async fn ask(
        &mut self,
        question: Question,
        rounds: &mut Rounds,
    ) -> Result<(Question, Asking), Gone> {
        if rounds.is_open {
            self.outbox.say(Body::Requested(Bytes::from(question.query.recorded()))).await?;
        }
        let answer: Asking = Box::pin(self.rest.clone().fetch(question.query.clone()));
        Ok((question, answer))
    }

    /// When to ask for what was not heard: while no poll waits for its turn.
    fn past_due_at(
        &mut self,
        rounds: &mut Rounds,
        is_looking_back: bool,
        now: Instant,
    ) -> Option<Instant> {
        let wanted = rounds.polling.wanted();
        if rounds.is_open && rounds.looked_back_for != *wanted {
            rounds.looked_back_for.clone_from(wanted);
            let protocol = &self.config.protocols[self.endpoint];
            self.past.want(wanted, protocol, (received_at, now));
        }
        if !rounds.is_open || is_looking_back || !rounds.polling.asks_nothing() {
            return None;
        }
        self.past.get_at(&self.config.budget, (Share::All, now))
    }

    /// Hands on an answer. Until the first good one, nothing was heard and nothing is told.
    async fn polled(
        &mut self,
        question: Question,
        answer: Result<Answer, Fault>,
        rounds: &mut Rounds,
    ) -> Result<Option<Polled>, Gone> {
        let now = Instant::now();
        let (exchange, refusal) = match answer {
            Ok(Answer { exchange, retry_after, cookies: _ }) => {
                let refusal = self.refusal_of(&exchange, retry_after);
                (exchange, refusal)
            }
            Err(fault) => {
                let sentence = fault.sentence(&self.who());
                tracing::warn!(url = %question.query.url, %sentence, "poll failed");
                return Ok(self.unanswered(question, fault, rounds));
            }
        };
        if let Some(pause) = refusal.pause() {
            self.config.budget.pause(now + pause, refusal);
        }
        if !rounds.is_open {
            if refusal.is_blocked() {
                // Attempts at the socket go on; each of them would else ask once more.
                self.config.budget.pause_requests(now + self.left_alone());
            }
            if refusal.pause().is_some() {
                return Ok(Some(Polled::Over(Fault::Refused(refusal))));
            }
            if refusal.is_no_answer() {
                return Ok(Some(Polled::Never));
            }
            rounds.is_open = true;
            self.outbox.say(Body::Opened(Bytes::from(rounds.rest.clone()))).await?;
            self.outbox.say(Body::Requested(Bytes::from(question.query.recorded()))).await?;
        }
        self.outbox.say(Body::Answered(exchange.clone())).await?;
        if refusal.is_blocked() {
            return Ok(Some(Polled::Over(Fault::Refused(refusal))));
        }
        if refusal.pause().is_some() || refusal.is_passing() {
            let at = rounds.polling.again(question, now);
            let is_carried = rounds.way_back.as_ref().is_some_and(WayBack::carries);
            // What is shown would not be true for so long.
            if refusal.pause().is_some() && at > rounds.polling.silent_at() && !is_carried {
                return Ok(Some(Polled::Over(Fault::Refused(refusal))));
            }
            let told = (refusal.sentence(&self.who()), Some(refusal.cause()));
            self.tell(LinkState::Up, told, Some(wall(at)));
        } else {
            rounds.polling.answered(&exchange, now);
            self.tell_polling(rounds);
        }
        Ok(None)
    }

    fn unanswered(
        &mut self,
        question: Question,
        fault: Fault,
        rounds: &mut Rounds,
    ) -> Option<Polled> {
        if !rounds.is_open {
            return Some(Polled::Never);
        }
        match fault {
            Fault::TooLarge { .. } | Fault::Address(_) => rounds.polling.dropped(),
            Fault::Proxy { trouble: ProxyTrouble::RefusesPassword, .. } => {
                return Some(Polled::Over(fault));
            }
            fault => {
                let retry_at = Some(wall(rounds.polling.again(question, Instant::now())));
                self.tell(LinkState::Up, (fault.sentence(&self.who()), fault.cause()), retry_at);
            }
        }
        None
    }

    fn tell_polling(&mut self, rounds: &Rounds) {
        let every = rounds.polling.every();
        self.transport = Transport::Polling { every };
        let seconds = every.as_millis().div_ceil(1_000);
        let sentence = format!(
            "Polling {} every {seconds} s, since its WebSocket cannot be reached.",
            rounds.rest
        );
        self.tell(LinkState::Up, (sentence, None), None);
    }

    fn another_attempt(&self, now: Instant) -> Option<WayBack> {
        let protocol = self.config.protocol_again(self.endpoint)?;
        let seat = self.config.budget.connect(now)?;
        Some(WayBack::begin(|carries, alone| Means {
            protocol,
            line: self.line.clone(),
            limits: self.config.limits,
            budget: self.config.budget.clone(),
            wishes: self.wishes.clone(),
            seat,
            carries,
            alone,
        }))
    }
}
