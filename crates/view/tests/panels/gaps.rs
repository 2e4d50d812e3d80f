//! Spans that were not heard: as long as something of their time is shown, each of them is told.

use std::collections::BTreeSet;

use market::{Cause, Side, Timestamp};
use view::{
    Header, Health, LookBack, OlderBars, OlderColumns, OlderGaps, Reached, Screen, Session,
};

use crate::decoder::Store;
use crate::script::{START_MS, Script};

const SECOND_MS: i64 = 1_000;

fn at(second: i64) -> Timestamp {
    Timestamp::from_millis(START_MS + second * SECOND_MS)
}

fn session() -> Session {
    Session { number: 0, from: at(0), to: None, is_over: false }
}

/// In every ten seconds one second without a right book, and a trade in each of them.
fn lose_on(script: &mut Script, tens: std::ops::Range<i64>) {
    for _ in tens {
        script.health(Health::Stale, Some(Cause::LinkDown));
        script.wait(SECOND_MS);
        script.health(Health::Right, None);
        for _ in 1..10 {
            script.trade(1_001, 1, Side::Buy);
            script.wait(SECOND_MS);
        }
    }
}

/// The seconds in which the gaps of an answer or a frame began, each once.
fn begun(bytes: &[u8]) -> BTreeSet<i64> {
    let mut store = Store::default();
    store.apply(bytes);
    let second = |bits: u64| (f64::from_bits(bits) as i64 - START_MS) / SECOND_MS;
    store.gaps.iter().map(|(from, _, _)| second(*from)).collect()
}

/// States of the same session, the newest first, each 500 s before the next.
fn states(n: i64) -> Vec<Script> {
    let mut script = Script::with_book();
    let mut states = Vec::new();
    for index in 0..n {
        lose_on(&mut script, index * 50..(index + 1) * 50);
        states.push(script.clone());
    }
    states.reverse();
    states
}

/// Gathers from the state that stands next behind what is still wanted.
fn gather(gathered: &mut dyn LookBack, states: &[Script]) {
    while !gathered.is_full() {
        let until = gathered.until(0, at(0));
        let state = states.iter().rev().find(|state| state.at >= until).expect("a state");
        let before = gathered.told_from();
        match gathered.take(state.shown(), session()) {
            Reached::Part => assert!(gathered.told_from() < before, "it goes on"),
            Reached::Beginning => gathered.end(),
            Reached::Otherwise | Reached::Elsewhere => break,
        }
    }
}

#[test]
fn a_frame_says_when_older_gaps_are_not_in_it() {
    let mut script = Script::with_book();
    lose_on(&mut script, 0..63);
    let flags = |script: &Script| {
        let mut store = Store::default();
        store.apply(&script.frame(&mut Screen::new(), 0));
        (store.gaps.len(), store.is_gaps_cut)
    };
    assert_eq!(flags(&script), (63, false));
    lose_on(&mut script, 63..80);
    assert_eq!(flags(&script), (64, true));
}

#[test]
fn gaps_that_have_gone_are_told_each_once() {
    let states = states(6);
    let newest = states[0].frame(&mut Screen::new(), 0);
    let newest = begun(&newest);
    let known_from = *newest.first().expect("gaps");
    let mut older = OlderGaps::new(at(0), at(known_from));
    gather(&mut older, &states);
    assert!(older.is_full());
    let told = begun(&older.bytes(&Header::default()));
    let all: BTreeSet<i64> = (0..300).map(|ten| ten * 10).collect();
    assert_eq!(told.union(&newest).copied().collect::<BTreeSet<_>>(), all);
    assert!(told.is_disjoint(&newest));
}

#[test]
fn where_gaps_are_many_an_answer_tells_of_a_part_and_covers_no_more() {
    let states = states(60);
    let mut older = OlderGaps::new(at(0), at(30_000));
    gather(&mut older, &states);
    let told = begun(&older.bytes(&Header::default()));
    assert!(!older.is_full() && told.len() > 1_000, "{}", told.len());
    let covered = (older.told_from().nanos() / 1_000_000 - START_MS) / SECOND_MS;
    assert!(told.range(..covered).next().is_none() || covered == 0);
    let expected: BTreeSet<i64> =
        (0..3_000).map(|ten| ten * 10).filter(|second| *second >= covered).collect();
    assert_eq!(told, expected);
}

#[test]
fn columns_and_bars_are_told_with_all_gaps_that_touch_them() {
    let states = states(6);
    let (from, to) = (600, 1_800);
    let wanted: BTreeSet<i64> = (60..180).map(|ten| ten * 10).collect();
    let mut columns = OlderColumns::new(5_000, at(from), at(to)).expect("a length");
    let mut bars = OlderBars::new(60, (at(from), at(to)), 0).expect("a length");
    for gathered in [&mut columns as &mut dyn LookBack, &mut bars] {
        assert!(gathered.reaches(states[0].shown()) || gathered.until(0, at(0)) <= at(to + 10));
        gather(gathered, &states);
        assert!(gathered.is_full());
        let bytes = gathered.bytes(&Header::default());
        assert_eq!(begun(&bytes), wanted);
        let mut store = Store::default();
        store.apply(&bytes);
        assert!(store.columns.len() == 240 || store.bars.len() == 20);
    }
}
