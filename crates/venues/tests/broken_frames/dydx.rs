//! dYdX: the messages of a connection are counted, and the levels of a book know the offset of their last change.

use bytes::Bytes;
use market::{Applied, Body, Proof, Venue};

use crate::Ear;

fn whole(number: u64) -> String {
    let side = |price: &str| format!(r#"[{{"price":"{price}","offset":"100","size":"1"}}]"#);
    let (bids, asks) = (side("10"), side("11"));
    format!(
        r#"{{"type":"subscribed","message_id":{number},"channel":"v3_orderbook","id":"BTC-USD","contents":{{"bids":{bids},"asks":{asks}}}}}"#
    )
}

fn bid(number: u64, offset: u64, price: &str, quantity: &str) -> String {
    format!(
        r#"{{"type":"channel_data","message_id":{number},"id":"BTC-USD","channel":"v3_orderbook","contents":{{"offset":"{offset}","bids":[["{price}","{quantity}"]],"asks":[]}}}}"#
    )
}

fn trades(number: u64) -> String {
    format!(
        r#"{{"type":"subscribed","message_id":{number},"channel":"v3_trades","id":"BTC-USD","contents":{{"trades":[]}}}}"#
    )
}

fn synced() -> Ear {
    let mut ear = Ear::new(Venue::Dydx);
    assert_eq!(ear.text(&whole(1)), [Applied::Changed]);
    assert_eq!(ear.text(&bid(2, 103, "9", "1")), [Applied::Changed]);
    assert_eq!((ear.book().as_str(), ear.proof()), ("10x1 9x1 | 11x1", Proof::Sequence));
    ear
}

#[test]
fn a_lost_message_is_seen_at_the_next_one_and_healed_by_a_whole_book() {
    let mut ear = synced();
    ear.text(&bid(4, 105, "8", "1"));
    assert_eq!((ear.is_synced(), ear.n_gaps()), (false, 1));
    ear.text(&bid(5, 106, "7", "1"));
    assert_eq!((ear.is_synced(), ear.n_gaps()), (false, 1));
    assert_eq!(ear.text(&whole(6)), [Applied::Changed]);
    assert_eq!((ear.is_synced(), ear.book().as_str()), (true, "10x1 | 11x1"));
    assert_eq!(ear.text(&bid(7, 101, "10", "0")), [Applied::Changed]);
    assert_eq!(ear.book(), " | 11x1");
}

#[test]
fn an_older_change_of_a_level_does_not_undo_a_newer_one() {
    let mut ear = synced();
    ear.text(&bid(3, 102, "9", "5"));
    assert_eq!(ear.book(), "10x1 9x1 | 11x1", "the level was changed at 103");
    ear.text(&bid(4, 103, "9", "5"));
    assert_eq!(ear.book(), "10x1 9x1 | 11x1", "one change of a level has one offset");
    ear.text(&bid(5, 102, "8", "5"));
    assert_eq!(ear.book(), "10x1 9x1 8x5 | 11x1", "another level takes it");
    ear.text(&bid(6, 104, "9", "0"));
    ear.text(&bid(7, 103, "9", "2"));
    assert_eq!(ear.book(), "10x1 8x5 | 11x1", "nor does it bring back one that is gone");
    assert!(ear.is_synced());
}

#[test]
fn a_whole_book_begins_its_offsets_anew() {
    let mut ear = synced();
    assert_eq!(ear.text(&whole(3)), [Applied::Changed]);
    assert_eq!(ear.text(&bid(4, 102, "9", "5")), [Applied::Changed]);
    assert_eq!(ear.book(), "10x1 9x5 | 11x1", "that the level was changed at 103 is forgotten");
}

#[test]
fn a_message_heard_twice_tells_nothing() {
    let mut ear = synced();
    assert_eq!(ear.text(&bid(2, 109, "9", "7")), []);
    assert_eq!((ear.is_synced(), ear.book().as_str()), (true, "10x1 9x1 | 11x1"));
}

#[test]
fn an_answer_may_come_late_and_one_that_never_comes_is_a_loss() {
    let mut ear = synced();
    ear.text(&trades(4));
    ear.text(&bid(5, 105, "9", "2"));
    ear.text(&trades(3));
    assert!(ear.is_synced(), "3 was late");
    ear.text(&trades(7));
    let first = (8..300).find(|number| {
        ear.text(&bid(*number, 100 + number, "9", "2"));
        !ear.is_synced()
    });
    assert!(first.is_some(), "6 never came");
    assert_eq!(ear.n_gaps(), 1);
}

#[test]
fn a_link_that_is_opened_anew_counts_anew() {
    let mut ear = synced();
    ear.hear(Body::Closed(Bytes::new()));
    ear.hear(Body::Opened(Bytes::from_static(b"wss://api.dydx.exchange/v3/ws")));
    assert_eq!(ear.text(&whole(1)), [Applied::Changed]);
    assert_eq!(ear.text(&bid(2, 101, "10", "2")), [Applied::Changed]);
    assert_eq!((ear.is_synced(), ear.book().as_str()), (true, "10x2 | 11x1"));
}
