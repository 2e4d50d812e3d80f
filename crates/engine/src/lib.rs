//! How it flows: source → decode → market → view → frame: the one loop.

pub mod wire;
