//! Hyperliquid: each message is the whole window, so that nothing is lost but freshness.

use market::{Applied, Body, Proof, Venue};

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

fn touch(bid: &str, ask: &str, time: u64) -> String {
    format!(r#"{{"channel":"bbo","data":{{"coin":"BTC","time":{time},"bbo":[{bid},{ask}]}}}}"#)
}

/// An image of bids at 10 and 9 and asks at 11 and 12, one each.
fn image(time: u64) -> String {
    let level = |price: u32| format!(r#"{{"px":"{price}.0","sz":"1","n":1}}"#);
    let side = |prices: [u32; 2]| prices.map(level).join(",");
    book(&side([10, 9]), &side([11, 12]), time)
}

#[test]
fn the_best_prices_between_two_images_are_those_of_the_last_block() {
    let mut ear = Ear::new(Venue::Hyperliquid);
    let higher = touch(r#"{"px":"11.0","sz":"3","n":1}"#, r#"{"px":"12.0","sz":"0.5","n":1}"#, 7);
    assert_eq!(ear.text(&higher), [Applied::Old], "there is no book yet, and none is asked for");
    ear.text(&image(5_000));
    assert_eq!(ear.text(&higher.replace(":7,", ":5100,")), [Applied::Changed]);
    assert_eq!(ear.book(), "11x3 10x1 9x1 | 12x0.5");
    let lower = touch(r#"{"px":"9.5","sz":"2","n":1}"#, r#"{"px":"10.0","sz":"2","n":1}"#, 5_200);
    assert_eq!(ear.text(&lower), [Applied::Changed]);
    assert_eq!(ear.book(), "9.5x2 9x1 | 10x2 12x0.5", "what stood before them is gone");
    assert_eq!(ear.text(&touch("null", r#"{"px":"9","sz":"1"}"#, 5_300)), [Applied::Changed]);
    assert_eq!(ear.book(), " | 9x1 10x2 12x0.5", "nobody bids");
    assert!(ear.is_synced());
}

#[test]
fn an_image_that_is_older_than_the_best_prices_does_not_put_them_back() {
    let mut ear = Ear::new(Venue::Hyperliquid);
    ear.text(&image(5_000));
    ear.text(&touch(r#"{"px":"9.0","sz":"4"}"#, r#"{"px":"10.0","sz":"2"}"#, 9_900));
    assert_eq!(ear.text(&image(9_800)), [Applied::Changed, Applied::Changed]);
    assert_eq!(ear.book(), "9x4 | 10x2 11x1 12x1");
    assert_eq!(ear.text(&image(9_900)), [Applied::Changed], "of the same block");
    assert_eq!(ear.book(), "10x1 9x1 | 11x1 12x1");
    ear.hear(Body::Closed("".into()));
    assert_eq!(ear.text(&image(1)), [Applied::Changed], "another link");
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
