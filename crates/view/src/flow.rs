//! What happened at the touch just now: hits of the last 400 ms, and what trades explain of the last two seconds.

use std::collections::VecDeque;

use market::Side;
use market::load::Sound;
use serde::{Deserialize, Serialize};

use crate::grid::{DELTA_CELLS, HIT_CELLS};

/// Entries kept of each kind; a burst beyond it forgets its oldest. Entries of one cell, price and side are one.
const ENTRIES_KEPT: usize = 4_096;

/// Trades at one price in one cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Hit {
    /// The cell of session time in which they were received.
    pub(crate) cell: i64,
    /// Their price.
    pub(crate) price: i64,
    /// Who took.
    pub(crate) taker: Side,
    /// What they took.
    pub(crate) quantity: i64,
}

/// Trades of the last two seconds.
///
/// A trade explains a change of the book only after a book message has followed it: until then the book still shows
/// what the trade took, and counting it at once would make every trade flash as an addition.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Flow {
    hits: VecDeque<Hit>,
    waiting: VecDeque<Hit>,
    explained: VecDeque<Hit>,
}

impl Sound for Flow {
    fn is_sound(&self) -> bool {
        [&self.hits, &self.waiting, &self.explained].iter().all(|hits| hits.len() <= ENTRIES_KEPT)
    }
}

impl Flow {
    /// Takes a trade.
    pub(crate) fn on_trade(&mut self, hit: Hit) {
        push(&mut self.hits, hit);
        push(&mut self.waiting, hit);
    }

    /// A book message has followed: what waited explains it.
    pub(crate) fn on_book(&mut self) {
        for hit in self.waiting.drain(..) {
            push(&mut self.explained, hit);
        }
    }

    /// Forgets what is too old once the cell `cell` has begun. Whether there was any.
    pub(crate) fn expire(&mut self, cell: i64) -> bool {
        drop_before(&mut self.hits, cell - HIT_CELLS)
            | drop_before(&mut self.waiting, cell - DELTA_CELLS)
            | drop_before(&mut self.explained, cell - DELTA_CELLS)
    }

    /// Forgets what explains the book: it is a new one.
    pub(crate) fn forget_explained(&mut self) {
        self.waiting.clear();
        self.explained.clear();
    }

    /// Hits that are still shown, oldest first.
    pub(crate) fn hits(&self) -> impl Iterator<Item = &Hit> {
        self.hits.iter()
    }

    /// Trades that explain changes since the cell `cell` began.
    pub(crate) fn explained_since(&self, cell: i64) -> impl Iterator<Item = &Hit> {
        self.explained.iter().filter(move |hit| hit.cell >= cell)
    }
}

/// Appends, or adds to the entry of the same cell, price and side when it is the last.
fn push(hits: &mut VecDeque<Hit>, hit: Hit) {
    if let Some(last) = hits.back_mut()
        && (last.cell, last.price, last.taker) == (hit.cell, hit.price, hit.taker)
    {
        last.quantity = last.quantity.saturating_add(hit.quantity);
        return;
    }
    if hits.len() == ENTRIES_KEPT {
        hits.pop_front();
    }
    hits.push_back(hit);
}

/// Drops entries of earlier cells, in whose order they stand. Whether there were any.
fn drop_before(hits: &mut VecDeque<Hit>, cell: i64) -> bool {
    let n_before = hits.len();
    while hits.front().is_some_and(|hit| hit.cell < cell) {
        hits.pop_front();
    }
    hits.len() != n_before
}

#[cfg(test)]
mod tests {
    use market::Side;

    use super::{ENTRIES_KEPT, Flow, Hit};

    fn hit(cell: i64, price: i64) -> Hit {
        Hit { cell, price, taker: Side::Buy, quantity: 2 }
    }

    #[test]
    fn a_hit_lasts_four_cells() {
        let mut flow = Flow::default();
        flow.on_trade(hit(10, 1));
        flow.expire(14);
        assert_eq!(flow.hits().count(), 1);
        flow.expire(15);
        assert_eq!(flow.hits().count(), 0);
    }

    #[test]
    fn a_trade_explains_nothing_before_the_next_book() {
        let mut flow = Flow::default();
        flow.on_trade(hit(10, 1));
        assert_eq!(flow.explained_since(0).count(), 0);
        flow.on_book();
        assert_eq!(flow.explained_since(10).count(), 1);
        assert_eq!(flow.explained_since(11).count(), 0);
        flow.expire(31);
        assert_eq!(flow.explained_since(0).count(), 0);
    }

    #[test]
    fn a_burst_is_bounded() {
        let mut flow = Flow::default();
        for price in 0..10_000 {
            flow.on_trade(hit(1, price));
        }
        assert_eq!(flow.hits().count(), ENTRIES_KEPT);
    }
}
