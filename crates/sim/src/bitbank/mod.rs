//! bitbank as its clients see it: rooms over Socket.IO, whose transport is Engine.IO 4 over a WebSocket, or
//! polled by HTTP until it moves to one.

mod control;
pub mod frames;
mod history;
mod rest;
mod streams;

pub use streams::Bitbank;
