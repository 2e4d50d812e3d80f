//! One screen over one WebSocket: the token first, then questions and answers (`docs/screen-socket.md`).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use engine::wire::{Command, Older, Status};
use engine::{Deck, ScreenId};
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use tokio::sync::{mpsc, watch};

use crate::{CLIENTS_MAX, Shared};

/// The longest message from a page.
const MESSAGE_BYTES_MAX: usize = 64 * 1024;
/// Answers that wait for the socket; commands are few, and frames come one at a time.
const ANSWERS_QUEUED: usize = 64;
/// The token must come within this.
const TOKEN_TIME_MAX: Duration = Duration::from_secs(5);

/// Wrong or missing token.
const CLOSE_POLICY: u16 = 1008;
/// A message that is none of ours.
const CLOSE_UNSUPPORTED: u16 = 1003;

#[derive(Deserialize)]
struct Token {
    token: String,
}

/// A question of the page.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Question {
    NextFrame { id: u64, ack: u64 },
    Command { id: u64, command: Command },
    LookBack { id: u64, older: Older },
}

/// Counts a client while it lives.
struct Seat(Arc<AtomicUsize>);

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Upgrades a request to a screen.
pub async fn open(
    State(shared): State<Shared>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    if let Err(status) = shared.door.admit(&headers) {
        return status.into_response();
    }
    let n_clients = shared.n_clients.fetch_add(1, Ordering::Relaxed);
    let seat = Seat(Arc::clone(&shared.n_clients));
    if n_clients >= CLIENTS_MAX {
        let sentence = format!("{CLIENTS_MAX} screens are open already; close one first.\n");
        return (StatusCode::SERVICE_UNAVAILABLE, sentence).into_response();
    }
    upgrade.max_message_size(MESSAGE_BYTES_MAX).on_upgrade(move |socket| async move {
        talk(socket, shared).await;
        drop(seat);
    })
}

async fn talk(mut socket: WebSocket, shared: Shared) {
    if !has_token(&mut socket, &shared).await {
        tracing::warn!("refused: a screen without the token");
        close(&mut socket, CLOSE_POLICY).await;
        return;
    }
    let Some((screen, statuses)) = shared.deck.open_screen().await else { return };
    let code = converse(&mut socket, &shared.deck, screen, statuses).await;
    shared.deck.close_screen(screen).await;
    if let Some(code) = code {
        close(&mut socket, code).await;
    }
}

async fn has_token(socket: &mut WebSocket, shared: &Shared) -> bool {
    let first = tokio::time::timeout(TOKEN_TIME_MAX, socket.recv()).await;
    let Ok(Some(Ok(Message::Text(text)))) = first else { return false };
    serde_json::from_str::<Token>(&text).is_ok_and(|said| shared.door.knows(&said.token))
}

async fn close(socket: &mut WebSocket, code: u16) {
    let frame = CloseFrame { code, reason: "".into() };
    if let Err(error) = socket.send(Message::Close(Some(frame))).await {
        tracing::debug!(%error, "the screen was gone already");
    }
}

/// Answers until one side ends; the code to close with, when it was the page's fault.
async fn converse(
    socket: &mut WebSocket,
    deck: &Deck,
    screen: ScreenId,
    mut statuses: watch::Receiver<Arc<Status>>,
) -> Option<u16> {
    let (sender, mut answers) = mpsc::channel::<Message>(ANSWERS_QUEUED);
    statuses.mark_changed();
    let (mut sink, mut stream) = socket.split();
    loop {
        let outgoing = tokio::select! {
            heard = stream.next() => match heard {
                Some(Ok(Message::Text(text))) => match serde_json::from_str::<Question>(&text) {
                    Ok(question) => {
                        answer(deck.clone(), screen, question, sender.clone());
                        continue;
                    }
                    Err(error) => {
                        tracing::warn!(%error, "a screen said what is no question");
                        return Some(CLOSE_UNSUPPORTED);
                    }
                },
                Some(Ok(Message::Binary(_))) => return Some(CLOSE_UNSUPPORTED),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
            },
            Some(answer) = answers.recv() => answer,
            changed = statuses.changed() => match changed {
                Ok(()) => status_message(&statuses.borrow_and_update())?,
                Err(_) => return None,
            },
        };
        if sink.send(outgoing).await.is_err() {
            return None;
        }
    }
}

fn status_message(status: &Status) -> Option<Message> {
    let text = serde_json::json!({ "kind": "status", "status": status }).to_string();
    Some(Message::Text(text.into()))
}

/// The number of a question, and the bytes that answer it.
fn binary(id: u64, answer: &[u8]) -> Message {
    let mut bytes = Vec::with_capacity(answer.len() + 8);
    bytes.extend_from_slice(&(id as f64).to_le_bytes());
    bytes.extend_from_slice(answer);
    Message::Binary(bytes.into())
}

/// Answers one question without holding up the others.
fn answer(deck: Deck, screen: ScreenId, question: Question, answers: mpsc::Sender<Message>) {
    tokio::spawn(async move {
        let message = match question {
            Question::NextFrame { id, ack } => {
                let Some(frame) = deck.next_frame(screen, ack).await else { return };
                binary(id, &frame)
            }
            Question::LookBack { id, older } => match deck.look_back(screen, older).await {
                Ok(bytes) => binary(id, &bytes),
                Err(sentence) => {
                    let object = serde_json::json!({ "id": id, "error": sentence });
                    Message::Text(object.to_string().into())
                }
            },
            Question::Command { id, command } => {
                let object = match deck.command(screen, command).await {
                    Ok(reply) => serde_json::json!({ "id": id, "ok": reply }),
                    Err(sentence) => serde_json::json!({ "id": id, "error": sentence }),
                };
                Message::Text(object.to_string().into())
            }
        };
        if answers.send(message).await.is_err() {
            tracing::debug!("a screen closed before its answer");
        }
    });
}
