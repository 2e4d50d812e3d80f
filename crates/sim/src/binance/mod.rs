//! Binance spot as its clients see it: streams over WebSocket, snapshots and lists over HTTP.

mod control;
pub mod frames;
mod lists;
mod rest;
mod streams;

pub use streams::Binance;
