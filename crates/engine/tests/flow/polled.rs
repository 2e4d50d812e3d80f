//! What is asked for by HTTP because the WebSocket is blocked.

use engine::GRID_NANOS;
use market::{Body, HttpExchange, Venue};
use view::Health;

use crate::script::{A, Script};

const REST: &str = "https://data-api.binance.vision";

/// One round of polls of two books on one link: what the second one is answered, if anything.
fn round(script: &mut Script, n: u64, of_eth: Option<u16>) {
    for (symbol, status) in [("BTCUSDT", Some(200)), ("ETHUSDT", of_eth)] {
        let url = format!("{REST}/api/v3/depth?symbol={symbol}&limit=1000");
        script.hear(A, Body::Requested(url.clone().into()));
        let Some(status) = status else { continue };
        let book =
            format!(r#"{{"lastUpdateId":{n},"bids":[["100.0","1"]],"asks":[["101.0","7"]]}}"#);
        let body = if status == 200 { book } else { r#"{"code":-1,"msg":"no"}"#.to_owned() };
        script.hear(A, Body::Answered(HttpExchange { url: url.into(), status, body: body.into() }));
    }
    script.wait(2_000);
}

fn is_stale(script: &Script, symbol: &str) -> bool {
    let id = script.engine.find(Venue::Binance, symbol).unwrap().id;
    script.engine.watched(id).unwrap().health() == Health::Stale
}

#[test]
fn a_book_whose_polls_fail_three_times_is_stale_while_the_others_go_on() {
    const { assert!(GRID_NANOS < 2_000_000_000, "a round is judged before the next") };
    for failure in [Some(500), Some(400), None] {
        let mut script = Script::new();
        script.hear(A, Body::Opened(REST.into()));
        for n in 1..=3 {
            round(&mut script, n, Some(200));
        }
        assert!(!is_stale(&script, "ETHUSDT"));
        for n in 4..=5 {
            round(&mut script, n, failure);
            assert!(!is_stale(&script, "ETHUSDT"), "{failure:?}");
        }
        // One that is never answered is known to have failed when the next is made.
        for n in 6..=7 {
            round(&mut script, n, failure);
        }
        assert!(is_stale(&script, "ETHUSDT"), "{failure:?}");
        assert!(!is_stale(&script, "BTCUSDT"), "{failure:?}");
        round(&mut script, 8, Some(200));
        assert!(!is_stale(&script, "ETHUSDT"), "{failure:?}: it is back");
    }
}

#[test]
fn failed_polls_say_nothing_of_a_book_that_is_streamed_again() {
    let mut script = Script::new();
    script.hear(A, Body::Opened(REST.into()));
    for n in 1..=3 {
        round(&mut script, n, Some(200));
    }
    for n in 4..=7 {
        round(&mut script, n, Some(500));
    }
    assert!(is_stale(&script, "ETHUSDT"));
    script.close(A);
    script.open(A);
    round(&mut script, 9, Some(200));
    round(&mut script, 10, Some(500));
    assert!(!is_stale(&script, "ETHUSDT"));
}

#[test]
fn trades_from_before_anything_was_heard_are_not_on_the_tape() {
    let mut script = Script::new();
    script.open(A);
    script.snapshot(A, 100);
    script.wait(2_000);
    // The newest page reaches back a minute; its last two trades were made while we listened.
    script.page(A, &[(1, -60_000), (2, -5_000), (3, -500), (4, -100)]);
    let market = &script.watched().market;
    assert_eq!(market.tally().trades, 2);
    assert_eq!(market.last_trade().unwrap().trade_id, 4);
}

#[test]
fn trades_missed_between_the_socket_and_the_poll_are_on_the_tape_once() {
    let mut script = Script::new();
    script.open(A);
    script.snapshot(A, 100);
    script.trade(A, 7);
    script.close(A);
    script.wait(9_000);
    script.page(A, &[(6, -9_500), (7, -9_000), (8, -5_000), (9, -1_000)]);
    assert_eq!(script.watched().market.tally().trades, 3);
}
