//! Binance: spot, Binance.US, and its two futures markets, which speak dialects of one language.

mod book;
mod decode;
mod http;
mod instruments;
mod levels;
mod links;
mod message;
pub(crate) mod protocol;
mod scan;
mod tape;

#[cfg(test)]
mod scan_equals_serde;

pub(crate) use decode::Decode;
