//! The book as it stood on the grid during the last two seconds: what the ladder's Δ compares with.

use std::collections::VecDeque;

use market::{Market, Side};

use crate::grid::DELTA_CELLS;
use crate::reach::Reach;

/// Levels kept a side: those nearest to the touch. Farther rows show no Δ.
const LEVELS_KEPT: usize = 1_024;

/// A book at the beginning of a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sample {
    /// The cell at whose beginning it stood so.
    pub(crate) cell: i64,
    /// Bids as price and quantity, best first.
    pub(crate) bids: Vec<(i64, i64)>,
    /// Asks as price and quantity, best first.
    pub(crate) asks: Vec<(i64, i64)>,
    /// The prices between which the sample tells.
    pub(crate) reach: Reach,
}

/// One sample for each cell in which the book changed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Past {
    samples: VecDeque<Sample>,
    spare: Vec<Sample>,
}

impl Past {
    /// Keeps the book as it stands when the cell `cell` begins.
    pub(crate) fn keep(&mut self, cell: i64, market: &Market) {
        let mut sample = self.spare.pop().unwrap_or_else(|| Sample {
            cell,
            bids: Vec::new(),
            asks: Vec::new(),
            reach: Reach::ALL,
        });
        sample.cell = cell;
        sample.reach = Reach::of(market);
        sample.bids.clear();
        sample.asks.clear();
        // Ten times a second and for every instrument: a visit costs a third of what an iterator does.
        for (side, levels) in [(Side::Buy, &mut sample.bids), (Side::Sell, &mut sample.asks)] {
            market.book().visit_best(side, LEVELS_KEPT, |level| {
                levels.push((level.price.0, level.quantity.0));
            });
        }
        if let Some((lowest, _)) = sample.bids.get(LEVELS_KEPT - 1) {
            sample.reach.lowest = sample.reach.lowest.max(*lowest);
        }
        if let Some((highest, _)) = sample.asks.get(LEVELS_KEPT - 1) {
            sample.reach.highest = sample.reach.highest.min(*highest);
        }
        self.samples.push_back(sample);
    }

    /// Lets go what stands two seconds or more before the cell `cell`, but for the last such sample: it still tells how
    /// the book stood then. Whether any was let go.
    pub(crate) fn expire(&mut self, cell: i64) -> bool {
        let n_before = self.samples.len();
        while self.samples.get(1).is_some_and(|next| next.cell <= cell - DELTA_CELLS) {
            self.spare.extend(self.samples.pop_front());
        }
        self.samples.len() != n_before
    }

    /// Forgets all: the book was lost, and what comes is another one.
    pub(crate) fn forget(&mut self) {
        self.spare.extend(self.samples.drain(..));
    }

    /// How the book stood two seconds before the cell `cell`, or at the earliest moment since it was last right.
    /// Second: the cell from which trades explain the difference.
    pub(crate) fn reference(&self, cell: i64) -> Option<(&Sample, i64)> {
        let sample = self.samples.front()?;
        Some((sample, sample.cell.max(cell - DELTA_CELLS)))
    }
}
