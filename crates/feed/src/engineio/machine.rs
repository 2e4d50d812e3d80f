//! One session as a state machine: told what came and what time it is, it says what to send and when it is over.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;
use venues::EngineIoVersion;
use venues::engineio::{Message, MessageKind, Packet, Terms, connect_refusal};

use crate::dial::Meaning;
use crate::fault::Fault;
use crate::patience::Patience;

/// Packets of our own (pings, pongs, the wish for the namespace) that may wait: a server that pings faster than it
/// takes our answers is not listening.
const CONTROLS_QUEUED: usize = 64;
/// The longest data of a ping; servers send none, or `probe`.
const PING_BYTES_MAX: usize = 64;
/// What is sent, and answered, on a WebSocket that is tried.
const PROBE: &str = "probe";

/// What carries packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carrier {
    /// A WebSocket.
    WebSocket,
    /// HTTP long-polling.
    Polling,
}

/// ```text
///            ┌──0, WebSocket────────────────────────────┐
/// Opening ───┤                                          ▼
///            └──0, polling──► Polling ◄──failed── Probing ──2probe 3probe 5──► Open
///                                └──────it is time───▲
/// any ──1, 41, 44, no heartbeat, nonsense──► Closed
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It is over.
    Closed,
    /// The server has not said `0` yet.
    Opening,
    /// It runs by HTTP long-polling.
    Polling,
    /// The same, while a WebSocket is tried.
    Probing(Probe),
    /// It runs over the WebSocket.
    Open,
}

/// How far a WebSocket is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Probe {
    /// It is being opened.
    Dialing,
    /// It is open, and asked whether it carries.
    Asked,
    /// It carries: polling ends, nothing is sent.
    Pausing,
}

/// One session from its opening to its end.
#[derive(Debug)]
pub(crate) struct Machine {
    version: EngineIoVersion,
    patience: Patience,
    state: State,
    carrier: Carrier,
    terms: Option<Terms>,
    /// Whether the namespace is ours: events may be sent.
    is_connected: bool,
    controls: VecDeque<String>,
    events: VecDeque<String>,
    /// The namespace must be connected by then.
    connected_by: Option<Instant>,
    /// Version 4: the next ping must have come. Version 3: the pong must have.
    heartbeat_by: Option<Instant>,
    /// Version 3: our next ping.
    ping_at: Option<Instant>,
    pinged_at: Option<Instant>,
    probed_by: Option<Instant>,
    probe_at: Option<Instant>,
}

impl Machine {
    /// A session that is about to be opened over `carrier`.
    pub(crate) fn open(
        version: EngineIoVersion,
        carrier: Carrier,
        patience: Patience,
        now: Instant,
    ) -> Self {
        Self {
            version,
            patience,
            state: State::Opening,
            carrier,
            terms: None,
            is_connected: false,
            controls: VecDeque::new(),
            events: VecDeque::new(),
            connected_by: Some(now + patience.upgrade),
            heartbeat_by: None,
            ping_at: None,
            pinged_at: None,
            probed_by: None,
            probe_at: None,
        }
    }

    pub(crate) const fn state(&self) -> State {
        self.state
    }

    pub(crate) const fn carrier(&self) -> Carrier {
        self.carrier
    }

    pub(crate) const fn is_connected(&self) -> bool {
        self.is_connected
    }

    /// What the server stated; `None` before it did.
    pub(crate) const fn terms(&self) -> Option<&Terms> {
        self.terms.as_ref()
    }

    /// Events that wait.
    pub(crate) fn n_waiting(&self) -> usize {
        self.events.len()
    }

    /// Whether a poll should be under way.
    pub(crate) fn wants_poll(&self) -> bool {
        let is_over = matches!(self.state, State::Closed | State::Probing(Probe::Pausing));
        self.carrier == Carrier::Polling && !is_over
    }

    /// Whether the WebSocket should be tried now.
    pub(crate) fn wants_probe(&self, now: Instant) -> bool {
        self.state == State::Polling && self.probe_at.is_some_and(|at| at <= now)
    }

    /// The longest time that the answer to a poll may take.
    pub(crate) fn poll_limit(&self) -> Duration {
        let beat = |terms: &Terms| terms.ping_interval + terms.ping_timeout;
        self.terms.as_ref().map_or(self.patience.upgrade, |it| beat(it) + Duration::from_secs(5))
    }

    /// Sends an event, already written as a packet, as soon as that is possible.
    pub(crate) fn send(&mut self, event: String) {
        self.events.push_back(event);
    }

    /// The next packet that may go on the session's carrier, left where it is.
    pub(crate) fn next(&self) -> Option<&str> {
        self.queue().and_then(|queue| queue.front()).map(String::as_str)
    }

    /// The same, taken.
    pub(crate) fn take(&mut self) -> Option<String> {
        let is_control = !self.controls.is_empty();
        self.next()?;
        if is_control { self.controls.pop_front() } else { self.events.pop_front() }
    }

    fn queue(&self) -> Option<&VecDeque<String>> {
        match self.state {
            State::Closed | State::Opening | State::Probing(Probe::Pausing) => None,
            State::Polling | State::Probing(Probe::Dialing | Probe::Asked) | State::Open => {
                if !self.controls.is_empty() {
                    Some(&self.controls)
                } else {
                    self.is_connected.then_some(&self.events)
                }
            }
        }
    }

    /// Takes in the text of one packet; gives what it was good for, or what ends the session.
    pub(crate) fn hear(
        &mut self,
        carrier: Carrier,
        frame: &str,
        now: Instant,
    ) -> Result<Meaning, Fault> {
        let heard = match Packet::parse(frame) {
            Ok(packet) if carrier == self.carrier => self.hear_packet(packet, now),
            Ok(packet) => self.hear_probe(packet, now),
            Err(error) => Err(Fault::NotEngineIo(error.to_string())),
        };
        if heard.is_err() {
            self.state = State::Closed;
        }
        heard
    }

    fn hear_packet(&mut self, packet: Packet<'_>, now: Instant) -> Result<Meaning, Fault> {
        let is_opening = self.state == State::Opening;
        match packet {
            Packet::Close => return Err(Fault::Closed(None)),
            Packet::Open(json) if is_opening => self.opened(json, now)?,
            Packet::Noop => {}
            _ if is_opening => {
                return Err(Fault::NotEngineIo("it did not begin with an opening".to_owned()));
            }
            Packet::Open(_) => return Err(Fault::NotEngineIo("it opened twice".to_owned())),
            Packet::Ping(data) => self.pinged(data, now)?,
            Packet::Pong(_) => self.ponged(now),
            Packet::Message(text) => return self.hear_message(text, now),
            Packet::Binary(_) => return Ok(Meaning::Datum),
            Packet::Upgrade => {}
        }
        Ok(Meaning::Sign)
    }

    /// What comes on a WebSocket that is tried.
    fn hear_probe(&mut self, packet: Packet<'_>, now: Instant) -> Result<Meaning, Fault> {
        match (packet, self.state) {
            (Packet::Pong(PROBE), State::Probing(Probe::Asked)) => {
                self.state = State::Probing(Probe::Pausing);
            }
            // A session of its own: the server does not move sessions, but the WebSocket can be had.
            (Packet::Open(_), State::Probing(Probe::Asked)) if !self.can_upgrade() => {
                return Err(Fault::WebSocketAgain);
            }
            (Packet::Close, State::Probing(_)) => self.probe_failed(now),
            _ => {}
        }
        Ok(Meaning::Sign)
    }

    fn hear_message(&mut self, text: &str, now: Instant) -> Result<Meaning, Fault> {
        let Ok(message) = Message::parse(text) else {
            return Ok(Meaning::Sign); // What it is worth, the decoder says.
        };
        if !message.is_ours() {
            return Ok(Meaning::Sign);
        }
        match message.kind {
            MessageKind::Connect => {
                if !self.is_connected {
                    self.is_connected = true;
                    self.connected_by = None;
                    self.probe_at = (self.carrier == Carrier::Polling).then_some(now);
                }
                Ok(Meaning::Sign)
            }
            MessageKind::Disconnect => Err(Fault::Closed(None)),
            MessageKind::Error => Err(Fault::NotAdmitted(connect_refusal(message.data))),
            MessageKind::Event
            | MessageKind::Ack
            | MessageKind::BinaryEvent
            | MessageKind::BinaryAck => Ok(Meaning::Datum),
        }
    }

    fn opened(&mut self, json: &str, now: Instant) -> Result<(), Fault> {
        let terms = Terms::parse(json).map_err(|error| Fault::NotEngineIo(error.to_string()))?;
        self.state = match self.carrier {
            Carrier::WebSocket => State::Open,
            Carrier::Polling => State::Polling,
        };
        match self.version {
            EngineIoVersion::V3 => self.ping_at = Some(now + terms.ping_interval),
            EngineIoVersion::V4 => {
                self.heartbeat_by = Some(now + terms.ping_interval + terms.ping_timeout);
                self.controls.push_back(Packet::Message("0").to_string());
            }
        }
        self.terms = Some(terms);
        Ok(())
    }

    /// The server pings: of version 4 this is its heartbeat.
    fn pinged(&mut self, data: &str, now: Instant) -> Result<(), Fault> {
        if data.len() > PING_BYTES_MAX || self.controls.len() >= CONTROLS_QUEUED {
            return Err(Fault::NotEngineIo("it pings more than can be answered".to_owned()));
        }
        self.controls.push_back(Packet::Pong(data).to_string());
        if self.version == EngineIoVersion::V4
            && let Some(terms) = &self.terms
        {
            self.heartbeat_by = Some(now + terms.ping_interval + terms.ping_timeout);
        }
        Ok(())
    }

    /// The server answers our ping, of version 3.
    fn ponged(&mut self, now: Instant) {
        if let Some(at) = self.pinged_at.take()
            && let Some(terms) = &self.terms
        {
            self.heartbeat_by = None;
            self.ping_at = Some((at + terms.ping_interval).max(now));
        }
    }

    /// Whether this session can move to a WebSocket; else a new one must be opened there.
    pub(crate) fn can_upgrade(&self) -> bool {
        self.terms.as_ref().is_some_and(|terms| terms.upgrades_to_websocket)
    }

    /// The WebSocket is not tried before `at`.
    pub(crate) fn probe_not_before(&mut self, at: Instant) {
        self.probe_at = self.probe_at.map(|before| before.max(at));
    }

    /// A WebSocket is being opened beside the polling.
    pub(crate) fn probe_begins(&mut self, now: Instant) {
        self.state = State::Probing(Probe::Dialing);
        self.probe_at = Some(now + self.patience.probe_again);
    }

    /// It is open; gives what to send on it.
    pub(crate) fn probe_opened(&mut self, now: Instant) -> Option<String> {
        self.state = State::Probing(Probe::Asked);
        self.probed_by = Some(now + self.patience.probe);
        self.can_upgrade().then(|| Packet::Ping(PROBE).to_string())
    }

    /// It came to nothing: the session stays with polling, and tries again later.
    pub(crate) fn probe_failed(&mut self, now: Instant) {
        if matches!(self.state, State::Probing(_)) {
            self.state = State::Polling;
        }
        self.probed_by = None;
        self.probe_at = self.probe_at.map(|at| at.max(now));
    }

    /// It carries and no poll is under way: the session moves; gives what to send on it.
    pub(crate) fn upgrade(&mut self) -> String {
        self.state = State::Open;
        self.carrier = Carrier::WebSocket;
        self.probed_by = None;
        self.probe_at = None;
        Packet::Upgrade.to_string()
    }

    /// For this long nobody listened: that was not the server's silence.
    pub(crate) fn held(&mut self, span: Duration) {
        let limits = [&mut self.connected_by, &mut self.heartbeat_by, &mut self.probed_by];
        limits.into_iter().flatten().for_each(|at| *at += span);
    }

    /// When [`tick`](Self::tick) has something to do; `None` once the session is closed.
    pub(crate) fn wake_at(&self) -> Option<Instant> {
        if self.state == State::Closed {
            return None;
        }
        let probe_at = self.probe_at.filter(|_| self.state == State::Polling);
        let ping_at = self.ping_at.filter(|_| self.may_ping());
        [self.connected_by, self.heartbeat_by, self.probed_by, ping_at, probe_at]
            .into_iter()
            .flatten()
            .min()
    }

    /// Does what it is time for; gives what ends the session.
    pub(crate) fn tick(&mut self, now: Instant) -> Result<(), Fault> {
        let has_passed = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        if self.state == State::Closed {
            return Ok(());
        }
        if has_passed(self.connected_by) {
            self.state = State::Closed;
            return Err(Fault::UpgradeTimeout(self.patience.upgrade));
        }
        if has_passed(self.heartbeat_by) {
            self.state = State::Closed;
            return Err(Fault::NoHeartbeat(self.heartbeat_limit()));
        }
        if has_passed(self.probed_by) {
            self.probe_failed(now);
        }
        if has_passed(self.ping_at)
            && self.may_ping()
            && let Some(terms) = &self.terms
        {
            self.controls.push_back(Packet::Ping("").to_string());
            self.heartbeat_by = Some(now + terms.ping_timeout);
            self.pinged_at = Some(now);
            self.ping_at = None;
        }
        Ok(())
    }

    /// While nothing is sent, no answer can be expected.
    fn may_ping(&self) -> bool {
        self.state != State::Probing(Probe::Pausing)
    }

    fn heartbeat_limit(&self) -> Duration {
        let terms = self.terms.as_ref();
        terms.map_or(Duration::ZERO, |terms| match self.version {
            EngineIoVersion::V3 => terms.ping_timeout,
            EngineIoVersion::V4 => terms.ping_interval + terms.ping_timeout,
        })
    }
}

#[cfg(test)]
#[path = "machine_facts.rs"]
mod facts;
