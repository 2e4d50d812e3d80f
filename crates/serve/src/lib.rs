//! A screen elsewhere: the UI and its frames for a browser on this machine (`docs/screen-socket.md`).
//!
//! Only loopback is bound. A page elsewhere in the browser is kept out three times: by the `Host` header (a name that
//! was made to point here), by the `Origin` header, and by a token that only the printed address holds.

mod door;
mod pages;
mod screen;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use axum::Router;
use axum::routing::get;
use engine::Deck;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::door::Door;
pub use crate::pages::is_built;

/// Screens that can be open at once.
pub const CLIENTS_MAX: usize = 8;

/// A running server.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    token: String,
    shutdown: CancellationToken,
    task: tokio::task::JoinHandle<std::io::Result<()>>,
}

/// Why it could not be started.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is not of this machine alone.
    #[error("{0} can be reached from other machines; only loopback addresses are served")]
    NotLoopback(IpAddr),
    /// The address is taken, or may not be used.
    #[error("{address} cannot be listened on: {source}; choose another port, or 0 for any")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// No random numbers.
    #[error("the system gave no random numbers for a token: {0}")]
    Random(getrandom::Error),
}

/// What every request can reach.
#[derive(Clone)]
struct Shared {
    deck: Deck,
    door: Arc<Door>,
    n_clients: Arc<AtomicUsize>,
}

impl Server {
    /// Serves a deck at `address`, which must be loopback; port 0 is any.
    ///
    /// # Errors
    /// When the address is not loopback or is taken.
    pub async fn start(deck: Deck, address: SocketAddr) -> Result<Self, ServeError> {
        if !address.ip().is_loopback() {
            return Err(ServeError::NotLoopback(address.ip()));
        }
        let refuse = |source| ServeError::Bind { address, source };
        let listener = TcpListener::bind(address).await.map_err(refuse)?;
        let address = listener.local_addr().map_err(refuse)?;
        let token = new_token()?;
        let door = Arc::new(Door::new(address.port(), token.clone()));
        let shared = Shared { deck, door, n_clients: Arc::default() };
        let router = Router::new()
            .route("/screen", get(screen::open))
            .fallback(get(pages::page))
            .with_state(shared);
        let shutdown = CancellationToken::new();
        let stopped = shutdown.clone().cancelled_owned();
        let task = tokio::spawn(async move {
            axum::serve(listener, router).with_graceful_shutdown(stopped).await
        });
        Ok(Self { address, token, shutdown, task })
    }

    /// The address to open in a browser; the token stands in its fragment, which never travels in a request.
    pub fn url(&self) -> String {
        format!("http://{}/#token={}", self.address, self.token)
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops taking screens.
    pub async fn stop(self) {
        self.shutdown.cancel();
        // Open screens end with the deck; nobody waits for a browser.
        self.task.abort();
        if let Err(error) = self.task.await
            && !error.is_cancelled()
        {
            tracing::error!(%error, "the server did not end well");
        }
    }
}

/// The usual address: this machine, any port.
pub const fn any_port() -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0)
}

/// 128 random bits as text.
fn new_token() -> Result<String, ServeError> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(ServeError::Random)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
