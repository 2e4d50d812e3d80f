//! Moves a session's packets: over a WebSocket, by HTTP long-polling, and from the second to the first.

use std::collections::VecDeque;
use std::future::{Future, pending, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::FutureExt;
use market::Body;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::Message;
use venues::EngineIoVersion;
use venues::engineio::{join, split};

use super::addresses::Addresses;
use super::cookies::Cookies;
use super::machine::{Carrier, Machine, Probe, State};
use super::polls::{Parcel, poll, post, refusal};
use crate::budget::{Budget, Seat};
use crate::dial::{Carried, Happening, Line, Meaning, Socket, dial, dial_with};
use crate::fault::Fault;
use crate::link::received_at;
use crate::rest::{Answer, Rest};

/// Events that may wait while we poll: they are posted together. A WebSocket takes them one by one.
const EVENTS_QUEUED: usize = 64;
/// What is heard and said until the namespace is ours; about six packets are usual.
const GREETING_PACKETS_MAX: usize = 64;
/// What the server is told when we go.
const GOODBYE: &str = "1";

type Working<T> = Pin<Box<dyn Future<Output = Result<T, Fault>> + Send>>;

/// An Engine.IO session that is read and written at the same time.
pub(crate) struct EngineIo {
    version: EngineIoVersion,
    line: Line,
    /// What the venue allows: each trial of the WebSocket is a connection.
    budget: Budget,
    /// What keeps this session with the server that opened it.
    cookies: Cookies,
    at: Addresses,
    /// The address that was opened.
    address: String,
    machine: Machine,
    rest: Rest,
    /// What was heard and said, to be handed on.
    carried: VecDeque<Carried>,
    /// The session's, or the one that is tried.
    socket: Option<Socket>,
    is_writing: bool,
    dialing: Option<Working<Socket>>,
    /// Of the WebSocket that is tried or was taken over.
    seat: Option<Seat>,
    polling: Option<Working<Answer>>,
    posting: Option<Working<Answer>>,
    /// What ended the session, to be said after all that was heard before.
    over: Option<Fault>,
    /// Whether an event was handed to us and its [`Happening::Written`] is still to be said.
    owes_written: bool,
    /// When we last handed something on: until we are asked again, nobody listens.
    left_at: Option<Instant>,
}

/// What came to pass on one of the ways.
enum Turn {
    Socket(Happening),
    Polled(Result<Answer, Fault>),
    Posted(Result<Answer, Fault>),
    Dialed(Box<Result<Socket, Fault>>),
}

impl EngineIo {
    /// Opens a session over the WebSocket at `address`, or by HTTP polling where that is blocked. It is open as soon as
    /// events reach the server.
    pub(crate) async fn open(
        address: &str,
        version: EngineIoVersion,
        (line, budget): (&Line, &Budget),
    ) -> Result<Self, Fault> {
        let at = Addresses::parse(address, version).map_err(Fault::Address)?;
        let url = at.of(Carrier::WebSocket).to_owned();
        let fault = match dial(&url, line).await {
            Ok(socket) => {
                let mut session = Self::new(&at, version, (line, budget), Carrier::WebSocket);
                session.socket = Some(socket);
                match session.greeted().await {
                    Ok(()) => return Ok(session),
                    Err(fault) => fault,
                }
            }
            Err(fault) => fault,
        };
        if !may_be_blocked(&fault) {
            return Err(fault);
        }
        tracing::info!(%url, ?fault, "no WebSocket; polling by HTTP instead");
        let mut session = Self::new(&at, version, (line, budget), Carrier::Polling);
        session.greeted().await?;
        Ok(session)
    }

    fn new(
        at: &Addresses,
        version: EngineIoVersion,
        (line, budget): (&Line, &Budget),
        carrier: Carrier,
    ) -> Self {
        Self {
            version,
            line: line.clone(),
            budget: budget.clone(),
            cookies: Cookies::default(),
            at: at.clone(),
            address: at.of(carrier).to_owned(),
            machine: Machine::open(version, carrier, line.patience, Instant::now()),
            rest: Rest::waiting(line),
            carried: VecDeque::new(),
            socket: None,
            is_writing: false,
            dialing: None,
            seat: None,
            polling: None,
            posting: None,
            over: None,
            owes_written: false,
            left_at: None,
        }
    }

    /// Waits until the namespace is ours.
    async fn greeted(&mut self) -> Result<(), Fault> {
        while !self.machine.is_connected() {
            self.step().await?;
            if self.carried.len() > GREETING_PACKETS_MAX {
                return Err(Fault::NotEngineIo("it talks on before it lets us in".to_owned()));
            }
        }
        Ok(())
    }

    /// What was opened.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// What carries the session now.
    pub(crate) const fn carrier(&self) -> Carrier {
        self.machine.carrier()
    }

    /// Takes an event, written as a packet; to be called only when the one before has been [`Happening::Written`].
    pub(crate) fn write(&mut self, event: String) {
        self.machine.send(event);
        self.owes_written = true;
    }

    /// What happens next. May be dropped and asked again without losing anything.
    pub(crate) async fn happening(&mut self) -> Happening {
        if let Some(left_at) = self.left_at.take() {
            self.machine.held(left_at.elapsed());
        }
        let happening = loop {
            if let Some(carried) = self.carried.pop_front() {
                break Happening::Carried(carried);
            }
            if let Some(fault) = self.over.take() {
                break Happening::Over(fault);
            }
            if self.owes_written && self.has_room() {
                self.owes_written = false;
                break Happening::Written;
            }
            if let Err(fault) = self.step().await {
                self.over = Some(fault);
            }
        };
        self.left_at = Some(Instant::now());
        happening
    }

    fn has_room(&self) -> bool {
        match self.machine.carrier() {
            Carrier::WebSocket => self.machine.n_waiting() == 0 && !self.is_writing,
            Carrier::Polling => self.machine.n_waiting() < EVENTS_QUEUED,
        }
    }

    /// Starts what is due, then waits for the next thing and takes it in.
    async fn step(&mut self) -> Result<(), Fault> {
        let n_carried = self.carried.len();
        self.start()?;
        if self.carried.len() > n_carried {
            return Ok(()); // It is stamped when it is handed on: at once.
        }
        let wake = self.machine.wake_at();
        let time = async {
            match wake {
                Some(at) => sleep_until(at).await,
                None => pending().await,
            }
        };
        let turn = tokio::select! {
            biased;
            turn = poll_fn(|context| self.poll(context)) => turn,
            () = time => {
                self.machine.tick(Instant::now())?;
                self.give_up_probe();
                return Ok(());
            }
        };
        match turn {
            Turn::Socket(happening) => self.on_socket(happening),
            Turn::Polled(answer) => self.on_polled(answer?),
            Turn::Posted(answer) => self.on_posted(answer?),
            Turn::Dialed(socket) => self.on_dialed(*socket),
        }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Turn> {
        if let Some(socket) = &mut self.socket
            && let Poll::Ready(happening) = socket.poll(context)
        {
            return Poll::Ready(Turn::Socket(happening));
        }
        if let Poll::Ready(answer) = worked(&mut self.polling, context) {
            return Poll::Ready(Turn::Polled(answer));
        }
        if let Poll::Ready(answer) = worked(&mut self.posting, context) {
            return Poll::Ready(Turn::Posted(answer));
        }
        worked(&mut self.dialing, context).map(|socket| Turn::Dialed(Box::new(socket)))
    }

    /// Starts all that is due and possible: a poll, a post, a frame, a trial of the WebSocket, the move to it.
    fn start(&mut self) -> Result<(), Fault> {
        if self.machine.wants_poll() && self.polling.is_none() {
            let url = self.poll_url();
            self.say(Body::Requested(Bytes::from(url.clone())));
            let parcel = Parcel { url, cookies: self.cookies.header(), payload: None };
            let asking = poll(self.rest.clone(), parcel, self.machine.poll_limit());
            self.polling = Some(Box::pin(asking));
        }
        self.start_probe(Instant::now());
        let is_idle = self.polling.is_none() && self.posting.is_none() && !self.is_writing;
        if self.machine.state() == State::Probing(Probe::Pausing) && is_idle {
            let upgrade = self.machine.upgrade();
            self.write_frame(upgrade)?;
        }
        match self.machine.carrier() {
            Carrier::WebSocket if !self.is_writing => match self.machine.take() {
                Some(packet) => self.write_frame(packet),
                None => Ok(()),
            },
            Carrier::Polling if self.posting.is_none() => {
                self.start_post();
                Ok(())
            }
            Carrier::WebSocket | Carrier::Polling => Ok(()),
        }
    }

    /// Tries the WebSocket, when it is time to and the venue allows another connection.
    fn start_probe(&mut self, now: Instant) {
        if !self.machine.wants_probe(now) {
            return;
        }
        self.seat = None;
        self.seat = self.budget.connect(now);
        if self.seat.is_none() {
            self.machine.probe_not_before(self.budget.connect_at(now));
            return;
        }
        self.machine.probe_begins(now);
        let session = self.machine.terms().filter(|_| self.machine.can_upgrade());
        let url = match session {
            Some(terms) => self.at.websocket_of(&terms.session),
            None => self.at.of(Carrier::WebSocket).to_owned(),
        };
        let (line, cookies) = (self.line.clone(), self.cookies.header());
        self.dialing = Some(Box::pin(async move { dial_with(&url, cookies, &line).await }));
    }

    /// Posts what waits, as much as the server takes at once.
    fn start_post(&mut self) {
        let bytes_max = self.machine.terms().map_or(0, |terms| terms.payload_bytes_max);
        let mut packets: Vec<String> = Vec::new();
        let mut n_bytes = 0;
        while let Some(next) = self.machine.next() {
            n_bytes += next.len() + LENGTH_BYTES;
            if n_bytes > bytes_max && !packets.is_empty() {
                break;
            }
            packets.extend(self.machine.take());
        }
        if packets.is_empty() {
            return;
        }
        let payload = join(self.version, packets.iter().map(String::as_str));
        self.say(Body::Sent(Bytes::from(payload.clone())));
        let posting = post(self.rest.clone(), self.parcel(payload), self.line.patience.write);
        self.posting = Some(Box::pin(posting));
    }

    fn parcel(&self, payload: String) -> Parcel {
        Parcel { url: self.poll_url(), cookies: self.cookies.header(), payload: Some(payload) }
    }

    fn poll_url(&self) -> String {
        self.at.poll(self.machine.terms().map(|terms| terms.session.as_str()))
    }

    fn write_frame(&mut self, packet: String) -> Result<(), Fault> {
        let Some(socket) = &mut self.socket else { return Ok(()) };
        let said = Bytes::from(packet.clone());
        socket.write(packet)?;
        self.is_writing = true;
        self.say(Body::Sent(said));
        Ok(())
    }

    fn say(&mut self, body: Body) {
        self.carried.push_back(Carried { body, meaning: None });
    }

    fn on_socket(&mut self, happening: Happening) -> Result<(), Fault> {
        let message = match happening {
            Happening::Heard(message) => message,
            Happening::Written => {
                self.is_writing = false;
                return Ok(());
            }
            Happening::Over(fault) => return self.on_socket_over(fault),
            Happening::Carried(carried) => {
                self.carried.push_back(carried);
                return Ok(());
            }
        };
        let heard = match message {
            Message::Text(text) => {
                let meaning = self.machine.hear(Carrier::WebSocket, text.as_str(), Instant::now());
                Some((Body::Text(Bytes::from(text)), meaning))
            }
            Message::Binary(bytes) => Some((Body::Binary(bytes), Ok(Meaning::Datum))),
            Message::Ping(_) => Some((Body::Ping, Ok(Meaning::Sign))),
            Message::Close(frame) => {
                let words = frame.map(|frame| (u16::from(frame.code), frame.reason.to_string()));
                return self.on_socket_over(Fault::Closed(words));
            }
            Message::Pong(_) | Message::Frame(_) => None, // A pong may be a proxy's.
        };
        let Some((body, meaning)) = heard else { return Ok(()) };
        self.carried.push_back(Carried { body, meaning: meaning.as_ref().ok().copied() });
        self.give_up_probe();
        meaning.map(|_| ())
    }

    /// The session's WebSocket ends it; one that was tried was just not good enough.
    fn on_socket_over(&mut self, fault: Fault) -> Result<(), Fault> {
        if self.machine.carrier() == Carrier::WebSocket {
            return Err(fault);
        }
        self.machine.probe_failed(Instant::now());
        self.give_up_probe();
        Ok(())
    }

    /// Lets go of a WebSocket that is tried no longer.
    fn give_up_probe(&mut self) {
        if self.machine.state() == State::Polling {
            self.dialing = None;
            self.socket = None;
            self.is_writing = false;
        }
    }

    fn on_polled(&mut self, answer: Answer) -> Result<(), Fault> {
        self.cookies.take(&answer.cookies, received_at());
        let heard = self.hear_payload(&answer);
        let body = Body::Answered(answer.exchange);
        self.carried.push_back(Carried { body, meaning: heard.as_ref().ok().copied() });
        heard.map(|_| ())
    }

    fn hear_payload(&mut self, answer: &Answer) -> Result<Meaning, Fault> {
        if answer.exchange.status != 200 {
            return Err(refusal(answer));
        }
        let text = std::str::from_utf8(&answer.exchange.body)
            .map_err(|_| Fault::NotEngineIo("a payload is not UTF-8".to_owned()))?;
        let now = Instant::now();
        let mut meaning = Meaning::Sign;
        for frame in split(self.version, text) {
            let frame = frame.map_err(|error| Fault::NotEngineIo(error.to_string()))?;
            meaning = meaning.max(self.machine.hear(Carrier::Polling, frame, now)?);
        }
        Ok(meaning)
    }

    fn on_posted(&mut self, answer: Answer) -> Result<(), Fault> {
        self.cookies.take(&answer.cookies, received_at());
        if answer.exchange.status == 200 {
            return Ok(());
        }
        let fault = refusal(&answer);
        self.say(Body::Answered(answer.exchange));
        Err(fault)
    }

    fn on_dialed(&mut self, socket: Result<Socket, Fault>) -> Result<(), Fault> {
        let now = Instant::now();
        match socket {
            Ok(socket) => {
                self.socket = Some(socket);
                match self.machine.probe_opened(now) {
                    Some(probe) => self.write_frame(probe),
                    None => Ok(()),
                }
            }
            Err(fault) => {
                tracing::debug!(?fault, "still no WebSocket");
                self.machine.probe_failed(now);
                Ok(())
            }
        }
    }

    /// Says goodbye because of `fault`, and drops the connection.
    pub(crate) async fn close(self, fault: &Fault) {
        let is_ours = matches!(fault, Fault::Stopped | Fault::Leaving | Fault::WebSocketAgain);
        if self.machine.carrier() == Carrier::Polling && is_ours {
            // The poll stays open meanwhile: one that breaks off would look like trouble.
            let (limit, payload) = (self.line.patience.close, join(self.version, [GOODBYE]));
            let goodbye = post(self.rest.clone(), self.parcel(payload), limit);
            if !matches!(timeout(limit, goodbye).await, Ok(Ok(_))) {
                tracing::debug!(address = %self.address, "the goodbye was not taken");
            }
        }
        if let Some(socket) = self.socket {
            socket.close(fault, &self.line.patience).await;
        }
    }
}

/// What a packet's length and its colon take at most.
const LENGTH_BYTES: usize = 8;

/// What a piece of work came to; it is over then.
fn worked<T>(work: &mut Option<Working<T>>, context: &mut Context<'_>) -> Poll<Result<T, Fault>> {
    let Some(working) = work else { return Poll::Pending };
    let result = working.poll_unpin(context);
    if result.is_ready() {
        *work = None;
    }
    result
}

/// Whether somebody on the way may have refused the WebSocket who would let HTTP pass.
fn may_be_blocked(fault: &Fault) -> bool {
    match fault {
        Fault::Refused(refusal) => refusal.pause().is_none() && refusal.status != 407,
        Fault::UpgradeTimeout(_)
        | Fault::Nonsense(_)
        | Fault::NotEngineIo(_)
        | Fault::Broken(_)
        | Fault::Closed(_)
        | Fault::Silent(_) => true,
        Fault::Address(_)
        | Fault::NoSuchName(_)
        | Fault::Unreachable(_)
        | Fault::ConnectTimeout(_)
        | Fault::Certificate { .. }
        | Fault::Tls(_)
        | Fault::TooLarge { .. }
        | Fault::Proxy { .. }
        | Fault::NotAdmitted(_)
        | Fault::NoDatum(_)
        | Fault::NotTaken(_)
        | Fault::NoHeartbeat(_)
        | Fault::Leaving
        | Fault::WebSocketAgain
        | Fault::AskedOut
        | Fault::Stopped => false,
    }
}
