//! HitBTC: the messages of one symbol's book are counted.

use market::{Applied, Proof, Venue};

use crate::Ear;

fn message(method: &str, sequence: u64, bid: &[(&str, &str)], ask: &[(&str, &str)]) -> String {
    let side = |levels: &[(&str, &str)]| {
        let level =
            |(price, size): &(&str, &str)| format!(r#"{{"price":"{price}","size":"{size}"}}"#);
        levels.iter().map(level).collect::<Vec<_>>().join(",")
    };
    let (bid, ask) = (side(bid), side(ask));
    format!(
        r#"{{"jsonrpc":"2.0","method":"{method}","params":{{"ask":[{ask}],"bid":[{bid}],"sequence":{sequence},"timestamp":"2021-04-17T16:46:14.486Z","symbol":"XTZBTC"}}}}"#
    )
}

fn whole(sequence: u64) -> String {
    message("snapshotOrderbook", sequence, &[("10", "1")], &[("11", "1")])
}

fn bid(sequence: u64, price: &str, size: &str) -> String {
    message("updateOrderbook", sequence, &[(price, size)], &[])
}

fn synced() -> Ear {
    let mut ear = Ear::new(Venue::HitBtc);
    assert_eq!(ear.text(&whole(100)), [Applied::Changed]);
    assert_eq!(ear.text(&bid(101, "9.5", "2")), [Applied::Changed]);
    assert_eq!((ear.book().as_str(), ear.proof()), ("10x1 9.5x2 | 11x1", Proof::Sequence));
    ear
}

#[test]
fn a_lost_change_is_seen_at_the_next_one_and_healed_by_a_snapshot() {
    let mut ear = synced();
    assert_eq!(ear.text(&bid(103, "9", "1")), [Applied::Gap { expected: 102, found: 103 }]);
    assert_eq!((ear.is_synced(), ear.n_gaps()), (false, 1));
    assert_eq!(ear.text(&whole(110)), [Applied::Changed]);
    assert_eq!(ear.text(&bid(111, "10", "0.00")), [Applied::Changed]);
    assert!(ear.is_synced());
    assert_eq!((ear.book().as_str(), ear.n_gaps()), (" | 11x1", 1), "replaced, not merged");
}

#[test]
fn a_repeated_change_is_old_and_one_out_of_order_is_a_gap() {
    let mut ear = synced();
    assert_eq!(ear.text(&bid(101, "9.5", "7")), [Applied::Old]);
    assert_eq!((ear.is_synced(), ear.book().as_str()), (true, "10x1 9.5x2 | 11x1"));
    assert_eq!(ear.text(&bid(103, "9", "1")), [Applied::Gap { expected: 102, found: 103 }]);
    assert_eq!(ear.text(&bid(102, "8", "1")), [Applied::Old]);
    assert!(!ear.is_synced());
}

#[test]
fn a_change_that_cannot_be_understood_is_missing_at_the_next_one() {
    let mut ear = synced();
    assert!(ear.refuses(&bid(102, "x", "1")));
    assert_eq!(ear.text(&bid(103, "9", "1")), [Applied::Gap { expected: 102, found: 103 }]);
}
