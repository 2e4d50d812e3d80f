//! bitFlyer: whole boards every five seconds, and changes between them that bear no number.

use market::{Applied, Cause, Proof, State, Venue};

use crate::Ear;

fn board(channel: &str, bids: &str, asks: &str) -> String {
    board_with("", channel, bids, asks)
}

/// A board that states the middle of its best prices.
fn board_with(mid_price: &str, channel: &str, bids: &str, asks: &str) -> String {
    let mid_price = match mid_price {
        "" => String::new(),
        price => format!(r#""mid_price":{price},"#),
    };
    let level = |level: &str| match level.split_once('x') {
        Some((price, size)) => format!(r#"{{"price":{price},"size":{size}}}"#),
        None => String::new(),
    };
    let (bids, asks) = (level(bids), level(asks));
    format!(
        r#"{{"jsonrpc":"2.0","method":"channelMessage","params":{{"channel":"lightning_{channel}_BTC_JPY","message":{{{mid_price}"bids":[{bids}],"asks":[{asks}]}}}}}}"#
    )
}

#[test]
fn a_change_before_the_first_snapshot_has_no_place() {
    let mut ear = Ear::new(Venue::BitFlyer);
    assert_eq!(ear.text(&board("board", "9.0x1.0", "")), [Applied::NeedsSnapshot]);
    assert_eq!(ear.text(&board("board_snapshot", "8.0x1.0", "11.0x1.0")), [Applied::Changed]);
    assert_eq!(ear.book(), "8x1 | 11x1");
    assert_eq!(ear.proof(), Proof::Unverified);
}

#[test]
fn a_level_that_a_lost_deletion_left_behind_is_gone_with_the_next_snapshot() {
    let mut ear = Ear::new(Venue::BitFlyer);
    ear.text(&board("board_snapshot", "8.0x1.0", "11.0x1.0"));
    // That 11 was taken is not told.
    assert_eq!(ear.text(&board("board", "12.0x5e-05", "99.0x0.0")), [Applied::Crossed]);
    assert!(!ear.is_synced());
    assert_eq!(ear.text(&board("board_snapshot", "12.0x5e-05", "13.0x1.0")), [Applied::Changed]);
    assert!(ear.is_synced());
    assert_eq!(ear.book(), "12x0.00005 | 13x1");
}

#[test]
fn the_book_is_cut_to_the_window_of_a_snapshot() {
    let mut ear = Ear::new(Venue::BitFlyer);
    ear.text(&board("board_snapshot", "1000.0x1.0", ""));
    for price in 500..900 {
        ear.text(&board("board", &format!("{price}.0x1.0"), ""));
    }
    let market = ear.market.as_ref().unwrap();
    assert_eq!(market.book().bids().count(), 300);
}

#[test]
fn best_prices_whose_middle_is_not_the_stated_one_are_wrong_until_the_next_snapshot() {
    let mut ear = Ear::new(Venue::BitFlyer);
    let mid =
        |price: &str, channel: &str, bids: &str, asks: &str| board_with(price, channel, bids, asks);
    // 9.5, cut to the whole yen of these prices.
    let snapshot = mid("9.0", "board_snapshot", "8.0x1.0", "11.0x1.0");
    assert_eq!(ear.text(&snapshot), [Applied::Changed]);
    assert_eq!(ear.proof(), Proof::Checksum { n_levels: 1 });
    assert_eq!(ear.text(&mid("9.5", "board", "8.0x2.0", "")), [Applied::Changed], "not cut");
    // Somebody took 11 and the venue does not tell: its middle is that of 8 and 13.
    let silent = ear.text(&mid("10.0", "board", "7.0x1.0", "13.0x1.0"));
    assert_eq!(silent, [Applied::ChecksumWrong { expected: 10, found: 9 }]);
    assert_eq!(ear.state(), State::Lost { cause: Cause::Checksum });
    assert_eq!(ear.text(&mid("9.0", "board", "6.0x1.0", "")), [Applied::Changed]);
    assert!(!ear.is_synced(), "nothing but a snapshot mends it");
    ear.text(&mid("10.0", "board_snapshot", "8.0x1.0", "13.0x1.0"));
    assert!(ear.is_synced());
    let tally = ear.market.as_ref().unwrap().tally();
    assert_eq!((tally.checksums_right, tally.checksums_wrong), (4, 1));
}

#[test]
fn where_a_side_is_empty_no_middle_is_compared() {
    let mut ear = Ear::new(Venue::BitFlyer);
    let one_sided = board_with("8.0", "board_snapshot", "8.0x1.0", "");
    assert_eq!(ear.text(&one_sided), [Applied::Changed]);
    for no_price in ["0", "-1.0", "\"soon\""] {
        let board = board_with(no_price, "board_snapshot", "8.0x1.0", "11.0x1.0");
        assert_eq!(ear.text(&board), [Applied::Changed], "{no_price}");
    }
    let tally = ear.market.as_ref().unwrap().tally();
    assert_eq!((tally.checksums_right, tally.checksums_wrong), (0, 0));
}
