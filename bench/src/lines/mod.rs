//! The lines of the promise: each measures one and tells what it came to.

pub mod books;
pub mod keyframes;
pub mod memory;
pub mod panel;
pub mod recorder;
pub mod seek;
pub mod socket;
pub mod tape;
