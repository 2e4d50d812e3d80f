//! Coinbase: Advanced Trade, which is heard live; and the Exchange feed, formerly Pro, as recordings hold it.

mod advanced;
mod decode;
mod http;
mod instruments;
mod message;
mod pro;
mod protocol;
mod sides;
mod sign;

use market::Venue;

use self::decode::Decode;
use self::protocol::Requests;
use crate::list::Entry;
use crate::protocol::{Live, Transport};

/// Advanced Trade.
pub(crate) static ADVANCED: Entry = Entry {
    venue: Venue::Coinbase,
    silence: protocol::LIMITS.silence,
    endpoints: &[("wss://advanced-trade-ws.coinbase.com", "https://api.coinbase.com")],
    language: || Box::new(Decode::default()),
    live: Some(Live {
        limits: protocol::LIMITS,
        transport: Transport::WebSocket,
        speak: |at| (at.ws.clone(), Box::new(Requests::new(&at.rest))),
        needs_rest: true,
    }),
    owns: |address| {
        if !address.is_within("coinbase.com") {
            return None;
        }
        match address.host {
            "api.coinbase.com" => address.path.starts_with("api/v3/brokerage/").then_some(true),
            "advanced-trade-ws.coinbase.com"
            | "ws-feed.exchange.coinbase.com"
            | "ws-feed.pro.coinbase.com"
            | "api.exchange.coinbase.com"
            | "api.pro.coinbase.com" => Some(true),
            // Orders of a user, the international exchange, order entry: other languages.
            _ => Some(false),
        }
    },
    sign: sign::sign,
    twin_of: None,
    names: |header| header.contains("coinbase"),
};
