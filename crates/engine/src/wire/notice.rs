//! What a user is told at once, on the wire.

use serde::{Deserialize, Serialize};

wire! {
/// A sentence for the user.
pub struct Notice {
    /// Grows by one.
    #[cfg_attr(test, ts(type = "number"))]
    pub number: u64,
    /// How urgent.
    pub level: NoticeLevel,
    /// Unix ms.
    pub at_ms: f64,
    /// The sentence.
    pub sentence: String,
}

/// How urgent a notice is.
#[serde(rename_all = "snake_case")]
pub enum NoticeLevel {
    /// News.
    Info,
    /// Something was lost for a moment and is back, or will be lost.
    Warn,
    /// Something is lost.
    Error,
}
}
