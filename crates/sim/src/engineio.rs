//! Engine.IO as the servers of Socket.IO speak it: sessions that are polled by HTTP, and their move to a WebSocket.
//!
//! Sources: the protocol documents of `socketio/engine.io-protocol`, revisions 3 and 4.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::{Method, Response, Uri};
use axum::response::IntoResponse;
use tokio::sync::{Notify, mpsc, watch};

use crate::door::Weather;
use crate::exchange::{Answer, Exchange, Heard};
use crate::floor::{N_FRAMES_WAITING, Outgoing};
use crate::server::{Guard, Room, converse};

/// Characters of a payload after which the next frames wait for the next poll.
const PAYLOAD_LONGEST: usize = 1_000_000;
/// How a session's id begins; the number of its link follows.
const SESSION: &str = "bDAf6vgk5xPau87W";

/// Which revision is spoken: they join packets in different ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// `length:packet`, one after the other.
    V3,
    /// Packets with a separator in between.
    V4,
}

impl Version {
    fn join(self, packets: &[String]) -> String {
        match self {
            Self::V3 => {
                let framed = |packet: &String| format!("{}:{packet}", packet.chars().count());
                packets.iter().map(framed).collect()
            }
            Self::V4 => packets.join("\u{1e}"),
        }
    }

    /// The packets of a payload; `None` where it is none.
    fn split(self, payload: &str) -> Option<Vec<String>> {
        if self == Self::V4 {
            return Some(payload.split('\u{1e}').map(str::to_owned).collect());
        }
        let (mut packets, mut rest) = (Vec::new(), payload);
        while !rest.is_empty() {
            let (length, behind) = rest.split_once(':')?;
            let length: usize = length.parse().ok()?;
            let end = behind.char_indices().nth(length).map_or(behind.len(), |(at, _)| at);
            packets.push(behind[..end].to_owned());
            rest = &behind[end..];
        }
        Some(packets)
    }
}

/// The first packet of a session, whose transport is polling where it can move to a WebSocket.
pub(crate) fn opening(link: u64, uri: &Uri, (every_ms, timeout_ms): (i64, i64)) -> String {
    let is_polled = transport(uri).as_deref() == Some("polling");
    let upgrades = if is_polled { r#"["websocket"]"# } else { "[]" };
    format!(
        r#"0{{"sid":"{SESSION}{link:04}","upgrades":{upgrades},"pingInterval":{every_ms},"pingTimeout":{timeout_ms},"maxPayload":{PAYLOAD_LONGEST}}}"#
    )
}

/// Whether a session begins at this address in this version of the protocol, on any transport.
pub(crate) fn is_at(uri: &Uri, version: &str) -> bool {
    uri.path().trim_end_matches('/') == "/socket.io"
        && Answer::parameter(uri, "EIO").as_deref() == Some(version)
        && matches!(transport(uri).as_deref(), Some("polling" | "websocket"))
}

fn transport(uri: &Uri) -> Option<String> {
    Answer::parameter(uri, "transport")
}

/// The link of a session that the address names.
fn session_of(uri: &Uri) -> Option<Option<u64>> {
    let id = Answer::parameter(uri, "sid")?;
    Some(id.strip_prefix(SESSION).and_then(|number| number.parse().ok()))
}

/// Whether a request is a poll or a post, or a WebSocket that a session moves to.
pub(crate) fn concerns_a_session(uri: &Uri) -> bool {
    transport(uri).as_deref() == Some("polling") || session_of(uri).is_some()
}

/// A session that is polled.
struct Session<E: Exchange> {
    link: u64,
    /// What waits for it; `None` once a WebSocket carries it.
    polled: tokio::sync::Mutex<Option<(Guard<E>, mpsc::Receiver<Outgoing>)>>,
    /// It moves: a poll that waits is answered at once.
    moves: Notify,
    n_kills: u64,
}

/// The sessions of a venue that are polled, by the numbers of their links.
pub(crate) struct Sessions<E: Exchange>(Mutex<BTreeMap<u64, Arc<Session<E>>>>);

impl<E: Exchange> Default for Sessions<E> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<E: Exchange> Sessions<E> {
    fn all(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Session<E>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, link: u64) -> Option<Arc<Session<E>>> {
        self.all().get(&link).cloned()
    }

    fn add(&self, session: Session<E>) {
        let mut all = self.all();
        // Those that the venue has closed, and whose clients never came back to hear of it.
        all.retain(|_, one| !one.polled.try_lock().is_ok_and(|polled| is_over(polled.as_ref())));
        all.insert(session.link, Arc::new(session));
    }

    fn remove(&self, link: u64) {
        self.all().remove(&link);
    }
}

fn is_over<E: Exchange>(polled: Option<&(Guard<E>, mpsc::Receiver<Outgoing>)>) -> bool {
    polled.is_none_or(|(_, waiting)| waiting.is_closed())
}

/// What a client asks of a session.
pub(crate) struct Asked {
    pub method: Method,
    pub uri: Uri,
    pub body: String,
    pub upgrade: Option<WebSocketUpgrade>,
}

/// Answers a poll or a post, begins a session, or moves one to a WebSocket.
pub(crate) async fn handle<E: Exchange>(
    room: Arc<Room<E>>,
    version: Version,
    asked: Asked,
) -> Response<Body> {
    let session = match session_of(&asked.uri) {
        None => return begin(&room, version, &asked.uri),
        Some(link) => link.and_then(|link| room.sessions.find(link)),
    };
    let Some(session) = session else { return unknown() };
    if let Some(upgrade) = asked.upgrade {
        return upgrade.on_upgrade(move |socket| upgraded(room, session, socket));
    }
    if asked.method == Method::POST {
        post(&room, version, &session, &asked.body).await
    } else {
        poll(&room, version, &session).await
    }
}

fn text(body: String) -> Response<Body> {
    ([("content-type", "text/plain; charset=UTF-8")], body).into_response()
}

fn unknown() -> Response<Body> {
    crate::server::response(Answer::new(400, r#"{"code":1,"message":"Session ID unknown"}"#))
}

fn begin<E: Exchange>(room: &Arc<Room<E>>, version: Version, uri: &Uri) -> Response<Body> {
    let (frames, mut waiting) = mpsc::channel(N_FRAMES_WAITING);
    let Some(link) = room.door.exchange().join(uri, frames) else { return unknown() };
    let guard = Guard { door: Arc::clone(&room.door), link };
    let (packets, _) = drain(&mut waiting, Vec::new());
    let polled = tokio::sync::Mutex::new(Some((guard, waiting)));
    let n_kills = room.door.weather().borrow().n_kills;
    room.sessions.add(Session { link, polled, moves: Notify::new(), n_kills });
    text(version.join(&packets))
}

/// Waits while nothing is read; whether the links are still those of this session.
async fn settled(weather: &mut watch::Receiver<Weather>, n_kills: u64) -> bool {
    loop {
        let now = *weather.borrow_and_update();
        if now.n_kills != n_kills {
            return false;
        }
        if !now.is_half_open {
            return true;
        }
        if weather.changed().await.is_err() {
            return false;
        }
    }
}

async fn post<E: Exchange>(
    room: &Room<E>,
    version: Version,
    session: &Session<E>,
    body: &str,
) -> Response<Body> {
    if !settled(&mut room.door.weather(), session.n_kills).await {
        return unknown();
    }
    let Some(packets) = version.split(body) else { return unknown() };
    for packet in packets {
        room.door.exchange().hear(session.link, Heard::Text(&packet));
    }
    text("ok".to_owned())
}

async fn poll<E: Exchange>(
    room: &Room<E>,
    version: Version,
    session: &Session<E>,
) -> Response<Body> {
    // One poll at a time.
    let Ok(mut polled) = session.polled.try_lock() else { return unknown() };
    let Some((_, waiting)) = polled.as_mut() else { return unknown() };
    let mut weather = room.door.weather();
    loop {
        if !settled(&mut weather, session.n_kills).await {
            room.sessions.remove(session.link);
            return unknown();
        }
        tokio::select! {
            biased;
            () = room.stop.cancelled() => return unknown(),
            () = session.moves.notified() => return text(version.join(&["6".to_owned()])),
            changed = weather.changed() => if changed.is_err() { return unknown() },
            first = waiting.recv() => {
                let (packets, is_over) = match first {
                    Some(first) => drain(waiting, vec![first]),
                    None => (vec!["1".to_owned()], true),
                };
                if is_over {
                    room.sessions.remove(session.link);
                }
                return text(version.join(&packets));
            }
        }
    }
}

/// The packets that wait, and whether the session is over with them.
fn drain(waiting: &mut mpsc::Receiver<Outgoing>, mut taken: Vec<Outgoing>) -> (Vec<String>, bool) {
    let (mut packets, mut length) = (Vec::new(), 0);
    while length < PAYLOAD_LONGEST {
        let Some(next) = taken.pop().or_else(|| waiting.try_recv().ok()) else { break };
        match next {
            Outgoing::Text(packet) => {
                length += packet.len();
                packets.push(packet.to_string());
            }
            Outgoing::Close(..) => {
                packets.push("1".to_owned());
                return (packets, true);
            }
        }
    }
    (packets, false)
}

/// A WebSocket that a session moves to, once it has proved that it carries packets both ways.
async fn upgraded<E: Exchange>(
    room: Arc<Room<E>>,
    session: Arc<Session<E>>,
    mut socket: WebSocket,
) {
    if !hears(&mut socket, "2probe").await {
        return;
    }
    if socket.send(Message::text("3probe")).await.is_err() {
        return;
    }
    session.moves.notify_one();
    if !hears(&mut socket, "5").await {
        return;
    }
    let Some((guard, waiting)) = session.polled.lock().await.take() else { return };
    room.sessions.remove(session.link);
    converse(guard, room.stop.clone(), (socket, waiting)).await;
}

/// Whether the next text is this one.
async fn hears(socket: &mut WebSocket, expected: &str) -> bool {
    while let Some(Ok(message)) = socket.recv().await {
        match message {
            Message::Text(text) => return text.as_str() == expected,
            Message::Ping(_) | Message::Pong(_) => {}
            Message::Binary(_) | Message::Close(_) => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn packets_are_joined_and_split_as_each_version_does() {
        let packets = ["40", "42[\"ä\"]"].map(str::to_owned);
        assert_eq!(Version::V3.join(&packets), "2:407:42[\"ä\"]");
        assert_eq!(Version::V4.join(&packets), "40\u{1e}42[\"ä\"]");
        for version in [Version::V3, Version::V4] {
            assert_eq!(version.split(&version.join(&packets)).unwrap(), packets);
        }
        assert_eq!(Version::V3.split("x"), None);
    }
}
