//! Kraken Futures, WebSocket v1: read from captures only, since nobody here has spoken it.

mod decode;
mod message;
mod sign;

use std::time::Duration;

use market::Venue;

use self::decode::Decode;
use crate::list::Entry;

/// Perpetuals and futures.
pub(crate) static ALL: Entry = Entry {
    venue: Venue::KrakenFutures,
    // Clients ping once a minute.
    silence: Duration::from_secs(60),
    endpoints: &[],
    language: || Box::new(Decode),
    live: None,
    owns: |address| {
        let is_its = matches!(address.host, "futures.kraken.com" | "demo-futures.kraken.com");
        let path = address.path;
        (is_its && (path.starts_with("ws/v1") || path.starts_with("derivatives/api/v3/")))
            .then_some(true)
    },
    sign: sign::sign,
    twin_of: None,
    names: |header| {
        ["kraken_futures", "kraken futures"].into_iter().any(|word| header.contains(word))
    },
};
