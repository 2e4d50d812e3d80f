//! Bybit v5 as its clients see it: spot, and linear perpetuals at an address of their own.

mod control;
pub mod frames;
mod rest;
mod streams;
mod tickers;

pub use streams::Bybit;
