//! bitbank: spot, over Socket.IO 4.

mod decode;
mod http;
mod instruments;
mod message;
mod protocol;
mod sign;

use market::Venue;

use self::decode::Decode;
use self::protocol::Requests;
use crate::list::Entry;
use crate::protocol::{EngineIoVersion, Live, Transport};

/// Spot.
pub(crate) static SPOT: Entry = Entry {
    venue: Venue::Bitbank,
    silence: protocol::LIMITS.silence,
    endpoints: &[("wss://stream.bitbank.cc", protocol::LIST_HOST)],
    language: || Box::new(Decode::default()),
    live: Some(Live {
        limits: protocol::LIMITS,
        transport: Transport::EngineIo { version: EngineIoVersion::V4 },
        speak: |at| (at.ws.clone(), Box::new(Requests::new(&at.rest))),
        needs_rest: true,
    }),
    owns: |address| address.is_within("bitbank.cc").then_some(true),
    sign: sign::sign,
    twin_of: None,
    names: |header| header.contains("bitbank"),
};
