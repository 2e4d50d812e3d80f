//! The recordings of this machine on the wire: what is known of each, and what can be done with it.

use serde::{Deserialize, Serialize};

wire! {
/// What can be done with a recording of this machine.
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RecordingWork {
    /// Give it another name. Answered by [`Reply::Kept`](super::Reply::Kept).
    Rename {
        /// The name, with or without `.mcap`.
        name: String,
    },
    /// Read all of it and prove its books. Answered by [`Reply::Verified`](super::Reply::Verified).
    Verify,
    /// Write a range of its session as a recording of its own, from all files that the range reaches into. Answered by
    /// [`Reply::Kept`](super::Reply::Kept).
    Cut {
        /// Unix ms of the first moment that is kept.
        from_ms: f64,
        /// Unix ms of the last moment that is kept.
        to_ms: f64,
        /// Whether these files then go to the trash, whole.
        is_trim: bool,
    },
    /// Put it into the trash, with all that lies beside it.
    Delete,
}

/// One recording on this machine.
pub struct RecordingEntry {
    /// Path of the file.
    pub path: String,
    /// File name.
    pub name: String,
    /// Path of the first file of its session, which all of them have in common; its own when there are no others.
    pub session: String,
    /// Venue names, joined by a comma.
    pub venues: String,
    /// The symbols of all its instruments, joined by a comma.
    pub symbols: String,
    /// The instruments of which it holds books or trades: the busiest first where it was read, else in the order in
    /// which they were first heard, as far as a look tells; at most 50.
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
    /// Whether it is the next to be deleted at the cap.
    pub goes_next: bool,
    /// What is wrong with it, as a sentence; empty when nothing is.
    pub damage: String,
    /// What reading all of it has told; `null` until it was read.
    pub figures: Option<RecordingFigures>,
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

/// What reading all of a recording tells.
pub struct RecordingFigures {
    /// Packets.
    #[cfg_attr(test, ts(type = "number"))]
    pub n_packets: u64,
    /// Spans in which a book was not right, those of several books at once counted as one.
    #[cfg_attr(test, ts(type = "number"))]
    pub n_gaps: u64,
    /// How long they are together, in ms.
    pub gaps_ms: f64,
    /// Book messages that the venue's numbers or sums let us check.
    #[cfg_attr(test, ts(type = "number"))]
    pub n_checked: u64,
    /// Those of them that did not agree.
    #[cfg_attr(test, ts(type = "number"))]
    pub n_failed: u64,
    /// Whether any venue states sums; else the order alone is checked.
    pub has_sums: bool,
    /// Per instrument, the busiest first.
    pub instruments: Vec<InstrumentFigures>,
    /// A PNG of 224 × 76 px as base64: mid price, density, gaps hatched; empty when there is nothing to draw.
    pub thumbnail: String,
}

/// What reading all of a recording tells of one instrument.
pub struct InstrumentFigures {
    /// `Binance`.
    pub venue_name: String,
    /// The venue's own symbol.
    pub symbol: String,
    /// Packets that spoke of it.
    #[cfg_attr(test, ts(type = "number"))]
    pub n_packets: u64,
    /// Book messages applied.
    #[cfg_attr(test, ts(type = "number"))]
    pub n_book_updates: u64,
    /// Trades, each id once.
    #[cfg_attr(test, ts(type = "number"))]
    pub n_trades: u64,
    /// Spans in which its book was not right.
    #[cfg_attr(test, ts(type = "number"))]
    pub n_gaps: u64,
    /// Checks that failed: sums, crossed books, best prices that differ.
    #[cfg_attr(test, ts(type = "number"))]
    pub n_failed: u64,
    /// How its book is checked: `checksum top 10`, `sequence`, `unverified`.
    pub proof: String,
}

/// What the recordings of real venues take, and may.
pub struct ShelfCap {
    /// Bytes taken.
    #[cfg_attr(test, ts(type = "number"))]
    pub used_bytes: u64,
    /// Bytes that they may take together.
    #[cfg_attr(test, ts(type = "number"))]
    pub cap_bytes: u64,
    /// What will be deleted, as a sentence; empty while there is room.
    pub sentence: String,
}

/// What is being done with recordings.
#[derive(Default)]
pub struct ShelfStatus {
    /// Grows when the list has something new to tell.
    #[cfg_attr(test, ts(type = "number"))]
    pub version: u64,
    /// The work that a user asked for, while it lasts.
    pub work: Option<ShelfWork>,
}

/// Work on a recording that takes a while.
pub struct ShelfWork {
    /// Path of the recording.
    pub path: String,
    /// `Verifying`, `Cutting`.
    pub what: String,
    /// How much of it is done, from 0 to 1.
    pub share: f64,
}
}
