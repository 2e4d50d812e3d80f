//! What they say: each exchange's language, both ways.
//!
//! Pure: this room never knows a socket, a file or a clock. [`Decoder`] turns packets into events, [`Protocol`] says
//! what must be asked so that a venue speaks, [`identify`] tells whose frames a capture holds, and [`image`] is our own
//! language for what a recording must know of the time before its first packet.

mod assemble;
mod binance;
mod bitbank;
mod bitfinex;
mod bitflyer;
mod bitget;
mod bitmex;
mod bitstamp;
mod bridge;
mod bybit;
mod coinbase;
mod context;
mod decoder;
mod deribit;
mod dydx;
pub mod endpoint;
pub mod engineio;
mod error;
mod gate;
mod gemini;
mod hitbtc;
mod hyperliquid;
mod identify;
pub mod image;
mod independent_reserve;
mod json;
mod kraken;
mod kraken_futures;
mod kraken_v1;
mod kucoin;
mod limits;
mod link_numbers;
mod list;
mod number;
mod okx;
mod okx_v3;
mod past;
mod past_bars;
mod per_link;
mod plea;
mod protocol;
mod recent;
mod remember;
mod rows;
#[cfg(test)]
mod samples;
mod sided;
mod socketio;
mod suggestion;
mod table;
mod text;
mod trade_id;
mod turns;

pub use decoder::Decoder;
pub use endpoint::{EndpointError, Endpoints};
pub use error::{DecodeError, NumberFault};
pub use identify::{Evidence, identify};
pub use limits::{Counted, Limits, Rate};
pub use list::{book_silence, silence};
pub use plea::Plea;
pub use protocol::{
    EngineIoVersion, Keepalive, Poll, Protocol, Request, Transport, posted, posted_body,
};
pub use suggestion::symbol_suggestion;
pub use text::{NAME_CHARS_MAX, TEXT_CHARS_MAX, clean};
