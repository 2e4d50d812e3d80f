//! bitFlyer Lightning as its clients see it: channels of JSON-RPC over a WebSocket, or of Socket.IO 2.

mod control;
pub mod frames;
mod rest;
mod streams;

pub use streams::BitFlyer;
