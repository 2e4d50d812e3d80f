//! Independent Reserve, order events beside fetched books: read from captures only, since nobody here has spoken it.

mod change;
mod channel;
mod decode;
mod http;
mod message;
mod orders;
mod sign;

use std::time::Duration;

use market::Venue;

use self::decode::Decode;
use crate::list::Entry;

/// Spot.
pub(crate) static SPOT: Entry = Entry {
    venue: Venue::IndependentReserve,
    // "A heartbeat event is published every 60 seconds."
    silence: Duration::from_secs(90),
    endpoints: &[],
    language: || Box::new(Decode::default()),
    live: None,
    owns: |address| {
        // Behind `/orderbook/100` levels with sums are told, a protocol of its own.
        let is_spoken = !address.path.starts_with("orderbook");
        address.is_within("independentreserve.com").then_some(is_spoken)
    },
    sign: sign::sign,
    twin_of: None,
    names: |header| {
        ["independent_reserve", "independent reserve"].into_iter().any(|word| header.contains(word))
    },
};
