//! OKX, version 5: spot, swaps and futures on one link.

mod book;
mod decode;
mod http;
mod instruments;
mod links;
mod message;
mod protocol;
mod sign;
mod stated;
mod symbol;

use market::Venue;

pub(crate) use self::book::checksum;
use self::decode::Decode;
pub(crate) use self::message::{Arg, Book, Frame};
use self::protocol::Requests;
use crate::list::{Address, Entry};
use crate::protocol::{Live, Transport};

/// All kinds of instruments.
pub(crate) static OKX: Entry = Entry {
    venue: Venue::Okx,
    silence: protocol::LIMITS.silence,
    endpoints: &[
        ("wss://ws.okx.com:8443/ws/v5/public", "https://www.okx.com"),
        // Europe and the United States, which list fewer instruments.
        ("wss://wseea.okx.com:8443/ws/v5/public", "https://eea.okx.com"),
        ("wss://wsus.okx.com:8443/ws/v5/public", "https://us.okx.com"),
    ],
    language: || Box::new(Decode::default()),
    live: Some(Live {
        limits: protocol::LIMITS,
        transport: Transport::WebSocket,
        speak: |at| (at.ws.clone(), Box::new(Requests::new(&at.rest))),
        needs_rest: true,
    }),
    owns,
    sign: sign::sign,
    twin_of: None,
    names: |header| header.contains("okx") || header.contains("okex"),
};

/// Its hosts, under the old name too; version 3 is another protocol.
fn owns(address: &Address<'_>) -> Option<bool> {
    let is_its = ["okx.com", "okex.com"].into_iter().any(|domain| address.is_within(domain));
    let path = address.path;
    is_its.then(|| path.starts_with("ws/v5/") || path.starts_with("api/v5/"))
}
