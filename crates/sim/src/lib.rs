//! A market to try: a simulated exchange that speaks real venues' wire protocols on loopback.
//!
//! [`start`] serves seeded worlds in the languages of [`SimVenue`], over real WebSocket and real HTTP. Its encoders
//! share no code with the decoders that they test.

mod allowance;
pub mod binance;
pub mod bitbank;
pub mod bitflyer;
pub mod bybit;
mod clock;
pub mod control;
mod cut;
pub mod digits;
mod door;
pub mod engineio;
mod exchange;
mod floor;
pub mod generator;
pub mod kraken;
pub mod okx;
pub mod replay;
mod server;
mod sim;
mod topics;
#[cfg(test)]
mod volumes;
pub mod world;

pub use allowance::Allowance;
pub use control::{Control, Fault, SimVenue};
pub use sim::{Endpoints, Sim, SimConfig, SimError, VenueEndpoints, start};
