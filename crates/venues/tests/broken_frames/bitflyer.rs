//! bitFlyer: whole boards every five seconds, and changes between them that bear no number.

use market::{Applied, Proof, Venue};

use crate::Ear;

fn board(channel: &str, bids: &str, asks: &str) -> String {
    let level = |level: &str| match level.split_once('x') {
        Some((price, size)) => format!(r#"{{"price":{price},"size":{size}}}"#),
        None => String::new(),
    };
    let (bids, asks) = (level(bids), level(asks));
    format!(
        r#"{{"jsonrpc":"2.0","method":"channelMessage","params":{{"channel":"lightning_{channel}_BTC_JPY","message":{{"mid_price":1.0,"bids":[{bids}],"asks":[{asks}]}}}}}}"#
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
