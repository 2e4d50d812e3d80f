//! Bitget, version 1, spot and contracts: read from captures only. It borrowed the form of OKX's fifth version.

mod decode;
mod message;
mod sign;

use std::time::Duration;

use market::Venue;

use self::decode::Decode;
use crate::list::Entry;

/// The server closes a link on which it heard no ping for two minutes; clients ping every 30 s, and are answered.
const SILENCE: Duration = Duration::from_secs(60);

/// Spot.
pub(crate) static SPOT: Entry = Entry {
    venue: Venue::Bitget,
    silence: SILENCE,
    endpoints: &[],
    language: || Box::new(Decode),
    live: None,
    owns: |address| {
        let is_spot =
            address.path.starts_with("spot/v1/") || address.path.starts_with("api/spot/v1/");
        (address.is_within("bitget.com") && is_spot).then_some(true)
    },
    sign: sign::sign,
    twin_of: None,
    names: |header| ["bitget spot", "bitget_spot"].into_iter().any(|word| header.contains(word)),
};

/// Contracts, whose symbols are written as those of spot.
pub(crate) static MIX: Entry = Entry {
    venue: Venue::BitgetMix,
    silence: SILENCE,
    endpoints: &[],
    language: || Box::new(Decode),
    live: None,
    owns: |address| {
        let is_mix = address.path.starts_with("mix/v1/") || address.path.starts_with("api/mix/v1/");
        (address.is_within("bitget.com") && is_mix).then_some(true)
    },
    sign: |_| None, // That of spot tells both.
    twin_of: None,
    names: |header| ["bitget mix", "bitget_mix"].into_iter().any(|word| header.contains(word)),
};
