//! What states of the past tell together: each what the later one has let go, and no state what it cannot.

use market::{Side, Timestamp};
use view::{Header, LookBack, OlderBars, OlderColumns, OlderPrints, PrintMark, Reached, Session};

use crate::decoder::Store;
use crate::liquidations::force;
use crate::script::{START_MS, Script};

const SECOND_MS: i64 = 1_000;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(START_MS + ms)
}

fn session(number: usize, from_ms: i64) -> Session {
    Session { number, from: at(from_ms), to: None, is_over: false }
}

/// A trade in each second: its size tells which.
fn trade_on(script: &mut Script, seconds: std::ops::Range<i64>) {
    for second in seconds {
        script.trade(1_001, second, Side::Buy);
        script.wait(SECOND_MS);
    }
}

fn read(bytes: &[u8]) -> Store {
    let mut store = Store::default();
    store.apply(bytes);
    store
}

/// The volumes of bars of a second, by the second in which they began.
fn volumes(bytes: &[u8]) -> Vec<(i64, i64)> {
    let second = |opened: i64| (opened - START_MS) / SECOND_MS;
    let volume = |bits: u64| (f64::from_bits(bits) * 1_000.0).round() as i64;
    read(bytes).bars.iter().map(|(opened, bar)| (second(*opened), volume(bar[4]))).collect()
}

#[test]
fn bars_that_have_gone_are_told_by_an_earlier_state() {
    let mut script = Script::with_book();
    trade_on(&mut script, 1..2_000);
    let earlier = script.clone();
    trade_on(&mut script, 2_000..6_000);
    let span = (at(1_000 * SECOND_MS), at(2_500 * SECOND_MS));
    let mut bars = OlderBars::new(1, span, 0).expect("a length");
    assert!(bars.reaches(earlier.shown()) && !bars.reaches(script.shown()));
    assert_eq!(bars.take(script.shown(), session(0, 0)), Reached::Part);
    assert!(!bars.is_full() && bars.told_from() > bars.wanted_from());
    assert_eq!(bars.take(earlier.shown(), session(0, 0)), Reached::Beginning);
    bars.end();
    let told = volumes(&bars.bytes(&Header::default()));
    assert_eq!(told, (1_000..2_500).map(|second| (second, second + 1)).collect::<Vec<_>>());
}

#[test]
fn a_part_of_the_first_bar_is_told_of_another_session_only() {
    let mut script = Script::with_book();
    trade_on(&mut script, 1..100);
    let span = (at(0), at(50 * SECOND_MS));
    for (shown, has_part) in [(0, false), (1, true)] {
        let mut bars = OlderBars::new(1, span, shown).expect("a length");
        bars.take(script.shown(), session(0, 0));
        let newest = volumes(&bars.bytes(&Header::default())).pop().expect("bars").0;
        assert_eq!(newest == 50, has_part, "{newest}");
    }
}

#[test]
fn a_bar_that_began_before_its_session_was_not_heard_whole() {
    let mut script = Script::with_book();
    trade_on(&mut script, 1..200);
    let span = (at(0), at(180 * SECOND_MS));
    let mut bars = OlderBars::new(60, span, 0).expect("a length");
    bars.take(script.shown(), session(0, 30_000));
    let flags: Vec<u64> =
        read(&bars.bytes(&Header::default())).bars.values().map(|bar| bar[6]).collect();
    assert_eq!(flags, [3, 1, 1], "touched, and all of them closed");
}

#[test]
fn columns_of_other_bins_are_told_by_themselves() {
    let mut script = Script::with_book();
    script.wait(20 * SECOND_MS);
    let mut other = Script::new();
    let (bids, asks): (Vec<_>, Vec<_>) =
        (1..10).map(|n| ((10_000_000 - 90_000 * n, 1), (10_000_000 + 90_000 * n, 1))).unzip();
    other.snapshot(&bids, &asks);
    other.health(view::Health::Right, None);
    other.wait(10 * SECOND_MS);
    let mut columns = OlderColumns::new(500, at(0), at(20 * SECOND_MS)).expect("a length");
    // The later session began after ten seconds.
    let mut later = OlderColumns::new(500, at(10 * SECOND_MS), at(20 * SECOND_MS)).expect("one");
    assert_eq!(later.take(script.shown(), session(1, 10_000)), Reached::Beginning);
    assert!(later.is_full());
    assert_eq!(columns.take(script.shown(), session(1, 0)), Reached::Beginning);
    assert_eq!(columns.take(other.shown(), session(0, 0)), Reached::Otherwise);
    assert!(OlderColumns::new(7, at(0), at(1)).is_err());
    assert!(OlderBars::new(7, (at(0), at(1)), 0).is_err());
}

#[test]
fn liquidations_that_have_gone_are_told_with_their_columns_each_once() {
    let mut script = Script::with_book();
    let force_on = |script: &mut Script, seconds: std::ops::Range<i64>| {
        for second in seconds {
            force(script, 1_001, second, Side::Sell);
            force(script, 1_001, second, Side::Buy);
            script.wait(SECOND_MS);
        }
    };
    force_on(&mut script, 1..950);
    let earlier = script.clone();
    force_on(&mut script, 950..1_400);
    let (from, to) = (500, 1_000);
    let span = (at(from * SECOND_MS), at(to * SECOND_MS));
    let mut columns = OlderColumns::new(1_000, span.0, span.1).expect("a length");
    assert!(!columns.reaches(script.shown()), "too much of it has gone");
    assert_eq!(columns.take(script.shown(), session(0, 0)), Reached::Part);
    let told_from = columns.told_from();
    assert!(!columns.is_full() && told_from > at(800 * SECOND_MS), "{told_from}");
    columns.take(earlier.shown(), session(0, 0));
    assert!(columns.is_full());
    let told = read(&columns.bytes(&Header::default())).forced;
    let second = |received: &u64| (f64::from_bits(*received) as i64 - START_MS) / SECOND_MS;
    let seconds: Vec<i64> = told.values().map(|one| second(&one[0])).collect();
    let expected: Vec<i64> = (from..to).flat_map(|second| [second, second]).collect();
    assert_eq!(seconds, expected);
}

/// The numbers of the prints of an answer.
fn numbers(bytes: &[u8]) -> Vec<u64> {
    read(bytes).older_prints.keys().copied().collect()
}

#[test]
fn prints_that_have_gone_are_told_by_a_state_that_still_had_them() {
    let mut script = Script::with_book();
    let trades_on = |script: &mut Script, n: i64| {
        for _ in 0..n {
            script.trade(1_001, 5, Side::Buy);
            script.wait(10);
            script.trade(1_000, 5, Side::Sell);
            script.wait(10);
        }
    };
    trades_on(&mut script, 2_000);
    let earlier = script.clone();
    trades_on(&mut script, 3_000);
    // The screen has what is kept, the last 5,000 of 10,000.
    let before = PrintMark { session_from_ms: None, number: 5_000 };
    let mut prints = OlderPrints::new(before, (at(0), at(50_000)), 0);
    let asked = prints.until(0, at(0));
    assert_eq!(prints.take(script.shown(), session(0, 0)), Reached::Elsewhere, "it is too late");
    assert!(prints.until(0, at(0)) < asked);
    assert_eq!(prints.take(earlier.shown(), session(0, 0)), Reached::Elsewhere, "it is too early");
    let mut middle = earlier.clone();
    trades_on(&mut middle, 700);
    assert_eq!(prints.take(middle.shown(), session(0, 0)), Reached::Part);
    assert!(prints.is_full());
    let told = numbers(&prints.bytes(&Header::default()));
    assert_eq!(told, (4_000..5_000).collect::<Vec<_>>());
}

#[test]
fn prints_of_two_sessions_are_told_apart() {
    let mut script = Script::with_book();
    (0..9).for_each(|n| {
        script.trade(1_001, 5, if n % 2 == 0 { Side::Buy } else { Side::Sell });
        script.wait(SECOND_MS);
    });
    let before = PrintMark { session_from_ms: None, number: 4 };
    let mut prints = OlderPrints::new(before, (at(0), at(4 * SECOND_MS)), 1);
    assert_eq!(prints.take(script.shown(), session(1, 0)), Reached::Beginning);
    assert!(prints.is_full(), "an answer holds those of one session");
    assert_eq!(prints.take(script.shown(), session(0, -90_000)), Reached::Otherwise);
    assert_eq!(numbers(&prints.bytes(&Header::default())), [0, 1, 2, 3]);
    // Of the session before it all are wanted.
    let before = PrintMark { session_from_ms: Some(START_MS as f64), number: 0 };
    let mut prints = OlderPrints::new(before, (at(0), at(0)), 1);
    assert!(prints.is_of_use(0, at(-90_000)) && !prints.is_of_use(2, at(90_000)));
    let over = Session { is_over: true, ..session(0, -90_000) };
    assert_eq!(prints.take(script.shown(), over), Reached::Beginning);
    assert_eq!(numbers(&prints.bytes(&Header::default())), (0..9).collect::<Vec<_>>());
}
