//! A recording served as the venue that it came from: the recorded frames byte for byte at their recorded pace.
//!
//! Each client hears the recording from its first frame on, beginning when it subscribes; REST answers come from their
//! recorded place in the run that was started last.

mod derived;
mod player;
mod questions;
mod reel;
mod rest;
mod source;
mod stage;
mod words;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use market::Venue;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::server;
use crate::sim::{SimConfig, SimError, VenueEndpoints};
use reel::Reel;
use source::Source;
use stage::Stage;

/// What to serve, and where.
#[derive(Clone, Debug)]
pub struct ReplayConfig {
    /// The recording; several files are parts of one session, in order.
    pub files: Vec<PathBuf>,
    /// A loopback address. Port 0 lets the system choose; any other port is the first venue's, the next one the
    /// second's.
    pub bind: SocketAddr,
    /// 2 is twice as fast as it was recorded.
    pub speed: f64,
}

impl ReplayConfig {
    /// These files at their recorded pace, on a port of the system's choice.
    pub fn new(files: Vec<PathBuf>) -> Self {
        Self { files, bind: SimConfig::default().bind, speed: 1.0 }
    }
}

/// Why a recording cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// A file cannot be opened or is no recording.
    #[error(transparent)]
    Open(#[from] session::OpenError),
    /// Nothing in the files is the language of a venue that we know.
    #[error("{0} holds no frames of a venue that we know")]
    NoVenue(String),
    /// The speed is no speed.
    #[error("{0} is no speed; it must be a number above 0")]
    Speed(f64),
    /// The address cannot be served on.
    #[error(transparent)]
    Wire(#[from] SimError),
}

/// A recording that is being served, until it is stopped or dropped.
pub struct Replay {
    endpoints: BTreeMap<&'static str, VenueEndpoints>,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Replay {
    /// The addresses of each venue, by its name.
    pub fn endpoints(&self) -> &BTreeMap<&'static str, VenueEndpoints> {
        &self.endpoints
    }

    /// Ends it: links are cut, ports are free again.
    pub async fn stop(mut self) {
        self.stop.cancel();
        while self.tasks.join_next().await.is_some() {}
    }
}

impl Drop for Replay {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Starts to serve a recording.
pub async fn start(config: ReplayConfig) -> Result<Replay, ReplayError> {
    if !config.bind.ip().is_loopback() {
        return Err(SimError::NotLoopback(config.bind).into());
    }
    if !(config.speed.is_finite() && config.speed > 0.0) {
        return Err(ReplayError::Speed(config.speed));
    }
    let files = config.files.clone();
    let read = move || -> Result<_, session::OpenError> {
        let source = Source::open(&files)?;
        let reels = Reel::read(&source);
        Ok((Arc::new(source), reels))
    };
    let (source, reels) = tokio::task::spawn_blocking(read).await.map_err(SimError::History)??;
    if reels.is_empty() {
        return Err(ReplayError::NoVenue(source.names()));
    }
    let (stop, mut tasks) = (CancellationToken::new(), JoinSet::new());
    let mut endpoints = BTreeMap::new();
    for (offset, reel) in (0_u16..).zip(reels) {
        let (listener, address) = listen(config.bind, offset).await?;
        endpoints.insert(reel.venue.id(), addresses(reel.venue, address));
        tracing::info!(venue = reel.venue.id(), n_frames = reel.n_frames, "a recording is served");
        let stage = Stage {
            source: Arc::clone(&source),
            reel: Arc::new(reel),
            speed: config.speed,
            run: watch::Sender::new(None),
            stop: stop.clone(),
        };
        let app = stage::router(Arc::new(stage));
        tasks.spawn(server::serve_app(listener, app, stop.clone()));
    }
    Ok(Replay { endpoints, stop, tasks })
}

/// Whether a venue is one of the markets that speak Binance's language.
const fn is_binance(venue: Venue) -> bool {
    matches!(venue, Venue::Binance | Venue::BinanceUs | Venue::BinanceUsdM | Venue::BinanceCoinM)
}

fn addresses(venue: Venue, address: SocketAddr) -> VenueEndpoints {
    let path = match venue {
        Venue::Kraken => "/v2",
        Venue::BitFlyer => "/json-rpc",
        Venue::Hyperliquid => "/ws",
        _ => "",
    };
    VenueEndpoints { ws: format!("ws://{address}{path}"), rest: format!("http://{address}") }
}

async fn listen(bind: SocketAddr, offset: u16) -> Result<(TcpListener, SocketAddr), SimError> {
    let port = if bind.port() == 0 { 0 } else { bind.port().saturating_add(offset) };
    let address = SocketAddr::new(bind.ip(), port);
    let failed = |source| SimError::Bind { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let local = listener.local_addr().map_err(failed)?;
    Ok((listener, local))
}
