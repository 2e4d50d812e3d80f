//! One venue of a recording on the wire: its frames on WebSockets, its answers over HTTP.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::{Response, StatusCode, Uri};
use axum::response::IntoResponse;
use bytes::Bytes;
use market::Venue;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::is_binance;
use super::player::{Player, Run};
use super::reel::Reel;
use super::rest;
use super::source::Source;

/// Binance pings this often; a quiet tail of a recording is not a dead link.
const PING_EVERY: Duration = Duration::from_secs(20);
/// A client has nothing longer to say.
const MESSAGE_LONGEST: usize = 256 * 1_024;

/// One venue of a recording.
pub(super) struct Stage {
    /// The files.
    pub source: Arc<Source>,
    /// What they hold of the venue.
    pub reel: Arc<Reel>,
    /// 2 is twice as fast as it was recorded.
    pub speed: f64,
    /// The run that was started last: REST answers from there.
    pub run: watch::Sender<Option<Run>>,
    /// Ends all links.
    pub stop: CancellationToken,
}

impl Stage {
    /// Starts the recording for one client.
    fn start(&self) -> Player {
        let run = Run { began_at: Instant::now(), speed: self.speed };
        self.run.send_replace(Some(run));
        Player::start(&self.source, &self.reel, run)
    }

    /// The run that answers belong to; a recording without frames runs from its first question on.
    pub(super) fn run_of_answers(&self) -> Option<Run> {
        if self.reel.n_frames == 0 {
            self.run.send_if_modified(|run| {
                let is_new = run.is_none();
                run.get_or_insert(Run { began_at: Instant::now(), speed: self.speed });
                is_new
            });
        }
        *self.run.borrow()
    }

    pub(super) fn is_kraken(&self) -> bool {
        self.reel.venue == Venue::Kraken
    }
}

/// All addresses of the venue.
pub(super) fn router(stage: Arc<Stage>) -> Router {
    Router::new().fallback(handle).with_state(stage)
}

async fn handle(
    State(stage): State<Arc<Stage>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    uri: Uri,
    posted: Bytes,
) -> Response<Body> {
    let Ok(upgrade) = upgrade else { return rest::answer(&stage, &uri, &posted).await };
    let path = uri.path();
    let is_known = match stage.reel.venue {
        Venue::Kraken => path == "/v2",
        venue if is_binance(venue) => path.split('/').any(|part| part == "ws" || part == "stream"),
        _ => true,
    };
    if !is_known {
        return StatusCode::NOT_FOUND.into_response();
    }
    if stage.reel.n_frames == 0 {
        // It was polled, since its WebSocket was blocked: so it is here.
        return StatusCode::FORBIDDEN.into_response();
    }
    // Streams named in the address are a subscription.
    let names_streams = uri.query().is_some_and(|query| query.contains("streams="))
        || path.split_once("/ws/").is_some_and(|(_, streams)| !streams.is_empty());
    upgrade
        .max_message_size(MESSAGE_LONGEST)
        .on_upgrade(move |socket| converse(stage, socket, names_streams))
}

/// One connection, from its opening to its end.
async fn converse(stage: Arc<Stage>, mut socket: WebSocket, is_subscribed: bool) {
    let mut player = is_subscribed.then(|| stage.start());
    let mut has_ended = false;
    let mut pings = tokio::time::interval_at(Instant::now() + PING_EVERY, PING_EVERY);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let is_playing = player.is_some() && !has_ended;
        tokio::select! {
            () = stage.stop.cancelled() => return,
            frame = next(&mut player), if is_playing => match frame {
                Some(frame) => if socket.send(frame).await.is_err() { return },
                None => has_ended = true,
            },
            heard = socket.recv() => match heard {
                Some(Ok(Message::Text(text))) => {
                    let said = hear(&stage, &text);
                    for answer in said.answers {
                        if socket.send(Message::Text(answer.into())).await.is_err() {
                            return;
                        }
                    }
                    if said.starts && player.is_none() {
                        player = Some(stage.start());
                    }
                }
                Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
            },
            _ = pings.tick() => {
                let ping = Message::Ping(Bytes::from_static(b"1"));
                if socket.send(ping).await.is_err() {
                    return;
                }
            }
        }
    }
}

async fn next(player: &mut Option<Player>) -> Option<Message> {
    match player {
        Some(player) => player.next().await,
        None => None,
    }
}

/// What follows from a text frame of a client.
struct Said {
    /// Whether the recording starts.
    starts: bool,
    /// What is said beside the recorded frames, to those who ask for what the recording lacks.
    answers: Vec<String>,
}

fn hear(stage: &Stage, text: &str) -> Said {
    let starts = Said { starts: true, answers: Vec::new() };
    if !stage.is_kraken() {
        return starts;
    }
    let message: Value = serde_json::from_str(text).unwrap_or_default();
    let word = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let method = word(message.get("method"));
    let channel = word(message.get("params").and_then(|params| params.get("channel")));
    let reply = |mut reply: Value| {
        if let Some(id) = message.get("req_id") {
            reply["req_id"] = id.clone();
        }
        reply.to_string()
    };
    match (method.as_str(), channel.as_str()) {
        ("ping", _) => Said { starts: false, answers: vec![reply(json!({"method": "pong"}))] },
        ("subscribe", "instrument") if !stage.reel.lists_in_frames => {
            let result = json!({"channel": "instrument", "snapshot": true});
            let taken = json!({"method": "subscribe", "result": result, "success": true});
            let answers = vec![reply(taken), stage.reel.derived.instrument_frame()];
            Said { starts: false, answers }
        }
        ("subscribe", _) => starts,
        (_, _) => Said { starts: false, answers: Vec::new() },
    }
}
