//! KuCoin spot: read from captures only, since nobody here has spoken it.

mod decode;
mod http;
mod message;
mod sign;

use std::time::Duration;

use market::Venue;

use self::decode::Decode;
use crate::list::Entry;

/// Spot.
pub(crate) static SPOT: Entry = Entry {
    venue: Venue::Kucoin,
    // The server names the rhythm of pings when it grants an address: 18 s, and ten more to be answered.
    silence: Duration::from_secs(28),
    endpoints: &[],
    language: || Box::new(Decode),
    live: None,
    owns: |address| {
        let is_futures = address.host.contains("futures");
        let path = address.path;
        let is_spot = path.starts_with("endpoint") || path.starts_with("api/v");
        (address.is_within("kucoin.com") && is_spot).then_some(!is_futures)
    },
    sign: sign::sign,
    twin_of: None,
    names: |header| header.contains("kucoin"),
};
