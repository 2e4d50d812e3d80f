//! Kraken spot, WebSocket v2.

mod decode;
mod http;
mod instruments;
mod levels;
mod links;
mod message;
mod protocol;
mod sign;
mod time;

use std::time::Duration;

use market::Venue;

use self::decode::Decode;
pub(crate) use self::decode::system_words;
pub(crate) use self::levels::for_each_level;
use self::protocol::Requests;
pub(crate) use self::time::{timestamp, timestamp_of_seconds};
use crate::list::Entry;
use crate::protocol::{Live, Transport};

/// Spot.
pub(crate) static SPOT: Entry = Entry {
    venue: Venue::Kraken,
    // Heartbeats every second.
    silence: Duration::from_secs(5),
    endpoints: &[("wss://ws.kraken.com/v2", "https://api.kraken.com")],
    language: || Box::new(Decode::default()),
    live: Some(Live {
        limits: protocol::LIMITS,
        transport: Transport::WebSocket,
        speak: |at| (at.ws.clone(), Box::new(Requests::new(&at.rest))),
        needs_rest: false,
    }),
    owns: |address| {
        // REST answers are the same whichever socket stands beside them: they decide nothing.
        if !address.is_within("kraken.com") || address.host == "api.kraken.com" {
            return None;
        }
        let is_spot = matches!(address.host, "ws.kraken.com" | "beta-ws.kraken.com");
        let path = address.path;
        Some(is_spot && (path == "v2" || path.starts_with("v2?") || path.starts_with("v2/")))
    },
    sign: sign::sign,
    twin_of: None,
    names: |header| {
        ["kraken_v2", "kraken v2", "ws.kraken.com/v2"].into_iter().any(|word| header.contains(word))
    },
};
