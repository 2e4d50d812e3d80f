//! The bytes of two frames of a small market, as they have always been.

use std::fmt::Write;

use market::{Cause, Side};
use view::{Health, Screen};

use crate::decoder::Store;
use crate::script::Script;

/// FNV-1a, 64 bits: enough to see that a byte has changed.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn describe(out: &mut String, frame: &[u8], store: &Store) {
    let float = f64::from_bits;
    let kind = if store.is_whole { "whole" } else { "delta" };
    writeln!(out, "frame {} {kind}: {} bytes, {:016x}", store.number, frame.len(), hash(frame))
        .unwrap();
    let ladder = store.ladder.as_ref().unwrap();
    for (index, (bid, ask)) in ladder.bids.iter().zip(&ladder.asks).enumerate() {
        let (bid_delta, ask_delta) = (ladder.bid_deltas[index], ladder.ask_deltas[index]);
        let volume = ladder.volumes[index];
        if [*bid, *ask, bid_delta, ask_delta, volume].iter().any(|value| *value != 0.0) {
            let row = ladder.top_row - index as i64;
            let hit = ladder.hits[index];
            writeln!(out, "  {row}: {volume} {bid_delta} {bid} | {ask} {ask_delta}, hit {hit}")
                .unwrap();
        }
    }
    for (number, print) in &store.prints {
        let floats: Vec<f64> = print[..3].iter().map(|bits| float(*bits)).collect();
        writeln!(out, "  print {number}: {floats:?} {:?}", &print[3..]).unwrap();
    }
    for (opened, bar) in &store.bars {
        let floats: Vec<f64> = bar[..6].iter().map(|bits| float(*bits)).collect();
        writeln!(out, "  bar {opened}: {floats:?} {}", bar[6]).unwrap();
    }
    for (number, column) in &store.columns {
        let n_filled = column.codes.iter().filter(|code| (1..65_535).contains(*code)).count();
        writeln!(
            out,
            "  column {number}: from {}, state {}, closed {}, {n_filled} filled, {:016x}",
            column.lowest_bin,
            column.state,
            column.is_closed,
            hash(&column.codes.iter().flat_map(|code| code.to_le_bytes()).collect::<Vec<_>>()),
        )
        .unwrap();
    }
    writeln!(out, "  dots {:?}", store.dots.keys().collect::<Vec<_>>()).unwrap();
    let gaps = store.gaps.iter().map(|(from, to, cause)| (float(*from), float(*to), *cause));
    writeln!(out, "  gaps {:?}", gaps.collect::<Vec<_>>()).unwrap();
}

/// The story: a book, a trade, a pulled bid, a gap, a new book.
fn story() -> String {
    let mut out = String::new();
    let mut script = Script::with_book();
    let mut screen = Screen::new();
    script.wait(600);
    script.trade(1_001, 400, Side::Buy);
    script.wait(30);
    script.change(&[(995, 0)], &[(1_001, 600)]);
    let frame = script.frame(&mut screen, 0);
    let mut store = Store::of(&frame);
    describe(&mut out, &frame, &store);
    script.wait(500);
    script.health(Health::Resyncing, Some(Cause::Gap));
    script.wait(1_200);
    script.snapshot(&[(1_002, 2_500), (1_000, 100)], &[(1_004, 1_500)]);
    script.health(Health::Right, None);
    script.wait(100);
    script.trade(1_002, 50, Side::Sell);
    let frame = script.frame(&mut screen, store.number);
    store.apply(&frame);
    describe(&mut out, &frame, &store);
    out
}

#[test]
fn a_small_market_gives_these_frames() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/panels/golden.txt");
    let found = story();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, &found).unwrap();
    }
    let expected = std::fs::read_to_string(path).unwrap();
    assert!(found == expected, "frames have changed; UPDATE_GOLDEN=1 accepts:\n{found}");
}

#[test]
fn the_panels_as_data_carry_exact_texts() {
    let mut script = Script::with_book();
    script.wait(600);
    script.trade(1_001, 400, Side::Buy);
    script.wait(600);
    let panels = serde_json::to_value(script.view.panels(&script.market)).unwrap();
    assert_eq!(panels["best_bid"], "99.9");
    assert_eq!(panels["health"], "right");
    assert_eq!(panels["ladder"]["rows"][9]["price"], "100.1");
    assert_eq!(panels["ladder"]["rows"][9]["ask"], "1.000");
    assert_eq!(panels["ladder"]["rows"][9]["volume"], "0.400");
    assert_eq!(panels["tape"][0]["size"], "0.400");
    assert_eq!(panels["candles"]["bars"][0]["volume"], "0.400");
    assert_eq!(panels["heatmap"]["last_closed"]["n_filled"], 20);
    assert_eq!(panels["heatmap"]["forming"]["state"], "good");
}
