//! What a client of one depth must be told so that its cut book stays right.
//!
//! A level that is pushed out of the depth gets no delete, since the client cuts it off itself; a level that comes back
//! into the depth is sent, since the client has cut it off.

use std::collections::BTreeSet;

use crate::world::{Book, Side, Transaction};

/// The worst price inside the depth on each side; `None` while the side has fewer levels than the depth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct View {
    depth: usize,
    bids: Option<i64>,
    asks: Option<i64>,
}

/// Levels to send.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Entries {
    pub(super) bids: Vec<(i64, i64)>,
    pub(super) asks: Vec<(i64, i64)>,
}

impl Entries {
    pub(super) fn is_empty(&self) -> bool {
        self.bids.is_empty() && self.asks.is_empty()
    }
}

impl View {
    pub(super) fn new(book: &Book, depth: usize) -> Self {
        Self { depth, bids: book.bound(Side::Bid, depth), asks: book.bound(Side::Ask, depth) }
    }

    /// What the client of this depth must be told of a transaction, after which the book is `book`.
    pub(super) fn follow(&mut self, book: &Book, transaction: &Transaction) -> Entries {
        let after = Self::new(book, self.depth);
        let entries = Entries {
            bids: side_entries(book, transaction, Side::Bid, (self.bids, after.bids)),
            asks: side_entries(book, transaction, Side::Ask, (self.asks, after.asks)),
        };
        *self = after;
        entries
    }
}

fn side_entries(
    book: &Book,
    transaction: &Transaction,
    side: Side,
    (before, after): (Option<i64>, Option<i64>),
) -> Vec<(i64, i64)> {
    let is_inside = |price: i64, bound: Option<i64>| {
        bound.is_none_or(|bound| price * side.away() <= bound * side.away())
    };
    // A price may change several times in one transaction; the venue sends what stands at its end, once.
    let touched: BTreeSet<i64> = transaction
        .changes
        .iter()
        .filter(|change| change.side == side)
        .map(|change| change.price)
        .collect();
    let mut entries: Vec<(i64, i64)> = Vec::new();
    for price in touched {
        let quantity = book.quantity(side, price);
        // The client holds what was inside; it needs what is inside now.
        let bound = if quantity == 0 { before } else { after };
        if is_inside(price, bound) {
            entries.push((price, quantity));
        }
    }
    let Some(before) = before else { return entries };
    for (price, quantity) in book.worse_than(side, before) {
        if !is_inside(price, after) {
            break;
        }
        if !entries.iter().any(|entry| entry.0 == price) {
            entries.push((price, quantity));
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::View;
    use crate::world::{Book, Change, Side, Transaction};

    /// What a client does: apply in order, then cut.
    fn apply(client: &mut Vec<(i64, i64)>, side: Side, entries: &[(i64, i64)], depth: usize) {
        for (price, quantity) in entries {
            client.retain(|level| level.0 != *price);
            if *quantity > 0 {
                client.push((*price, *quantity));
            }
        }
        client.sort_by_key(|level| level.0 * side.away());
        client.truncate(depth);
    }

    #[test]
    fn a_level_that_comes_and_goes_in_one_transaction_is_not_left_with_the_client() {
        let mut book = Book::default();
        let mut view = View::new(&book, 2);
        let at = |price, quantity| Change { side: Side::Bid, price, quantity };
        let mut tell = |changes: Vec<Change>| {
            for change in &changes {
                book.set(change.side, change.price, change.quantity);
            }
            let transaction = Transaction { at: 0, first_update: 1, changes, prints: Vec::new() };
            view.follow(&book, &transaction).bids
        };
        assert_eq!(tell(vec![at(11, 1), at(10, 1)]), [(10, 1), (11, 1)]);
        assert_eq!(tell(vec![at(6, 1), at(10, 0), at(6, 0)]), [(10, 0)]);
    }

    proptest! {
        #[test]
        fn a_client_of_any_depth_that_cuts_its_book_holds_the_best_levels(
            depth in 1_usize..6,
            steps in prop::collection::vec(
                prop::collection::vec((1_i64..20, 0_i64..3), 1..5), 1..40),
        ) {
            let mut book = Book::default();
            let mut view = View::new(&book, depth);
            let mut client = Vec::new();
            for step in steps {
                let changes: Vec<Change> = step
                    .into_iter()
                    .map(|(price, quantity)| Change { side: Side::Bid, price, quantity })
                    .collect();
                for change in &changes {
                    book.set(change.side, change.price, change.quantity);
                }
                let transaction =
                    Transaction { at: 0, first_update: 1, changes, prints: Vec::new() };
                let entries = view.follow(&book, &transaction);
                apply(&mut client, Side::Bid, &entries.bids, depth);
                let best: Vec<_> = book.levels(Side::Bid).take(depth).collect();
                prop_assert_eq!(&client, &best);
            }
        }
    }
}
