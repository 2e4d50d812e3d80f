//! One column of the heatmap, closed.

use serde::{Deserialize, Serialize};

use crate::code::CODE_UNKNOWN;

/// What a column tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnState {
    /// The book was in order in at least one of its cells.
    Good,
    /// The book was in order, but quieter than usual, in all cells in which it was in order.
    Quiet,
    /// The book was in order in no cell: there is no data.
    #[default]
    Stale,
}

impl ColumnState {
    /// Its number in a frame.
    pub const fn code(self) -> u8 {
        match self {
            Self::Good => 0,
            Self::Stale => 1,
            Self::Quiet => 2,
        }
    }
}

/// A column that is closed. Prices are in units of the price's scale, volumes in units of the quantity's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    /// The bin at the bottom.
    pub lowest_bin: i64,
    /// Best bid at the close.
    pub best_bid: Option<i64>,
    /// Best ask at the close.
    pub best_ask: Option<i64>,
    /// What takers bought.
    pub bought: i64,
    /// What takers sold.
    pub sold: i64,
    /// What the column tells.
    pub state: ColumnState,
    /// Sizes as codes, from the lowest bin up; empty when nothing is known.
    pub codes: Vec<u16>,
}

impl Column {
    /// The code of a bin by its number.
    pub fn code(&self, bin: i64) -> u16 {
        usize::try_from(bin - self.lowest_bin)
            .ok()
            .and_then(|position| self.codes.get(position))
            .copied()
            .unwrap_or(CODE_UNKNOWN)
    }
}
