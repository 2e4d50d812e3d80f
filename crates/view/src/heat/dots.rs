//! Trade dots: prints merged per column, bin and side.

use std::collections::VecDeque;

use market::Side;

/// Closed dots kept per column length: four a column on average. Beyond it the oldest go.
const DOTS_KEPT: usize = 16_384;
/// Dots in a column that is forming; beyond it prints join the nearest dot.
const DOTS_PER_COLUMN: usize = 1_024;

/// Prints of one side within one column and bin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dot {
    /// Number of the column.
    pub column: i64,
    /// Number of the bin.
    pub bin: i64,
    /// Who took.
    pub taker: Side,
    /// What was taken, in units of the quantity's scale.
    pub quantity: i64,
    /// Sum of price × quantity, in units of both scales.
    pub notional: i128,
}

impl Dot {
    /// The volume-weighted mean price, in units of the price's scale.
    pub fn mean_price(&self) -> f64 {
        self.notional as f64 / self.quantity.max(1) as f64
    }

    /// Takes another in.
    fn merge(&mut self, other: &Self) {
        self.quantity = self.quantity.saturating_add(other.quantity);
        self.notional = self.notional.saturating_add(other.notional);
    }
}

/// The dots of a column that is forming, in order of bin and side.
#[derive(Clone, Debug, Default)]
pub(crate) struct FormingDots {
    dots: Vec<Dot>,
}

impl FormingDots {
    /// Adds prints; the column is whatever the caller closes it as.
    pub(crate) fn add(&mut self, dot: &Dot) {
        let key = (dot.bin, dot.taker);
        match self.dots.binary_search_by_key(&key, |dot| (dot.bin, dot.taker)) {
            Ok(index) => self.dots[index].merge(dot),
            Err(index) if self.dots.len() < DOTS_PER_COLUMN => self.dots.insert(index, *dot),
            Err(index) => {
                let nearest = index.min(self.dots.len() - 1);
                self.dots[nearest].merge(dot);
            }
        }
    }

    /// Adds all of another.
    pub(crate) fn add_all(&mut self, other: &Self) {
        for dot in &other.dots {
            self.add(dot);
        }
    }

    /// In order of bin and side.
    pub(crate) fn as_slice(&self) -> &[Dot] {
        &self.dots
    }

    /// Forgets all.
    pub(crate) fn clear(&mut self) {
        self.dots.clear();
    }
}

/// The dots of closed columns, oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClosedDots {
    dots: VecDeque<Dot>,
}

impl ClosedDots {
    /// Appends the dots of a column that closes.
    pub(crate) fn close(&mut self, forming: &mut FormingDots, column: i64) {
        for dot in &forming.dots {
            if self.dots.len() == DOTS_KEPT {
                self.dots.pop_front();
            }
            self.dots.push_back(Dot { column, ..*dot });
        }
        forming.clear();
    }

    /// Drops what lies before a column.
    pub(crate) fn drop_before(&mut self, column: i64) {
        while self.dots.front().is_some_and(|dot| dot.column < column) {
            self.dots.pop_front();
        }
    }

    /// The dots of the columns `from..to`, oldest first.
    pub(crate) fn range(&self, from: i64, to: i64) -> impl ExactSizeIterator<Item = &Dot> {
        let start = self.dots.partition_point(|dot| dot.column < from);
        let end = self.dots.partition_point(|dot| dot.column < to);
        self.dots.range(start..end.max(start))
    }
}
