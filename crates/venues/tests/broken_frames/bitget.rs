//! Bitget's first version: each message states what the book sums to after it.

use market::{Applied, Proof, Venue};

use crate::Ear;

/// What zlib makes of this text.
fn sum(text: &str) -> i32 {
    let mut crc = flate2::Crc::new();
    crc.update(text.as_bytes());
    crc.sum().cast_signed()
}

/// The book of `whole`, best bid and ask in turn, as it is printed: zeros at the end of a number belong to the sum.
const TEXT: &str = "113.40:10.00:113.42:6.40:113.50:77.36";

fn book(action: &str, text: &str, bids: &str, asks: &str) -> String {
    let sum = sum(text);
    let sides = format!(r#""asks":[{asks}],"bids":[{bids}],"checksum":{sum},"ts":"1649290077611""#);
    format!(
        r#"{{"action":"{action}","arg":{{"instType":"mc","channel":"books","instId":"DASHUSDT"}},"data":[{{{sides}}}]}}"#
    )
}

fn whole() -> String {
    let asks = r#"["113.42","6.40"],["113.50","77.36"]"#;
    book("snapshot", TEXT, r#"["113.40","10.00"]"#, asks)
}

fn synced() -> Ear {
    let mut ear = Ear::new(Venue::BitgetMix);
    assert_eq!(ear.text(&whole()), [Applied::Changed]);
    assert_eq!(ear.proof(), Proof::Checksum { n_levels: 25 });
    ear
}

#[test]
fn a_lost_update_is_seen_by_the_sum_of_the_next_and_healed_by_a_whole_book() {
    let mut ear = synced();
    let nothing = book("update", TEXT, r#"["100.00","0"]"#, "");
    assert_eq!(ear.text(&nothing), [Applied::Changed], "an unknown level is deleted");
    // The update before this one took the ask of 113.50 away.
    let text = "113.40:10.00:113.42:6.40:113.39:0.50";
    let lost = ear.text(&book("update", text, r#"["113.39","0.50"]"#, ""));
    assert!(matches!(lost[..], [Applied::ChecksumWrong { .. }]), "{lost:?}");
    assert!(!ear.is_synced());
    assert_eq!(ear.text(&whole()), [Applied::Changed]);
    assert!(ear.is_synced());
    assert_eq!(ear.book(), "113.4x10 | 113.42x6.4 113.5x77.36");
}

#[test]
fn an_update_heard_twice_changes_nothing_and_one_out_of_order_is_seen() {
    let mut ear = synced();
    let first = book("update", "113.40:1.00:113.42:6.40:113.50:77.36", r#"["113.40","1.00"]"#, "");
    let second = book("update", "113.40:2.00:113.42:6.40:113.50:77.36", r#"["113.40","2.00"]"#, "");
    let third = book("update", "113.40:2.00:113.42:0.25:113.50:77.36", "", r#"["113.42","0.25"]"#);
    assert_eq!(ear.text(&first), [Applied::Changed]);
    assert_eq!(ear.text(&first), [Applied::Changed]);
    let early = ear.text(&third);
    assert!(matches!(early[..], [Applied::ChecksumWrong { .. }]), "{early:?}");
    ear.text(&second);
    assert!(!ear.is_synced(), "wrong until a snapshot, whatever came late");
}

#[test]
fn numbers_are_summed_as_printed_though_a_trade_came_first_without_its_zeros() {
    let mut ear = Ear::new(Venue::BitgetMix);
    let trade = r#"{"action":"update","arg":{"instType":"mc","channel":"trade","instId":"DASHUSDT"},"data":[["1649290076980","113.4","1","sell"]]}"#;
    assert_eq!(ear.text(trade), []);
    let round = book("snapshot", "113.40:10.00", r#"["113.40","10.00"]"#, "");
    assert_eq!(ear.text(&round), [Applied::Changed]);
    assert!(ear.is_synced());
}
