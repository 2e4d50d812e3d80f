//! Kraken spot, WebSocket v2.

mod decode;
mod http;
mod instruments;
mod levels;
mod links;
mod message;
pub(crate) mod protocol;
mod time;

#[cfg(test)]
mod samples;

pub(crate) use decode::Decode;
