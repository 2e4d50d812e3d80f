//! An attempt at a WebSocket that was blocked, made while HTTP is polled: it counts only when data comes, and is then
//! heard beside the polls until these can be left.

use std::sync::Arc;

use bytes::Bytes;
use market::Body;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::tungstenite::Message;
use venues::{Limits, Protocol};

use crate::budget::{Budget, Seat};
use crate::dial::{Happening, Line, Socket, dial};
use crate::fault::Fault;
use crate::patience::BODIES_HELD_MAX;
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
    /// Its place among the venue's connections.
    pub seat: Seat,
    /// Told once data have come on what was asked.
    pub carries: oneshot::Sender<()>,
    /// Tells when the polls have ended, so that it goes on alone.
    pub alone: oneshot::Receiver<()>,
}

/// A WebSocket that works again, in the middle of its conversation.
pub(crate) struct Trial {
    pub socket: Socket,
    pub talk: Talk,
    pub protocol: Protocol,
    /// What was said and heard on it so far: to be handed on once the polls have ended.
    pub held: Vec<Body>,
    pub seat: Seat,
    /// Data came after all had been asked.
    carries: bool,
}

/// Opens the WebSocket, asks for what is wanted, and waits for data: a proxy may let the upgrade through and hold back
/// what comes after it. Then it keeps what it hears until it is to go on alone.
pub(crate) async fn attempt(means: Means) -> Result<Trial, Fault> {
    let Means { mut protocol, line, limits, budget, wishes, seat, carries, mut alone } = means;
    let mut carries = Some(carries);
    let socket = dial(protocol.address(), &line).await?;
    let measures = (&limits, &line.patience);
    let talk = Talk::open(&mut protocol, measures, budget, Instant::now());
    let mut trial = Trial { socket, talk, protocol, held: Vec::new(), seat, carries: false };
    loop {
        let talk = &mut trial.talk;
        talk.take(&mut wishes.lock(), &mut trial.protocol);
        if let Some(frame) = talk.frame_due(Instant::now()) {
            trial.held.push(Body::Sent(Bytes::from(frame.clone())));
            trial.socket.write(frame)?;
        }
        // Where nothing is wanted, nothing can come.
        if (trial.carries || talk.has_asked_nothing())
            && let Some(carries) = carries.take()
            && carries.send(()).is_err()
        {
            return Err(Fault::Stopped); // The polls have ended, and with them the wish for it.
        }
        if trial.held.len() >= BODIES_HELD_MAX {
            return Ok(trial);
        }
        let wake = talk.wake_without_requests_at(Instant::now());
        tokio::select! {
            _ = &mut alone, if carries.is_none() => return Ok(trial),
            happening = trial.socket.happening() => match happening {
                Happening::Heard(message) => trial.hear(message)?,
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
    /// Takes note of a message.
    fn hear(&mut self, message: Message) -> Result<(), Fault> {
        let now = Instant::now();
        let is_datum = matches!(message, Message::Text(_) | Message::Binary(_));
        self.carries |= is_datum && self.talk.has_said_all();
        match message {
            Message::Text(text) => {
                let text = Bytes::from(text);
                self.talk.heard_datum(now);
                self.talk.answer(&text, &mut self.protocol);
                self.held.push(Body::Text(text));
            }
            Message::Binary(bytes) => {
                self.talk.heard_datum(now);
                self.held.push(Body::Binary(bytes));
            }
            Message::Ping(_) => {
                self.talk.heard_ping(now);
                self.held.push(Body::Ping);
            }
            Message::Close(_) => return Err(Fault::Closed(None)),
            Message::Pong(_) | Message::Frame(_) => {}
        }
        Ok(())
    }
}
