//! Panels follow a book by what its messages change; here they are held against the book itself.

use std::collections::BTreeMap;

use market::{Book, Market, Side};
use proptest::prelude::*;
use view::Screen;
use view::heat::COLUMN_LENGTHS_MS;

use crate::decoder::Store;
use crate::script::{Fact, Script, facts};

/// Cells over which the ladder's changes look back.
const DELTA_CELLS: usize = 20;

fn depths() -> impl Strategy<Value = Option<u32>> {
    prop_oneof![2 => Just(None), 1 => (1_u32..12).prop_map(Some)]
}

/// The heatmap and the book beside it, once all facts have happened.
fn heat_of(mut script: Script, facts: &[(i64, Fact)], column_ms: u32) -> Store {
    let mut screen = Screen::new();
    screen.set_column_ms(column_ms).unwrap();
    for (pause, fact) in facts {
        script.pass(*pause);
        script.happen(fact);
    }
    let store = Store::of(&script.frame(&mut screen, 0));
    Store { ladder: None, ..store }
}

/// A book as it stood: each side by price, and how far it was known.
struct Stood {
    sides: [BTreeMap<i64, i64>; 2],
    known: (i64, i64),
}

impl Stood {
    fn of(book: &Book) -> Self {
        let side = |side| book.levels(side).map(|it| (it.price.0, it.quantity.0)).collect();
        let known = (book.known_bid_low(), book.known_ask_high());
        Self {
            sides: [side(Side::Buy), side(Side::Sell)],
            known: (
                known.0.map_or(i64::MIN, |price| price.0),
                known.1.map_or(i64::MAX, |price| price.0),
            ),
        }
    }

    fn size(&self, side: usize, price: i64) -> i64 {
        self.sides[side].get(&price).copied().unwrap_or(0)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn the_heatmap_that_follows_equals_one_that_reads_the_whole_book(
        facts in prop::collection::vec(facts(), 1..80),
        depth in depths(),
    ) {
        let follows = Script { depth, ..Script::new() };
        let plain = Market::new(follows.market.instrument().clone()).without_changes();
        let reads = Script { market: plain, ..follows.clone() };
        for column_ms in COLUMN_LENGTHS_MS {
            let expected = heat_of(reads.clone(), &facts, column_ms);
            prop_assert!(heat_of(follows.clone(), &facts, column_ms) == expected, "{} ms", column_ms);
        }
    }

    #[test]
    fn a_ladder_that_follows_shows_the_difference_of_two_books(
        facts in prop::collection::vec(
            facts().prop_filter("without trades or losses", |(_, fact)| {
                matches!(fact, Fact::Bid(..) | Fact::Ask(..) | Fact::Snapshot(_))
            }),
            1..60,
        ),
        depth in depths(),
        n_last in 0_i64..30,
    ) {
        let mut script = Script { depth, ..Script::with_book() };
        let mut stood = Vec::new();
        let mut wait = |script: &mut Script, n_cells: i64| {
            for _ in 0..n_cells {
                script.wait(100);
                stood.push(Stood::of(script.market.book()));
            }
        };
        wait(&mut script, 1);
        for (pause, fact) in &facts {
            wait(&mut script, pause / 100 % 40);
            script.happen(fact);
        }
        wait(&mut script, n_last);
        let then = &stood[stood.len().saturating_sub(DELTA_CELLS + 1)];
        let now = Stood::of(script.market.book());
        let Some(ladder) = Store::of(&script.frame(&mut Screen::new(), 0)).ladder else {
            return Ok(());
        };
        let known = (then.known.0.max(now.known.0), then.known.1.min(now.known.1));
        for index in 0..ladder.bids.len() {
            let price = ladder.top_row - index as i64;
            let gained = |side, is_known| {
                if is_known { now.size(side, price) - then.size(side, price) } else { 0 }
            };
            let (bid, ask) = (gained(0, price >= known.0), gained(1, price <= known.1));
            prop_assert_eq!(ladder.bid_deltas[index], bid as f64 / 1e3, "bids at {}", price);
            prop_assert_eq!(ladder.ask_deltas[index], ask as f64 / 1e3, "asks at {}", price);
        }
    }
}

#[test]
fn a_burst_beyond_what_is_kept_makes_changes_look_back_less_far_and_none_wrong() {
    let mut script = Script::with_book();
    script.wait(100);
    for n in 0..70_000 {
        script.change(&[(998, 1_001 + n % 2)], &[]);
    }
    script.wait(100);
    let delta = |script: &Script| {
        let ladder = Store::of(&script.frame(&mut Screen::new(), 0)).ladder.unwrap();
        ladder.bid_deltas[ladder.index(998)]
    };
    assert_eq!(delta(&script), 0.0, "what stood before is forgotten");
    script.change(&[(998, 1_500)], &[]);
    assert_eq!(delta(&script), 0.498);
}

#[test]
fn far_rows_of_a_deep_book_show_their_changes() {
    let mut script = Script::new();
    let bids: Vec<_> = (0..3_000).map(|n| (9_999 - n, 1_000)).collect();
    script.snapshot(&bids, &[(10_001, 1_000)]);
    script.health(view::Health::Right, None);
    script.wait(100);
    script.change(&[(7_500, 1_700)], &[]);
    let mut screen = Screen::new();
    screen.set_group_ticks(25).unwrap();
    let ladder = Store::of(&script.frame(&mut screen, 0)).ladder.unwrap();
    assert_eq!(ladder.bid_deltas[ladder.index(300)], 0.7);
}
