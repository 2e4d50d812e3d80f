//! Time on the wire: how the playhead is moved, and what is told of it.

use serde::{Deserialize, Serialize};

wire! {
/// By what the playhead is moved at a step.
#[serde(rename_all = "snake_case")]
pub enum StepBy {
    /// A packet.
    Packet,
    /// A packet that tells of a trade of the followed instrument.
    Trade,
    /// A frame of the screen: 50 ms.
    Frame,
    /// A second.
    Second,
}

/// To what the playhead jumps.
#[serde(rename_all = "snake_case")]
pub enum JumpTo {
    /// A large trade of the followed instrument.
    LargeTrade,
    /// The beginning of a gap of the followed instrument.
    Gap,
    /// A bookmark.
    Bookmark,
}

/// What the live session can be rewound into, told once a second.
pub struct Past {
    /// Unix ms of the first packet, also of earlier sessions.
    pub from_ms: f64,
    /// Unix ms of the present when this was told.
    pub to_ms: f64,
    /// The sessions, oldest first, in Unix ms: `[from, to]`. Nothing was recorded between two of them.
    pub sessions: Vec<(f64, f64)>,
    /// Grows when more was found out about the past: what a timeline was told may be told better now.
    #[cfg_attr(test, ts(type = "number"))]
    pub found: u64,
    /// Marked moments, oldest first.
    pub bookmarks: Vec<Bookmark>,
}

/// A part of a session on the timeline, in steps of the same length. Of two that overlap the later one tells more.
pub struct TimelinePiece {
    /// Unix ms at which the first step begins.
    pub from_ms: f64,
    /// Length of a step, ms.
    pub step_ms: f64,
    /// Packets in each step.
    #[cfg_attr(test, ts(type = "Array<number>"))]
    pub counts: Vec<u64>,
    /// The last price known between bid and ask of the followed instrument in each step; `null` where none is.
    pub prices: Vec<Option<f64>>,
}

/// A span of a session without a right book.
pub struct TimelineGap {
    /// Unix ms at which it begins.
    pub from_ms: f64,
    /// Unix ms at which it ends.
    pub to_ms: f64,
    /// Why, as frames number it; `null`: these are several gaps, so near to each other that they are told as one.
    pub cause: Option<u8>,
    /// What is known of it beside the cause, in words, `recording was off`; mostly empty.
    pub because: String,
}

/// A marked moment.
pub struct Bookmark {
    /// Its number while the program runs.
    #[cfg_attr(test, ts(type = "number"))]
    pub id: u64,
    /// Unix ms of session time.
    pub at_ms: f64,
    /// What is to be remembered; may be empty.
    pub note: String,
}

/// The playhead over a recording, or over the past of the live session.
pub struct Transport {
    /// The path of the file at the playhead; empty when nothing of the session there is on disk.
    pub path: String,
    /// Its file name; `2 recordings in step` where several play together.
    pub name: String,
    /// Whether it is the past of the live session.
    pub is_rewind: bool,
    /// Unix ms of the present of the live session; `null` for a recording.
    pub live_ms: Option<f64>,
    /// How far the playhead is behind the present, in ms; `null` for a recording.
    pub behind_ms: Option<f64>,
    /// Unix ms of the first packet.
    pub from_ms: f64,
    /// Unix ms of the last packet; of a rewind, the present as it is told once a second.
    pub to_ms: f64,
    /// Unix ms of the playhead.
    pub at_ms: f64,
    /// Packets before the playhead.
    #[cfg_attr(test, ts(type = "number"))]
    pub packet_index: u64,
    /// Packets in all, as far as they can be read.
    #[cfg_attr(test, ts(type = "number"))]
    pub n_packets: u64,
    /// Whether it plays.
    pub is_playing: bool,
    /// Whether the playhead is on its way to `at_ms`; frames come again once it is there.
    pub is_seeking: bool,
    /// Up to where all is heard, in Unix ms: `at_ms`, or on the way there how far it is.
    pub reached_ms: f64,
    /// Times the recorded pace; `null` is as fast as possible.
    pub speed: Option<f64>,
    /// Whether what plays goes on behind a gap once that was shown for a second.
    pub skips_gaps: bool,
    /// The sessions, oldest first, in Unix ms: `[from, to]`. Nothing was recorded between two of them.
    pub sessions: Vec<(f64, f64)>,
    /// Grows when more was found out about the past: what a timeline was told may be told better now.
    #[cfg_attr(test, ts(type = "number"))]
    pub found: u64,
    /// Marked moments, oldest first.
    pub bookmarks: Vec<Bookmark>,
    /// The range that is played again and again, in Unix ms; `null`: none.
    pub loop_range: Option<(f64, f64)>,
    /// What is missing from the file, as a sentence; empty when nothing is.
    pub damage: String,
}
}
