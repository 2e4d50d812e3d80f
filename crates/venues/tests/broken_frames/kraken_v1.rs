//! Kraken's first protocol: each change states what the ten best levels of each side sum to.

use market::{Applied, Body, Proof, Venue};

use crate::Ear;

/// What the book of `snapshot` sums to, computed apart from this program, by Python's zlib after Kraken's rule.
const SUM: u32 = 2_726_735_196;

/// The same with 0.000007 at 0.05001 and the tenth of the bids before it left out.
const SUM_OF_CHANGE: u32 = 1_536_279_676;

fn snapshot() -> String {
    let level = |price: u32| format!(r#"["0.{price:05}","0.00000500","1582905487.684110"]"#);
    let side = |prices: [u32; 10]| prices.map(level).join(",");
    let asks = side(std::array::from_fn(|n| 5_005 + 5 * u32::try_from(n).unwrap()));
    let bids = side(std::array::from_fn(|n| 5_000 - 5 * u32::try_from(n).unwrap()));
    format!(r#"[0,{{"as":[{asks}],"bs":[{bids}]}},"book-10","XBT/USD"]"#)
}

fn bid(price: &str, quantity: &str, sum: u32) -> String {
    format!(
        r#"[0,{{"b":[["{price}","{quantity}","1582905487.684110"]],"c":"{sum}"}},"book-10","XBT/USD"]"#
    )
}

fn synced() -> Ear {
    let mut ear = Ear::new(Venue::KrakenV1);
    assert_eq!(ear.text(&snapshot()), [Applied::Changed]);
    let again = bid("0.05000", "0.00000500", SUM);
    assert_eq!(ear.text(&again), [Applied::Changed]);
    assert_eq!(ear.proof(), Proof::Checksum { n_levels: 10 });
    ear
}

#[test]
fn a_change_that_sums_to_what_it_says_is_right_and_cuts_the_book_to_its_depth() {
    let mut ear = synced();
    let change = bid("0.05001", "0.00000700", SUM_OF_CHANGE);
    assert_eq!(ear.text(&change), [Applied::Changed]);
    assert!(ear.is_synced());
    assert!(!ear.book().contains("0.04955"), "the eleventh bid is cut: {}", ear.book());
    // What the cut left out is not there any longer once a better one goes.
    let wrong = ear.text(&bid("0.05001", "0.00000000", SUM));
    assert!(matches!(wrong[..], [Applied::ChecksumWrong { .. }]), "{wrong:?}");
}

#[test]
fn a_lost_change_is_seen_at_the_next_one_and_healed_by_a_snapshot() {
    let mut ear = synced();
    let after_a_lost_one = bid("0.05000", "0.00000500", SUM_OF_CHANGE);
    let lost = ear.text(&after_a_lost_one);
    assert_eq!(lost, [Applied::ChecksumWrong { expected: SUM_OF_CHANGE, found: SUM }]);
    assert!(!ear.is_synced());
    assert_eq!(ear.text(&snapshot()), [Applied::Changed]);
    assert!(ear.is_synced());
}

#[test]
fn a_change_without_a_snapshot_waits_for_one() {
    let mut ear = Ear::new(Venue::KrakenV1);
    let early = ear.text(&bid("0.05000", "0.00000500", SUM));
    assert_eq!(early, [Applied::NeedsSnapshot]);
    let mut ear = synced();
    ear.hear(Body::Closed(bytes::Bytes::new()));
    assert_eq!(ear.text(&snapshot()), [Applied::Changed]);
}
