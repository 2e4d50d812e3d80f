//! Deribit v2: perpetuals, futures, options and spot, in JSON-RPC 2.0 over one socket.

mod decode;
mod http;
mod instruments;
mod links;
mod message;
mod protocol;
mod sign;
mod trades;

use market::Venue;

use self::decode::Decode;
use self::protocol::Requests;
use crate::list::Entry;
use crate::protocol::{Live, Transport};

/// All markets of Deribit.
pub(crate) static ALL: Entry = Entry {
    venue: Venue::Deribit,
    silence: protocol::LIMITS.silence,
    endpoints: &[("wss://www.deribit.com/ws/api/v2", "https://www.deribit.com/api/v2")],
    language: || Box::new(Decode::default()),
    live: Some(Live {
        limits: protocol::LIMITS,
        transport: Transport::WebSocket,
        speak: |at| (at.ws.clone(), Box::new(Requests::new(&at.rest))),
        needs_rest: true,
    }),
    owns: |address| address.is_within("deribit.com").then_some(true),
    sign: sign::sign,
    twin_of: None,
    names: |header| header.contains("deribit"),
};
