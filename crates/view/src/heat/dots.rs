//! Trade dots: prints merged per column, bin and side.

mod saved;

use market::{Archive, Side};
use serde::{Deserialize, Serialize};

/// Closed dots kept per column length: four a column on average. Beyond it the oldest go.
const DOTS_KEPT: usize = 16_384;
/// Dots in a column that is forming; beyond it prints join the nearest dot.
const DOTS_PER_COLUMN: usize = 1_024;

/// Prints of one side within one column and bin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
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

/// A dot of a closed column in 32 bytes: 16,384 of them are kept in each of six lengths.
#[derive(Clone, Copy, Debug)]
struct Kept {
    /// The upper and the lower half.
    notional: (i64, u64),
    quantity: i64,
    /// A print at a thousand times the first price lies beyond any picture, and its bin beyond 32 bits.
    bin: i32,
    /// The column's number but for its upper half, which is that of the newest, and 1 where the taker sold.
    column_and_taker: u32,
}

/// What [`Kept`] knows of a column's number.
const COLUMN_MASK: i64 = (1 << 31) - 1;

impl Kept {
    fn new(dot: &Dot, column: i64) -> Self {
        let taker = match dot.taker {
            Side::Buy => 0,
            Side::Sell => 1,
        };
        Self {
            notional: ((dot.notional >> 64) as i64, dot.notional as u64),
            quantity: dot.quantity,
            bin: dot.bin.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32,
            column_and_taker: ((column & COLUMN_MASK) as u32) << 1 | taker,
        }
    }

    /// The column, which is the newest with dots or lies less than 2^31 before it.
    const fn column(&self, newest: i64) -> i64 {
        newest - ((newest - (self.column_and_taker >> 1) as i64) & COLUMN_MASK)
    }

    const fn dot(&self, newest: i64) -> Dot {
        Dot {
            column: self.column(newest),
            bin: self.bin as i64,
            taker: if self.column_and_taker & 1 == 0 { Side::Buy } else { Side::Sell },
            quantity: self.quantity,
            notional: (self.notional.0 as i128) << 64 | self.notional.1 as i128,
        }
    }
}

/// The dots of closed columns, oldest first.
#[derive(Clone, Debug)]
pub(crate) struct ClosedDots {
    dots: Archive<Kept>,
    /// What lies before this column is gone. Some of it may still be there, where dropping it would cost reading it.
    from: i64,
    /// The column of the newest.
    newest: i64,
    /// Dots that were ever kept.
    n_pushed: u64,
}

impl Default for ClosedDots {
    fn default() -> Self {
        Self { dots: Archive::default(), from: i64::MIN, newest: 0, n_pushed: 0 }
    }
}

impl ClosedDots {
    /// Appends the dots of a column that closes.
    pub(crate) fn close(&mut self, forming: &mut FormingDots, column: i64) {
        for dot in &forming.dots {
            if self.dots.len() == DOTS_KEPT {
                self.dots.drop_front(1);
            }
            self.dots.push_back(Kept::new(dot, column));
            self.newest = column;
            self.n_pushed += 1;
        }
        forming.clear();
    }

    /// Drops what lies before a column.
    pub(crate) fn drop_before(&mut self, column: i64) {
        self.from = column;
        let is_over = |dot: &Kept| dot.column(self.newest) < column;
        while self.dots.front_in_memory().is_some_and(is_over) {
            self.dots.drop_front(1);
        }
    }

    /// How many there are too many of: see [`from`](Self::from).
    fn n_over(&self) -> usize {
        self.dots.partition_point(|dot| dot.column(self.newest) < self.from)
    }

    /// The dots of the columns `from..to`, oldest first.
    pub(crate) fn range(&self, from: i64, to: i64) -> impl ExactSizeIterator<Item = Dot> {
        let newest = self.newest;
        let from = from.max(self.from);
        let start = self.dots.partition_point(|dot| dot.column(newest) < from);
        let end = self.dots.partition_point(|dot| dot.column(newest) < to);
        self.dots.range(start..end.max(start)).map(move |dot| dot.dot(newest))
    }
}

#[cfg(test)]
mod tests {
    use market::Side;
    use proptest::prelude::*;

    use super::{COLUMN_MASK, ClosedDots, Dot, FormingDots};

    proptest! {
        #[test]
        fn a_closed_dot_is_what_it_was(
            first in prop_oneof![
                Just(COLUMN_MASK - 5), Just(-3), any::<i32>().prop_map(i64::from), Just(17_844_836_400)
            ],
            dots in prop::collection::vec(
                (0_i64..3, any::<i32>(), any::<bool>(), any::<i64>(), any::<i128>()), 1..40),
        ) {
            let (mut closed, mut expected, mut column) = (ClosedDots::default(), Vec::new(), first);
            for (pause, bin, is_buy, quantity, notional) in dots {
                column += pause + 1;
                let taker = if is_buy { Side::Buy } else { Side::Sell };
                let dot = Dot { column, bin: i64::from(bin), taker, quantity, notional };
                let mut forming = FormingDots::default();
                forming.add(&dot);
                closed.close(&mut forming, column);
                expected.push(dot);
            }
            prop_assert_eq!(closed.range(first, column + 1).collect::<Vec<_>>(), expected.clone());
            let middle = expected[expected.len() / 2].column;
            closed.drop_before(middle);
            expected.retain(|dot| dot.column >= middle);
            prop_assert_eq!(closed.range(i64::MIN, i64::MAX).collect::<Vec<_>>(), expected);
        }
    }
}
