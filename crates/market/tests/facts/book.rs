//! The book in both of its implementations equals a sorted list, whatever it is told.

use std::collections::BTreeMap;

use market::{
    Book, BookKind, Change, Continuity, Level, Levels, Market, Price, Side, Timestamp, TreeBook,
};
use proptest::prelude::*;

use crate::talk::{Said, level, market};

/// The plainest book there is.
#[derive(Default)]
struct Naive {
    bids: Vec<(i64, i64)>,
    asks: Vec<(i64, i64)>,
}

impl Naive {
    fn change(&mut self, message: &Message) {
        if message.is_snapshot {
            *self = Self::default();
        }
        let sides = [(&mut self.bids, &message.bids), (&mut self.asks, &message.asks)];
        for (levels, changes) in sides {
            for (price, quantity) in changes {
                levels.retain(|(other, _)| other != price);
                if *quantity > 0 {
                    levels.push((*price, *quantity));
                }
            }
        }
        self.bids.sort_by_key(|(price, _)| std::cmp::Reverse(*price));
        self.asks.sort();
        if let Some(depth) = message.depth {
            self.bids.truncate(depth as usize);
            self.asks.truncate(depth as usize);
        }
    }
}

#[derive(Clone, Debug)]
struct Message {
    is_snapshot: bool,
    depth: Option<u32>,
    bids: Vec<(i64, i64)>,
    asks: Vec<(i64, i64)>,
}

impl Message {
    fn apply<L: Levels>(&self, book: &mut Book<L>) {
        let levels =
            |pairs: &[(i64, i64)]| pairs.iter().copied().map(level).collect::<Vec<Level>>();
        let (bids, asks) = (levels(&self.bids), levels(&self.asks));
        if self.is_snapshot {
            book.replace(&bids, &asks, self.depth);
        } else {
            book.change(&bids, &asks, self.depth);
        }
    }
}

fn pairs(tick: i64) -> impl Strategy<Value = Vec<(i64, i64)>> {
    let price = prop_oneof![
        6 => (-30_i64..30).prop_map(move |n| 1_000_000 + n * tick),
        2 => (-40_000_i64..40_000).prop_map(move |n| 1_000_000 + n * tick),
        1 => any::<i64>(),
    ];
    prop::collection::vec((price, prop_oneof![2 => 1_i64..1_000, 1 => Just(0)]), 0..25)
}

fn messages() -> impl Strategy<Value = (i64, Vec<Message>)> {
    let tick_and_depth = (prop::sample::select(vec![1_i64, 5, 100]), prop::option::of(1_u32..20));
    tick_and_depth.prop_flat_map(|(tick, depth)| {
        let message = (prop::bool::weighted(0.1), pairs(tick), pairs(tick))
            .prop_map(move |(is_snapshot, bids, asks)| Message { is_snapshot, depth, bids, asks });
        (Just(tick), prop::collection::vec(message, 1..25))
    })
}

fn check<L: Levels>(
    book: &Book<L>,
    naive: &Naive,
    low: i64,
    high: i64,
) -> Result<(), TestCaseError> {
    for (side, levels) in [(Side::Buy, &naive.bids), (Side::Sell, &naive.asks)] {
        let expected: Vec<Level> = levels.iter().copied().map(level).collect();
        prop_assert_eq!(book.best(side), expected.first().copied());
        prop_assert_eq!(book.n_levels(side), expected.len());
        for level in &expected {
            prop_assert_eq!(book.quantity_at(side, level.price), level.quantity);
        }
        let within = |level: &&Level| (low..=high).contains(&level.price.0);
        let between: Vec<Level> = expected.iter().filter(within).copied().collect();
        prop_assert!(
            book.levels_between(side, Price(low), Price(high)).eq(between.iter().copied())
        );
        let sum = between.iter().map(|level| i128::from(level.quantity.0)).sum::<i128>();
        prop_assert_eq!(book.quantity_between(side, Price(low), Price(high)), sum);
        prop_assert!(book.levels(side).eq(expected));
    }
    let is_crossed =
        naive.bids.first().zip(naive.asks.first()).is_some_and(|(bid, ask)| bid.0 >= ask.0);
    prop_assert_eq!(book.is_crossed(), is_crossed);
    Ok(())
}

proptest! {
    #[test]
    fn both_books_equal_a_sorted_list_after_any_messages(
        (tick, messages) in messages(), low in 999_000_i64..1_001_000, span in 0_i64..3_000,
    ) {
        let mut naive = Naive::default();
        let (mut book, mut tree) = (Book::new(Price(tick)), TreeBook::with_tick(Price(tick)));
        for message in &messages {
            naive.change(message);
            message.apply(&mut book);
            message.apply(&mut tree);
            check(&book, &naive, low, low + span)?;
            check(&tree, &naive, low, low + span)?;
            prop_assert_eq!(book.known_bid_low(), tree.known_bid_low());
            prop_assert_eq!(book.known_ask_high(), tree.known_ask_high());
        }
    }
}

fn book_of(n_levels: i64, depth: Option<u32>) -> Book {
    let bids: Vec<Level> = (0..n_levels).map(|n| level((100 - n, 1))).collect();
    let asks: Vec<Level> = (0..n_levels).map(|n| level((101 + n, 1))).collect();
    let mut book = Book::new(Price(1));
    book.replace(&bids, &asks, depth);
    book
}

#[test]
fn without_a_depth_the_book_is_known_as_far_as_the_snapshot_reached() {
    let mut book = book_of(3, None);
    book.change(&[level((50, 1)), level((98, 0))], &[level((200, 1))], None);
    assert_eq!(book.known_bid_low(), Some(Price(98)));
    assert_eq!(book.known_ask_high(), Some(Price(103)));
    assert_eq!(book.quantity_at(Side::Buy, Price(50)).0, 1, "a level beyond that changed is held");
}

#[test]
fn with_a_depth_a_full_side_is_known_to_its_worst_level_and_another_one_wholly() {
    let book = book_of(3, Some(3));
    assert_eq!((book.known_bid_low(), book.known_ask_high()), (Some(Price(98)), Some(Price(103))));
    let book = book_of(2, Some(3));
    assert_eq!((book.known_bid_low(), book.known_ask_high()), (None, None));
}

#[test]
fn the_same_price_twice_in_a_message_holds_what_came_last() {
    let mut book = book_of(1, None);
    book.change(&[level((99, 4)), level((99, 0)), level((99, 6))], &[], None);
    assert_eq!(book.quantity_at(Side::Buy, Price(99)).0, 6);
}

/// What rests at each price of a side, told by changes alone.
fn follow(levels: &mut BTreeMap<i64, i64>, changes: &[Change]) {
    for change in changes {
        let quantity = levels.entry(change.price.0).or_default();
        *quantity += change.by;
    }
    levels.retain(|_, quantity| *quantity != 0);
}

proptest! {
    #[test]
    fn who_adds_up_the_changes_of_all_messages_has_the_book(
        (_, messages) in messages()
    ) {
        let mut market = market();
        let (mut bids, mut asks) = (BTreeMap::new(), BTreeMap::new());
        let mut n_seen = 0;
        for message in &messages {
            let kind =
                if message.is_snapshot { BookKind::Snapshot } else { BookKind::Delta };
            let mut said =
                Said::new(kind, Continuity::Unnumbered, &message.bids, &message.asks);
            said.message.depth = message.depth;
            market.apply_book(&said.message, &said.events, Timestamp::default());
            let changes = market.book().changes_after(n_seen).expect("no message was missed");
            n_seen = market.book().n_messages();
            follow(&mut bids, changes.of(Side::Buy));
            follow(&mut asks, changes.of(Side::Sell));
            let side = |side| -> BTreeMap<i64, i64> {
                market.book().levels(side).map(|it| (it.price.0, it.quantity.0)).collect()
            };
            prop_assert_eq!(&bids, &side(Side::Buy));
            prop_assert_eq!(&asks, &side(Side::Sell));
        }
    }
}

#[test]
fn who_misses_a_message_or_asks_a_market_without_changes_is_told_nothing() {
    let say = |market: &mut Market, quantity| {
        let said =
            Said::new(BookKind::Snapshot, Continuity::Unnumbered, &[(10, quantity)], &[(12, 1)]);
        market.apply_book(&said.message, &said.events, Timestamp::default());
    };
    let mut market = market();
    say(&mut market, 1);
    say(&mut market, 2);
    assert!(market.book().changes_after(0).is_none(), "two messages have come");
    assert!(market.book().changes_after(1).is_some());
    assert_eq!(market.book().changes_after(2).unwrap().bids, [], "nothing has come since");
    let mut market = market.without_changes();
    say(&mut market, 3);
    assert!(market.book().changes_after(2).is_none());
}
