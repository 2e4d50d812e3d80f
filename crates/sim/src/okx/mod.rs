//! OKX v5 as its clients see it: a few coins and their perpetual swaps.

mod control;
pub mod frames;
mod rest;
mod streams;
mod swaps;

pub use streams::Okx;
