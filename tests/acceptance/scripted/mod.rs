//! Venues that the simulated exchange does not speak, on one scripted server, and what each must stand.

mod blocked;
mod frames;
mod printed;
mod server;
mod stories;
