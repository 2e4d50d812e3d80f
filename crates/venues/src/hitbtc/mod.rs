//! HitBTC, version 2: read from captures only, since nobody here has spoken it.

mod decode;
mod instruments;
mod message;
mod sign;

use std::time::Duration;

use market::Venue;

use self::decode::Decode;
use crate::list::Entry;

/// Spot.
pub(crate) static SPOT: Entry = Entry {
    venue: Venue::HitBtc,
    // No heartbeat is told of; tickers of quiet markets come every few seconds.
    silence: Duration::from_secs(60),
    endpoints: &[],
    language: || Box::new(Decode),
    live: None,
    owns: |address| {
        let is_api = address.path.starts_with("api/");
        let is_spoken = address.path.starts_with("api/2/");
        (address.is_within("hitbtc.com") && is_api).then_some(is_spoken)
    },
    sign: sign::sign,
    twin_of: None,
    names: |header| header.contains("hitbtc"),
};
