//! bitFlyer Lightning: spot and Crypto CFD, in JSON-RPC 2.0 or over Socket.IO 2.

mod decode;
mod http;
mod instruments;
mod links;
mod message;
mod protocol;
mod sign;

use market::Venue;

use self::decode::Decode;
use self::protocol::Requests;
use crate::list::Entry;
use crate::protocol::{Live, Transport};

/// Spot, Crypto CFD, and the futures of old recordings.
pub(crate) static LIGHTNING: Entry = Entry {
    venue: Venue::BitFlyer,
    silence: protocol::LIMITS.silence,
    endpoints: &[
        ("wss://ws.lightstream.bitflyer.com/json-rpc", "https://api.bitflyer.com"),
        // The same channels over Socket.IO.
        ("wss://io.lightstream.bitflyer.com", "https://api.bitflyer.com"),
    ],
    language: || Box::new(Decode::default()),
    live: Some(Live {
        limits: protocol::LIMITS,
        transport: Transport::WebSocket,
        speak: |at| (at.ws.clone(), Box::new(Requests::new(&at.ws, &at.rest))),
        needs_rest: true,
    }),
    owns: |address| address.is_within("bitflyer.com").then_some(true),
    sign: sign::sign,
    twin_of: None,
    names: |header| header.contains("bitflyer"),
};
