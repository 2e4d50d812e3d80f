//! Bybit: each message of a topic is the next in `u`, unless it begins anew.

use market::{Applied, Proof, Venue};

use crate::Ear;

fn book(kind: &str, depth: u32, number: u64, bids: &str, asks: &str) -> String {
    let data = format!(r#""s":"BTCUSDT","b":[{bids}],"a":[{asks}],"u":{number},"seq":1"#);
    format!(
        r#"{{"topic":"orderbook.{depth}.BTCUSDT","type":"{kind}","ts":1,"data":{{{data}}},"cts":1}}"#
    )
}

fn synced(venue: Venue) -> Ear {
    let mut ear = Ear::new(venue);
    let snapshot = book("snapshot", 1_000, 100, r#"["10","1"]"#, r#"["11","1"]"#);
    assert_eq!(ear.text(&snapshot), [Applied::Changed]);
    ear
}

#[test]
fn each_message_is_the_next_one() {
    for venue in [Venue::Bybit, Venue::BybitLinear] {
        let mut ear = synced(venue);
        let delta = book("delta", 1_000, 101, r#"["10","2e0"]"#, r#"["99","0"]"#);
        assert_eq!(ear.text(&delta), [Applied::Changed]);
        assert_eq!(ear.text(&delta), [Applied::Old], "repeated");
        assert_eq!((ear.book().as_str(), ear.n_gaps()), ("10x2 | 11x1", 0));
        assert_eq!(ear.proof(), Proof::Sequence);
    }
}

#[test]
fn a_lost_message_is_seen_at_the_next_one_and_healed_by_a_snapshot() {
    let mut ear = synced(Venue::BybitLinear);
    let later = book("delta", 1_000, 102, r#"["9","1"]"#, "");
    assert_eq!(ear.text(&later), [Applied::Gap { expected: 101, found: 102 }]);
    assert!(!ear.is_synced());
    assert_eq!(ear.text(&book("delta", 1_000, 103, "", "")), [Applied::Buffered]);
    let snapshot = book("snapshot", 1_000, 104, r#"["8","1"]"#, "");
    assert_eq!(ear.text(&snapshot), [Applied::Changed]);
    assert_eq!(ear.text(&book("delta", 1_000, 105, "", "")), [Applied::Changed]);
    assert!(ear.is_synced());
    assert_eq!((ear.book().as_str(), ear.n_gaps()), ("8x1 | ", 1), "replaced, not merged");
}

#[test]
fn messages_in_the_wrong_order_are_a_gap() {
    let mut ear = synced(Venue::Bybit);
    let second = book("delta", 1_000, 102, "", "");
    assert_eq!(ear.text(&second), [Applied::Gap { expected: 101, found: 102 }]);
}

#[test]
fn a_restart_of_the_service_begins_the_book_anew_whatever_its_type() {
    for kind in ["delta", "snapshot"] {
        let mut ear = synced(Venue::BybitLinear);
        let reset = book(kind, 1_000, 1, r#"["7","1"]"#, "");
        assert_eq!(ear.text(&reset), [Applied::Changed]);
        assert_eq!(ear.text(&book("delta", 1_000, 2, r#"["6","1"]"#, "")), [Applied::Changed]);
        assert_eq!((ear.book().as_str(), ear.n_gaps()), ("7x1 6x1 | ", 0));
    }
}

#[test]
fn a_snapshot_that_is_sent_again_is_no_gap() {
    let mut ear = Ear::new(Venue::Bybit);
    let snapshot = book("snapshot", 1, 100, r#"["10","1"]"#, r#"["11","1"]"#);
    for _ in 0..3 {
        assert_eq!(ear.text(&snapshot), [Applied::Changed]);
    }
    assert_eq!((ear.book().as_str(), ear.n_gaps()), ("10x1 | 11x1", 0));
    // Bybit, on server trouble: a snapshot in the middle of the deltas.
    let mut ear = synced(Venue::Bybit);
    let other = book("snapshot", 1_000, 90, r#"["9","1"]"#, "");
    assert_eq!(ear.text(&other), [Applied::Changed]);
    assert_eq!(ear.text(&book("delta", 1_000, 91, "", "")), [Applied::Changed]);
    assert_eq!(ear.book(), "9x1 | ");
}

#[test]
fn a_delta_before_the_snapshot_waits() {
    let mut ear = Ear::new(Venue::Bybit);
    let early = book("delta", 1_000, 99, r#"["10","1"]"#, "");
    assert_eq!(ear.text(&early), [Applied::Buffered]);
    assert!(!ear.is_synced());
    let snapshot = book("snapshot", 1_000, 100, r#"["9","1"]"#, "");
    assert_eq!(ear.text(&snapshot), [Applied::Changed]);
    assert_eq!(ear.book(), "9x1 | ");
}

#[test]
fn a_level_beyond_the_depth_of_the_topic_is_cut() {
    let mut ear = Ear::new(Venue::Bybit);
    let row = |price: usize| format!(r#"["{price}","1"]"#);
    let bids: Vec<String> = (1..=50).map(|n| row(100 + n)).collect();
    ear.text(&book("snapshot", 50, 1, &bids.join(","), ""));
    ear.text(&book("delta", 50, 2, r#"["200","1"]"#, ""));
    assert_eq!(ear.book().matches("x1").count(), 50);
    assert!(!ear.book().contains("101x1"), "{}", ear.book());
}

#[test]
fn a_polled_book_replaces_the_one_before() {
    let mut ear = Ear::new(Venue::BybitLinear);
    for (number, price) in [(230_704, 10), (1, 9)] {
        let url = "https://a/v5/market/orderbook?category=linear&symbol=BTCUSDT&limit=200";
        let body = format!(
            r#"{{"retCode":0,"result":{{"s":"BTCUSDT","a":[],"b":[["{price}","1"]],"ts":1,"u":{number}}}}}"#
        );
        assert_eq!(ear.answer(url, &body), [Applied::Changed]);
        assert_eq!(ear.book(), format!("{price}x1 | "));
    }
}
