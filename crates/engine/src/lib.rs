//! How it flows: source → decode → market → view → frame: the one loop.

mod clock;
mod engine;
mod image;
mod latency;
mod links;
mod pulse;
mod search;
mod watched;
pub mod wire;

pub use engine::{Ask, Counts, Engine, GRID_NANOS, Input};
pub use links::{LinkState, Links};
pub use watched::Watched;
