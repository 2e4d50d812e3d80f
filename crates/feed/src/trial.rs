//! An attempt at a WebSocket that was blocked, made while HTTP is polled: it counts only when data comes.

use std::sync::Arc;

use bytes::Bytes;
use market::Body;
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::tungstenite::Message;
use venues::{Limits, Protocol};

use crate::budget::Budget;
use crate::dial::{Happening, Line, Socket, dial};
use crate::fault::Fault;
use crate::talk::Talk;
use crate::wishes::Wishes;

/// What an attempt is made with: all of it its own, so that it goes on beside the polls.
#[derive(Debug)]
pub(crate) struct Means {
    pub protocol: Protocol,
    pub line: Line,
    pub limits: Limits,
    pub budget: Budget,
    pub wishes: Arc<Wishes>,
}

/// A WebSocket that works again, in the middle of its conversation.
pub(crate) struct Trial {
    pub socket: Socket,
    pub talk: Talk,
    pub protocol: Protocol,
    /// What was said and heard on it so far: to be handed on once the polls have ended.
    pub held: Vec<Body>,
}

/// Opens the WebSocket, asks for what is wanted, and waits for the first data: a proxy may let the upgrade through and
/// hold back what comes after it.
pub(crate) async fn attempt(means: Means) -> Result<Trial, Fault> {
    let Means { mut protocol, line, limits, budget, wishes } = means;
    let socket = dial(protocol.address(), &line).await?;
    let measures = (&limits, &line.patience);
    let talk = Talk::open(&mut protocol, measures, budget, Instant::now());
    let mut trial = Trial { socket, talk, protocol, held: Vec::new() };
    loop {
        let talk = &mut trial.talk;
        talk.take(&mut wishes.lock(), &mut trial.protocol);
        if let Some(frame) = talk.frame_due(Instant::now()) {
            trial.held.push(Body::Sent(Bytes::from(frame.clone())));
            trial.socket.write(frame)?;
        }
        if talk.has_asked_nothing() {
            return Ok(trial); // Nothing is wanted, so nothing can come.
        }
        let wake = talk.wake_without_requests_at(Instant::now());
        tokio::select! {
            happening = trial.socket.happening() => match happening {
                Happening::Heard(message) => {
                    if trial.hears(message)? {
                        return Ok(trial);
                    }
                }
                Happening::Written => trial.talk.written(),
                // Only sessions above a WebSocket carry; this is a plain one.
                Happening::Carried(_) => {}
                Happening::Over(fault) => return Err(fault),
            },
            () = sleep_until(wake) => {
                if let Some(fault) = trial.talk.overdue(Instant::now()) {
                    return Err(fault);
                }
            }
        }
    }
}

impl Trial {
    /// Takes note of a message; whether it is data.
    fn hears(&mut self, message: Message) -> Result<bool, Fault> {
        let now = Instant::now();
        match message {
            Message::Text(text) => {
                let text = Bytes::from(text);
                self.talk.heard_datum(now);
                self.talk.answer(&text, &mut self.protocol);
                self.held.push(Body::Text(text));
                Ok(true)
            }
            Message::Binary(bytes) => {
                self.talk.heard_datum(now);
                self.held.push(Body::Binary(bytes));
                Ok(true)
            }
            Message::Ping(_) => {
                self.talk.heard_ping(now);
                self.held.push(Body::Ping);
                Ok(false)
            }
            Message::Close(_) => Err(Fault::Closed(None)),
            Message::Pong(_) | Message::Frame(_) => Ok(false),
        }
    }
}
