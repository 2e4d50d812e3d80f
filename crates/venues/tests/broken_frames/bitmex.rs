//! BitMEX: nothing is numbered, but rows are named, and a message that contradicts them tells that one is missing.

use market::{Applied, Proof, Venue};

use crate::Ear;

const WHOLE: &str = r#"{"table":"orderBookL2","action":"partial","filter":{"symbol":"XBTUSD"},"data":[{"symbol":"XBTUSD","id":89,"side":"Sell","size":1,"price":11},{"symbol":"XBTUSD","id":90,"side":"Buy","size":1,"price":10}]}"#;
const BID: &str = r#"{"table":"orderBookL2","action":"insert","data":[{"symbol":"XBTUSD","id":91,"side":"Buy","size":2,"price":9.5}]}"#;
const LARGER: &str = r#"{"table":"orderBookL2","action":"update","data":[{"symbol":"XBTUSD","id":91,"side":"Buy","size":3}]}"#;
const GONE: &str = r#"{"table":"orderBookL2","action":"delete","data":[{"symbol":"XBTUSD","id":91,"side":"Buy"}]}"#;

fn synced() -> Ear {
    let mut ear = Ear::new(Venue::BitMex);
    assert_eq!(ear.text(WHOLE), [Applied::Changed]);
    assert_eq!((ear.book().as_str(), ear.proof()), ("10x1 | 11x1", Proof::Unverified));
    ear
}

#[test]
fn what_comes_before_the_whole_book_is_left_out() {
    let mut ear = Ear::new(Venue::BitMex);
    for early in [BID, LARGER, GONE] {
        assert_eq!(ear.text(early), []);
    }
    assert_eq!(ear.text(WHOLE), [Applied::Changed]);
    assert_eq!((ear.book().as_str(), ear.is_synced(), ear.n_gaps()), ("10x1 | 11x1", true, 0));
}

#[test]
fn a_price_is_known_by_its_id() {
    let mut ear = synced();
    for (said, book) in
        [(BID, "10x1 9.5x2 | 11x1"), (LARGER, "10x1 9.5x3 | 11x1"), (GONE, "10x1 | 11x1")]
    {
        assert_eq!(ear.text(said), [Applied::Changed]);
        assert_eq!(ear.book(), book);
    }
    assert_eq!((ear.is_synced(), ear.n_gaps()), (true, 0));
}

#[test]
fn a_lost_insertion_is_seen_when_its_row_changes_and_healed_by_a_whole_book() {
    for next in [LARGER, GONE] {
        let mut ear = synced();
        ear.text(next);
        assert_eq!((ear.is_synced(), ear.n_gaps()), (false, 1), "{next}");
        ear.text(GONE);
        assert_eq!(ear.n_gaps(), 1, "told once");
        assert_eq!(ear.text(WHOLE), [Applied::Changed]);
        assert_eq!((ear.is_synced(), ear.book().as_str()), (true, "10x1 | 11x1"));
    }
}

#[test]
fn a_lost_deletion_or_a_repeated_insertion_is_seen_when_the_row_is_inserted_again() {
    let mut ear = synced();
    ear.text(BID);
    ear.text(BID);
    assert_eq!((ear.is_synced(), ear.n_gaps()), (false, 1));
}

#[test]
fn a_deletion_out_of_order_is_seen() {
    let mut ear = synced();
    ear.text(GONE);
    ear.text(BID);
    assert_eq!((ear.is_synced(), ear.n_gaps()), (false, 1));
}

#[test]
fn a_price_that_an_id_did_not_have_is_seen() {
    let mut ear = synced();
    ear.text(BID);
    ear.text(&LARGER.replace(r#""size":3"#, r#""size":3,"price":9.4"#));
    assert_eq!((ear.is_synced(), ear.n_gaps()), (false, 1));
}

#[test]
fn a_refused_change_is_a_lost_one() {
    for broken in [LARGER.replace(":3", ":-3"), LARGER.replace("91", "\"x\""), LARGER[..60].into()]
    {
        let mut ear = synced();
        ear.text(BID);
        assert!(ear.refuses(&broken), "{broken}");
        assert_eq!(ear.text(LARGER), [Applied::Changed]);
        assert_eq!((ear.is_synced(), ear.n_gaps()), (false, 1), "{broken}");
    }
}

#[test]
fn a_new_link_knows_no_rows() {
    let mut ear = synced();
    ear.hear(market::Body::Closed(bytes::Bytes::new()));
    assert_eq!(ear.text(BID), []);
    assert_eq!(ear.text(WHOLE), [Applied::Changed]);
}
