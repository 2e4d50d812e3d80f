//! Gemini, market data of versions 1 and 2: read from captures only, since nobody here has spoken it.

mod decode;
mod message;
mod sign;
mod v1;
mod v2;

use std::time::Duration;

use market::Venue;

use self::decode::Decode;
use crate::list::Entry;

/// Spot.
pub(crate) static SPOT: Entry = Entry {
    venue: Venue::Gemini,
    // The server's heartbeats come every 5 s.
    silence: Duration::from_secs(15),
    endpoints: &[],
    language: || Box::new(Decode::default()),
    live: None,
    owns: |address| {
        let path = address.path;
        // `v1/order/events` tells of one's own orders.
        let is_public = path.starts_with("v1/") || path.starts_with("v2/");
        let is_spoken = is_public && !path.starts_with("v1/order/");
        address.is_within("gemini.com").then_some(is_spoken)
    },
    sign: sign::sign,
    twin_of: None,
    names: |header| header.contains("gemini"),
};
