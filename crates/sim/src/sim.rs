//! Starting and stopping the simulated venues.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use market::Timestamp;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::binance::Binance;
use crate::clock::Clock;
use crate::control::{self, Control};
use crate::door::Door;
use crate::exchange::Exchange;
use crate::kraken::Kraken;
use crate::server;
use crate::world::listing;

/// What to simulate, and where.
#[derive(Clone, Debug)]
pub struct SimConfig {
    /// A loopback address. Port 0 lets the system choose a port for each venue and for the control; any other port is
    /// Binance's, the next one is Kraken's, and the one after it the control's.
    pub bind: SocketAddr,
    /// The same seed gives the same market.
    pub seed: u64,
    /// How long the world has run, unheard, before it is served, so that lists of trades and bars are not empty.
    pub history: Duration,
    /// Unix time at the start; `None` is the machine's clock.
    pub started_at: Option<Timestamp>,
}

impl Default for SimConfig {
    fn default() -> Self {
        Self {
            bind: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            seed: 1,
            history: Duration::from_secs(120),
            started_at: None,
        }
    }
}

/// Why the simulation cannot start.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// The address is not on this machine alone.
    #[error("{0} is not a loopback address; a simulated market is served on loopback only")]
    NotLoopback(SocketAddr),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The world could not be made.
    #[error("the simulated market's past could not be made")]
    History(#[from] tokio::task::JoinError),
}

/// The addresses of one venue, as `--endpoint` takes them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VenueEndpoints {
    /// Kraken's is complete with its path; Binance's is the base of `/ws` and `/stream`.
    pub ws: String,
    /// The base before `/api/v3` and `/0/public`.
    pub rest: String,
}

/// The addresses of a simulation: what `tapedeck sim --json` prints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Endpoints {
    /// The simulated Binance.
    pub binance: VenueEndpoints,
    /// The simulated Kraken.
    pub kraken: VenueEndpoints,
    /// Where faults are asked for: `POST <control>/fault`.
    pub control: String,
}

/// A running simulation. It ends when it is stopped or dropped.
pub struct Sim {
    endpoints: Endpoints,
    control: Control,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Sim {
    /// Where it is served.
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// The hand that lets things go wrong.
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// Ends it: links are cut, ports are free again.
    pub async fn stop(mut self) {
        self.stop.cancel();
        while self.tasks.join_next().await.is_some() {}
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Starts the simulated venues on loopback.
pub async fn start(config: SimConfig) -> Result<Sim, SimError> {
    if !config.bind.ip().is_loopback() {
        return Err(SimError::NotLoopback(config.bind));
    }
    let listeners =
        [listen(&config, 0).await?, listen(&config, 1).await?, listen(&config, 2).await?];
    let [(binance_tcp, binance_at), (kraken_tcp, kraken_at), (control_tcp, control_at)] = listeners;
    let history = i64::try_from(config.history.as_nanos()).unwrap_or(i64::MAX);
    let started_at = config.started_at.unwrap_or_else(Clock::wall);
    let clock = Clock::new(started_at, history);
    let (seed, epoch) = (config.seed, clock.epoch());
    let binance = lived(clock, move || Binance::new(&listing::binance(), seed, epoch));
    let kraken = lived(clock, move || Kraken::new(&listing::kraken(), !seed, epoch));
    let (binance, kraken) = tokio::try_join!(binance, kraken)?;
    let stop = CancellationToken::new();
    let mut tasks = JoinSet::new();
    tasks.spawn(server::run(Arc::clone(&binance), clock, stop.clone()));
    tasks.spawn(server::run(Arc::clone(&kraken), clock, stop.clone()));
    tasks.spawn(server::serve(binance_tcp, Arc::clone(&binance), stop.clone()));
    tasks.spawn(server::serve(kraken_tcp, Arc::clone(&kraken), stop.clone()));
    let control = Control { binance, kraken };
    tasks.spawn(server::serve_app(control_tcp, control::router(control.clone()), stop.clone()));
    let endpoints = Endpoints {
        binance: VenueEndpoints {
            ws: format!("ws://{binance_at}"),
            rest: format!("http://{binance_at}"),
        },
        kraken: VenueEndpoints {
            ws: format!("ws://{kraken_at}/v2"),
            rest: format!("http://{kraken_at}"),
        },
        control: format!("http://{control_at}"),
    };
    Ok(Sim { endpoints, control, stop, tasks })
}

/// A venue whose world has run up to now, made beside the runtime since that takes a moment.
async fn lived<E: Exchange>(
    clock: Clock,
    make: impl FnOnce() -> E + Send + 'static,
) -> Result<Arc<Door<E>>, tokio::task::JoinError> {
    tokio::task::spawn_blocking(move || {
        let mut exchange = make();
        exchange.tick(clock.now());
        Arc::new(Door::new(exchange))
    })
    .await
}

/// A listener on the configured port plus `offset`, or on a port of the system's choice.
async fn listen(config: &SimConfig, offset: u16) -> Result<(TcpListener, SocketAddr), SimError> {
    let mut address = config.bind;
    if address.port() != 0 {
        address.set_port(address.port().saturating_add(offset));
    }
    let failed = |source| SimError::Bind { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let local = listener.local_addr().map_err(failed)?;
    Ok((listener, local))
}
