//! What a screen asks of the past that its frames do not reach; answered by bytes, as `docs/frame.md` lays them out.

use serde::{Deserialize, Serialize};

wire! {
/// A span of the past of the instrument that the screen follows.
pub struct Older {
    /// What is wanted.
    pub of: OlderOf,
    /// Unix ms of session time at which it begins. Of a long span the end is told.
    pub from_ms: f64,
    /// Unix ms at which it ends; what the screen has begins there.
    pub to_ms: f64,
}

/// What is wanted of the past.
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum OlderOf {
    /// Columns of the heatmap with their dots.
    Columns {
        /// Length of a column in ms: 1, 5, 20, 100, 500, 1000, 5000, 15000 or 60000.
        column_ms: u32,
    },
    /// Bars.
    Bars {
        /// Length of a bar in seconds: 1, 5, 15, 60, 300, 900, 3600, 14400, 86400.
        interval_s: u32,
    },
    /// Spans in which the book was not right, before those that frames tell.
    Gaps,
    /// Prints before one that the screen has, which was made at `to_ms`.
    Prints {
        /// Of which session that one is: when it began, as an answer named it; none: the session that is shown.
        session_from_ms: Option<f64>,
        /// Its number in it.
        number: u32,
    },
}
}
