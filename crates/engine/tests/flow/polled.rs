//! What is asked for by HTTP because the WebSocket is blocked.

use crate::script::{A, Script};

#[test]
fn trades_from_before_anything_was_heard_are_not_on_the_tape() {
    let mut script = Script::new();
    script.open(A);
    script.snapshot(A, 100);
    script.wait(2_000);
    // The newest page reaches back a minute; its last two trades were made while we listened.
    script.page(A, &[(1, -60_000), (2, -5_000), (3, -500), (4, -100)]);
    let market = &script.watched().market;
    assert_eq!(market.tally().trades, 2);
    assert_eq!(market.last_trade().unwrap().trade_id, 4);
}

#[test]
fn trades_missed_between_the_socket_and_the_poll_are_on_the_tape_once() {
    let mut script = Script::new();
    script.open(A);
    script.snapshot(A, 100);
    script.trade(A, 7);
    script.close(A);
    script.wait(9_000);
    script.page(A, &[(6, -9_500), (7, -9_000), (8, -5_000), (9, -1_000)]);
    assert_eq!(script.watched().market.tally().trades, 3);
}
