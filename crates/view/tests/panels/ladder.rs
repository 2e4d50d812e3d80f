//! What the ladder shows.

use market::{Cause, Side};
use proptest::prelude::*;
use view::{Health, Screen};

use crate::decoder::{Ladder, Store};
use crate::script::Script;

fn ladder(script: &Script, group_ticks: u32) -> Ladder {
    let mut screen = Screen::new();
    screen.set_group_ticks(group_ticks).unwrap();
    Store::of(&script.frame(&mut screen, 0)).ladder.unwrap()
}

/// Bid and ask of a row.
fn sizes(ladder: &Ladder, row: i64) -> (f64, f64) {
    (ladder.bids[ladder.index(row)], ladder.asks[ladder.index(row)])
}

fn deltas(script: &Script, row: i64) -> (f64, f64) {
    let ladder = ladder(script, 1);
    (ladder.bid_deltas[ladder.index(row)], ladder.ask_deltas[ladder.index(row)])
}

#[test]
fn bids_are_grouped_downwards_and_asks_upwards() {
    let script = Script::with_book();
    let ladder = ladder(&script, 5);
    assert_eq!(sizes(&ladder, 199), (5.0, 0.0), "99.5 to 99.9");
    assert_eq!(sizes(&ladder, 200), (0.0, 0.0), "nothing rests at 100.0");
    assert_eq!(sizes(&ladder, 201), (0.0, 5.0), "100.1 to 100.5");
    assert_eq!(ladder.sums, (10.0, 10.0));
}

#[test]
fn rows_beyond_the_snapshot_are_unknown() {
    let script = Script::with_book();
    assert_eq!(ladder(&script, 1).known, (1_010.0, 990.0));
    assert_eq!(ladder(&script, 10).known, (101.0, 99.0), "100.1..101.0 and 99.0..99.9 are known");
    assert_eq!(ladder(&script, 25).known, (40.0, 40.0), "no row of 2.5 lies wholly within");
}

#[test]
fn an_added_size_shows_for_two_seconds() {
    let mut script = Script::with_book();
    script.wait(100);
    script.change(&[(998, 1_700)], &[]);
    assert_eq!(deltas(&script, 998), (0.7, 0.0));
    script.wait(1_900);
    assert_eq!(deltas(&script, 998), (0.7, 0.0));
    script.wait(300);
    assert_eq!(deltas(&script, 998), (0.0, 0.0));
}

#[test]
fn what_a_trade_took_is_no_change() {
    let mut script = Script::with_book();
    script.wait(100);
    script.trade(1_001, 400, Side::Buy);
    assert_eq!(deltas(&script, 1_001), (0.0, 0.0), "the book has not followed yet");
    script.change(&[], &[(1_001, 600)]);
    assert_eq!(deltas(&script, 1_001), (0.0, 0.0));
    script.change(&[], &[(1_001, 100)]);
    assert_eq!(deltas(&script, 1_001), (0.0, -0.5), "the rest was pulled");
}

#[test]
fn a_book_that_was_lost_has_no_changes_until_it_is_right_again() {
    let mut script = Script::with_book();
    script.wait(100);
    script.change(&[(998, 1_700)], &[]);
    script.health(Health::Resyncing, Some(Cause::Gap));
    assert_eq!(deltas(&script, 998), (0.0, 0.0));
    script.snapshot(&[(998, 5)], &[(1_002, 5)]);
    script.health(Health::Right, None);
    script.wait(100);
    assert_eq!(deltas(&script, 998), (0.0, 0.0));
    script.change(&[(998, 6)], &[]);
    assert_eq!(deltas(&script, 998), (0.001, 0.0));
}

#[test]
fn a_hit_is_outlined_for_four_tenths_of_a_second() {
    let mut script = Script::with_book();
    script.trade(1_001, 1, Side::Buy);
    script.trade(999, 1, Side::Sell);
    let hit = |script: &Script, row| {
        let ladder = ladder(script, 1);
        ladder.hits[ladder.index(row)]
    };
    assert_eq!((hit(&script, 1_001), hit(&script, 999), hit(&script, 1_000)), (1, 2, 0));
    script.wait(400);
    assert_eq!(hit(&script, 1_001), 1);
    script.wait(100);
    assert_eq!(hit(&script, 1_001), 0);
}

#[test]
fn session_volume_and_its_largest_row_are_those_of_all_trades() {
    let mut script = Script::with_book();
    script.trade(1_001, 300, Side::Buy);
    script.trade(1_002, 200, Side::Buy);
    script.trade(999, 450, Side::Sell);
    let fine = ladder(&script, 1);
    assert_eq!(fine.volumes[fine.index(999)], 0.45);
    assert_eq!(f64::from_bits(fine.poc), 999.0);
    let coarse = ladder(&script, 10);
    assert_eq!(coarse.volumes[coarse.index(101)], 0.5);
    assert_eq!(f64::from_bits(coarse.poc), 101.0);
}

#[test]
fn absurd_prices_are_shown_without_a_fall() {
    for (bid, ask) in [(1, i64::MAX - 1), (i64::MAX - 2, i64::MAX - 1), (-5, 3), (i64::MIN + 1, 0)]
    {
        let mut script = Script::new();
        script.snapshot(&[(bid, i64::MAX)], &[(ask, i64::MAX)]);
        script.health(Health::Right, None);
        script.trade(ask, i64::MAX, Side::Buy);
        script.trade(bid, i64::MAX, Side::Sell);
        script.wait(700);
        for group_ticks in view::ladder::GROUPS_TICKS {
            ladder(&script, group_ticks);
        }
        script.digest();
        serde_json::to_string(&script.view.panels(&script.market)).unwrap();
    }
}

proptest! {
    #[test]
    fn rows_hold_what_the_levels_of_the_book_hold(
        bids in prop::collection::btree_map(800_i64..1_000, 1_i64..9_000, 1..60),
        asks in prop::collection::btree_map(1_000_i64..1_200, 1_i64..9_000, 1..60),
        group_ticks in prop::sample::select(&view::ladder::GROUPS_TICKS[..]),
    ) {
        let mut script = Script::new();
        let list = |levels: &std::collections::BTreeMap<i64, i64>| -> Vec<(i64, i64)> {
            levels.iter().map(|(price, size)| (*price, *size)).collect()
        };
        script.snapshot(&list(&bids), &list(&asks));
        let ladder = ladder(&script, group_ticks);
        let step = i64::from(group_ticks);
        for index in 0..ladder.bids.len() {
            let row = ladder.top_row - index as i64;
            let bid: i64 = bids.range(row * step..(row + 1) * step).map(|(_, size)| size).sum();
            let ask: i64 =
                asks.range((row - 1) * step + 1..=row * step).map(|(_, size)| size).sum();
            prop_assert_eq!(ladder.bids[index], bid as f64 / 1e3);
            prop_assert_eq!(ladder.asks[index], ask as f64 / 1e3);
            prop_assert!(bid == 0 || ask == 0 || row * step == 1_000, "row {} mixes sides", row);
        }
    }
}
