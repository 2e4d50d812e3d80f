//! How we hear it: links that open, subscribe, keep alive, back off, resync, and fall back to HTTP.
//!
//! One task per link. Everything heard or said on it becomes a [`Packet`], numbered and stamped at the socket, on a
//! bounded queue; while the queue is full the socket is not read. The link opens itself again, as often as it must,
//! and then carries what is wanted of it. This is the only room that opens venues' sockets.

mod address;
mod allowance;
mod backoff;
mod budget;
mod config;
mod connection;
mod dial;
mod engineio;
mod fallback;
mod fault;
mod figures;
mod link;
mod login;
mod look_back;
mod outbox;
mod past;
mod patience;
mod polling;
mod probe;
mod proxy;
mod refusal;
mod report;
mod rest;
#[cfg(test)]
mod storm_facts;
mod talk;
mod telling;
mod tls;
mod trial;
mod tunnel;
mod way_back;
mod wishes;

use std::sync::Arc;

use market::Packet;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use crate::budget::Budget;
pub use crate::config::FeedConfig;
pub use crate::fault::is_closed_by_us;
pub use crate::past::LookedBack;
pub use crate::patience::{
    BODY_BYTES_MAX, FAILURES_BEFORE_ALTERNATIVE, MESSAGE_BYTES_MAX, PACKETS_QUEUED, Patience,
};
pub use crate::probe::probe_rest;
pub use crate::proxy::{LoginError, ProxyConfig, ProxyError};
pub use crate::report::{LinkCause, LinkReport, LinkState, Transport};
pub use crate::tls::Tls;

use crate::link::Link;
use crate::outbox::Outbox;
use crate::wishes::Wishes;

/// A running link. Its calls never wait: they change what is wanted, and the link sees to it.
#[derive(Debug)]
pub struct Feed {
    wishes: Arc<Wishes>,
    report: watch::Receiver<LinkReport>,
    task: JoinHandle<()>,
}

impl Feed {
    /// Starts a link; to be called inside a tokio runtime. It runs until `shutdown` is cancelled or the other end of
    /// `packets` (a queue of [`PACKETS_QUEUED`]) is dropped; dropping the `Feed` alone does not stop it.
    pub fn start(
        config: FeedConfig,
        packets: mpsc::Sender<Packet>,
        shutdown: CancellationToken,
    ) -> Self {
        let wishes = Arc::new(Wishes::default());
        let address = config.protocols[0].address().to_owned();
        let (report, receiver) = watch::channel(LinkReport {
            state: LinkState::Connecting,
            sentence: format!("Connecting to {address}."),
            cause: None,
            retry_at: None,
            address,
            transport: Transport::WebSocket,
        });
        let (venue, link) = (config.venue, config.link);
        let outbox = Outbox { venue, link, packets, shutdown, number: 0 };
        let link = Link::new(config, outbox, wishes.clone(), report);
        Self { wishes, report: receiver, task: tokio::spawn(link.run()) }
    }

    /// Listens to these instruments as well: on the open connection, and after each reconnect.
    pub fn subscribe(&self, symbols: Vec<String>) {
        self.wishes.change(|wish| wish.wanted.extend(symbols));
    }

    /// Listens to these instruments no longer.
    pub fn unsubscribe(&self, symbols: Vec<String>) {
        self.wishes.change(|wish| wish.wanted.retain(|symbol| !symbols.contains(symbol)));
    }

    /// Fetches the book of one instrument anew. Asked again before it was done, it is done once.
    pub fn resync(&self, symbol: String) {
        self.wishes.change(|wish| {
            wish.resync.insert(symbol);
        });
    }

    /// Subscribes anew to the book of an instrument of which nothing comes any longer; its trades go on.
    pub fn renew_book(&self, symbol: String) {
        self.wishes.change(|wish| {
            wish.renew_book.insert(symbol);
        });
    }

    /// Subscribes anew to an instrument of which nothing came, though the venue may have said yes.
    pub fn renew(&self, symbol: String) {
        self.wishes.change(|wish| {
            wish.renew.insert(symbol);
        });
    }

    /// Asks for the newest trades of an instrument of which none come: there may be none.
    pub fn look_for_trades(&self, symbol: String) {
        self.wishes.change(|wish| {
            wish.look.insert(symbol);
        });
    }

    /// Tries again at once instead of waiting for the back-off to end. What the venue demands is still obeyed.
    pub fn try_now(&self) {
        self.wishes.change(|wish| wish.hurry = true);
    }

    /// Goes out through this proxy from now on: mostly the same with another login. What waits is tried through it at
    /// once; a connection that is open stays.
    pub fn use_proxy(&self, proxy: ProxyConfig) {
        self.wishes.change(|wish| {
            wish.proxy = Some(proxy);
            wish.hurry = true;
        });
    }

    /// What the proxy thinks of our login: [`LinkCause::ProxyWantsPassword`] or [`LinkCause::ProxyRefusesPassword`]
    /// while that keeps us out; `None` besides, and while another login waits to be tried.
    pub fn login_trouble(&self) -> Option<LinkCause> {
        let wish = self.wishes.lock();
        let cause = self.report.borrow().cause;
        cause.filter(|cause| cause.is_about_login() && wish.proxy.is_none())
    }

    /// What the link says of itself, as it changes.
    pub fn link(&self) -> watch::Receiver<LinkReport> {
        self.report.clone()
    }

    /// Whether the link has stopped.
    pub fn is_stopped(&self) -> bool {
        self.task.is_finished()
    }

    /// Waits until the link has stopped: its last packet is queued and its socket is closed.
    pub async fn stopped(self) {
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the task of a link did not end well");
        }
    }
}
