//! Bitfinex: the connection counts its arrays, and now and then says what a book sums to.

use bytes::Bytes;
use market::{Applied, Body, Cause, Proof, State, Venue};

use crate::Ear;

const SUBSCRIBED: &str =
    r#"{"event":"subscribed","channel":"book","chanId":7,"symbol":"tBTCUSD","prec":"P0"}"#;

/// The sum of `6000:1:6100:-3:5900:2:6200:-4`, a string of the unit tests of the venue's own library.
const SUM: i32 = 1_756_193_398;

fn frame(number: u64, payload: &str) -> String {
    format!("[7,{payload},{number},1790134414850]")
}

fn synced() -> Ear {
    let mut ear = Ear::new(Venue::Bitfinex);
    ear.text(SUBSCRIBED);
    let snapshot = frame(1, "[[6000,1,1],[5900,1,2],[6100,1,-3],[6200,1,-4]]");
    assert_eq!(ear.text(&snapshot), [Applied::Changed]);
    ear
}

#[test]
fn a_book_that_sums_to_what_the_venue_says_is_right() {
    let mut ear = synced();
    assert_eq!(ear.text(&frame(2, &format!(r#""cs",{SUM}"#))), [Applied::Changed]);
    assert_eq!(ear.proof(), Proof::SequenceAndChecksum { n_levels: 25 });
    assert_eq!(ear.text(&frame(3, "[6000,2,1.5]")), [Applied::Changed]);
    let wrong = ear.text(&frame(4, &format!(r#""cs",{SUM}"#)));
    assert!(matches!(wrong.as_slice(), [Applied::ChecksumWrong { .. }]), "{wrong:?}");
    assert_eq!(ear.state(), State::Lost { cause: Cause::Checksum });
}

#[test]
fn numbers_of_any_form_make_one_book() {
    let mut ear = synced();
    ear.text(&frame(2, "[5.8e3,1,2.2e-7]"));
    ear.text(&frame(3, "[6300,0,-1]"));
    ear.text(&frame(4, "[6000,0,1]"));
    assert_eq!(ear.book(), "5900x2 5800x0.00000022 | 6100x3 6200x4");
    assert_eq!(ear.n_gaps(), 0, "a level that is not there is deleted");
}

#[test]
fn a_lost_array_is_seen_at_the_next_one_whatever_its_channel() {
    let mut ear = synced();
    ear.text(r#"[99,"hb",3,1790134414850]"#);
    assert!(!ear.is_synced());
    assert_eq!(ear.n_gaps(), 1);
    ear.text(&frame(4, "[[6000,1,1]]"));
    assert!(ear.is_synced());
    assert_eq!((ear.book().as_str(), ear.n_gaps()), ("6000x1 | ", 1));
}

#[test]
fn a_repeated_array_changes_nothing_and_a_reordered_one_is_a_hole() {
    let mut ear = synced();
    let change = frame(2, "[6000,2,5]");
    assert_eq!(ear.text(&change), [Applied::Changed]);
    assert!(ear.text(&change).is_empty());
    assert!(ear.is_synced());
    ear.text(&frame(4, "[6000,2,6]"));
    assert_eq!(ear.n_gaps(), 1);
    ear.text(&frame(3, "[6000,2,5]"));
    assert!(!ear.is_synced());
}

#[test]
fn a_change_before_the_snapshot_asks_for_one() {
    let mut ear = Ear::new(Venue::Bitfinex);
    ear.text(SUBSCRIBED);
    assert_eq!(ear.text(&frame(1, "[6000,1,1]")), [Applied::NeedsSnapshot]);
}

#[test]
fn channels_and_numbers_are_those_of_one_connection() {
    let mut ear = synced();
    ear.hear(Body::Closed(Bytes::from_static(b"closed")));
    ear.hear(Body::Opened(Bytes::from_static(b"wss://api-pub.bitfinex.com/ws/2")));
    assert!(ear.text(&frame(1, "[6000,2,5]")).is_empty(), "no channel 7 was heard opening");
    ear.text(SUBSCRIBED);
    assert_eq!(ear.text(&frame(2, "[[5000,1,1]]")), [Applied::Changed]);
    assert_eq!((ear.book().as_str(), ear.n_gaps()), ("5000x1 | ", 0));
}
