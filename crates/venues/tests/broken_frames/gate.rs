//! Gate.io: changes are counted without a hole, and follow a book that was fetched.

use market::{Applied, Venue};

use crate::Ear;
use crate::fetched::Spoken;

const URL: &str =
    "https://api.gateio.ws/api/v4/spot/order_book?currency_pair=DIS_USDT&limit=100&with_id=true";

fn whole(id: u64) -> String {
    format!(r#"{{"id":{id},"asks":[["11","1"]],"bids":[["10","1"]]}}"#)
}

fn bid(first: u64, last: u64, price: &str, quantity: &str) -> String {
    format!(
        r#"{{"time":1,"channel":"spot.order_book_update","event":"update","result":{{"t":1,"s":"DIS_USDT","U":{first},"u":{last},"b":[["{price}","{quantity}"]],"a":[]}}}}"#
    )
}

const GATE: Spoken = Spoken { venue: Venue::Gate, url: URL, whole, bid };

#[test]
fn changes_heard_before_the_book_are_applied_behind_it_as_far_as_it_lacks_them() {
    GATE.synced();
}

#[test]
fn a_lost_change_is_seen_at_the_next_one_and_healed_by_a_newer_book() {
    GATE.sees_a_loss();
}

#[test]
fn a_repeated_change_is_old_and_one_out_of_order_is_a_gap() {
    GATE.sees_a_wrong_order();
}

/// The scale of storage grows under changes that wait: they mean the same as before.
#[test]
fn a_book_of_finer_quantities_is_joined_with_the_changes_that_waited() {
    let mut ear = Ear::new(Venue::Gate);
    assert_eq!(ear.text(&bid(101, 101, "9.5", "0.25")), [Applied::Buffered]);
    let finer = r#"{"id":100,"asks":[["11","1.0000000001"]],"bids":[["10","1"]]}"#;
    assert_eq!(ear.answer(URL, finer), [Applied::Changed]);
    assert_eq!(ear.book(), "10x1 9.5x0.25 | 11x1.0000000001");
    assert!(ear.is_synced());
    // Under a book that stands it may not grow unseen.
    ear.text(&bid(102, 102, "9", "0.00000000001"));
    assert!(!ear.is_synced());
}
