//! What the proofs share: a simulated market with a deck on it, frames read back, real recordings when they are there.

pub mod frame;
pub mod keep;
pub mod script;
pub mod stage;
pub mod tapes;

pub use frame::{Frame, Section};
pub use stage::{Eye, Stage, eventually};
