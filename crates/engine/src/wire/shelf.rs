//! Recordings on the wire: what a list of them shows.

use serde::{Deserialize, Serialize};

wire! {
/// One recording on this machine.
pub struct RecordingEntry {
    /// Path of the file.
    pub path: String,
    /// File name.
    pub name: String,
    /// Venue names, joined by a comma.
    pub venues: String,
    /// Symbols of `instruments`, joined by a comma.
    pub symbols: String,
    /// The instruments of which it holds books or trades, in the order in which they were first heard; at most 50.
    pub instruments: Vec<RecordedInstrument>,
    /// How many more there are.
    pub n_more_instruments: u32,
    /// Unix ms of the first packet.
    pub from_ms: f64,
    /// Unix ms of the last packet that can be read.
    pub to_ms: f64,
    /// Bytes on disk.
    #[cfg_attr(test, ts(type = "number"))]
    pub bytes: u64,
    /// Whether it was recorded from the simulated exchange.
    pub is_simulated: bool,
    /// Whether it is being written now.
    pub is_open: bool,
    /// Whether it is kept from the cap.
    pub is_pinned: bool,
    /// What is wrong with it, as a sentence; empty when nothing is.
    pub damage: String,
}

/// An instrument of a recording.
pub struct RecordedInstrument {
    /// The venue's id: `binance`.
    pub venue: String,
    /// The venue's own symbol.
    pub symbol: String,
    /// One name across venues: `BTC-USDT`; the symbol where that is not known.
    pub name: String,
}
}
