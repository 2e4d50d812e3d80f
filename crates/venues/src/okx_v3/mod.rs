//! OKX, version 3, as OKEx and OKCoin spoke it: read from captures only. Its frames are compressed.

mod book;
mod decode;
mod inflate;
mod message;
mod sign;

use std::time::Duration;

use market::Venue;

use self::decode::Decode;
use crate::list::Entry;

/// Spot and derivatives, of both exchanges: the one that was heard is named by the address.
pub(crate) static ALL: Entry = Entry {
    venue: Venue::OkxV3,
    // The server closes a link on which nothing was said for 30 s, and clients ping before.
    silence: Duration::from_secs(30),
    endpoints: &[],
    language: || Box::new(Decode),
    live: None,
    owns: |address| {
        let domains = ["okx.com", "okex.com", "okcoin.com"];
        let is_its = domains.into_iter().any(|domain| address.is_within(domain));
        let path = address.path;
        let is_third = path == "ws/v3"
            || path.starts_with("ws/v3?")
            || (path.starts_with("api/") && path.contains("/v3/"));
        (is_its && is_third).then_some(true)
    },
    sign: sign::sign,
    twin_of: None,
    names: |header| ["okcoin", "okx_v3", "okx v3"].into_iter().any(|word| header.contains(word)),
};
