//! What must be asked so that a venue speaks, and how often it may be asked.

use std::time::Duration;

use market::{HttpExchange, Stream, Timestamp, Venue};

use crate::endpoint::{self, EndpointError, Endpoints};
use crate::limits::Limits;
use crate::list;
use crate::plea::Plea;

/// The longest announcement of an end; frames of the market are mostly longer, and are not searched.
const ANNOUNCEMENT_BYTES_MAX: usize = 512;

/// Something to ask of a venue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// A text frame to send on the open link.
    Send(String),
    /// An address to GET; its answer belongs to the link as [`Body::Answered`](market::Body::Answered).
    Get {
        /// The whole address.
        url: String,
        /// What it costs of [`Limits::rest_weight_per_minute`].
        weight: u32,
    },
    /// JSON to POST; its answer belongs to the link as that of a GET does.
    Post {
        /// The whole address.
        url: String,
        /// The JSON.
        body: String,
        /// What it costs of [`Limits::rest_weight_per_minute`].
        weight: u32,
    },
}

/// What stands between the address of a POST and its body where both are recorded as one.
pub(crate) const POSTED: &str = "#POST ";

/// How a POST is recorded, in [`Body::Requested`](market::Body::Requested) and as the address of its answer: behind the
/// address, which ends at the `#`, stands what was posted.
pub fn posted(url: &str, body: &str) -> String {
    format!("{url}{POSTED}{body}")
}

/// The body of a POST that was recorded so; `None` for a GET.
pub fn posted_body(recorded: &str) -> Option<&str> {
    recorded.split_once(POSTED).map(|(_, body)| body)
}

/// What carries a venue's frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// A plain WebSocket: a frame is a message of the venue.
    #[default]
    WebSocket,
    /// Engine.IO, over WebSocket or HTTP long-polling: a frame is one of its packets.
    EngineIo {
        /// The version of the protocol.
        version: EngineIoVersion,
    },
}

/// Versions of Engine.IO, which differ in who pings and in how packets are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EngineIoVersion {
    /// `EIO=3`, of Socket.IO 2: the client pings.
    V3,
    /// `EIO=4`, of Socket.IO 3 and 4: the server pings.
    V4,
}

/// What must be sent so that a quiet link is not closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keepalive {
    /// How long after the last frame that we sent.
    pub every: Duration,
    /// The frame.
    pub frame: String,
}

/// Book and trades by HTTP, where WebSockets are blocked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poll {
    /// How often, at most.
    pub every: Duration,
    /// What to fetch each time.
    pub requests: Vec<Request>,
}

/// What one venue is asked, in its own words.
pub(crate) trait Requests: std::fmt::Debug + Send + Sync {
    /// What is asked first on every new link: the list of instruments. What a link knew is forgotten.
    fn on_open(&mut self) -> Vec<Request>;
    /// Book, trades and what else the venue tells of these symbols, with the snapshots that books begin with.
    fn subscribe(&mut self, symbols: &[String]) -> Vec<Request>;
    /// These symbols no longer.
    fn unsubscribe(&mut self, symbols: &[String]) -> Vec<Request>;
    /// A new snapshot of one book whose continuity is lost; its trades go on.
    fn resync(&mut self, symbol: &str) -> Vec<Request>;
    /// A new subscription to one book of which nothing comes any longer, and its snapshot; its trades go on. Another
    /// than [`resync`](Self::resync) where that is no subscription.
    fn renew_book(&mut self, symbol: &str) -> Vec<Request> {
        self.resync(symbol)
    }
    /// What keeps a quiet link open; `None` where the venue's own pings or heartbeats do.
    fn keepalive(&self) -> Option<Keepalive> {
        None
    }
    /// What carries the frames where it is not what carries the venue's usually: at this endpoint.
    fn transport(&self) -> Option<Transport> {
        None
    }
    /// What to answer at once to this frame of the venue, where it demands an answer (Deribit: `test_request`) or where
    /// a request needs to know what was said (Bitfinex: an unsubscription names a channel's number).
    fn on_frame(&mut self, _frame: &str) -> Vec<Request> {
        Vec::new()
    }
    /// Whether this frame says that the venue will soon close the link. Heard before each frame is answered: it must
    /// cost nothing for frames of the market.
    fn announces_end(&self, _frame: &str) -> bool {
        false
    }
    /// The book and the newest trades of these symbols by HTTP; `None` where the venue offers no such thing. The first
    /// time also the list of instruments, where it comes over the socket otherwise.
    fn poll(&mut self, _symbols: &[String]) -> Option<Poll> {
        None
    }
    /// The newest trades alone, as [`poll`](Self::poll) asks for them: the last that is polled before a socket goes on.
    fn poll_trades(&mut self, _symbols: &[String]) -> Vec<Request> {
        Vec::new()
    }
    /// What of these symbols the venue tells by HTTP alone, to be fetched slowly beside the socket (Binance futures:
    /// the open interest); `None` where the socket tells all.
    fn figures(&mut self, _symbols: &[String]) -> Option<Poll> {
        None
    }
    /// The time before a symbol was heard, by HTTP: minutes up to `now` (of a venue that tells them by the day, today's
    /// before yesterday's), and in the last request the newest trades; none where the venue tells neither.
    fn history(&self, _symbol: &str, _now: Timestamp) -> Vec<Request> {
        Vec::new()
    }
    /// The venue's other WebSockets and what to ask on them, where no single one tells all. They carry no books.
    fn beside(&self) -> Vec<(String, Box<dyn Requests>)> {
        Vec::new()
    }
    /// What its socket brings of each symbol that it carries, sooner or later; marks of derivatives alone.
    fn brings(&self) -> &'static [Stream] {
        &[Stream::Book, Stream::Trades]
    }
    /// Whether this answer asks for patience, in words or numbers of the venue's own: its status need not tell.
    fn plea(&self, _exchange: &HttpExchange) -> Option<Plea> {
        None
    }
    /// What a symbol takes of what one connection may carry ([`Limits::carried`]).
    fn share_of(&self, _symbol: &str) -> u32 {
        1
    }
    /// Takes note of an answer: up to where the trades of a poll reach, or that a list goes on (Bybit). What is asked
    /// at once, when there is more.
    fn on_answer(&mut self, _exchange: &HttpExchange) -> Vec<Request> {
        Vec::new()
    }
}

/// How a venue is heard live.
#[derive(Debug)]
pub(crate) struct Live {
    pub limits: Limits,
    pub transport: Transport,
    /// The WebSocket to open, and what to ask on it; the addresses have been checked.
    pub speak: fn(&Endpoints) -> (String, Box<dyn Requests>),
    /// Whether snapshots come by REST, so that both addresses must be of one market.
    pub needs_rest: bool,
}

/// The language of a venue as far as we speak it: which address to open, what to send, what to fetch.
#[derive(Debug)]
pub struct Protocol {
    venue: Venue,
    endpoints: Endpoints,
    address: String,
    live: &'static Live,
    requests: Box<dyn Requests>,
}

impl Protocol {
    /// The protocol of a venue at these endpoints.
    ///
    /// # Errors
    ///
    /// [`EndpointError`] when the venue cannot be heard live or an address cannot be used: `ws://` and `http://` are
    /// for this machine only.
    pub fn new(venue: Venue, endpoints: Endpoints) -> Result<Self, EndpointError> {
        let live = list::entry(venue).and_then(|entry| entry.live.as_ref());
        let live = live.ok_or(EndpointError::NotLive { venue: venue.name() })?;
        if endpoints.ws.is_empty() {
            return Err(EndpointError::NoAddress { venue: venue.name() });
        }
        // Only its user knows what is spoken at a bridge.
        let kind = match venue {
            Venue::Bridge => endpoint::Kind::Bridge,
            _ => endpoint::Kind::WebSocket,
        };
        let ws = endpoint::checked(&endpoints.ws, kind)?;
        // Where nothing is asked by REST, no address of it is needed.
        let rest = match endpoints.rest.as_str() {
            "" if !live.needs_rest => String::new(),
            address => endpoint::checked(address, endpoint::Kind::Rest)?,
        };
        if live.needs_rest && endpoint::is_loopback(&ws) != endpoint::is_loopback(&rest) {
            return Err(EndpointError::Mixed { ws, rest });
        }
        let endpoints = Endpoints { ws, rest };
        let (address, requests) = (live.speak)(&endpoints);
        Ok(Self { venue, endpoints, address, live, requests })
    }

    /// The protocols of the venue's other WebSockets, each to be heard by a link of its own; they carry no books, but
    /// what is subscribed here must be subscribed there too. Mostly none.
    pub fn beside(&self) -> Vec<Self> {
        let others = self.requests.beside().into_iter();
        others
            .map(|(address, requests)| Self {
                venue: self.venue,
                endpoints: self.endpoints.clone(),
                address,
                live: self.live,
                requests,
            })
            .collect()
    }

    /// Who is spoken to.
    pub const fn venue(&self) -> Venue {
        self.venue
    }

    /// The endpoints as they are used.
    pub const fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// The WebSocket to open.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What carries the venue's frames.
    pub fn transport(&self) -> Transport {
        self.requests.transport().unwrap_or(self.live.transport)
    }

    /// The venue's limits.
    pub const fn limits(&self) -> Limits {
        self.live.limits
    }

    /// What is asked first on every new link: the list of instruments.
    pub fn on_open(&mut self) -> Vec<Request> {
        self.requests.on_open()
    }

    /// Asks for book and trades of these symbols, and for the snapshots that their books begin with.
    pub fn subscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        self.requests.subscribe(symbols)
    }

    /// Asks for these symbols no longer.
    pub fn unsubscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        self.requests.unsubscribe(symbols)
    }

    /// Asks for a new snapshot of one book whose continuity is lost; its trades go on.
    pub fn resync(&mut self, symbol: &str) -> Vec<Request> {
        self.requests.resync(symbol)
    }

    /// Asks for one book of which nothing comes any longer by a new subscription; its trades go on.
    pub fn renew_book(&mut self, symbol: &str) -> Vec<Request> {
        self.requests.renew_book(symbol)
    }

    /// What this socket brings of each symbol that it carries, sooner or later; `Stated` of derivatives alone.
    pub fn brings(&self) -> &'static [Stream] {
        self.requests.brings()
    }

    /// What this symbol takes of what one connection may carry: see [`Limits::carried`].
    pub fn share_of(&self, symbol: &str) -> u32 {
        self.requests.share_of(symbol)
    }

    /// What keeps a quiet link open; `None` where the venue's own pings or heartbeats do.
    pub fn keepalive(&self) -> Option<Keepalive> {
        self.requests.keepalive()
    }

    /// What to answer at once to this frame of the venue.
    pub fn on_frame(&mut self, frame: &str) -> Vec<Request> {
        self.requests.on_frame(frame)
    }

    /// Whether this frame says that the venue will soon close the link: the decoder's
    /// [`NoticeKind::ShuttingDown`](market::NoticeKind::ShuttingDown), for those who hear frames only.
    pub fn announces_end(&self, frame: &str) -> bool {
        frame.len() <= ANNOUNCEMENT_BYTES_MAX && self.requests.announces_end(frame)
    }

    /// The book and the newest trades of these symbols by HTTP; `None` where the venue offers no such thing. The first
    /// time also the list of instruments, where it comes over the socket otherwise.
    pub fn poll(&mut self, symbols: &[String]) -> Option<Poll> {
        self.requests.poll(symbols)
    }

    /// The newest trades of these symbols alone, as [`poll`](Self::poll) asks for them; none where it asks for none.
    pub fn poll_trades(&mut self, symbols: &[String]) -> Vec<Request> {
        self.requests.poll_trades(symbols)
    }

    /// What of these symbols the venue tells by HTTP alone, to be fetched slowly beside the socket; mostly `None`.
    pub fn figures(&mut self, symbols: &[String]) -> Option<Poll> {
        self.requests.figures(symbols)
    }

    /// The time before a symbol was heard: minutes up to `now`, and in the last request the newest trades. What is
    /// heard never needs them, so they are asked for when nothing else waits.
    pub fn history(&self, symbol: &str, now: Timestamp) -> Vec<Request> {
        self.requests.history(symbol, now)
    }

    /// The newest trades of a symbol, among them those that were missed while no link carried it; marked as those
    /// before it was heard. `None` where the venue tells none.
    pub fn missed(&self, symbol: &str, now: Timestamp) -> Option<Request> {
        // Minutes stand before trades.
        self.requests.history(symbol, now).pop()
    }

    /// Takes note of an answer, of a poll or beside a socket, but for those about the past. What is asked at once, when
    /// there is more.
    pub fn on_answer(&mut self, exchange: &HttpExchange) -> Vec<Request> {
        self.requests.on_answer(exchange)
    }
    /// Whether this answer asks for patience in words or numbers of the venue's own, whatever its status.
    pub fn plea(&self, exchange: &HttpExchange) -> Option<Plea> {
        self.requests.plea(exchange)
    }
}
