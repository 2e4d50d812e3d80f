//! The wire: WebSocket and HTTP of a venue on one loopback port.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderValue, Method, Response, StatusCode, Uri, header};
use axum::response::IntoResponse;
use axum::serve::Listener;
use bytes::Bytes;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{Instant, Interval, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::door::{Disturb, Door};
use crate::engineio::{self, Asked, Sessions};
use crate::exchange::{Answer, Exchange, Heard};
use crate::floor::{N_FRAMES_WAITING, Outgoing};
use crate::world::history;

/// How finely simulated time is cut: what happens reaches the wire at most so much later.
const STEP: Duration = Duration::from_millis(10);
/// And so finely while nobody is connected: a demo market that nobody hears costs next to nothing.
const STEP_UNHEARD: Duration = Duration::from_millis(250);
/// A client that answers no ping for so long is cut.
const NO_PONG_LONGEST: Duration = Duration::from_secs(60);
/// How the addresses of books end.
const BOOKS: [&str; 4] = ["/depth", "/books", "/orderbook", "/getboard"];
/// A client has nothing longer to say.
const MESSAGE_LONGEST: usize = 256 * 1_024;

/// Lets a venue's time run until `stop`.
pub(crate) async fn run<E: Exchange>(door: Arc<Door<E>>, clock: Clock, stop: CancellationToken) {
    let mut next = Instant::now();
    while stop.run_until_cancelled(tokio::time::sleep_until(next)).await.is_some() {
        door.tick(clock.now());
        let step = if door.n_links() == 0 { STEP_UNHEARD } else { STEP };
        next = (next + step).max(Instant::now());
    }
}

/// Serves a venue until `stop`.
pub(crate) async fn serve<E: Exchange>(
    listener: TcpListener,
    door: Arc<Door<E>>,
    stop: CancellationToken,
) {
    let gate = Gate { listener, door: Arc::clone(&door) as Arc<dyn Disturb> };
    let state = Room { door, stop: stop.clone(), sessions: Sessions::default() };
    let app = Router::new().fallback(handle::<E>).with_state(Arc::new(state));
    serve_app(gate, app, stop).await;
}

/// Serves any application until `stop`.
pub(crate) async fn serve_app<L>(listener: L, app: Router, stop: CancellationToken)
where
    L: Listener,
    L::Addr: std::fmt::Debug,
{
    let ended = stop.clone();
    let server = axum::serve(listener, app).with_graceful_shutdown(stop.cancelled_owned());
    // Clients keep connections open: what is in flight gets a moment, not forever.
    tokio::select! {
        result = server => if let Err(error) = result {
            tracing::error!(%error, "a simulated venue's server ended");
        },
        () = async { ended.cancelled().await; tokio::time::sleep(STEP).await } => {}
    }
}

/// What the handlers of a venue share.
pub(crate) struct Room<E: Exchange> {
    pub door: Arc<Door<E>>,
    pub stop: CancellationToken,
    pub sessions: Sessions<E>,
}

/// Accepts connections, unless they are to be refused.
struct Gate {
    listener: TcpListener,
    door: Arc<dyn Disturb>,
}

impl Listener for Gate {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            let (stream, address) = Listener::accept(&mut self.listener).await;
            if self.door.is_refusing() {
                continue;
            }
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "a link could not be set to send at once");
            }
            return (stream, address);
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// What a connection gets that was open already when connections came to be refused.
fn hung_up() -> Response<Body> {
    let mut answer = response(Answer::new(503, refusal(503)));
    answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    answer
}

async fn handle<E: Exchange>(
    State(room): State<Arc<Room<E>>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    method: Method,
    uri: Uri,
    body: String,
) -> Response<Body> {
    if room.door.is_refusing() {
        return hung_up();
    }
    if let Some(code) = room.door.status() {
        return response(Answer::new(code, refusal(code)));
    }
    if upgrade.is_ok() && room.door.is_walled() {
        return response(Answer::new(403, refusal(403)));
    }
    if upgrade.is_ok() && !room.door.allows(E::CONNECTS) {
        return response(Answer::new(429, refusal(429)));
    }
    let polled = room.door.exchange().engineio(&uri);
    if let Some(version) = polled.filter(|_| engineio::concerns_a_session(&uri)) {
        let asked = Asked { method, uri, body, upgrade: upgrade.ok() };
        return engineio::handle(room, version, asked).await;
    }
    match upgrade {
        Ok(upgrade) => {
            let (frames, waiting) = mpsc::channel(N_FRAMES_WAITING);
            let Some(link) = room.door.exchange().join(&uri, frames) else {
                return StatusCode::NOT_FOUND.into_response();
            };
            let guard = Guard { door: Arc::clone(&room.door), link };
            let stop = room.stop.clone();
            upgrade
                .max_message_size(MESSAGE_LONGEST)
                .on_upgrade(move |socket| converse(guard, stop, (socket, waiting)))
        }
        Err(_) => answer(&room.door, &uri).await,
    }
}

async fn answer<E: Exchange>(door: &Door<E>, uri: &Uri) -> Response<Body> {
    let path = uri.path().to_ascii_lowercase();
    let is_snapshot = BOOKS.iter().any(|end| path.ends_with(end));
    let delay = door.snapshot_delay();
    if is_snapshot && !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    if let Some(code) = door.past_status().filter(|_| history::is_past(&path)) {
        return response(Answer::new(code, refusal(code)));
    }
    let is_overrun = door.is_overrun() || !door.allows(E::allowance(&path));
    let answer = if is_overrun { door.exchange().too_many() } else { door.exchange().answer(uri) };
    response(answer)
}

/// What stands in front of a venue, and not the venue, says to those whom it refuses.
fn refusal(code: u16) -> String {
    let reason = StatusCode::from_u16(code).ok().and_then(|code| code.canonical_reason());
    format!("<html><body><h1>{code} {}</h1></body></html>", reason.unwrap_or("Refused"))
}

/// An answer as an HTTP response.
pub(crate) fn response(answer: Answer) -> Response<Body> {
    let mut builder = Response::builder()
        .status(answer.status)
        .header("content-type", "application/json;charset=UTF-8");
    for (name, value) in answer.headers {
        builder = builder.header(name, value);
    }
    builder
        .body(Body::from(answer.body))
        .unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

/// A link that leaves the floor however its task ends.
pub(crate) struct Guard<E: Exchange> {
    pub door: Arc<Door<E>>,
    pub link: u64,
}

impl<E: Exchange> Drop for Guard<E> {
    fn drop(&mut self) {
        self.door.exchange().leave(self.link);
    }
}

/// One connection, from its opening to its end.
pub(crate) async fn converse<E: Exchange>(
    guard: Guard<E>,
    stop: CancellationToken,
    (mut socket, mut waiting): (WebSocket, mpsc::Receiver<Outgoing>),
) {
    let (door, link) = (&guard.door, guard.link);
    let mut weather = door.weather();
    let n_kills = weather.borrow().n_kills;
    let mut pings = E::PINGS_EVERY.map(pings);
    let mut answered_at = Instant::now();
    loop {
        let now = *weather.borrow_and_update();
        if now.n_kills != n_kills {
            return;
        }
        let is_open = !now.is_half_open;
        tokio::select! {
            () = stop.cancelled() => return,
            changed = weather.changed() => if changed.is_err() { return },
            frame = waiting.recv(), if is_open => {
                if !deliver(&mut socket, frame).await {
                    return;
                }
            }
            heard = socket.recv(), if is_open => {
                match heard {
                    Some(Ok(Message::Text(text))) => {
                        door.exchange().hear(link, Heard::Text(&text));
                    }
                    Some(Ok(Message::Ping(_))) => door.exchange().hear(link, Heard::Beat),
                    Some(Ok(Message::Pong(_))) => {
                        answered_at = Instant::now();
                        door.exchange().hear(link, Heard::Beat);
                    }
                    Some(Ok(Message::Binary(_))) => {}
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                }
            }
            () = next(&mut pings), if is_open => {
                if answered_at.elapsed() > NO_PONG_LONGEST || !ping(door, &mut socket).await {
                    return;
                }
            }
        }
    }
}

/// Sends what waits; whether the link goes on.
async fn deliver(socket: &mut WebSocket, frame: Option<Outgoing>) -> bool {
    match frame {
        Some(Outgoing::Text(text)) => socket.send(Message::Text(text)).await.is_ok(),
        Some(Outgoing::Close(code, reason)) => {
            let close = CloseFrame { code, reason: reason.into() };
            if let Err(error) = socket.send(Message::Close(Some(close))).await {
                tracing::debug!(%error, "the client was gone before it could be told");
            }
            false
        }
        None => false,
    }
}

/// Waits until the next ping is due: forever where the venue sends none.
async fn next(pings: &mut Option<Interval>) {
    match pings {
        Some(pings) => {
            pings.tick().await;
        }
        None => std::future::pending().await,
    }
}

fn pings(every: Duration) -> Interval {
    let mut pings = tokio::time::interval_at(Instant::now() + every, every);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    pings
}

async fn ping<E: Exchange>(door: &Door<E>, socket: &mut WebSocket) -> bool {
    if door.exchange().is_mute() {
        return true;
    }
    socket.send(Message::Ping(Bytes::from_static(b"1"))).await.is_ok()
}
