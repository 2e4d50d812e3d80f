//! The eight lines: each measures one promise and tells what it came to.

pub mod books;
pub mod panel;
pub mod recorder;
pub mod tape;
