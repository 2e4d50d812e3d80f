//! Bitstamp v2: spot and perpetuals.

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
use crate::protocol::{Live, Transport};

/// All markets of Bitstamp.
pub(crate) static ALL: Entry = Entry {
    venue: Venue::Bitstamp,
    silence: protocol::LIMITS.silence,
    endpoints: &[("wss://ws.bitstamp.net", "https://www.bitstamp.net")],
    language: || Box::new(Decode::default()),
    live: Some(Live {
        limits: protocol::LIMITS,
        transport: Transport::WebSocket,
        speak: |at| (at.ws.clone(), Box::new(Requests::new(&at.rest))),
        needs_rest: true,
    }),
    owns: |address| address.is_within("bitstamp.net").then_some(true),
    sign: sign::sign,
    twin_of: None,
    names: |header| header.contains("bitstamp"),
};
