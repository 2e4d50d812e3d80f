//! Volume at price since the session began, in the rows of one grouping of the ladder.

use market::Side;
use market::load::{Loader, RestoreError, require};
use market::save::{Saver, Steps, put_signed, put_steps};

/// Rows kept in a profile; past it the row farthest from the trade gives way. At one tick a row that is 6,553.6 of
/// quote currency for an instrument with a tick of 0.1, and a mebibyte of memory.
const ROWS_KEPT: usize = 65_536;

/// The row of a price when rows are `step` high: bids round down and asks up, so that no row mixes sides.
pub(crate) const fn row_from_price(price: i64, step: i64, side: Side) -> i64 {
    let below = price.div_euclid(step);
    match side {
        Side::Buy => below,
        Side::Sell => below + (price.rem_euclid(step) != 0) as i64,
    }
}

/// The side of the book that a taker trades against.
pub(crate) const fn side_hit(taker: Side) -> Side {
    match taker {
        Side::Buy => Side::Sell,
        Side::Sell => Side::Buy,
    }
}

/// Volume by row, in order of rows.
#[derive(Clone, Debug)]
pub(crate) struct Profile {
    step: i64,
    rows: Vec<(i64, i64)>,
    last_index: usize,
    largest: Option<(i64, i64)>,
}

impl Profile {
    /// An empty profile with rows of `step` units of price.
    pub(crate) const fn new(step: i64) -> Self {
        Self { step, rows: Vec::new(), last_index: 0, largest: None }
    }

    /// Rows, each by how far it lies above the one before.
    pub(crate) fn save(&self, steps: Steps, saver: &mut Saver<'_>) {
        saver.put(&(self.step, self.largest, self.rows.len()));
        let (out, mut before) = (saver.bytes(), 0_i64);
        for (row, volume) in &self.rows {
            put_signed(out, row.wrapping_sub(before));
            put_steps(out, *volume as u64, steps.lot);
            before = *row;
        }
    }

    pub(crate) fn load(steps: Steps, loader: &mut Loader<'_>) -> Result<Self, RestoreError> {
        const WHAT: &str = "volume at price";
        let (step, largest, n): (i64, Option<(i64, i64)>, usize) = loader.get(WHAT)?;
        require(step > 0 && n <= ROWS_KEPT, WHAT)?;
        let (mut rows, mut before) = (Vec::with_capacity(n), 0_i64);
        for _ in 0..n {
            let row = before.wrapping_add(loader.reader().signed(WHAT)?);
            let volume = loader.reader().steps(steps.lot, WHAT)? as i64;
            require(rows.last().is_none_or(|(last, _)| *last < row), WHAT)?;
            rows.push((row, volume));
            before = row;
        }
        Ok(Self { step, rows, last_index: 0, largest })
    }

    /// Adds a trade.
    pub(crate) fn add(&mut self, price: i64, quantity: i64, taker: Side) {
        let row = row_from_price(price, self.step, side_hit(taker));
        let index = self.index_of(row);
        let volume = &mut self.rows[index].1;
        *volume = volume.saturating_add(quantity);
        if self.largest.is_none_or(|(_, most)| *volume > most) {
            self.largest = Some((row, *volume));
        }
        self.last_index = index;
    }

    /// The row with the most volume (the first to have reached it); `None` before the first trade.
    pub(crate) fn largest_row(&self) -> Option<i64> {
        self.largest.map(|(row, _)| row)
    }

    /// The rows from `lowest` to `highest` that have volume, from low to high.
    pub(crate) fn range(&self, lowest: i64, highest: i64) -> &[(i64, i64)] {
        let from = self.rows.partition_point(|(row, _)| *row < lowest);
        let to = self.rows.partition_point(|(row, _)| *row <= highest);
        &self.rows[from..to.max(from)]
    }

    /// All rows that have volume, from low to high.
    pub(crate) fn rows(&self) -> &[(i64, i64)] {
        &self.rows
    }

    /// The index of a row, which is made when it is new. Most trades meet the row of the trade before.
    fn index_of(&mut self, row: i64) -> usize {
        if self.rows.get(self.last_index).is_some_and(|(last, _)| *last == row) {
            return self.last_index;
        }
        match self.rows.binary_search_by_key(&row, |(at, _)| *at) {
            Ok(index) => index,
            Err(index) if self.rows.len() < ROWS_KEPT => {
                self.rows.insert(index, (row, 0));
                index
            }
            Err(index) => self.replace_farthest(index, row),
        }
    }

    /// Drops the outermost row that is farther from `row`, and makes `row` where it belongs.
    fn replace_farthest(&mut self, index: usize, row: i64) -> usize {
        let lowest = self.rows[0].0;
        let highest = self.rows[self.rows.len() - 1].0;
        if row.saturating_sub(lowest) > highest.saturating_sub(row) {
            self.rows.remove(0);
            self.rows.insert(index - 1, (row, 0));
            index - 1
        } else {
            self.rows.pop();
            self.rows.insert(index, (row, 0));
            index
        }
    }
}

#[cfg(test)]
mod tests {
    use market::Side;

    use super::{Profile, ROWS_KEPT, row_from_price};

    #[test]
    fn bids_round_down_and_asks_up() {
        for (price, side, row) in [
            (100, Side::Buy, 10),
            (100, Side::Sell, 10),
            (101, Side::Buy, 10),
            (101, Side::Sell, 11),
            (-1, Side::Buy, -1),
            (-1, Side::Sell, 0),
        ] {
            assert_eq!(row_from_price(price, 10, side), row, "{price} {side:?}");
        }
    }

    #[test]
    fn a_trade_counts_in_the_row_of_the_side_it_hit() {
        let mut profile = Profile::new(10);
        profile.add(101, 5, Side::Buy);
        profile.add(101, 3, Side::Sell);
        profile.add(109, 4, Side::Sell);
        assert_eq!(profile.rows(), [(10, 7), (11, 5)]);
        assert_eq!(profile.largest_row(), Some(10));
        assert_eq!(profile.range(11, 20), [(11, 5)]);
    }

    #[test]
    fn a_full_profile_drops_the_farthest_row() {
        let mut profile = Profile::new(1);
        for price in 0..ROWS_KEPT as i64 {
            profile.add(price, 1, Side::Buy);
        }
        profile.add(ROWS_KEPT as i64, 1, Side::Buy);
        assert_eq!(profile.rows().len(), ROWS_KEPT);
        assert_eq!(profile.rows()[0].0, 1);
        profile.add(-5, 1, Side::Buy);
        assert_eq!(profile.rows()[0].0, -5);
        assert!(profile.rows().is_sorted());
    }
}
