//! An L2 book: what rests at each price, best first.

use std::collections::BTreeMap;

/// A side of the book, or the side of a taker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// Bids; a taker who buys.
    Bid,
    /// Asks; a taker who sells.
    Ask,
}

impl Side {
    /// The other side.
    pub const fn opposite(self) -> Self {
        match self {
            Self::Bid => Self::Ask,
            Self::Ask => Self::Bid,
        }
    }

    /// The direction in which prices of this side get worse: -1 for bids, 1 for asks.
    pub const fn away(self) -> i64 {
        match self {
            Self::Bid => -1,
            Self::Ask => 1,
        }
    }
}

/// Resting quantities by price, in the instrument's units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Book {
    /// Keyed by price · [`Side::away`], so that the first is the best on both sides.
    bids: BTreeMap<i64, i64>,
    asks: BTreeMap<i64, i64>,
}

impl Book {
    /// What rests at a price; 0 when nothing does.
    pub fn quantity(&self, side: Side, price: i64) -> i64 {
        self.side(side).get(&(price * side.away())).copied().unwrap_or(0)
    }

    /// Sets what rests at a price; 0 deletes the level. Returns whether this changed anything.
    pub fn set(&mut self, side: Side, price: i64, quantity: i64) -> bool {
        let levels = match side {
            Side::Bid => &mut self.bids,
            Side::Ask => &mut self.asks,
        };
        let key = price * side.away();
        let before = if quantity > 0 { levels.insert(key, quantity) } else { levels.remove(&key) };
        before.unwrap_or(0) != quantity
    }

    /// The best price of a side.
    pub fn best(&self, side: Side) -> Option<i64> {
        self.side(side).first_key_value().map(|(key, _)| key * side.away())
    }

    /// The worst price of a side.
    pub fn worst(&self, side: Side) -> Option<i64> {
        self.side(side).last_key_value().map(|(key, _)| key * side.away())
    }

    /// Levels of a side.
    pub fn len(&self, side: Side) -> usize {
        self.side(side).len()
    }

    /// Price and quantity of a side's levels, best first.
    pub fn levels(&self, side: Side) -> impl Iterator<Item = (i64, i64)> + '_ {
        self.side(side).iter().map(move |(key, quantity)| (key * side.away(), *quantity))
    }

    /// Price and quantity of the levels that are worse than `price`, best first.
    pub fn worse_than(&self, side: Side, price: i64) -> impl Iterator<Item = (i64, i64)> + '_ {
        let from = price * side.away() + 1;
        self.side(side).range(from..).map(move |(key, quantity)| (key * side.away(), *quantity))
    }

    /// The price of the `depth`-th best level; `None` when the side has fewer levels than that.
    pub fn bound(&self, side: Side, depth: usize) -> Option<i64> {
        self.side(side).keys().nth(depth.checked_sub(1)?).map(|key| key * side.away())
    }

    /// Whether the best bid is at or above the best ask.
    pub fn is_crossed(&self) -> bool {
        match (self.best(Side::Bid), self.best(Side::Ask)) {
            (Some(bid), Some(ask)) => bid >= ask,
            (None, _) | (_, None) => false,
        }
    }

    fn side(&self, side: Side) -> &BTreeMap<i64, i64> {
        match side {
            Side::Bid => &self.bids,
            Side::Ask => &self.asks,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Book, Side};

    #[test]
    fn levels_come_best_first_on_both_sides() {
        let mut book = Book::default();
        for price in [98, 99, 97] {
            assert!(book.set(Side::Bid, price, 5));
            assert!(book.set(Side::Ask, price + 10, 5));
        }
        assert_eq!(book.levels(Side::Bid).map(|l| l.0).collect::<Vec<_>>(), [99, 98, 97]);
        assert_eq!(book.levels(Side::Ask).map(|l| l.0).collect::<Vec<_>>(), [107, 108, 109]);
        assert_eq!(book.bound(Side::Bid, 2), Some(98));
        assert_eq!(book.worse_than(Side::Bid, 98).map(|l| l.0).collect::<Vec<_>>(), [97]);
        assert!(!book.set(Side::Bid, 1, 0), "deleting what is not there changes nothing");
    }
}
