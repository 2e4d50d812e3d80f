//! Starting and stopping the simulated venues.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use market::Timestamp;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::binance::Binance;
use crate::bitbank::Bitbank;
use crate::bitflyer::BitFlyer;
use crate::bybit::Bybit;
use crate::clock::Clock;
use crate::control::{self, Control, SimVenue};
use crate::door::Door;
use crate::exchange::Exchange;
use crate::kraken::Kraken;
use crate::okx::Okx;
use crate::server;
use crate::world::listing;

/// What to simulate, and where.
#[derive(Clone, Debug)]
pub struct SimConfig {
    /// A loopback address. Port 0 lets the system choose a port for each venue and for the control; any other port is
    /// the first venue's, each further one has the next, and the control the one after the last.
    pub bind: SocketAddr,
    /// Which venues are simulated.
    pub venues: Vec<SimVenue>,
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
            venues: SimVenue::DEMO.to_vec(),
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
    /// Complete with its path; of the Binance family the base of `/ws` and `/stream`.
    pub ws: String,
    /// The base before `/api/v3`, `/0/public` and their like.
    pub rest: String,
}

/// The addresses of a simulation: what `tapedeck sim --json` prints, each venue under its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Endpoints {
    #[serde(flatten)]
    venues: BTreeMap<SimVenue, VenueEndpoints>,
    /// Where faults are asked for: `POST <control>/fault`.
    pub control: String,
}

impl Endpoints {
    /// All venues that are simulated.
    pub fn venues(&self) -> impl Iterator<Item = (SimVenue, &VenueEndpoints)> {
        self.venues.iter().map(|(venue, at)| (*venue, at))
    }

    /// One venue; `None` when it is not simulated here.
    pub fn of(&self, venue: SimVenue) -> Option<&VenueEndpoints> {
        self.venues.get(&venue)
    }
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
    let history = i64::try_from(config.history.as_nanos()).unwrap_or(i64::MAX);
    let clock = Clock::new(config.started_at.unwrap_or_else(Clock::wall), history);
    let mut building = Building {
        clock,
        stop: CancellationToken::new(),
        tasks: JoinSet::new(),
        control: Control::default(),
        venues: BTreeMap::new(),
    };
    for (offset, venue) in (0..).zip(config.venues.iter().copied()) {
        let socket = listen(&config, offset).await?;
        building.venue(venue, socket, config.seed).await?;
    }
    let offset = u16::try_from(config.venues.len()).unwrap_or(u16::MAX);
    let (listener, control_at) = listen(&config, offset).await?;
    Ok(building.finish(listener, control_at))
}

/// A simulation whose venues open one by one.
struct Building {
    clock: Clock,
    stop: CancellationToken,
    tasks: JoinSet<()>,
    control: Control,
    venues: BTreeMap<SimVenue, VenueEndpoints>,
}

impl Building {
    /// Makes a venue, each from a seed of its own, and serves it on its socket.
    async fn venue(
        &mut self,
        venue: SimVenue,
        socket: (TcpListener, SocketAddr),
        seed: u64,
    ) -> Result<(), SimError> {
        let epoch = self.clock.epoch();
        match venue {
            SimVenue::Binance => {
                let make = move || Binance::new(&listing::binance(), seed, epoch);
                self.open(venue, socket, make).await?;
            }
            SimVenue::BinanceUsdM => {
                let seed = seed.rotate_left(7);
                let make = move || Binance::new(&listing::binance_usdm(), seed, epoch);
                self.open(venue, socket, make).await?;
            }
            SimVenue::BinanceCoinM => {
                let seed = seed.rotate_left(11);
                let make = move || Binance::new(&listing::binance_coinm(), seed, epoch);
                self.open(venue, socket, make).await?;
            }
            SimVenue::Kraken => {
                let make = move || Kraken::new(&listing::kraken(), !seed, epoch);
                self.open(venue, socket, make).await?;
            }
            SimVenue::Okx => {
                let seed = seed.rotate_left(13);
                let make = move || Okx::new(&listing::okx(), seed, epoch);
                self.open(venue, socket, make).await?;
            }
            SimVenue::Bybit => {
                let seed = seed.rotate_left(19);
                let make = move || Bybit::new(&listing::bybit(), seed, epoch);
                self.open(venue, socket, make).await?;
            }
            SimVenue::BybitLinear => {
                let seed = seed.rotate_left(29);
                let make = move || Bybit::new(&listing::bybit_linear(), seed, epoch);
                self.open(venue, socket, make).await?;
            }
            SimVenue::Bitbank => {
                let seed = seed.rotate_left(37);
                let make = move || Bitbank::new(&listing::bitbank(), seed, epoch);
                self.open(venue, socket, make).await?;
            }
            SimVenue::BitFlyer => {
                let seed = seed.rotate_left(43);
                let make = move || BitFlyer::new(&listing::bitflyer(), seed, epoch);
                self.open(venue, socket, make).await?;
            }
        }
        Ok(())
    }

    /// Serves a venue on its socket.
    async fn open<E: Exchange>(
        &mut self,
        venue: SimVenue,
        (listener, at): (TcpListener, SocketAddr),
        make: impl FnOnce() -> E + Send + 'static,
    ) -> Result<(), SimError> {
        let door = lived(self.clock, make).await?;
        let ws_path = door.exchange().ws_path();
        self.tasks.spawn(server::run(Arc::clone(&door), self.clock, self.stop.clone()));
        self.tasks.spawn(server::serve(listener, Arc::clone(&door), self.stop.clone()));
        self.control.add(venue, door);
        let endpoints =
            VenueEndpoints { ws: format!("ws://{at}{ws_path}"), rest: format!("http://{at}") };
        self.venues.insert(venue, endpoints);
        Ok(())
    }

    fn finish(mut self, listener: TcpListener, control_at: SocketAddr) -> Sim {
        let router = control::router(self.control.clone());
        self.tasks.spawn(server::serve_app(listener, router, self.stop.clone()));
        let control = format!("http://{control_at}");
        Sim {
            endpoints: Endpoints { venues: self.venues, control },
            control: self.control,
            stop: self.stop,
            tasks: self.tasks,
        }
    }
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
