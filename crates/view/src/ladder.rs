//! The ladder: 512 rows round the middle with what rests, what was traded and what changed.

use market::{Market, Price, Side};

use crate::instrument_view::InstrumentView;
use crate::profile::{row_from_price, side_hit};
use crate::reach::{Reach, Touch};

/// Rows that are stated.
pub const N_ROWS: usize = 512;
/// Rows beyond these are not stated: room for 512 rows must be left to the ends of the numbers.
const ROW_MAX: i64 = i64::MAX - 2 * N_ROWS as i64;
const ROW_MIN: i64 = -ROW_MAX;
/// Ticks in a row that a screen can choose from.
pub const GROUPS_TICKS: [u32; 7] = [1, 2, 5, 10, 25, 50, 100];

/// What a row says of the last hit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RowHit {
    /// Nothing was traded here just now.
    #[default]
    None,
    /// Somebody bought here.
    Bought,
    /// Somebody sold here.
    Sold,
}

impl RowHit {
    /// Its number in a frame.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Bought => 1,
            Self::Sold => 2,
        }
    }
}

/// The rows of a ladder from the highest price down, in units of the instrument's scales. Kept and stated anew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ladder {
    /// Height of a row, in units of the price's scale: the price of row r is r × step.
    pub(crate) step: i64,
    /// Number of the first row.
    pub(crate) top_row: i64,
    /// What is bid.
    pub(crate) bids: Vec<i64>,
    /// What is asked.
    pub(crate) asks: Vec<i64>,
    /// What was traded since the session began.
    pub(crate) volumes: Vec<i64>,
    /// Change of the bids in two seconds that trades do not explain.
    pub(crate) bid_deltas: Vec<i64>,
    /// The same of the asks.
    pub(crate) ask_deltas: Vec<i64>,
    /// The last hit.
    pub(crate) hits: Vec<RowHit>,
    /// The highest row that is known; `None`: all upwards.
    pub(crate) highest_known_row: Option<i64>,
    /// The lowest row that is known; `None`: all downwards.
    pub(crate) lowest_known_row: Option<i64>,
    /// Sum of the bids.
    pub(crate) bid_sum: i128,
    /// Sum of the asks.
    pub(crate) ask_sum: i128,
    /// The row with the most volume of the session.
    pub(crate) largest_row: Option<i64>,
    /// Room for sums of changes.
    sums: Vec<i128>,
}

impl Ladder {
    /// States the ladder with rows of `group_ticks`; without any price it has no rows.
    pub(crate) fn state(&mut self, view: &InstrumentView, market: &Market, group: usize) {
        let ticks = i64::from(GROUPS_TICKS[group]);
        self.step = market.instrument().tick_size.0.max(1).saturating_mul(ticks);
        let last = view.last_trade().map(|(price, _)| price.0);
        let middle = Touch::of(market).middle().or(last);
        let n_rows = if middle.is_some() { N_ROWS } else { 0 };
        self.clear(n_rows);
        let profile = view.profile(group);
        self.largest_row = profile.largest_row();
        let Some(middle) = middle else { return };
        self.top_row = middle.div_euclid(self.step).saturating_add(N_ROWS as i64 / 2 - 1);
        self.top_row = self.top_row.clamp(ROW_MIN, ROW_MAX);
        self.state_book(market);
        self.state_deltas(view, market);
        for (row, volume) in profile.range(self.bottom_row(), self.top_row) {
            self.volumes[(self.top_row - row) as usize] = *volume;
        }
        for hit in view.flow().hits() {
            let row = row_from_price(hit.price, self.step, side_hit(hit.taker));
            if let Some(index) = self.index(row) {
                self.hits[index] = match hit.taker {
                    Side::Buy => RowHit::Bought,
                    Side::Sell => RowHit::Sold,
                };
            }
        }
    }

    /// How many rows there are.
    pub(crate) const fn n_rows(&self) -> usize {
        self.bids.len()
    }

    /// Whether anything stands in a row.
    pub(crate) fn has_any(&self, index: usize) -> bool {
        let columns = [&self.bids, &self.asks, &self.volumes, &self.bid_deltas, &self.ask_deltas];
        columns.iter().any(|column| column[index] != 0)
    }

    fn clear(&mut self, n_rows: usize) {
        for column in [
            &mut self.bids,
            &mut self.asks,
            &mut self.volumes,
            &mut self.bid_deltas,
            &mut self.ask_deltas,
        ] {
            column.clear();
            column.resize(n_rows, 0);
        }
        self.hits.clear();
        self.hits.resize(n_rows, RowHit::None);
        self.top_row = 0;
        self.highest_known_row = None;
        self.lowest_known_row = None;
        self.bid_sum = 0;
        self.ask_sum = 0;
    }

    const fn bottom_row(&self) -> i64 {
        self.top_row - N_ROWS as i64 + 1
    }

    fn index(&self, row: i64) -> Option<usize> {
        usize::try_from(self.top_row.checked_sub(row)?)
            .ok()
            .filter(|index| *index < self.bids.len())
    }

    /// The prices of a side that fall into the rows.
    fn prices(&self, side: Side) -> (Price, Price) {
        let (bottom, top) = (self.bottom_row(), self.top_row);
        let price = |row: i64| row.saturating_mul(self.step);
        match side {
            Side::Buy => (Price(price(bottom)), Price(price(top + 1).saturating_sub(1))),
            Side::Sell => (Price(price(bottom - 1).saturating_add(1)), Price(price(top))),
        }
    }

    fn state_book(&mut self, market: &Market) {
        for side in [Side::Buy, Side::Sell] {
            let (low, high) = self.prices(side);
            let mut sum = 0;
            for level in market.book().levels_between(side, low, high) {
                let row = row_from_price(level.price.0, self.step, side);
                let Some(index) = self.index(row) else { continue };
                let size = match side {
                    Side::Buy => &mut self.bids[index],
                    Side::Sell => &mut self.asks[index],
                };
                *size = size.saturating_add(level.quantity.0);
                sum += i128::from(level.quantity.0);
            }
            match side {
                Side::Buy => self.bid_sum = sum,
                Side::Sell => self.ask_sum = sum,
            }
        }
        let reach = Reach::of(market);
        let (lowest, highest) = self.known_rows(reach);
        self.lowest_known_row = (reach.lowest != i64::MIN).then_some(lowest);
        self.highest_known_row = (reach.highest != i64::MAX).then_some(highest);
    }

    /// The lowest row of bids and the highest row of asks that lie wholly within reach.
    const fn known_rows(&self, reach: Reach) -> (i64, i64) {
        let lowest = row_from_price(reach.lowest, self.step, Side::Sell);
        (lowest, row_from_price(reach.highest, self.step, Side::Buy))
    }

    /// Δ = what was added less what was removed + what trades took, in the rows that were known then and now.
    fn state_deltas(&mut self, view: &InstrumentView, market: &Market) {
        let Some((sample, since)) = view.reference() else { return };
        let (lowest, highest) = self.known_rows(Reach::of(market).and(sample.reach));
        let mut sums = std::mem::take(&mut self.sums);
        for side in [Side::Buy, Side::Sell] {
            sums.clear();
            sums.resize(self.bids.len(), 0);
            let mut add = |price: i64, quantity: i64| {
                if let Some(index) = self.index(row_from_price(price, self.step, side)) {
                    sums[index] += i128::from(quantity);
                }
            };
            view.changes(side).for_each(|change| add(change.price.0, change.by));
            let explained = view.flow().explained_since(since);
            for hit in explained.filter(|hit| side_hit(hit.taker) == side) {
                add(hit.price, hit.quantity);
            }
            let deltas = match side {
                Side::Buy => &mut self.bid_deltas,
                Side::Sell => &mut self.ask_deltas,
            };
            for (index, (delta, sum)) in deltas.iter_mut().zip(&sums).enumerate() {
                let row = self.top_row - index as i64;
                let is_known = match side {
                    Side::Buy => row >= lowest,
                    Side::Sell => row <= highest,
                };
                // A row can gain more than 64 bits hold only by sizes that no market has.
                let sum = (*sum).clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64;
                *delta = if is_known { sum } else { 0 };
            }
        }
        self.sums = sums;
    }
}
