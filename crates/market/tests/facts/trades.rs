//! Each trade counts once.

use market::{Side, Timestamp};

use crate::talk::{market, trade};

#[test]
fn a_trade_heard_again_after_a_reconnect_counts_once() {
    let mut market = market();
    let at = Timestamp::from_millis(1_000);
    let heard = [(1, true), (2, true), (3, true), (2, false), (3, false), (4, true)];
    for (id, is_new) in heard {
        let trade = trade(id, 500, 100, 2, Side::Buy);
        assert_eq!(market.apply_trade(&trade, at), is_new, "trade {id}");
    }
    assert_eq!(market.tally().trades, 4);
    let bar = *market.bars().series(60).unwrap().last().unwrap();
    assert_eq!((bar.n_trades, bar.volume()), (4, 8));
    assert_eq!(market.last_trade().unwrap().trade_id, 4);
}

#[test]
fn a_trade_that_was_never_heard_counts_however_late_it_comes() {
    let mut market = market();
    for id in [10, 12, 11, 5] {
        let is_new = market.apply_trade(&trade(id, 500, 100, 2, Side::Sell), Timestamp::default());
        assert!(is_new, "trade {id}");
    }
}
