//! Columns shorter than a cell of the grid, of which each packet that changes the book has one of its own. They are
//! kept of what somebody looks at, while somebody does: an hour of them has millions.
//!
//! Their cells are of a millisecond, and close when the next fact comes or time is told: nothing else can change the
//! book in between. They have the bins of the other columns and follow the book by themselves, so that these are the
//! same whether anybody wants fine ones or not.

use market::{Changes, Market, Timestamp};

use super::cell::BookBins;
use super::column::ColumnState;
use super::columns::COLUMNS_KEPT;
use super::dots::Dot;
use super::ring::{CellBook, CellTrades, Ring};
use super::scale::HeatScale;

/// The lengths of fine columns in ms, which divide those of the others.
pub const FINE_LENGTHS_MS: [u32; 3] = [1, 5, 20];
/// Nanoseconds of a fine cell.
const CELL_NANOS: i64 = 1_000_000;
/// Nanoseconds of the longest fine column: so long after its beginning, a ring knows whole ones.
pub const FINE_NANOS_MAX: i64 = 20 * CELL_NANOS;

/// Lengths of fine columns, each once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FineLengths([bool; FINE_LENGTHS_MS.len()]);

impl FineLengths {
    /// None of them.
    pub const NONE: Self = Self([false; FINE_LENGTHS_MS.len()]);

    /// This length; none when it is that of no fine column.
    pub fn of(column_ms: u32) -> Self {
        Self(FINE_LENGTHS_MS.map(|ms| ms == column_ms))
    }

    /// The lengths of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let (mut all, Self(others)) = (self, other);
        all.0.iter_mut().zip(others).for_each(|(one, other)| *one |= other);
        all
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self == Self::NONE
    }

    /// Whether these are among them.
    pub fn has(self, others: Self) -> bool {
        self.and(others) == self
    }

    /// For how long the columns of these lengths are kept: whatever is older has gone. In ns.
    pub fn kept_nanos(self) -> i64 {
        let lengths = FINE_LENGTHS_MS.iter().zip(self.0).filter(|(_, is_in)| *is_in);
        let longest = lengths.map(|(ms, _)| i64::from(*ms)).max().unwrap_or(0);
        longest * CELL_NANOS * COLUMNS_KEPT as i64
    }
}

/// The fine columns of an instrument.
#[derive(Clone, Debug)]
pub(crate) struct Fine {
    bins: BookBins,
    is_read: bool,
    trades: CellTrades,
    open_cell: i64,
    rings: [Option<Ring>; FINE_LENGTHS_MS.len()],
}

impl Fine {
    /// Begins with the first good book; `None` without lengths.
    pub(crate) fn begin(lengths: FineLengths, at: Timestamp) -> Option<Self> {
        Self::new(lengths, at, Ring::fine)
    }

    /// Begins where the book has been there for some time; `None` without lengths.
    pub(crate) fn begin_late(lengths: FineLengths, at: Timestamp) -> Option<Self> {
        Self::new(lengths, at, Ring::fine_within)
    }

    fn new(lengths: FineLengths, at: Timestamp, begin: fn(u32, i64) -> Ring) -> Option<Self> {
        let open_cell = cell_from_time(at);
        let ring =
            |index: usize| lengths.0[index].then(|| begin(FINE_LENGTHS_MS[index], open_cell));
        let rings = std::array::from_fn(ring);
        let (bins, trades) = (BookBins::default(), CellTrades::default());
        (!lengths.is_empty()).then_some(Self { bins, is_read: false, trades, open_cell, rings })
    }

    /// Keeps columns of these lengths and of no others.
    pub(crate) fn set(&mut self, lengths: FineLengths) {
        for ((ring, ms), is_wanted) in self.rings.iter_mut().zip(FINE_LENGTHS_MS).zip(lengths.0) {
            let kept = ring.take().filter(|_| is_wanted);
            *ring = kept.or_else(|| is_wanted.then(|| Ring::fine_within(ms, self.open_cell)));
        }
    }

    /// The book has changed by this.
    pub(crate) fn on_book(&mut self, changes: Option<Changes>, scale: HeatScale) {
        self.is_read = false;
        self.bins.follow(changes, scale);
    }

    /// Takes a trade into the open cell.
    pub(crate) fn on_trade(&mut self, dot: &Dot) {
        self.trades.take(dot);
    }

    /// Closes the cells up to `at`: the first with the trades of the open cell, all with the book as it stands. Whether
    /// there were any.
    pub(crate) fn close(
        &mut self,
        market: &Market,
        scale: HeatScale,
        state: ColumnState,
        at: Timestamp,
    ) -> bool {
        let n_cells = cell_from_time(at) - self.open_cell;
        if n_cells <= 0 {
            return false;
        }
        if state != ColumnState::Stale && !self.is_read {
            self.bins.update(market, scale);
            self.is_read = true;
            if self.bins.touch.middle().is_none() {
                // An empty book has no window: none that it had before may stay, which another way here may not know.
                self.bins.lowest_bin = 0;
            }
        }
        let book = CellBook { bins: &self.bins, state };
        for ring in self.rings.iter_mut().flatten() {
            ring.close_cells(self.open_cell, n_cells, book, &self.trades);
        }
        self.trades.clear();
        self.open_cell += n_cells;
        true
    }

    /// The columns of a length.
    pub(crate) fn ring(&self, column_ms: u32) -> Option<&Ring> {
        self.rings.iter().flatten().find(|ring| ring.column_ms() == column_ms)
    }

    /// Trades of the open cell.
    pub(crate) const fn trades(&self) -> &CellTrades {
        &self.trades
    }
}

const fn cell_from_time(at: Timestamp) -> i64 {
    at.nanos().div_euclid(CELL_NANOS)
}
