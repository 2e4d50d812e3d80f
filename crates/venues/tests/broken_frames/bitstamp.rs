//! Bitstamp: changes bear moments only, and whole books are fetched beside them.

use market::{Applied, Proof, Venue};

use crate::Ear;

const URL: &str = "https://www.bitstamp.net/api/v2/order_book/btcusd/?group=1";

fn levels(moment: u64, bids: &str, asks: &str) -> String {
    format!(r#"{{"microtimestamp":"{moment}","bids":[{bids}],"asks":[{asks}]}}"#)
}

fn change(moment: u64, bids: &str, asks: &str) -> String {
    let data = levels(moment, bids, asks);
    format!(r#"{{"data":{data},"channel":"diff_order_book_btcusd","event":"data"}}"#)
}

#[test]
fn changes_heard_before_the_book_are_applied_behind_it() {
    let mut ear = Ear::new(Venue::Bitstamp);
    assert_eq!(ear.text(&change(100, r#"["7","1"]"#, "")), [Applied::Buffered]);
    assert_eq!(ear.text(&change(200, r#"["9","1"]"#, "")), [Applied::Buffered]);
    let applied = ear.answer(URL, &levels(150, r#"["8","1"]"#, r#"["11","1"]"#));
    assert_eq!(applied, [Applied::Changed, Applied::Changed]);
    assert_eq!(ear.book(), "9x1 8x1 | 11x1");
    assert_eq!(ear.text(&change(300, r#"["99","0.0"]"#, r#"["11","0"]"#)), [Applied::Changed]);
    assert_eq!(ear.book(), "9x1 8x1 | ");
    assert_eq!(ear.proof(), Proof::Unverified);
}

#[test]
fn a_book_older_than_the_first_change_is_not_taken() {
    let mut ear = Ear::new(Venue::Bitstamp);
    assert_eq!(ear.text(&change(100, r#"["7","1"]"#, "")), [Applied::Buffered]);
    assert_eq!(ear.answer(URL, &levels(99, r#"["8","1"]"#, "")), []);
    assert!(!ear.is_synced());
}

#[test]
fn a_repeated_change_and_an_older_one_are_passed_over() {
    let mut ear = Ear::new(Venue::Bitstamp);
    assert_eq!(ear.answer(URL, &levels(100, r#"["8","1"]"#, "")), [Applied::Changed]);
    assert_eq!(ear.text(&change(300, r#"["8","2"]"#, "")), [Applied::Changed]);
    assert_eq!(ear.text(&change(300, r#"["8","2"]"#, "")), [Applied::Old]);
    assert_eq!(ear.text(&change(200, r#"["8","3"]"#, "")), [Applied::Old]);
    assert_eq!(ear.book(), "8x2 | ");
}

/// The loss itself is not to be seen; but the level that it left behind crosses the book, or is gone a minute later.
#[test]
fn a_book_that_is_fetched_again_takes_away_what_a_lost_change_left_behind() {
    let mut ear = Ear::new(Venue::Bitstamp);
    ear.answer(URL, &levels(100, r#"["8","1"]"#, r#"["11","1"]"#));
    ear.text(&change(120, "", ""));
    // The change at 150, which took the ask away, was lost.
    assert_eq!(ear.text(&change(200, r#"["12","1"]"#, "")), [Applied::Crossed]);
    assert!(!ear.is_synced());
    let applied = ear.answer(URL, &levels(180, r#"["8","1"]"#, r#"["13","1"]"#));
    assert_eq!(applied, [Applied::Changed, Applied::Changed]);
    assert!(ear.is_synced());
    assert_eq!(ear.book(), "12x1 8x1 | 13x1");
    // A right book is replaced as well.
    assert_eq!(ear.answer(URL, &levels(200, r#"["8","1"]"#, "")), [Applied::Changed]);
    assert_eq!(ear.book(), "8x1 | ");
}

#[test]
fn changes_beyond_the_bound_are_forgotten_and_an_image_before_them_is_not_taken() {
    let mut ear = Ear::new(Venue::Bitstamp);
    for moment in 100..300 {
        ear.text(&change(moment, r#"["8","1"]"#, ""));
    }
    assert_eq!(ear.answer(URL, &levels(150, "", "")), [], "what came behind it is not kept");
    assert_eq!(ear.answer(URL, &levels(290, "", "")).len(), 10);
}

#[test]
fn each_link_knows_its_own_changes_and_forgets_them_when_it_is_opened_anew() {
    let mut ear = Ear::new(Venue::Bitstamp);
    ear.text(&change(100, r#"["8","1"]"#, ""));
    ear.text(&change(160, r#"["9","1"]"#, ""));
    ear.link = 1;
    ear.text(&change(500, r#"["9","1"]"#, ""));
    let book = levels(150, r#"["7","1"]"#, "");
    assert_eq!(ear.answer(URL, &book), [], "what lies between 150 and 500 was not heard here");
    ear.hear(market::Body::Opened(bytes::Bytes::from_static(b"wss://ws.bitstamp.net")));
    ear.link = 0;
    assert_eq!(ear.answer(URL, &book).len(), 2, "the other link was not opened");
    assert_eq!(ear.book(), "9x1 7x1 | ");
}
