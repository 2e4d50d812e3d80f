//! Hyperliquid: each message is the whole window, so that nothing is lost but freshness.

use market::{Applied, Proof, Venue};

use crate::Ear;

fn book(bids: &str, asks: &str, time: u64) -> String {
    format!(
        r#"{{"channel":"l2Book","data":{{"coin":"BTC","levels":[[{bids}],[{asks}]],"time":{time}}}}}"#
    )
}

#[test]
fn each_image_replaces_the_one_before_whatever_its_time() {
    let mut ear = Ear::new(Venue::Hyperliquid);
    let (bid, ask) = (r#"{"px":"10.0","sz":"1","n":1}"#, r#"{"px":"11.0","sz":"1","n":1}"#);
    assert_eq!(ear.text(&book(bid, ask, 2)), [Applied::Changed]);
    assert_eq!(ear.text(&book("", ask, 2)), [Applied::Changed], "the same time");
    assert_eq!(ear.book(), " | 11x1");
    assert_eq!(ear.text(&book(bid, "", 1)), [Applied::Changed], "an older one");
    assert_eq!(ear.book(), "10x1 | ");
    assert_eq!(ear.proof(), Proof::Unverified);
}

#[test]
fn a_crossed_image_is_told_and_the_next_one_heals_it() {
    let mut ear = Ear::new(Venue::Hyperliquid);
    let (high, low) = (r#"{"px":"12.0","sz":"1"}"#, r#"{"px":"11.0","sz":"1"}"#);
    assert_eq!(ear.text(&book(high, low, 1)), [Applied::Crossed]);
    assert!(!ear.is_synced());
    assert_eq!(ear.text(&book(low, high, 2)), [Applied::Changed]);
    assert!(ear.is_synced());
}
