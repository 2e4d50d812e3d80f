//! Binance as its clients see it, spot and USD-M futures: streams over WebSocket, snapshots and lists over HTTP.

mod control;
pub mod frames;
mod futures;
mod lists;
mod rest;
mod streams;

pub use streams::Binance;
