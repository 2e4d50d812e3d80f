//! What holds of first data.

use super::*;

const LIMIT: Duration = Duration::from_secs(10);

const SPOT: &[Stream] = &[Stream::Book, Stream::Trades];

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1_000)
}

fn said(seconds: i64) -> Sign {
    Sign { said_at: Some(at(seconds)), ..Sign::default() }
}

fn told(newest: i64, when: i64) -> Sign {
    let trades = Some(TradesTold { newest: at(newest), at: at(when) });
    Sign { trades, ..Sign::default() }
}

/// What is overdue when this is known of the book, and this of all else.
fn look(data: &mut FirstData, now: i64, book: Sign, other: Sign) -> Vec<Overdue> {
    let sign = |_: &str, stream| if stream == Stream::Book { book } else { other };
    data.overdue(LIMIT, at(now), sign)
}

fn sentences(data: &mut FirstData, now: i64, book: Sign, other: Sign) -> Vec<String> {
    let overdue = look(data, now, book, other);
    overdue.iter().filter_map(|one| one.sentence("Binance")).collect()
}

fn expecting(streams: &'static [Stream]) -> FirstData {
    let mut data = FirstData::of(streams);
    data.expect("XYZUSDT", at(0));
    data
}

#[test]
fn nothing_is_asked_for_three_times_more_and_then_given_up() {
    let mut data = expecting(SPOT);
    let told: Vec<String> = (0..100)
        .flat_map(|now| sentences(&mut data, now, Sign::default(), Sign::default()))
        .collect();
    assert_eq!(
        told,
        [
            "Binance sends nothing of XYZUSDT. Asked again (1 of 3).",
            "Binance sends nothing of XYZUSDT. Asked again (2 of 3).",
            "Binance sends nothing of XYZUSDT. Asked again (3 of 3).",
            "Binance sends nothing of XYZUSDT, though it was asked 4 times. There are no data of it.",
        ]
    );
}

#[test]
fn what_speaks_once_is_not_asked_for_again() {
    let mut data = expecting(SPOT);
    assert!(look(&mut data, 9, said(1), said(1)).is_empty());
    assert!(look(&mut data, 99, said(1), said(1)).is_empty());
}

#[test]
fn what_was_heard_before_it_was_asked_for_proves_nothing() {
    let mut data = FirstData::of(SPOT);
    data.expect("XYZUSDT", at(20));
    assert_eq!(sentences(&mut data, 31, said(19), said(19)).len(), 1);
}

#[test]
fn a_new_connection_gives_new_time_but_no_new_attempts() {
    let mut data = expecting(SPOT);
    let symbols = ["XYZUSDT".to_owned()];
    assert_eq!(sentences(&mut data, 11, Sign::default(), Sign::default()).len(), 1);
    data.restart(symbols.iter(), at(20));
    assert!(sentences(&mut data, 30, Sign::default(), Sign::default()).is_empty());
    let told = sentences(&mut data, 31, Sign::default(), Sign::default());
    assert_eq!(told, ["Binance sends nothing of XYZUSDT. Asked again (2 of 3)."]);
}

#[test]
fn a_book_that_does_not_come_is_missed_though_trades_do() {
    let mut data = expecting(SPOT);
    assert!(look(&mut data, 10, Sign::default(), said(1)).is_empty());
    let told = sentences(&mut data, 11, Sign::default(), said(1));
    assert_eq!(told, ["Binance sends no book of XYZUSDT. Asked again (1 of 3)."]);
}

#[test]
fn marks_that_do_not_come_are_missed_on_the_link_that_brings_nothing_else() {
    let mut data = expecting(&[Stream::Stated]);
    let told = sentences(&mut data, 11, said(1), Sign::default());
    assert_eq!(told, ["Binance sends no marks of XYZUSDT. Asked again (1 of 3)."]);
    assert!(look(&mut data, 99, said(1), said(12)).is_empty());
}

#[test]
fn a_book_that_was_fetched_and_is_right_is_not_missed() {
    let mut data = expecting(SPOT);
    let fetched = Sign { is_met: true, ..Sign::default() };
    assert!((0..1_000).all(|now| sentences(&mut data, now, fetched, Sign::default()).is_empty()));
}

#[test]
fn trades_are_missed_only_once_the_venue_tells_of_new_ones() {
    let mut data = expecting(SPOT);
    let doubt = [Overdue::Doubt { symbol: "XYZUSDT".to_owned() }];
    let quiet = told(-500, 2);
    assert_eq!(look(&mut data, 11, said(1), quiet), doubt, "the newest ones are asked for");
    assert!(look(&mut data, 12, said(1), told(-500, 12)).is_empty(), "none was made");
    assert_eq!(look(&mut data, 21, said(1), told(-500, 12)), doubt);
    assert!(look(&mut data, 24, said(1), told(22, 22)).is_empty(), "it may be on its way");
    let told = sentences(&mut data, 26, said(1), told(22, 22));
    assert_eq!(told, ["Binance sends no trades of XYZUSDT. Asked again (1 of 3)."]);
}

#[test]
fn the_newest_trades_of_a_quiet_market_are_asked_for_at_growing_spans() {
    let mut data = expecting(SPOT);
    let asked: Vec<i64> = (0..1_000)
        .filter(|now| !look(&mut data, *now, said(1), told(-500, 2)).is_empty())
        .collect();
    assert_eq!(asked, [11, 21, 41, 81, 161, 321, 641, 961]);
}
