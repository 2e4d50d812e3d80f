//! Kraken spot, WebSocket v2.

mod decode;
mod http;
mod instruments;
mod levels;
mod links;
mod message;
pub(crate) mod protocol;
mod time;

pub(crate) use decode::Decode;
