//! Gate.io, version 4, spot: read from captures only, since nobody here has spoken it.

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
    venue: Venue::Gate,
    // Clients ping, and are answered.
    silence: Duration::from_secs(60),
    endpoints: &[],
    language: || Box::new(Decode),
    live: None,
    owns: |address| {
        let is_its = address.is_within("gateio.ws") || address.is_within("gate.io");
        let is_spot = address.path.starts_with("ws/v4") || address.path.starts_with("api/v4/spot/");
        (is_its && is_spot).then_some(true)
    },
    sign: sign::sign,
    twin_of: None,
    names: |header| ["gateio", "gate.io"].into_iter().any(|word| header.contains(word)),
};
