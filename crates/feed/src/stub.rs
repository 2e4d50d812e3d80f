//! Stands in for `venues` until that room has landed.
#![expect(missing_docs, reason = "replaced by the room `venues`")]

use std::time::Duration;

use market::Venue;

#[derive(Debug)]
pub struct Protocol {
    endpoints: Endpoints,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    Send(String),
    Get { url: String, weight: u32 },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    pub ws: String,
    pub rest: String,
}

#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub silence: Duration,
    pub frames_per_second: u32,
    pub rest_weight_per_minute: u32,
    pub connects: u32,
    pub connects_window: Duration,
    pub first_datum: Duration,
    pub link_lifetime: Option<Duration>,
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct EndpointError(String);

impl Endpoints {
    pub fn of(_: Venue) -> Self {
        Self {
            ws: "wss://data-stream.binance.vision/stream".into(),
            rest: "https://data-api.binance.vision".into(),
        }
    }
    pub fn alternatives(_: Venue) -> Vec<Self> {
        Vec::new()
    }
}

impl Protocol {
    pub fn new(_: Venue, endpoints: Endpoints) -> Result<Self, EndpointError> {
        Ok(Self { endpoints })
    }
    pub fn address(&self) -> &str {
        &self.endpoints.ws
    }
    pub fn on_open(&mut self) -> Vec<Request> {
        vec![]
    }
    pub fn subscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        let mut all = vec![Request::Send(format!("subscribe {}", symbols.join(",")))];
        all.extend(symbols.iter().flat_map(|symbol| self.resync(symbol)));
        all
    }
    pub fn unsubscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        vec![Request::Send(format!("unsubscribe {}", symbols.join(",")))]
    }
    pub fn resync(&mut self, symbol: &str) -> Vec<Request> {
        vec![Request::Get { url: format!("{}/{symbol}", self.endpoints.rest), weight: 50 }]
    }
    pub fn limits(&self) -> Limits {
        Limits {
            silence: Duration::from_secs(25),
            frames_per_second: 4,
            rest_weight_per_minute: 3000,
            connects: 300,
            connects_window: Duration::from_secs(300),
            first_datum: Duration::from_secs(10),
            link_lifetime: Some(Duration::from_secs(86400)),
        }
    }
}
