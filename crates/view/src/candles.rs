//! Candles: the market's bars, and when the newest of them is final.

use market::{Bar, PastBar, Timestamp};

use crate::backfill::FirstBar;

/// Flag of a bar that is closed.
const FLAG_CLOSED: u8 = 1;
/// Flag of a bar within whose time data were missing.
const FLAG_TOUCHED: u8 = 2;
/// Flag of the bar in which hearing began, where the venue told of the time before.
const FLAG_FIRST: u8 = 8;
/// Flag of a bar of which a part was missed, and told afterwards.
const FLAG_TOLD_PART: u8 = 32;
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

/// A bar as it is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Candle {
    pub(crate) opened_at: Timestamp,
    pub(crate) open: i64,
    pub(crate) high: i64,
    pub(crate) low: i64,
    pub(crate) close: i64,
    pub(crate) volume: i128,
    /// `None` where the venue does not tell.
    pub(crate) delta: Option<i128>,
    pub(crate) flags: u8,
}

impl Candle {
    /// A bar that was heard, with what the venue told of the first one's whole minutes before.
    pub(crate) fn heard(bar: &Bar, first: Option<FirstBar>, closing: Closing) -> Self {
        let part = FirstBar::part_of(first, bar);
        let first_flag = if FirstBar::is(first, bar) { FLAG_FIRST } else { 0 };
        let joined = |here: i64, there: Option<i64>, join: fn(i64, i64) -> i64| {
            there.map_or(here, |there| join(here, there))
        };
        Self {
            opened_at: bar.opened_at,
            open: part.map_or(bar.open, |part| part.open).0,
            high: joined(bar.high.0, part.map(|part| part.high.0), Ord::max),
            low: joined(bar.low.0, part.map(|part| part.low.0), Ord::min),
            close: bar.close.0,
            volume: bar.volume().saturating_add(part.map_or(0, |part| part.volume)),
            delta: match part {
                None => Some(bar.delta()),
                Some(part) => part.delta().map(|delta| bar.delta().saturating_add(delta)),
            },
            flags: closing.flags(bar) | first_flag,
        }
    }

    /// No trade changes it any more: its session is over, or far behind.
    pub(crate) const fn close_for_good(&mut self) {
        self.flags |= FLAG_CLOSED;
    }

    /// Data were missing within its time.
    pub(crate) const fn touch(&mut self) {
        self.flags |= FLAG_TOUCHED;
    }

    /// Takes in what an earlier session heard of the same time.
    pub(crate) fn join(&mut self, earlier: &Self) {
        self.open = earlier.open;
        self.high = self.high.max(earlier.high);
        self.low = self.low.min(earlier.low);
        self.volume = self.volume.saturating_add(earlier.volume);
        let deltas = self.delta.zip(earlier.delta);
        self.delta = deltas.map(|(one, other)| one.saturating_add(other));
        self.flags |= earlier.flags;
    }

    /// A bar that only the venue tells of.
    pub(crate) const fn told(bar: &PastBar, closing: Closing) -> Self {
        let flags = if closing.is_over(bar.opened_at) { FLAG_CLOSED } else { 0 };
        Self {
            opened_at: bar.opened_at,
            open: bar.open.0,
            high: bar.high.0,
            low: bar.low.0,
            close: bar.close.0,
            volume: bar.volume,
            delta: bar.delta(),
            flags,
        }
    }
}

impl Closing {
    /// Whether session time has passed the end of the bar that begins then.
    const fn is_over(self, opened_at: Timestamp) -> bool {
        let end = opened_at.plus_nanos(self.interval_s as i64 * NANOS_PER_SECOND);
        end.nanos() <= self.now.nanos()
    }

    /// Whether a bar is closed. A trade that the venue sends late still changes it.
    pub(crate) const fn is_closed(self, bar: &Bar) -> bool {
        bar.opened_at.nanos() != self.newest_at.nanos() || self.is_over(bar.opened_at)
    }

    /// The flags of a bar in a frame.
    pub(crate) const fn flags(self, bar: &Bar) -> u8 {
        let closed = if self.is_closed(bar) { FLAG_CLOSED } else { 0 };
        let touched = if bar.is_touched_by_gap { FLAG_TOUCHED } else { 0 };
        let told = if bar.n_told > 0 { FLAG_TOLD_PART } else { 0 };
        closed | touched | told
    }
}
