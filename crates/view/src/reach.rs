//! What this room reads of a book: touch, levels, and how far it is known.

use market::{Level, Market, Price};
use serde::{Deserialize, Serialize};

/// The prices between which a book is known; beyond them nothing is known, which is not the same as nothing resting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reach {
    /// The lowest price that is known.
    pub(crate) lowest: i64,
    /// The highest price that is known.
    pub(crate) highest: i64,
}

impl Reach {
    /// How far the book of a market is known.
    pub(crate) fn of(market: &Market) -> Self {
        let book = market.book();
        Self {
            lowest: book.known_bid_low().map_or(i64::MIN, |price| price.0),
            highest: book.known_ask_high().map_or(i64::MAX, |price| price.0),
        }
    }

    /// What both know.
    pub(crate) fn and(self, other: Self) -> Self {
        Self { lowest: self.lowest.max(other.lowest), highest: self.highest.min(other.highest) }
    }
}

/// The best bid and ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Touch {
    /// The best bid.
    pub(crate) bid: Option<i64>,
    /// The best ask.
    pub(crate) ask: Option<i64>,
}

impl Touch {
    /// That of a market's book.
    pub(crate) fn of(market: &Market) -> Self {
        let price = |level: Level| level.price.0;
        Self { bid: market.book().best_bid().map(price), ask: market.book().best_ask().map(price) }
    }

    /// The middle, rounded down; the one side when the other is missing.
    pub(crate) fn middle(self) -> Option<i64> {
        match (self.bid, self.ask) {
            (Some(bid), Some(ask)) => Some(bid.midpoint(ask)),
            (Some(one), None) | (None, Some(one)) => Some(one),
            (None, None) => None,
        }
    }

    /// Ticks between bid and ask.
    pub(crate) fn spread_ticks(self, tick: Price) -> Option<u32> {
        let spread = self.ask?.checked_sub(self.bid?)?;
        u32::try_from(spread / tick.0.max(1)).ok().filter(|n| *n != u32::MAX)
    }
}
