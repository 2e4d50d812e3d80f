//! The checklist for clients of venues: eight items, a row a venue.
//!
//! Each kind of message, and what is none (1); the order of books and changes (2); levels (3); numbers (4); large
//! frames, bursts, compression (5); the way back after a cut, within the venue's limits (6); links that grow old (7);
//! silence (8).
//!
//! A row names for each item what is heard, or why there is no such thing at the venue. `rows::row` knows every venue
//! or does not compile. The same stories between the whole program and the simulated or scripted venues stand in
//! `acceptance`: `conformance.rs`, `faults.rs`, `venues.rs`, `scripted/stories.rs`.

mod ear;
mod faults;
mod levels;
mod links;
mod messages;
mod numbers;
mod order;
mod rolls;
mod room;
mod row;
mod rows;
mod server;
mod silence;
