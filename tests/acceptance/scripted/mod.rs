//! Venues that the simulated exchange does not speak, on one scripted server, and what each must stand.

mod frames;
mod server;
mod stories;
