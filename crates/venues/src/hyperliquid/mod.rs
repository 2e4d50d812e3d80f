//! Hyperliquid: perpetuals and spot, over one socket.

mod decode;
mod info;
mod instruments;
mod message;
mod protocol;
mod sign;
mod touches;

use market::Venue;

use self::decode::Decode;
use self::protocol::Requests;
use crate::list::Entry;
use crate::protocol::{Live, Transport};

/// Perpetuals of its own and spot; those of other deployers (`xyz:SP500`) are understood, but not listed.
pub(crate) static ALL: Entry = Entry {
    venue: Venue::Hyperliquid,
    silence: protocol::LIMITS.silence,
    endpoints: &[("wss://api.hyperliquid.xyz/ws", "https://api.hyperliquid.xyz")],
    language: || Box::new(Decode::default()),
    live: Some(Live {
        limits: protocol::LIMITS,
        transport: Transport::WebSocket,
        speak: |at| (at.ws.clone(), Box::new(Requests::new(&at.rest))),
        needs_rest: false,
    }),
    owns: |address| {
        let domains = ["hyperliquid.xyz", "hyperliquid-testnet.xyz"];
        domains.into_iter().any(|domain| address.is_within(domain)).then_some(true)
    },
    sign: sign::sign,
    twin_of: None,
    names: |header| header.contains("hyperliquid"),
};
