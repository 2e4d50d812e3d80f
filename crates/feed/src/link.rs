//! One link: opened, listened to, closed and opened again until it is told to stop.

use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use market::{Body, HttpExchange, Timestamp};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use crate::backoff::Backoff;
use crate::budget::Seat;
use crate::config::FeedConfig;
use crate::connection::Connection;
use crate::dial::{Happening, Line, Meaning};
use crate::fault::Fault;
use crate::outbox::{Gone, Outbox};
use crate::past::{Past, PastGet};
use crate::patience::FAILURES_BEFORE_ALTERNATIVE;
use crate::refusal::Refusal;
use crate::report::{LinkCause, LinkReport, LinkState, Transport};
use crate::rest::{Answer, Rest};
use crate::talk::{Get, Talk};
use crate::tunnel::ProxyTrouble;
use crate::wishes::Wishes;
use venues::Protocol;

/// Our clock. The only place of this room that reads it: everything else is told, or measures spans by the
/// monotonic clock of the runtime.
#[expect(clippy::disallowed_methods, reason = "packets are stamped at the socket, which is here")]
pub(crate) fn received_at() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_nanos(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}

/// ```text
///             ┌────────────── back-off, pauses, connect budget ──────────────┐
///             ▼                                                              │
///        Connecting ──refused, unreachable, untrusted──────────────► Down ───┤
///             │                                                       ▲      │
///             └──────► Up ──closed, broken, nonsense, leaving─────────┘      │
///                       └───────nothing heard──────────────► Silent ─────────┘
/// ```
///
/// Where nothing but HTTP gets through, it polls meanwhile: see `fallback`.
pub(crate) struct Link {
    pub(crate) config: FeedConfig,
    pub(crate) outbox: Outbox,
    pub(crate) wishes: Arc<Wishes>,
    pub(crate) report: watch::Sender<LinkReport>,
    pub(crate) line: Line,
    pub(crate) rest: Rest,
    backoff: Backoff,
    /// Which of the venue's endpoints is in use.
    pub(crate) endpoint: usize,
    /// Attempts in a row without data.
    failures: u32,
    /// Whether the last connection carried data for long enough to count as well.
    is_proven: bool,
    /// Whether anything was heard on the last connection.
    pub(crate) has_heard: bool,
    /// When the last connection on which something was heard has ended.
    pub(crate) heard_until: Option<Instant>,
    /// How the venue is heard.
    pub(crate) transport: Transport,
    /// Endpoints in a row that refused this network.
    pub(crate) blocked: usize,
    /// Whether a question about the time before was refused, and none answered since.
    pub(crate) is_past_refused: bool,
    /// How the connection is heard, as a sentence about it ends.
    pub(crate) manner: &'static str,
    /// What is asked of the time before.
    pub(crate) past: Past,
    /// Leave to open the next connection, which then keeps it.
    seat: Option<Seat>,
    /// How many instruments the connection has no room for.
    pub(crate) n_left_out: usize,
}

/// An answer that is waited for.
pub(crate) type Asking = Pin<Box<dyn Future<Output = Result<Answer, Fault>> + Send>>;

impl Link {
    pub(crate) fn new(
        config: FeedConfig,
        outbox: Outbox,
        wishes: Arc<Wishes>,
        report: watch::Sender<LinkReport>,
    ) -> Self {
        let line = Line {
            tls: config.tls.client_config(),
            proxy: config.proxy.clone(),
            patience: config.patience,
        };
        Self {
            rest: Rest::new(&line),
            backoff: Backoff::new(config.patience.backoff_min, config.patience.backoff_max),
            endpoint: 0,
            failures: 0,
            is_proven: false,
            has_heard: false,
            heard_until: None,
            transport: Transport::WebSocket,
            blocked: 0,
            is_past_refused: false,
            manner: "",
            past: Past::new(config.looked_back.clone()),
            seat: None,
            n_left_out: 0,
            config,
            outbox,
            wishes,
            report,
            line,
        }
    }

    /// Runs until it is told to stop or nobody listens.
    pub(crate) async fn run(mut self) {
        let waiting = format!("{} wants no connection yet.", self.config.venue.name());
        let mut next = self.wait(LinkState::Down, (&waiting, None), Duration::ZERO).await;
        while next.is_ok() {
            let fault = self.connection().await;
            let fault = self.fall_back(fault).await;
            let sentence = fault.sentence(&self.who());
            tracing::info!(venue = self.config.venue.id(), %sentence, "link closed");
            if matches!(fault, Fault::Stopped) {
                break;
            }
            let state = match fault {
                Fault::Silent(_) | Fault::NoDatum(_) | Fault::NoHeartbeat(_) => LinkState::Silent,
                _ => LinkState::Down,
            };
            let delay = self.delay(&fault);
            next = self.wait(state, (&sentence, fault.cause()), delay).await;
        }
        self.tell(LinkState::Down, (Fault::Stopped.sentence(&self.who()), None), None);
    }

    /// One connection from its first packet to its last; gives what ended it.
    async fn connection(&mut self) -> Fault {
        let address = self.address().to_owned();
        (self.is_proven, self.has_heard) = (false, false);
        self.tell(LinkState::Connecting, (format!("Connecting to {address}."), None), None);
        let _seat = self.seat.take();
        let shutdown = self.outbox.shutdown.clone();
        let transport = self.config.protocols[self.endpoint].transport();
        let means = (&self.line, &self.config.budget);
        let opened = tokio::select! {
            () = shutdown.cancelled() => Err(Fault::Stopped),
            opened = Connection::open(&address, transport, means) => opened,
        };
        match opened {
            Err(fault) => {
                let sentence = fault.sentence(&self.who());
                self.outbox.say_closed(sentence, &self.config.patience).await;
                fault
            }
            Ok(connection) => {
                let (limits, patience) = (self.config.limits, self.config.patience);
                let (budget, now) = (self.config.budget.clone(), Instant::now());
                let talk = Talk::open(self.protocol(), (&limits, &patience), budget, now);
                self.carry(connection, talk, Vec::new()).await
            }
        }
    }

    /// An open connection until it ends; gives what ended it. What was held back of it is handed on first.
    pub(crate) async fn carry(
        &mut self,
        mut connection: Connection,
        mut talk: Talk,
        held: Vec<Body>,
    ) -> Fault {
        let fault = match self.converse(&mut connection, &mut talk, held).await {
            Ok(fault) => fault,
            Err(Gone) => Fault::Stopped,
        };
        let proof = talk.proof();
        self.has_heard = proof.is_some();
        self.is_proven = proof.is_some_and(|proof| proof >= self.config.patience.proof);
        if self.has_heard {
            self.heard_until = Some(Instant::now());
            self.failures = 0;
        }
        // One that speaks on its socket and refuses requests is left for the others, each once.
        if self.has_heard && !fault.is_no() {
            self.blocked = 0;
        }
        if self.is_proven {
            self.backoff.reset();
        }
        let sentence = fault.sentence(&self.who());
        self.outbox.say_closed(sentence, &self.config.patience).await;
        connection.close(&fault, &self.line).await;
        fault
    }

    /// Listens and talks, both at once, until something ends it.
    async fn converse(
        &mut self,
        connection: &mut Connection,
        talk: &mut Talk,
        held: Vec<Body>,
    ) -> Result<Fault, Gone> {
        let address = connection.address().unwrap_or(self.address()).to_owned();
        self.outbox.say(Body::Opened(Bytes::from(address))).await?;
        for body in held {
            self.outbox.say(body).await?;
        }
        self.wishes.lock().forget_repairs();
        self.manner = connection.manner();
        self.transport = connection.transport();
        self.tell_up();
        self.listen(connection, talk).await
    }

    async fn listen(
        &mut self,
        connection: &mut Connection,
        talk: &mut Talk,
    ) -> Result<Fault, Gone> {
        let (shutdown, wishes) = (self.outbox.shutdown.clone(), self.wishes.clone());
        let mut asking: Option<(Get, Asking)> = None;
        let mut looking_back: Option<(PastGet, Asking)> = None;
        self.past.reconnect();
        loop {
            self.take_proxy_for(&mut asking, |get: &Get| &get.query);
            talk.take(&mut wishes.lock(), &mut self.config.protocols[self.endpoint]);
            self.look_after(talk);
            if let Some(frame) = talk.frame_due(Instant::now()) {
                let said = Bytes::from(frame.clone());
                match connection.write(frame) {
                    Ok(true) => self.outbox.say(Body::Sent(said)).await?,
                    Ok(false) => {}
                    Err(fault) => return Ok(fault),
                }
            }
            if asking.is_none()
                && let Some(get) = talk.get_due(Instant::now())
            {
                self.outbox.say(Body::Requested(Bytes::from(get.query.recorded()))).await?;
                let answer = self.rest.clone().fetch(get.query.clone());
                asking = Some((get, Box::pin(answer)));
            }
            if looking_back.is_none() {
                looking_back = self.look_back(talk).await?;
            }
            let wake = self.wake_at(talk, looking_back.is_some());
            tokio::select! {
                biased;
                () = shutdown.cancelled() => return Ok(Fault::Stopped),
                () = wishes.changed() => {}
                answer = answer(&mut looking_back) => {
                    if let Some((get, _)) = looking_back.take() {
                        self.looked_back(get, answer).await?;
                    }
                }
                answer = answer(&mut asking) => {
                    if let Some((get, _)) = asking.take()
                        && let Some(fault) = self.answered(get, answer, talk).await?
                    {
                        return Ok(fault);
                    }
                }
                happening = connection.happening() => match happening {
                    Happening::Heard(message) => {
                        if let Some(fault) = self.heard(message, talk).await? {
                            return Ok(fault);
                        }
                    }
                    Happening::Written => talk.written(),
                    Happening::Carried(carried) => {
                        self.outbox.say(carried.body).await?;
                        match carried.meaning {
                            Some(Meaning::Datum) => talk.heard_datum(Instant::now()),
                            Some(Meaning::Sign) => talk.heard_ping(Instant::now()),
                            None => {}
                        }
                        self.tell_manner(connection);
                    }
                    Happening::Over(fault) => return Ok(fault),
                },
                () = sleep_until(wake) => {
                    if let Some(fault) = talk.overdue(Instant::now()) {
                        return Ok(fault);
                    }
                }
            }
        }
    }

    /// Asks for what is told by HTTP alone, and tells what the connection has no room for.
    fn look_after(&mut self, talk: &mut Talk) {
        talk.look_up_figures(&mut self.config.protocols[self.endpoint], Instant::now());
        self.tell_left_out(talk);
    }

    /// Hands on what the venue said. While the engine is slower than the venue this waits, and that wait is not the
    /// venue's silence.
    async fn heard(&mut self, message: Message, talk: &mut Talk) -> Result<Option<Fault>, Gone> {
        match message {
            Message::Text(text) => {
                let text = Bytes::from(text);
                let is_leaving = std::str::from_utf8(&text)
                    .is_ok_and(|frame| self.protocol().announces_end(frame));
                self.outbox.say(Body::Text(text.clone())).await?;
                talk.heard_datum(Instant::now());
                talk.answer(&text, &mut self.config.protocols[self.endpoint]);
                let handover = self.config.handover;
                if is_leaving && !handover.is_zero() {
                    talk.leave_at(Instant::now() + handover);
                }
                Ok((is_leaving && handover.is_zero()).then_some(Fault::Leaving))
            }
            Message::Binary(bytes) => {
                self.outbox.say(Body::Binary(bytes)).await?;
                talk.heard_datum(Instant::now());
                Ok(None)
            }
            Message::Ping(_) => {
                self.outbox.say(Body::Ping).await?;
                talk.heard_ping(Instant::now());
                Ok(None)
            }
            Message::Close(frame) => Ok(Some(Fault::Closed(frame.map(close_words)))),
            Message::Pong(_) | Message::Frame(_) => Ok(None), // A pong may be a proxy's.
        }
    }

    /// Hands on an answer, and sees to it that one which did not come is asked for again.
    async fn answered(
        &mut self,
        get: Get,
        answer: Result<Answer, Fault>,
        talk: &mut Talk,
    ) -> Result<Option<Fault>, Gone> {
        if get.is_figure {
            return self.figure_answered(get, answer, talk).await.map(|()| None);
        }
        let refusal = match answer {
            Ok(Answer { exchange, retry_after, cookies: _ }) => {
                let refusal = self.refusal_of(&exchange, retry_after);
                talk.queue(self.protocol().on_answer(&exchange));
                self.outbox.say(Body::Answered(exchange)).await?;
                refusal
            }
            Err(fault) => {
                let (sentence, cause) = (fault.sentence(&self.who()), fault.cause());
                tracing::warn!(url = %get.query.url, %sentence, "request failed");
                let now = Instant::now();
                let retry_at = match fault {
                    Fault::TooLarge { .. } | Fault::Address(_) => {
                        talk.dropped();
                        None
                    }
                    // Said again and again, a wrong password locks the account: until another one is given.
                    Fault::Proxy { trouble: ProxyTrouble::RefusesPassword, .. } => {
                        Some(talk.again_after(get, self.config.patience.refused, now))
                    }
                    _ => Some(talk.again(get, now)),
                };
                self.tell(LinkState::Up, (sentence, cause), retry_at.map(wall));
                return Ok(None);
            }
        };
        let now = Instant::now();
        if let Some(pause) = refusal.pause() {
            self.config.budget.pause(now + pause, refusal);
        } else if refusal.is_blocked() && self.blocked + 1 < self.config.protocols.len() {
            return Ok(Some(Fault::Refused(refusal)));
        } else if refusal.is_blocked() {
            // What the socket carries goes on.
            self.config.budget.pause_requests(now + self.left_alone());
        } else if !refusal.is_passing() {
            self.blocked = 0;
            talk.answered();
            self.tell_up();
            return Ok(None);
        }
        let retry_at = Some(wall(talk.again(get, now)));
        let told = (refusal.sentence(&self.who()), Some(refusal.cause()));
        self.tell(LinkState::Up, told, retry_at);
        Ok(None)
    }

    /// How long to wait after `fault`, and from which endpoint to start then.
    fn delay(&mut self, fault: &Fault) -> Duration {
        self.failures += 1;
        if let Fault::Refused(refusal) = fault {
            if let Some(pause) = refusal.pause() {
                self.config.budget.pause(Instant::now() + pause, *refusal);
            }
            if refusal.is_blocked() {
                self.blocked += 1;
                self.failures = FAILURES_BEFORE_ALTERNATIVE;
            }
        }
        if self.failures >= FAILURES_BEFORE_ALTERNATIVE {
            self.failures = 0;
            self.endpoint = (self.endpoint + 1) % self.config.protocols.len();
        }
        if self.blocked >= self.config.protocols.len() {
            self.blocked = 0;
            return self.left_alone();
        }
        match fault {
            Fault::Leaving | Fault::WebSocketAgain if self.is_proven => Duration::ZERO,
            // Said again and again, a wrong password locks the account that it is for.
            Fault::Proxy { trouble: ProxyTrouble::RefusesPassword, .. } => {
                self.config.patience.refused
            }
            _ => self.backoff.draw(),
        }
    }

    /// What an answer says, by its status and in the venue's own words.
    pub(crate) fn refusal_of(
        &mut self,
        exchange: &HttpExchange,
        retry_after: Option<Duration>,
    ) -> Refusal {
        let plea = self.protocol().plea(exchange);
        Refusal::new(exchange.status, retry_after).with(plea)
    }

    /// How long a venue is left alone that refuses this network everywhere.
    pub(crate) fn left_alone(&self) -> Duration {
        self.config.patience.refused.max(self.config.limits.left_alone)
    }

    /// Waits before the next attempt. [`Feed::try_now`](crate::Feed::try_now) ends the back-off, but neither a pause
    /// that the venue demands nor its limit on connections.
    async fn wait(
        &mut self,
        state: LinkState,
        (sentence, cause): (&str, Option<LinkCause>),
        delay: Duration,
    ) -> Result<(), Gone> {
        let start = Instant::now();
        let mut until = start + delay;
        self.wishes.lock().hurry = false;
        loop {
            if self.take_proxy() || std::mem::take(&mut self.wishes.lock().hurry) {
                until = start;
                if self.config.limits.left_alone.is_zero() {
                    self.config.budget.try_requests();
                }
            }
            let now = Instant::now();
            if until <= now {
                self.seat = self.config.budget.connect(now);
                if self.seat.is_some() {
                    return Ok(());
                }
            }
            let at = self.config.budget.connect_at(now).max(until);
            let told = self.why_waiting(sentence, cause, until.max(now));
            self.tell(state, told, Some(wall(at)));
            tokio::select! {
                () = self.outbox.shutdown.cancelled() => return Err(Gone),
                () = self.wishes.changed() => {}
                () = sleep_until(at) => {}
            }
        }
    }

    /// The venue's language at the endpoint in use.
    pub(crate) fn protocol(&mut self) -> &mut Protocol {
        &mut self.config.protocols[self.endpoint]
    }

    pub(crate) fn address(&self) -> &str {
        self.config.protocols[self.endpoint].address()
    }
}

/// The answer to the request that is under way; never, when there is none.
pub(crate) async fn answer<Q>(asking: &mut Option<(Q, Asking)>) -> Result<Answer, Fault> {
    match asking {
        Some((_, answer)) => answer.await,
        None => pending().await,
    }
}

fn close_words(frame: CloseFrame) -> (u16, String) {
    (u16::from(frame.code), frame.reason.to_string())
}

/// A moment of the monotonic clock on the wall clock.
pub(crate) fn wall(at: Instant) -> Timestamp {
    let wait = at.saturating_duration_since(Instant::now());
    received_at().plus_nanos(i64::try_from(wait.as_nanos()).unwrap_or(i64::MAX))
}
