//! Bitfinex v2.

mod channels;
mod decode;
mod http;
mod instruments;
mod message;
mod protocol;
mod sign;
mod status;

use std::time::Duration;

use market::Venue;

use self::decode::Decode;
use self::protocol::Requests;
use crate::list::Entry;
use crate::protocol::{Live, Transport};

/// Spot and derivatives on one link.
pub(crate) static ALL: Entry = Entry {
    venue: Venue::Bitfinex,
    // Each channel says that it lives every 15 s, busy or quiet.
    silence: Duration::from_secs(30),
    endpoints: &[
        ("wss://api-pub.bitfinex.com/ws/2", "https://api-pub.bitfinex.com"),
        ("wss://api.bitfinex.com/ws/2", "https://api-pub.bitfinex.com"),
    ],
    language: || Box::new(Decode::default()),
    live: Some(Live {
        limits: protocol::LIMITS,
        transport: Transport::WebSocket,
        speak: |at| (at.ws.clone(), Box::new(Requests::new(&at.rest))),
        needs_rest: true,
    }),
    owns: |address| {
        if !address.is_within("bitfinex.com") {
            return None;
        }
        // The first version of the protocol is another one.
        let path = address.path;
        Some(path.starts_with("ws/2") || path.starts_with("v2/"))
    },
    sign: sign::sign,
    twin_of: None,
    names: |header| header.contains("bitfinex"),
};
