//! BitMEX: read from captures only, since nobody here has spoken it.

mod book;
mod decode;
mod instruments;
mod message;
mod sign;

use std::time::Duration;

use market::Venue;

use self::decode::Decode;
use crate::list::Entry;

/// Perpetuals, futures and spot.
pub(crate) static ALL: Entry = Entry {
    venue: Venue::BitMex,
    // Clients are asked to ping when nothing was heard for 5 s, and to leave when no `pong` came for 5 s more.
    silence: Duration::from_secs(15),
    endpoints: &[],
    language: || Box::new(Decode::default()),
    live: None,
    owns: |address| {
        let path = address.path;
        let is_its = path.starts_with("realtime") || path.starts_with("api/v1/");
        (address.is_within("bitmex.com") && is_its).then_some(true)
    },
    sign: sign::sign,
    twin_of: None,
    names: |header| header.contains("bitmex"),
};
