//! bitFlyer Lightning as its clients see it: channels of JSON-RPC over a WebSocket.

mod control;
pub mod frames;
mod rest;
mod streams;

pub use streams::BitFlyer;
