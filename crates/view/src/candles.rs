//! Candles: the market's bars, and when the newest of them is final.

use market::{Bar, Timestamp};

/// Flag of a bar that is closed.
const FLAG_CLOSED: u8 = 1;
/// Flag of a bar within whose time data were missing.
const FLAG_TOUCHED: u8 = 2;
const NANOS_PER_SECOND: i64 = 1_000_000_000;

/// What tells whether a bar is closed: a newer one has begun, or session time has passed its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Closing {
    /// Length of the bars.
    pub(crate) interval_s: u32,
    /// When the newest bar began.
    pub(crate) newest_at: Timestamp,
    /// Session time, on the grid.
    pub(crate) now: Timestamp,
}

impl Closing {
    /// Whether a bar is closed. A trade that the venue sends late still changes it.
    pub(crate) const fn is_closed(self, bar: &Bar) -> bool {
        let end = bar.opened_at.plus_nanos(self.interval_s as i64 * NANOS_PER_SECOND);
        bar.opened_at.nanos() != self.newest_at.nanos() || end.nanos() <= self.now.nanos()
    }

    /// The flags of a bar in a frame.
    pub(crate) const fn flags(self, bar: &Bar) -> u8 {
        let closed = if self.is_closed(bar) { FLAG_CLOSED } else { 0 };
        let touched = if bar.is_touched_by_gap { FLAG_TOUCHED } else { 0 };
        closed | touched
    }
}
