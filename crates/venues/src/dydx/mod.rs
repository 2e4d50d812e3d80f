//! dYdX, version 3: read from captures only, since it was switched off for a chain of its own.

mod book;
mod count;
mod decode;
mod markets;
mod message;
mod sign;

use std::time::Duration;

use market::Venue;

use self::decode::Decode;
use crate::list::Entry;

/// Perpetuals.
pub(crate) static ALL: Entry = Entry {
    venue: Venue::Dydx,
    // The server pings every 30 s.
    silence: Duration::from_secs(60),
    endpoints: &[],
    language: || Box::new(Decode::default()),
    live: None,
    owns: |address| {
        (address.is_within("dydx.exchange") && address.path.starts_with("v3/")).then_some(true)
    },
    sign: sign::sign,
    twin_of: None,
    names: |header| header.contains("dydx"),
};
