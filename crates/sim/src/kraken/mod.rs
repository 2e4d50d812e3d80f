//! Kraken spot, WebSocket v2, as its clients see it.

mod books;
pub mod checksum;
mod control;
pub mod frames;
mod rest;
mod streams;

pub use streams::Kraken;
