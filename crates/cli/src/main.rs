//! Tapedeck without a screen.
fn main() {}
