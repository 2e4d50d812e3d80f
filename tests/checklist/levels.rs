//! Item 3: levels that stand twice, or nowhere, or beyond the window.

use crate::ear::Ear;
use crate::row::{Item, Row};
use crate::rows;

/// The rows to which an item applies.
fn rows_with(item: fn(&Row) -> &Item<()>) -> impl Iterator<Item = (market::Venue, Row)> {
    rows::all().filter(move |(_, row)| item(row).get().is_some())
}

#[test]
fn of_a_price_that_stands_twice_the_last_quantity_counts() {
    for (venue, row) in rows_with(|row| &row.levels.twice) {
        let mut ear = Ear::synced(venue, &row, 1);
        ear.hear(&row.next()(2, [&[("10", "5"), ("10", "3")], &[("11", "1")]]));
        assert_eq!((ear.book().as_str(), ear.n_faults()), ("10x3 | 11x1", 0), "{venue:?}");
    }
}

#[test]
fn a_book_with_an_empty_side_is_a_book() {
    for (venue, row) in rows::all() {
        let mut ear = Ear::open(venue, &row);
        ear.hear(&(row.whole)(1, [&[("10", "1")], &[]]));
        assert_eq!((ear.book().as_str(), ear.is_synced()), ("10x1 | ", true), "{venue:?}");
        ear.hear(&(row.whole)(2, [&[], &[]]));
        assert_eq!((ear.book().as_str(), ear.n_faults()), (" | ", 0), "{venue:?}");
    }
}

#[test]
fn a_change_of_nothing_changes_nothing() {
    for (venue, row) in rows_with(|row| &row.levels.nothing) {
        let mut ear = Ear::synced(venue, &row, 1);
        ear.hear(&row.change.get().expect("changes")(2, [&[], &[]]));
        assert_eq!((ear.book().as_str(), ear.n_faults()), ("10x1 | 11x1", 0), "{venue:?}");
        assert!(ear.is_synced(), "{venue:?}");
    }
}

#[test]
fn a_level_that_is_not_there_may_be_deleted() {
    for (venue, row) in rows::all() {
        let Some(change) = row.change.get() else { continue };
        let mut ear = Ear::synced(venue, &row, 1);
        ear.hear(&change(2, [&[], &[("99", "0")]]));
        assert_eq!((ear.book().as_str(), ear.n_faults()), ("10x1 | 11x1", 0), "{venue:?}");
        assert!(ear.is_synced(), "{venue:?}");
    }
}

#[test]
fn what_leaves_the_window_leaves_the_book() {
    for (venue, row) in rows::all() {
        let (Some(window), Some(change)) = (row.levels.window.get(), row.change.get()) else {
            continue;
        };
        let prices: Vec<String> = (0..*window).map(|n| (9_000 - n).to_string()).collect();
        let bids: Vec<(&str, &str)> = prices.iter().map(|price| (price.as_str(), "1")).collect();
        let mut ear = Ear::open(venue, &row);
        ear.hear(&(row.whole)(1, [&bids, &[("10000", "1")]]));
        ear.hear(&change(2, [&[("9001", "1")], &[]]));
        let (book, last) = (ear.book(), prices.last().expect("levels").clone() + "x1");
        assert_eq!(book.matches("x1").count(), window + 1, "{venue:?}");
        assert!(book.starts_with("9001x1 9000x1") && !book.contains(&last), "{venue:?}");
        assert_eq!((ear.n_faults(), ear.is_synced()), (0, true), "{venue:?}");
    }
}
