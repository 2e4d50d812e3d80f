//! What the panels show, seen through the public surface and through the bytes of frames.

mod decoder;
mod digest;
mod frames;
mod golden;
mod heatmap;
mod ladder;
mod script;
