//! What the heatmap shows.

use market::{Cause, Side};
use view::code::{CODE_UNKNOWN, size_from_code};
use view::{Health, Screen};

use crate::decoder::{Column, Store};
use crate::script::{START_MS, Script};

/// What a screen with columns of this length knows.
fn store(script: &Script, column_ms: u32) -> Store {
    let mut screen = Screen::new();
    screen.set_column_ms(column_ms).unwrap();
    Store::of(&script.frame(&mut screen, 0))
}

/// The columns of this length, from the one in which scripts begin.
fn columns(script: &Script, column_ms: u32) -> Vec<Column> {
    let first = START_MS / i64::from(column_ms);
    store(script, column_ms).columns.range(first..).map(|(_, column)| column.clone()).collect()
}

/// What rests in a bin of one tick, `None` when it is not known.
fn size(column: &Column, bin: i64) -> Option<f64> {
    let code = column.codes[usize::try_from(bin - column.lowest_bin).unwrap()];
    size_from_code(code).map(|units| units / 1e3)
}

fn assert_size(column: &Column, bin: i64, expected: f64) {
    let found = size(column, bin).expect("known");
    assert!((found - expected).abs() <= expected * 1e-3, "bin {bin}: {found}, not {expected}");
}

#[test]
fn a_cell_shows_what_rests_at_its_close() {
    let mut script = Script::with_book();
    script.wait(20);
    script.change(&[(999, 3_000)], &[]);
    script.wait(30);
    script.change(&[(999, 2_000)], &[]);
    script.wait(60);
    script.change(&[(999, 9_000)], &[]);
    let cells = columns(&script, 100);
    assert!(cells[0].is_closed && !cells[1].is_closed);
    assert_size(&cells[0], 999, 2.0);
    assert_size(&cells[1], 999, 9.0);
    assert_eq!(size(&cells[0], 1_000), Some(0.0), "known and empty");
    assert_eq!(f64::from_bits(cells[0].touch.0), 99.9);
    assert_eq!(f64::from_bits(cells[0].touch.1), 100.1);
}

#[test]
fn wider_columns_take_the_mean_of_their_cells() {
    let mut script = Script::with_book();
    for n in 0..10 {
        script.change(&[(999, 1_000 * n)], &[]);
        script.wait(100);
    }
    let columns = columns(&script, 500);
    assert_size(&columns[0], 999, 2.0);
    assert_size(&columns[1], 999, 7.0);
    assert_size(&columns[1], 1_003, 1.0);
}

#[test]
fn beyond_the_snapshot_nothing_is_known_until_it_changes() {
    let mut script = Script::with_book();
    script.change(&[(950, 400)], &[]);
    script.wait(100);
    let cell = &columns(&script, 100)[0];
    assert_size(cell, 990, 1.0);
    assert_eq!(size(cell, 989), None);
    assert_size(cell, 950, 0.4);
    assert_eq!(size(cell, 1_011), None);
}

#[test]
fn a_lost_book_is_never_carried_forward() {
    let mut script = Script::with_book();
    script.wait(100);
    script.health(Health::Stale, Some(Cause::LinkDown));
    script.wait(1_400);
    let cells = columns(&script, 100);
    assert_eq!(cells[0].state, 0);
    for cell in &cells[1..] {
        assert_eq!(cell.state, 1);
        assert!(cell.codes.iter().all(|code| *code == CODE_UNKNOWN));
        assert!(f64::from_bits(cell.touch.0).is_nan());
    }
    let wide: Vec<u8> = columns(&script, 500).iter().map(|column| column.state).collect();
    assert_eq!(wide[..3], [0, 1, 1], "a column with one good cell shows that cell");
    script.snapshot(&[(999, 5_000)], &[(1_001, 5_000)]);
    script.health(Health::Right, None);
    script.wait(100);
    let cells = columns(&script, 100);
    assert_size(&cells[cells.len() - 2], 999, 5.0);
    let gaps = store(&script, 100).gaps;
    assert_eq!(gaps[0].0, (START_MS as f64 + 100.0).to_bits());
    assert_eq!(gaps[0].1, (START_MS as f64 + 1_500.0).to_bits());
}

#[test]
fn a_quiet_book_is_shown_and_marked() {
    let mut script = Script::with_book();
    script.health(Health::Quiet, None);
    script.wait(100);
    let cell = &columns(&script, 100)[0];
    assert_eq!(cell.state, 2);
    assert_size(cell, 999, 1.0);
}

#[test]
fn columns_follow_the_price_and_stay_true() {
    let mut script = Script::with_book();
    script.wait(300);
    script.snapshot(&[(2_999, 4_000)], &[(3_001, 4_000)]);
    script.wait(700);
    let cells = columns(&script, 100);
    assert_size(&cells[2], 999, 1.0);
    assert_size(&cells[3], 2_999, 4.0);
    let middle = cells[3].lowest_bin + 256;
    assert!((2_900..3_100).contains(&middle), "the window is round {middle}");
    let wide = columns(&script, 500);
    assert_size(&wide[0], 999, 1.0);
    assert_size(&wide[1], 2_999, 4.0);
}

#[test]
fn prints_are_merged_per_column_bin_and_side() {
    let mut script = Script::with_book();
    script.trade(1_001, 300, Side::Buy);
    script.trade(1_001, 100, Side::Buy);
    script.trade(999, 50, Side::Sell);
    script.wait(500);
    script.trade(1_001, 7, Side::Buy);
    let store = store(&script, 500);
    let first = START_MS / 500;
    assert_eq!(store.dots.len(), 3);
    assert_eq!(store.dots[&(first, 1_001, 1)], [0.4_f64.to_bits(), 100.1_f64.to_bits()]);
    assert_eq!(store.dots[&(first, 999, 2)], [0.05_f64.to_bits(), 99.9_f64.to_bits()]);
    assert_eq!(store.dots[&(first + 1, 1_001, 1)][0], 0.007_f64.to_bits());
    assert_eq!((store.columns[&first].bought, store.columns[&first].sold), (0.4, 0.05));
}

#[test]
fn the_bars_beside_it_are_the_book_now() {
    let mut script = Script::with_book();
    script.wait(100);
    script.change(&[(999, 3_000)], &[]);
    let (lowest, sizes, sides) = store(&script, 500).bins.unwrap();
    let at = |bin: i64| usize::try_from(bin - lowest).unwrap();
    assert_eq!(f64::from_bits(sizes[at(999)]), 3.0);
    assert_eq!([999, 1_000, 1_001, 1_011].map(|bin| sides[at(bin)]), [1, 0, 2, 3]);
}
