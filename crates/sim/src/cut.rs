//! A book cut at a depth, as those who subscribe to it hold it. Levels that leave the cut are deleted explicitly.

use std::cmp::Ordering;

use crate::world::{Book, Market, Side};

/// Price and quantity of levels, best first.
type Levels = Vec<(i64, i64)>;

/// What was told of a book so far.
#[derive(Clone, Debug)]
pub(crate) struct Cut {
    depth: usize,
    /// Bids that were told.
    pub bids: Levels,
    /// Asks that were told.
    pub asks: Levels,
    /// Id of the market's last change that is in them.
    pub update: u64,
}

/// Levels that changed, best first; quantity 0 deletes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Entries {
    pub bids: Levels,
    pub asks: Levels,
}

impl Entries {
    pub fn is_empty(&self) -> bool {
        self.bids.is_empty() && self.asks.is_empty()
    }

    /// Adds a bid above the best ask: a fault.
    pub fn cross(&mut self, market: &Market) {
        if let Some((ask, quantity)) = market.book().levels(Side::Ask).next() {
            self.bids.insert(0, (ask + 3 * market.listing().tick, quantity));
        }
    }
}

impl Cut {
    /// The best `depth` levels of a side, as they stand.
    pub fn new(market: &Market, depth: usize) -> Self {
        let (bids, asks) =
            (best(market.book(), Side::Bid, depth), best(market.book(), Side::Ask, depth));
        Self { depth, bids, asks, update: market.update_id() }
    }

    /// What those who hold this cut must be told so that they hold the best levels again.
    pub fn advance(&mut self, market: &Market) -> Entries {
        if self.update == market.update_id() {
            return Entries::default();
        }
        let after = Self::new(market, self.depth);
        let entries = Entries {
            bids: changes(&self.bids, &after.bids, Side::Bid),
            asks: changes(&self.asks, &after.asks, Side::Ask),
        };
        *self = after;
        entries
    }
}

fn best(book: &Book, side: Side, depth: usize) -> Levels {
    book.levels(side).take(depth).collect()
}

/// Both lists stand best first: one walk along them finds what came, changed and went.
fn changes(before: &[(i64, i64)], after: &[(i64, i64)], side: Side) -> Levels {
    let (mut old, mut new) = (before.iter().peekable(), after.iter().peekable());
    let mut changes = Vec::new();
    loop {
        let order = match (old.peek(), new.peek()) {
            (Some(old), Some(new)) => (old.0 * side.away()).cmp(&(new.0 * side.away())),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return changes,
        };
        match order {
            Ordering::Less => changes.extend(old.next().map(|gone| (gone.0, 0))),
            Ordering::Greater => changes.extend(new.next()),
            Ordering::Equal => {
                let (was, is) = (old.next(), new.next());
                changes.extend(is.filter(|_| was != is));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Cut;
    use crate::world::{Side, World, listing};

    /// What a client does: it sets and deletes what it is told, and never cuts by itself.
    fn apply(client: &mut Vec<(i64, i64)>, side: Side, entries: &[(i64, i64)]) {
        for (price, quantity) in entries {
            let n_before = client.len();
            client.retain(|level| level.0 != *price);
            if *quantity > 0 {
                client.push((*price, *quantity));
            } else {
                assert!(client.len() < n_before, "{price} is deleted, but was never told");
            }
        }
        client.sort_by_key(|level| level.0 * side.away());
    }

    #[test]
    fn a_client_that_does_as_it_is_told_holds_the_best_levels() {
        let mut world = World::new(&listing::binance(), 5);
        for depth in [1, 50, 400] {
            let mut cut = Cut::new(&world.markets()[0], depth);
            let (mut bids, mut asks) = (cut.bids.clone(), cut.asks.clone());
            for _ in 0..200 {
                world.advance(world.now() + 100_000_000, |_, _, _| {});
                let market = &world.markets()[0];
                let entries = cut.advance(market);
                apply(&mut bids, Side::Bid, &entries.bids);
                apply(&mut asks, Side::Ask, &entries.asks);
                assert!(market.book().levels(Side::Bid).take(depth).eq(bids.iter().copied()));
                assert!(market.book().levels(Side::Ask).take(depth).eq(asks.iter().copied()));
            }
        }
    }
}
