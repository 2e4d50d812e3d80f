//! A book whose own stream is dead, while others of its instrument go on.

use engine::{Ask, Engine, Input};
use market::{Body, Cause, LinkId, Packet, Timestamp, Venue};
use view::Health;

use crate::script::{A, REST, Script};

/// The book is right at id 10, with a bid of size 10.
fn right() -> Script {
    let mut script = Script::new();
    script.open(A);
    script.delta(A, 1, 10);
    script.snapshot(REST, 5);
    assert_eq!((script.shown_id(), script.health()), (Some(10), Health::Right));
    script
}

fn n_renewals(script: &Script) -> usize {
    script.asks.iter().filter(|ask| matches!(ask, Ask::RenewBook { link: A, .. })).count()
}

fn is_silent(script: &Script) -> bool {
    (script.health(), script.watched().cause()) == (Health::Stale, Some(Cause::BookSilent))
}

#[test]
fn a_book_that_best_prices_run_away_from_is_stale_and_subscribed_to_anew() {
    let mut script = right();
    for second in 1..=5 {
        script.quote(A, 10 + second, 77);
        script.wait(990);
        assert!(script.health().is_good(), "after {second} s: {:?}", script.health());
    }
    script.wait(200);
    assert!(is_silent(&script), "{:?}", script.health());
    assert_eq!(n_renewals(&script), 1);
}

#[test]
fn a_book_that_was_found_dead_is_right_once_its_stream_speaks_and_not_before() {
    let mut script = right();
    script.quote(A, 20, 77);
    script.wait(5_200);
    assert!(is_silent(&script));
    script.snapshot(REST, 20);
    script.wait(200);
    assert!(is_silent(&script), "an answer says nothing of the stream");
    script.quote(A, 21, 78);
    script.delta(A, 21, 21);
    assert_eq!((script.shown_id(), script.health()), (Some(21), Health::Right));
    script.wait(4_000);
    assert!(script.health().is_good() && n_renewals(&script) == 1);
}

#[test]
fn a_dead_book_is_subscribed_to_again_and_again_at_growing_spans() {
    let mut script = right();
    let mut asked = Vec::new();
    for second in 1..=1_100 {
        script.quote(A, 10 + second, 77);
        script.wait(999);
        asked.resize(n_renewals(&script), second);
    }
    assert_eq!(asked.len(), 8, "{asked:?}");
    let spans: Vec<u64> = asked.windows(2).map(|pair| pair[1] - pair[0]).collect();
    for (span, about) in spans.iter().zip([10, 20, 40, 80, 160, 320, 320]) {
        assert!(span.abs_diff(about) <= 1, "{spans:?}");
    }
}

#[test]
fn a_book_without_a_change_is_stale_when_trades_go_on() {
    let mut script = right();
    for id in 1..=70 {
        assert!(script.health().is_good() || id > 55, "after {id} s: {:?}", script.health());
        script.trade(A, id);
        script.wait(999);
    }
    assert!(is_silent(&script), "{:?}", script.health());
    assert_eq!(n_renewals(&script), 1);
}

#[test]
fn a_book_that_changed_often_is_stale_ten_seconds_after_trades_without_a_change() {
    let mut script = right();
    for id in 11..=40 {
        script.delta(A, id, id);
        script.trade(A, id);
        script.wait(100);
    }
    for id in 41..=49 {
        script.trade(A, id);
        script.wait(1_000);
        assert!(script.health().is_good(), "after {} s: {:?}", id - 40, script.health());
    }
    script.trade(A, 50);
    script.wait(2_000);
    assert!(is_silent(&script), "{:?}", script.health());
}

#[test]
fn two_trades_of_which_no_book_tells_prove_nothing() {
    let mut script = right();
    script.trade(A, 1);
    script.trade(A, 2);
    for _ in 0..30 {
        script.wait(10_000);
        script.hear(A, Body::Ping);
    }
    assert!(script.health().is_good(), "{:?}", script.health());
}

#[test]
fn a_quiet_book_is_not_called_dead() {
    let mut script = right();
    for _ in 0..60 {
        script.hear(A, Body::Ping);
        script.wait(20_000);
        assert!(script.health().is_good(), "{:?}", script.health());
    }
    assert_eq!(n_renewals(&script), 0);
}

#[test]
fn best_prices_that_equal_the_book_at_a_later_id_are_nothing_against_it() {
    let mut script = right();
    for second in 1..=100 {
        script.quote(A, 10 + second, 10);
        script.wait(999);
    }
    assert!(script.health().is_good(), "{:?}", script.health());
}

#[test]
fn a_book_that_follows_the_best_prices_at_a_distance_is_right() {
    let mut script = right();
    for id in 11..=400 {
        script.quote(A, id + 5, 1_000 + id);
        script.delta(A, id, id);
        script.wait(98);
        assert_eq!(script.health(), Health::Right, "at {id}");
    }
    assert_eq!(n_renewals(&script), 0);
}

#[test]
fn nothing_is_held_against_the_book_of_a_new_link() {
    let mut script = right();
    script.quote(A, 20, 77);
    script.wait(5_200);
    assert!(is_silent(&script));
    script.close(A);
    script.open(A);
    script.delta(A, 31, 40);
    script.snapshot(REST, 35);
    assert_eq!((script.shown_id(), script.health()), (Some(40), Health::Right));
}

/// Hyperliquid tells whole books every few seconds whether they change or not, and best prices beside them.
#[test]
fn a_book_that_is_told_no_longer_is_stale_though_its_best_prices_go_on() {
    let (mut engine, mut asks, mut number) = (Engine::new(), Vec::new(), 0);
    let mut hear = |second: i64, body: Body| {
        let received_at = Timestamp::from_millis(1_737_918_843_893 + 1_000 * second);
        let (venue, link) = (Venue::Hyperliquid, LinkId(0));
        let packet = Packet { venue, link, number, received_at, body };
        number += 1;
        engine.step(Input::Packet(packet), &mut asks);
        let (_, watched) = engine.all_watched().next()?;
        Some((watched.health(), watched.cause()))
    };
    let text = |text: String| Body::Text(text.into());
    let level = |price: u32| format!(r#"{{"n":1,"px":"{price}.0","sz":"1"}}"#);
    hear(0, Body::Opened("wss://api.hyperliquid.xyz/ws".into()));
    let meta = r#"{"channel":"post","data":{"id":1,"response":{"type":"info","payload":{"type":"meta","data":{"universe":[{"name":"BTC","szDecimals":5,"maxLeverage":40}]}}}}}"#;
    hear(0, text(meta.to_owned()));
    let (bid, ask) = (level(100), level(102));
    let data = format!(r#"{{"coin":"BTC","levels":[[{bid}],[{ask}]],"time":1737918843893}}"#);
    let first = hear(0, text(format!(r#"{{"channel":"l2Book","data":{data}}}"#)));
    assert_eq!(first, Some((Health::Right, None)));
    for second in 1..=30 {
        let time = 1_737_918_843_893_i64 + 1_000 * second;
        let data = format!(r#"{{"coin":"BTC","time":{time},"bbo":[{bid},{ask}]}}"#);
        let now = hear(second, text(format!(r#"{{"channel":"bbo","data":{data}}}"#)));
        let is_stale = now == Some((Health::Stale, Some(Cause::BookSilent)));
        assert_eq!(is_stale, second > 20, "after {second} s: {now:?}");
    }
}
