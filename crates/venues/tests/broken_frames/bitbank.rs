//! bitbank: whole books every 15 s, at the number of a change, and changes of which one counter serves all pairs.

use market::{Applied, Proof, Venue};

use crate::Ear;

fn message(room: &str, data: &str) -> String {
    format!(r#"42["message",{{"room_name":"{room}_btc_jpy","message":{{"data":{{{data}}}}}}}]"#)
}

fn change(number: u64, bids: &str, asks: &str) -> String {
    message("depth_diff", &format!(r#""a":[{asks}],"b":[{bids}],"t":1,"s":"{number}""#))
}

fn whole(number: u64, bids: &str, asks: &str) -> String {
    let levels = format!(r#""asks":[{asks}],"bids":[{bids}],"timestamp":1"#);
    message("depth_whole", &format!(r#"{levels},"sequenceId":"{number}""#))
}

const BID: &str = r#"["10","1"]"#;
const ASK: &str = r#"["11","1"]"#;

/// The example of the venue's own documents.
#[test]
fn a_late_whole_book_is_followed_by_the_changes_behind_it() {
    let mut ear = Ear::new(Venue::Bitbank);
    for number in [3, 5, 6, 8] {
        let bid = format!(r#"["{number}","1"]"#);
        assert_eq!(ear.text(&change(number, &bid, "")), [Applied::Buffered]);
    }
    assert_eq!(ear.text(&whole(5, r#"["1","1"]"#, "")), [Applied::Changed; 3]);
    assert_eq!(ear.book(), "8x1 6x1 1x1 | ");
    assert_eq!(ear.proof(), Proof::Unverified);
}

#[test]
fn numbers_are_compared_as_numbers_and_may_leave_others_out() {
    let mut ear = Ear::new(Venue::Bitbank);
    ear.text(&whole(9, BID, ASK));
    assert_eq!(ear.text(&change(10, r#"["10","2"]"#, "")), [Applied::Changed]);
    assert_eq!(ear.text(&change(6_223, r#"["10","3"]"#, r#"["99","0"]"#)), [Applied::Changed]);
    assert_eq!(ear.text(&change(6_223, r#"["10","3"]"#, "")), [Applied::Old]);
    assert_eq!(ear.book(), "10x3 | 11x1");
}

#[test]
fn a_whole_book_replaces_a_right_one_and_does_not_bring_back_what_was_removed() {
    let mut ear = Ear::new(Venue::Bitbank);
    ear.text(&whole(5, BID, ASK));
    ear.text(&change(6, "", r#"["11","0"]"#));
    assert_eq!(ear.text(&whole(5, BID, ASK)), [Applied::Changed; 2]);
    assert_eq!(ear.book(), "10x1 | ");
}

#[test]
fn a_lost_change_is_seen_when_the_next_whole_book_differs() {
    let mut ear = Ear::new(Venue::Bitbank);
    ear.text(&whole(5, BID, ASK));
    ear.text(&change(6, r#"["10","2"]"#, ""));
    ear.text(&whole(6, r#"["10","2"]"#, ASK));
    let compared = |ear: &Ear| {
        let tally = ear.market.as_ref().unwrap().tally();
        (tally.top_of_book_equal, tally.top_of_book_different)
    };
    assert_eq!(compared(&ear), (1, 0));
    // The change at 7, by which the bid went up, was lost.
    ear.text(&change(8, "", r#"["12","1"]"#));
    ear.text(&whole(8, r#"["10.5","1"]"#, ASK));
    assert_eq!(compared(&ear), (1, 1));
    assert_eq!(ear.book(), "10.5x1 | 11x1");
}

#[test]
fn a_link_that_is_opened_anew_compares_nothing_with_the_time_before() {
    let mut ear = Ear::new(Venue::Bitbank);
    ear.text(&whole(5, BID, ASK));
    ear.text(&change(6, r#"["10","2"]"#, ""));
    ear.hear(market::Body::Opened(bytes::Bytes::from_static(b"wss://stream.bitbank.cc")));
    assert_eq!(ear.text(&whole(5, r#"["9","1"]"#, ASK)), [Applied::Changed], "nothing follows");
    assert_eq!(ear.book(), "9x1 | 11x1");
    let tally = ear.market.as_ref().unwrap().tally();
    assert_eq!((tally.top_of_book_equal, tally.top_of_book_different), (0, 0));
}
