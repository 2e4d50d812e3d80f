//! KuCoin: changes are counted without a hole, and follow a book that was fetched.

use market::{Applied, Venue};

use crate::fetched::Spoken;

const URL: &str = "https://api.kucoin.com/api/v3/market/orderbook/level2?symbol=SNX-BTC";

fn whole(sequence: u64) -> String {
    format!(
        r#"{{"code":"200000","data":{{"time":1,"sequence":"{sequence}","bids":[["10","1"]],"asks":[["11","1"]]}}}}"#
    )
}

fn bid(first: u64, last: u64, price: &str, quantity: &str) -> String {
    format!(
        r#"{{"data":{{"sequenceStart":{first},"symbol":"SNX-BTC","changes":{{"asks":[],"bids":[["{price}","{quantity}","{last}"]]}},"sequenceEnd":{last}}},"subject":"trade.l2update","topic":"/market/level2:SNX-BTC","type":"message"}}"#
    )
}

const KUCOIN: Spoken = Spoken { venue: Venue::Kucoin, url: URL, whole, bid };

#[test]
fn a_lost_change_is_seen_at_the_next_one_and_healed_by_a_newer_book() {
    KUCOIN.sees_a_loss();
}

#[test]
fn a_change_without_a_price_moves_only_the_sequence_on() {
    let mut ear = KUCOIN.synced();
    assert_eq!(ear.text(&bid(106, 106, "0", "0")), [Applied::Changed]);
    assert_eq!(ear.text(&bid(107, 107, "9", "0")), [Applied::Changed]);
    assert_eq!((ear.is_synced(), ear.book().as_str()), (true, "10x1 8x1 | 11x1"));
}

#[test]
fn a_repeated_change_is_old_and_one_out_of_order_is_a_gap() {
    KUCOIN.sees_a_wrong_order();
}

#[test]
fn best_prices_are_held_against_the_book_of_their_sequence() {
    let ticker = |sequence: u64, bid: &str| {
        format!(
            r#"{{"data":{{"sequence":"{sequence}","bestAsk":"11","bestAskSize":"1","bestBid":"{bid}","bestBidSize":"1"}},"subject":"trade.ticker","topic":"/market/ticker:SNX-BTC","type":"message"}}"#
        )
    };
    let mut ear = KUCOIN.synced();
    ear.text(&ticker(105, "10"));
    ear.text(&ticker(106, "9"));
    ear.text(&bid(106, 106, "7", "1"));
    let tally = *ear.market.as_ref().unwrap().tally();
    assert_eq!((tally.top_of_book_equal, tally.top_of_book_different), (1, 1));
}
