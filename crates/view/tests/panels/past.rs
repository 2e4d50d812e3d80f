//! What the venue tells of the time before reaches the screen once, marked, and apart from what was heard.

use market::{PastBar, PastBars, PastTrades, Price, Quantity, Side, Timestamp, Trade};
use view::Screen;

use crate::decoder::Store;
use crate::script::{START_MS, Script};

const MINUTE: i64 = 60_000;

/// Bars of the minutes before the script begins and of its first, the last ones of `n`; each of 2.000.
fn tell_bars(script: &mut Script, n: i64, buy_volume: Option<i128>) {
    let bar = |k: i64| PastBar {
        opened_at: Timestamp::from_millis(START_MS - k * MINUTE),
        open: Price(900),
        high: Price(910),
        low: Price(890),
        close: Price(905),
        volume: 2_000,
        buy_volume,
    };
    let instrument = script.market.instrument().id;
    let past = PastBars { instrument, bars: (0..n).rev().map(bar).collect() };
    script.market.take_past_bars(&past, script.at).unwrap();
}

fn tell_trades(script: &mut Script, ids: std::ops::Range<u64>) {
    let instrument = script.market.instrument().id;
    let trade = |id: u64| Trade {
        instrument,
        trade_id: id,
        n_fills: 1,
        price: Price(900 + id as i64),
        quantity: Quantity(500),
        taker: Side::Sell,
        // So far apart that they are not merged.
        traded_at: Timestamp::from_millis(START_MS - 1_000 + 10 * id as i64),
    };
    let past = PastTrades { instrument, trades: ids.map(trade).collect() };
    script.market.take_past_trades(&past, script.at).unwrap();
}

/// A script that heard one trade, with id 100, in its first minute.
fn heard() -> Script {
    let mut script = Script::with_book();
    script.next_trade_id = 100;
    script.wait(10_000);
    script.trade(1_001, 300, Side::Buy);
    script
}

fn flags(bars: &std::collections::BTreeMap<i64, Vec<u64>>) -> Vec<u64> {
    bars.values().map(|bar| bar[6]).collect()
}

#[test]
fn bars_and_prints_of_the_past_are_told_once_when_they_come_and_in_every_whole_frame() {
    let mut script = heard();
    let mut screen = Screen::new();
    let mut store = Store::of(&script.frame(&mut screen, 0));
    assert!(store.past_bars.1.is_empty());
    assert!(!screen.is_dirty(Some(script.shown()), store.number));
    tell_bars(&mut script, 5, None);
    tell_trades(&mut script, 1..4);
    assert!(screen.is_dirty(Some(script.shown()), store.number));
    store.apply(&script.frame(&mut screen, store.number));
    let (began_at, bars) = store.past_bars.clone();
    assert_eq!(f64::from_bits(began_at), START_MS as f64, "hearing began with the book");
    let minutes: Vec<i64> = (1..5).rev().map(|k| START_MS - k * MINUTE).collect();
    assert_eq!(bars.keys().copied().collect::<Vec<_>>(), minutes, "the first heard one is not");
    assert_eq!(flags(&bars), [1, 1, 1, 1], "closed");
    let first = bars.values().next().unwrap();
    assert_eq!(first[..5], [90.0, 91.0, 89.0, 90.5, 2.0].map(f64::to_bits));
    assert!(f64::from_bits(first[5]).is_nan(), "what takers bought is not told");
    assert_eq!(flags(&store.bars), [8], "hearing began within it");
    assert_eq!(store.prints.len(), 1);
    let prices: Vec<f64> = store.past_prints.iter().map(|print| f64::from_bits(print[1])).collect();
    assert_eq!(prices, [90.1, 90.2, 90.3]);

    script.wait(200);
    script.trade(1_002, 300, Side::Buy);
    store.past_bars = Default::default();
    store.apply(&script.frame(&mut screen, store.number));
    assert!(store.past_bars.1.is_empty(), "not again");
    let whole = Store::of(&script.frame(&mut Screen::new(), 0));
    assert_eq!(whole.past_bars, (began_at, bars));
    assert_eq!(whole.past_prints.len(), 3);
    assert_eq!(whole.bars, store.bars);
}

#[test]
fn the_bar_in_which_hearing_began_holds_whole_minutes_before_and_what_was_heard() {
    let mut script = Script::with_book();
    script.wait(130_000);
    script.trade(1_001, 300, Side::Buy);
    let mut screen = Screen::new();
    screen.set_interval_s(900).unwrap();
    let mut store = Store::of(&script.frame(&mut screen, 0));
    let at = START_MS - START_MS % 900_000;
    assert_eq!(f64::from_bits(store.bars[&at][4]), 0.3);
    let n_before = (START_MS - at) / MINUTE + 1;
    // Told of minutes before the script and of its first; heard in its third.
    tell_bars(&mut script, 20, Some(500));
    store.apply(&script.frame(&mut screen, store.number));
    let bar = &store.bars[&at];
    let expected = 0.3 + 2.0 * n_before as f64;
    assert!((f64::from_bits(bar[4]) - expected).abs() < 1e-9, "{}", f64::from_bits(bar[4]));
    assert_eq!(f64::from_bits(bar[0]), 90.0, "it opened before hearing began");
    assert_eq!((f64::from_bits(bar[1]), f64::from_bits(bar[2])), (100.1, 89.0));
    assert_eq!((f64::from_bits(bar[3]), bar[6]), (100.1, 8));
    assert!(store.past_bars.1.keys().all(|opened| *opened < at));
    let whole = {
        let mut screen = Screen::new();
        screen.set_interval_s(900).unwrap();
        Store::of(&script.frame(&mut screen, 0))
    };
    assert_eq!(whole.bars, store.bars);
}

#[test]
fn the_past_belongs_to_the_state_and_none_leaves_it_as_it_was() {
    let (plain, mut told) = (heard(), heard());
    assert_eq!(plain.digest(), told.digest());
    tell_bars(&mut told, 5, Some(1_000));
    tell_trades(&mut told, 1..4);
    assert_ne!(plain.digest(), told.digest());
    assert!(told.digest().starts_with(&plain.digest()), "what was heard is as it was");
    let panels = told.view.panels(&told.market);
    let past = panels.past.unwrap();
    assert_eq!((past.bars.len(), past.tape.len()), (4, 3));
    assert_eq!(
        (past.bars[0].volume.as_str(), past.bars[0].delta.as_deref()),
        ("2.000", Some("0.000"))
    );
    assert_eq!(past.tape[0].price, "90.3", "newest first");
    assert_eq!((panels.tape.len(), panels.candles.bars.len()), (1, 1));
    assert_eq!(plain.view.panels(&plain.market).past, None);
}
