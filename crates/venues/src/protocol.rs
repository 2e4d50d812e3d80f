//! What must be asked so that a venue speaks, and how often it may be asked.

use std::time::Duration;

use market::Venue;

use crate::endpoint::{self, EndpointError, Endpoints};
use crate::{binance, kraken};

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
}

/// How often a venue may be asked, and how long it may be silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A link on which nothing came for so long is dead.
    pub silence: Duration,
    /// A subscription whose first data did not come within this time has failed, whatever was acknowledged.
    pub first_datum: Duration,
    /// Frames that may be sent in a second. Answers to pings are not counted here: room for them is left.
    pub frames_per_second: u32,
    /// Weight of requests in a minute; of a venue whose requests cost 1 each, requests.
    pub rest_weight_per_minute: u32,
    /// Connections that may be opened within [`connects_window`](Self::connects_window).
    pub connects: u32,
    /// The window of [`connects`](Self::connects).
    pub connects_window: Duration,
    /// The venue closes a link that is older than this.
    pub link_lifetime: Option<Duration>,
}

/// The language of a venue as far as we speak it: which address to open, what to send, what to fetch.
#[derive(Debug)]
pub struct Protocol {
    venue: Venue,
    endpoints: Endpoints,
    address: String,
    requests: Requests,
}

#[derive(Debug)]
enum Requests {
    Binance(binance::protocol::Requests),
    Kraken(kraken::protocol::Requests),
}

impl Protocol {
    /// The protocol of a venue at these endpoints.
    ///
    /// # Errors
    ///
    /// [`EndpointError`] when the venue cannot be heard live or an address cannot be used: `ws://` and `http://` are
    /// for this machine only.
    pub fn new(venue: Venue, endpoints: Endpoints) -> Result<Self, EndpointError> {
        let not_live = EndpointError::NotLive { venue: venue.name() };
        if !matches!(venue, Venue::Binance | Venue::Kraken) {
            return Err(not_live);
        }
        let ws = endpoint::checked(&endpoints.ws, endpoint::Kind::WebSocket)?;
        let rest = endpoint::checked(&endpoints.rest, endpoint::Kind::Rest)?;
        let (address, requests) = match venue {
            Venue::Binance => {
                if endpoint::is_loopback(&ws) != endpoint::is_loopback(&rest) {
                    return Err(EndpointError::Mixed { ws, rest });
                }
                let requests = binance::protocol::Requests::new(&rest);
                (format!("{ws}/stream"), Requests::Binance(requests))
            }
            Venue::Kraken => (ws.clone(), Requests::Kraken(kraken::protocol::Requests::default())),
            Venue::BinanceUs | Venue::BinanceUsdM | Venue::BinanceCoinM | Venue::Unknown => {
                return Err(not_live);
            }
        };
        Ok(Self { venue, endpoints: Endpoints { ws, rest }, address, requests })
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

    /// What is asked first on every new link: the list of instruments.
    pub fn on_open(&mut self) -> Vec<Request> {
        match &mut self.requests {
            Requests::Binance(requests) => requests.on_open(),
            Requests::Kraken(requests) => requests.on_open(),
        }
    }

    /// Asks for book and trades of these symbols, and for the snapshots that their books begin with.
    pub fn subscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        match &mut self.requests {
            Requests::Binance(requests) => requests.subscribe(symbols),
            Requests::Kraken(requests) => requests.subscribe(symbols),
        }
    }

    /// Asks for these symbols no longer.
    pub fn unsubscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        match &mut self.requests {
            Requests::Binance(requests) => requests.unsubscribe(symbols),
            Requests::Kraken(requests) => requests.unsubscribe(symbols),
        }
    }

    /// Asks for a new snapshot of one book whose continuity is lost; its trades go on.
    pub fn resync(&mut self, symbol: &str) -> Vec<Request> {
        match &mut self.requests {
            Requests::Binance(requests) => requests.resync(symbol),
            Requests::Kraken(requests) => requests.resync(symbol),
        }
    }

    /// The venue's limits.
    pub const fn limits(&self) -> Limits {
        match &self.requests {
            Requests::Binance(_) => binance::protocol::LIMITS,
            Requests::Kraken(_) => kraken::protocol::LIMITS,
        }
    }
}
