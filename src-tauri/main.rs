//! Tapedeck with a screen.
fn main() {}
