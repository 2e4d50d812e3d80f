//! Kraken Futures: the messages of one product's book are counted.

use market::{Applied, Proof, Venue};

use crate::Ear;

fn whole(seq: u64) -> String {
    format!(
        r#"{{"feed":"book_snapshot","product_id":"PI_XBTUSD","timestamp":1,"seq":{seq},"bids":[{{"price":10.0,"qty":1.0}}],"asks":[{{"price":11.0,"qty":1.0}}]}}"#
    )
}

fn bid(seq: u64, price: &str, quantity: &str) -> String {
    format!(
        r#"{{"feed":"book","product_id":"PI_XBTUSD","side":"buy","seq":{seq},"price":{price},"qty":{quantity},"timestamp":2}}"#
    )
}

fn synced() -> Ear {
    let mut ear = Ear::new(Venue::KrakenFutures);
    assert_eq!(ear.text(&whole(100)), [Applied::Changed]);
    assert_eq!(ear.text(&bid(101, "9.5", "2.0")), [Applied::Changed]);
    assert_eq!((ear.book().as_str(), ear.proof()), ("10x1 9.5x2 | 11x1", Proof::Sequence));
    ear
}

#[test]
fn a_lost_change_is_seen_at_the_next_one_and_healed_by_a_snapshot() {
    let mut ear = synced();
    assert_eq!(ear.text(&bid(103, "9.0", "1.0")), [Applied::Gap { expected: 102, found: 103 }]);
    assert_eq!((ear.is_synced(), ear.n_gaps()), (false, 1));
    assert_eq!(ear.text(&whole(110)), [Applied::Changed]);
    assert_eq!(ear.text(&bid(111, "10.0", "0.0")), [Applied::Changed]);
    assert!(ear.is_synced());
    assert_eq!((ear.book().as_str(), ear.n_gaps()), (" | 11x1", 1), "replaced, not merged");
}

#[test]
fn a_repeated_change_is_old_and_one_out_of_order_is_a_gap() {
    let mut ear = synced();
    assert_eq!(ear.text(&bid(101, "9.5", "2.0")), [Applied::Old]);
    assert!(ear.is_synced());
    assert_eq!(ear.text(&bid(104, "9.0", "1.0")), [Applied::Gap { expected: 102, found: 104 }]);
    assert!(!ear.is_synced());
}
