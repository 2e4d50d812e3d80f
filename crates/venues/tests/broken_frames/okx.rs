//! OKX: each update names the one before, and REST helps where the channel begins in its middle.

use bytes::Bytes;
use market::{Applied, Body, Proof, Venue};

use crate::Ear;

fn book(action: &str, (previous, last): (i64, u64), bids: &str, asks: &str) -> String {
    let data = format!(
        r#""asks":[{asks}],"bids":[{bids}],"ts":"1787612486107","checksum":0,"seqId":{last},"prevSeqId":{previous}"#
    );
    format!(
        r#"{{"arg":{{"channel":"books","instId":"BTC-USDT"}},"action":"{action}","data":[{{{data}}}]}}"#
    )
}

fn summed(action: &str, sum: i32, bids: &str, asks: &str) -> String {
    let data = format!(r#""asks":[{asks}],"bids":[{bids}],"ts":"1","checksum":{sum}"#);
    format!(
        r#"{{"arg":{{"channel":"books","instId":"BTC-USDT"}},"action":"{action}","data":[{{{data}}}]}}"#
    )
}

fn fetched(ear: &mut Ear, number: u64, bids: &str) -> Vec<Applied> {
    let url = "https://a/api/v5/market/books?instId=BTC-USDT&sz=400";
    let body = format!(
        r#"{{"code":"0","msg":"","data":[{{"asks":[],"bids":[{bids}],"ts":"1","seqId":{number}}}]}}"#
    );
    ear.answer(url, &body)
}

fn synced() -> Ear {
    let mut ear = Ear::new(Venue::Okx);
    let (bids, asks) = (r#"["10","1","0","1"]"#, r#"["11","1","0","1"]"#);
    assert_eq!(ear.text(&book("snapshot", (-1, 100), bids, asks)), [Applied::Changed]);
    ear
}

#[test]
fn numbers_may_jump_stand_still_and_fall_back_as_long_as_each_names_the_one_before() {
    let mut ear = synced();
    let update = book("update", (100, 170), r#"["10","2","0","1"]"#, "");
    assert_eq!(ear.text(&update), [Applied::Changed]);
    assert_eq!(ear.text(&update), [Applied::Old], "repeated");
    assert_eq!(ear.text(&book("update", (170, 170), "", "")), [Applied::Changed], "keep-alive");
    let reset = book("update", (170, 3), r#"["9","1","0","1"]"#, r#"["99","0","0","0"]"#);
    assert_eq!(ear.text(&reset), [Applied::Changed], "maintenance; an unknown level is deleted");
    let big = book("update", (3, 9_007_199_254_740_993), "", "");
    assert_eq!(ear.text(&big), [Applied::Changed]);
    assert_eq!((ear.book().as_str(), ear.n_gaps()), ("10x2 9x1 | 11x1", 0));
    assert_eq!(ear.proof(), Proof::Sequence);
}

#[test]
fn a_lost_update_is_seen_at_the_next_one_and_healed_by_a_snapshot() {
    let mut ear = synced();
    let later = book("update", (170, 171), r#"["9","1","0","1"]"#, "");
    assert_eq!(ear.text(&later), [Applied::Gap { expected: 100, found: 170 }]);
    assert!(!ear.is_synced());
    let snapshot = book("snapshot", (-1, 180), r#"["8","1","0","1"]"#, "");
    assert_eq!(ear.text(&snapshot), [Applied::Changed]);
    assert!(ear.is_synced());
    assert_eq!((ear.book().as_str(), ear.n_gaps()), ("8x1 | ", 1), "replaced, not merged");
}

#[test]
fn updates_in_the_wrong_order_are_a_gap() {
    let mut ear = synced();
    let second = book("update", (110, 120), "", "");
    assert_eq!(ear.text(&second), [Applied::Gap { expected: 100, found: 110 }]);
}

#[test]
fn a_channel_that_begins_with_an_update_is_joined_with_the_book_that_was_fetched() {
    let mut ear = Ear::new(Venue::Okx);
    for (numbers, bids) in [
        ((90, 100), r#"["7","1","0","1"]"#),
        ((100, 110), r#"["9","1","0","1"]"#),
        ((110, 115), r#"["8","1","0","1"]"#),
    ] {
        assert_eq!(ear.text(&book("update", numbers, bids, "")), [Applied::Buffered]);
    }
    assert_eq!(fetched(&mut ear, 89, ""), [Applied::NeedsSnapshot], "older than what was kept");
    // It lies within the second update, and holds the first.
    assert_eq!(fetched(&mut ear, 105, r#"["10","1","0","1"]"#), [Applied::Changed]);
    assert_eq!(ear.book(), "10x1 9x1 8x1 | ");
    assert_eq!(ear.text(&book("update", (115, 116), "", "")), [Applied::Changed]);
    assert_eq!(ear.n_gaps(), 0);
}

#[test]
fn an_older_book_that_was_fetched_puts_a_right_one_not_back() {
    let mut ear = synced();
    assert_eq!(fetched(&mut ear, 99, ""), [Applied::Old]);
    assert_eq!(ear.book(), "10x1 | 11x1");
}

/// The sum of `3366.1:7:3366.8:9:3368:8:3372:8`, as documented for version 3.
const SUM: i32 = 831_078_360;

#[test]
fn a_wrong_checksum_is_seen_at_once_and_zero_is_none() {
    let mut ear = Ear::new(Venue::Okx);
    let asks = r#"["3366.8","9","0","1"],["3368","8","0","1"],["3372","8","0","1"]"#;
    let bids = r#"["3366.1","7","0","1"]"#;
    assert_eq!(ear.text(&summed("snapshot", SUM, bids, asks)), [Applied::Changed]);
    assert_eq!(ear.proof(), Proof::Checksum { n_levels: 25 });
    assert_eq!(ear.text(&summed("update", 0, r#"["3366","1","0","1"]"#, "")), [Applied::Changed]);
    assert_eq!(ear.text(&summed("update", SUM, r#"["3366","0","0","0"]"#, "")), [Applied::Changed]);
    let lost = ear.text(&summed("update", SUM, r#"["3365","1","0","1"]"#, ""));
    assert!(matches!(lost[..], [Applied::ChecksumWrong { .. }]), "{lost:?}");
    assert!(!ear.is_synced());
}

#[test]
fn the_same_price_twice_counts_with_its_last_quantity() {
    let mut ear = synced();
    let twice = r#"["10","5","0","1"],["10","3","0","1"]"#;
    assert_eq!(ear.text(&book("update", (100, 101), twice, "")), [Applied::Changed]);
    assert_eq!(ear.book(), "10x3 | 11x1");
}

#[test]
fn polled_books_replace_each_other_whatever_their_numbers() {
    let mut ear = Ear::new(Venue::Okx);
    assert_eq!(fetched(&mut ear, 200, r#"["10","1","0","1"]"#), [Applied::Changed]);
    assert_eq!(fetched(&mut ear, 3, r#"["9","1","0","1"]"#), [Applied::Changed], "maintenance");
    assert_eq!(ear.book(), "9x1 | ");
    assert_eq!(ear.proof(), Proof::Unverified);
}

#[test]
fn a_link_that_is_opened_anew_is_taken_for_new() {
    let mut ear = synced();
    ear.hear(Body::Closed(Bytes::new()));
    ear.hear(Body::Opened(Bytes::from_static(b"wss://ws.okx.com:8443/ws/v5/public")));
    assert_eq!(fetched(&mut ear, 3, r#"["9","1","0","1"]"#), [Applied::Changed]);
    assert_eq!(ear.book(), "9x1 | ");
}
