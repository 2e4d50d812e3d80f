//! Gemini: version 1 counts the messages of a connection, version 2 nothing.

use bytes::Bytes;
use market::{Applied, Body, Cause, Proof, State, Venue};

use crate::Ear;

const ADDRESS: &[u8] = b"wss://api.gemini.com/v1/marketdata/btcusd";

fn change(number: u64, changes: &[(&str, &str, &str)], reason: &str) -> String {
    let change = |(side, price, remaining): &(&str, &str, &str)| {
        format!(
            r#"{{"type":"change","side":"{side}","price":"{price}","remaining":"{remaining}","delta":"1","reason":"{reason}"}}"#
        )
    };
    let changes: Vec<String> = changes.iter().map(change).collect();
    let events = changes.join(",");
    format!(
        r#"{{"type":"update","eventId":1,"timestampms":1,"socket_sequence":{number},"events":[{events}]}}"#
    )
}

fn heartbeat(number: u64) -> String {
    format!(r#"{{"type":"heartbeat","socket_sequence":{number}}}"#)
}

fn whole(number: u64) -> String {
    change(number, &[("bid", "10", "1"), ("ask", "11", "1")], "initial")
}

fn synced() -> Ear {
    let mut ear = Ear::new(Venue::Gemini);
    ear.hear(Body::Opened(Bytes::from_static(ADDRESS)));
    assert_eq!(ear.text(&whole(0)), [Applied::Changed]);
    assert_eq!(ear.text(&change(1, &[("bid", "9", "2")], "place")), [Applied::Changed]);
    assert_eq!((ear.book().as_str(), ear.proof()), ("10x1 9x2 | 11x1", Proof::Sequence));
    ear
}

#[test]
fn a_lost_message_is_seen_at_the_next_one_even_where_that_is_a_heartbeat() {
    let mut ear = synced();
    ear.text(&heartbeat(3));
    assert_eq!((ear.is_synced(), ear.n_gaps()), (false, 1));
    ear.text(&change(4, &[("bid", "8", "1")], "place"));
    assert_eq!((ear.is_synced(), ear.n_gaps()), (false, 1), "only a whole book heals it");
    ear.hear(Body::Closed(Bytes::new()));
    ear.hear(Body::Opened(Bytes::from_static(ADDRESS)));
    assert_eq!(ear.text(&whole(0)), [Applied::Changed]);
    assert_eq!((ear.is_synced(), ear.book().as_str()), (true, "10x1 | 11x1"));
    assert_eq!(ear.n_gaps(), 1, "a link that is opened anew counts anew");
}

#[test]
fn a_message_heard_twice_tells_nothing_and_one_out_of_order_is_a_gap() {
    let mut ear = synced();
    assert_eq!(ear.text(&change(1, &[("bid", "9", "7")], "place")), []);
    assert_eq!((ear.is_synced(), ear.book().as_str()), (true, "10x1 9x2 | 11x1"));
    ear.text(&change(3, &[("bid", "8", "1")], "place"));
    ear.text(&change(2, &[("bid", "7", "1")], "place"));
    assert_eq!((ear.is_synced(), ear.n_gaps()), (false, 2));
}

#[test]
fn a_message_that_cannot_be_understood_is_missing_at_the_next_one() {
    let mut ear = synced();
    assert!(ear.refuses(&change(2, &[("bid", "x", "1")], "place")));
    assert!(ear.is_synced(), "it changed nothing yet");
    ear.text(&heartbeat(3));
    assert_eq!((ear.is_synced(), ear.n_gaps()), (false, 1));
}

#[test]
fn changes_of_version_2_bear_no_proof_and_a_crossed_book_is_lost_until_its_whole_one() {
    let whole = r#"{"type":"l2_updates","symbol":"BTCUSD","changes":[["buy","10","1"],["sell","11","1"]],"trades":[]}"#;
    let bid = |price: &str| {
        format!(r#"{{"type":"l2_updates","symbol":"BTCUSD","changes":[["buy","{price}","1"]]}}"#)
    };
    let mut ear = Ear::new(Venue::Gemini);
    assert_eq!(ear.text(&bid("9")), [Applied::NeedsSnapshot]);
    assert_eq!(ear.text(whole), [Applied::Changed]);
    assert_eq!(ear.text(&bid("9")), [Applied::Changed]);
    assert_eq!((ear.proof(), ear.book().as_str()), (Proof::Unverified, "10x1 9x1 | 11x1"));
    assert_eq!(ear.text(&bid("11")), [Applied::Crossed]);
    assert_eq!(ear.state(), State::Lost { cause: Cause::Crossed });
    assert_eq!(ear.text(whole), [Applied::Changed]);
    assert_eq!((ear.is_synced(), ear.book().as_str()), (true, "10x1 | 11x1"));
}
