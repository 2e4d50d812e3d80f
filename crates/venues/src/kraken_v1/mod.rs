//! Kraken spot, WebSocket v1: read from captures only. The second version took its place.

mod decode;
mod message;
mod sign;

use std::time::Duration;

use market::Venue;

use self::decode::Decode;
use crate::list::Entry;

/// Spot.
pub(crate) static SPOT: Entry = Entry {
    venue: Venue::KrakenV1,
    // Heartbeats every second.
    silence: Duration::from_secs(5),
    endpoints: &[],
    language: || Box::new(Decode),
    live: None,
    // REST answers are those of the second version, and decide nothing.
    owns: |address| {
        let is_spot = matches!(address.host, "ws.kraken.com" | "beta-ws.kraken.com");
        (is_spot && address.path.is_empty()).then_some(true)
    },
    sign: sign::sign,
    twin_of: None,
    names: |header| ["kraken_v1", "kraken v1"].into_iter().any(|word| header.contains(word)),
};
