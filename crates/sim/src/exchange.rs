//! What every simulated venue does, whatever its language.

use std::time::Duration;

use axum::http::Uri;
use tokio::sync::mpsc;

use crate::allowance::Allowance;
use crate::engineio::Version;
use crate::floor::{Floor, Outgoing, Tamper};

/// Something that a client did on its link.
#[derive(Clone, Copy, Debug)]
pub enum Heard<'a> {
    /// A text frame.
    Text(&'a str),
    /// A ping or a pong of the WebSocket protocol.
    Beat,
}

/// An HTTP answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Headers beside the content type.
    pub headers: Vec<(&'static str, String)>,
    /// JSON.
    pub body: String,
}

impl Answer {
    /// An answer with a status and a body.
    pub fn new(status: u16, body: impl Into<String>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }

    /// The value of a query's parameter, percent-decoded as far as market symbols need it.
    pub fn parameter(uri: &Uri, name: &str) -> Option<String> {
        uri.query()?.split('&').find_map(|pair| {
            let (key, value) = pair.split_once('=')?;
            (key == name).then(|| decode(value))
        })
    }
}

/// Undoes percent-encoding; what is no valid encoding stays as it is.
pub fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let hex = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match (first, hex.and_then(|hex| u8::from_str_radix(hex, 16).ok())) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            (byte, _) => {
                bytes.push(*byte);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A simulated venue: its world, its links and its language. Told the time; never waits.
pub trait Exchange: Send + 'static {
    /// What a link of it wants to hear.
    type Wants;
    /// How often the server itself sends WebSocket pings; `None` when it does not.
    const PINGS_EVERY: Option<Duration>;
    /// What follows the host in the address of its WebSocket, as `--endpoint` takes it.
    const WS_PATH: &'static str;

    /// How many WebSockets an address may open; `None` where the venue does not say.
    const CONNECTS: Option<Allowance> = None;

    /// How often an address may ask for what stands at a path; `None` where the venue does not say, or weighs requests.
    fn allowance(_path: &str) -> Option<Allowance> {
        None
    }

    /// The whole of it where a venue has several (Bybit).
    fn ws_path(&self) -> String {
        Self::WS_PATH.to_owned()
    }

    /// A WebSocket opens at an address. `None` when the venue has no WebSocket there.
    fn join(&mut self, uri: &Uri, frames: mpsc::Sender<Outgoing>) -> Option<u64>;
    /// The version of Engine.IO that is polled by HTTP at an address; `None` where none is.
    fn engineio(&self, _uri: &Uri) -> Option<Version> {
        None
    }
    /// A client did something.
    fn hear(&mut self, link: u64, heard: Heard<'_>);
    /// Lets simulated time run to `now`, and sends what that brings.
    fn tick(&mut self, now: i64);
    /// Answers a request.
    fn answer(&mut self, uri: &Uri) -> Answer;
    /// An answer that says that there were too many requests.
    fn too_many(&self) -> Answer;
    /// Says that a maintenance is near, or restarts its books, as the venue does; nothing where it has no words for it.
    fn notice(&mut self);
    /// Says that what it gave notice of is over, where the venue has words for it.
    fn end_notice(&mut self) {}
    /// Holds back the snapshots of books that are sent on the link. Those over HTTP the server holds back.
    fn delay_snapshots(&mut self, nanos: i64);
    /// Its links.
    fn floor(&mut self) -> &mut Floor<Self::Wants>;

    /// A link is gone.
    fn leave(&mut self, link: u64) {
        self.floor().leave(link);
    }

    /// Stops or resumes sending.
    fn mute(&mut self, is_mute: bool) {
        self.floor().is_mute = is_mute;
    }

    /// Whether nothing is sent.
    fn is_mute(&mut self) -> bool {
        self.floor().is_mute
    }

    /// Asks for something to go wrong with the next book frame.
    fn tamper(&mut self, symbol: Option<String>, tamper: Tamper) {
        self.floor().tamper(symbol, tamper);
    }

    /// Closes all links with a code.
    fn close_all(&mut self, code: u16, reason: &'static str) {
        self.floor().close_all(code, reason);
    }

    /// Links that are open.
    fn n_links(&mut self) -> usize {
        self.floor().len()
    }
}
