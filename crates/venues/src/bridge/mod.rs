//! Any market behind a bridge that speaks the feed of `docs/feed.md`, version 1.

mod decode;
mod instruments;
mod message;
mod protocol;
mod sign;

use std::time::Duration;

use market::Venue;

use self::decode::Decode;
use self::protocol::Requests;
use crate::list::Entry;
use crate::protocol::{Live, Transport};

/// A bridge heard over a plain WebSocket, or over Socket.IO.
pub(crate) static PLAIN: Entry = Entry {
    venue: Venue::Bridge,
    // A bridge says something at least every 10 s.
    silence: Duration::from_secs(15),
    // Wherever its user runs it: there is no default.
    endpoints: &[],
    language: || Box::new(Decode),
    live: Some(Live {
        limits: protocol::LIMITS,
        transport: Transport::WebSocket,
        speak: |at| (at.ws.clone(), Box::new(Requests::at(&at.ws))),
        needs_rest: false,
    }),
    owns: |_| None,
    sign: sign::sign,
    twin_of: None,
    names: |header| header.contains("tapedeck feed"),
};
