//! What bitbank sends, as text. Numbers are strings with the digits of the pair.

use crate::cut::{Cut, Entries};
use crate::digits;
use crate::world::{Listing, Market, Print, Side};

/// `btc_jpy`.
pub fn pair(listing: &Listing) -> String {
    format!("{}_{}", listing.base, listing.quote).to_lowercase()
}

pub(super) fn price(listing: &Listing, price: i64) -> String {
    digits::text(price, listing.price_decimals, listing.price_decimals)
}

pub(super) fn amount(listing: &Listing, quantity: i64) -> String {
    digits::text(quantity, listing.quantity_decimals, listing.quantity_decimals)
}

/// An event of a room.
pub(super) fn event(room: &str, data: &str) -> String {
    format!(r#"42["message",{{"room_name":"{room}","message":{{"data":{data}}}}}]"#)
}

/// `[price,amount]` rows; what is gone has the amount "0".
fn levels(listing: &Listing, levels: &[(i64, i64)]) -> String {
    let row = |level: &(i64, i64)| {
        let amount = if level.1 == 0 { "0".to_owned() } else { amount(listing, level.1) };
        format!(r#"["{}","{amount}"]"#, price(listing, level.0))
    };
    format!("[{}]", levels.iter().map(row).collect::<Vec<_>>().join(","))
}

/// The data of `depth_whole_…` and of `/depth`.
pub(super) fn whole(listing: &Listing, cut: &Cut, (sequence, ms): (u64, i64)) -> String {
    format!(
        r#"{{"asks":{},"bids":{},"asks_over":"0.0000","bids_under":"0.0000","asks_under":"0","bids_over":"0","ask_market":"0","bid_market":"0","timestamp":{ms},"sequenceId":"{sequence}"}}"#,
        levels(listing, &cut.asks),
        levels(listing, &cut.bids),
    )
}

/// The data of `depth_diff_…`.
pub(super) fn diff(listing: &Listing, entries: &Entries, (sequence, ms): (u64, i64)) -> String {
    format!(
        r#"{{"a":{},"b":{},"t":{ms},"s":"{sequence}"}}"#,
        levels(listing, &entries.asks),
        levels(listing, &entries.bids),
    )
}

/// The data of transactions, in the given order.
pub(super) fn transactions<'a>(
    listing: &Listing,
    prints: impl Iterator<Item = &'a Print>,
    epoch: i64,
) -> String {
    let row = |print: &Print| {
        let side = if print.taker == Side::Bid { "buy" } else { "sell" };
        format!(
            r#"{{"transaction_id":{},"side":"{side}","price":"{}","amount":"{}","executed_at":{}}}"#,
            print.trade_id,
            price(listing, print.price),
            amount(listing, print.quantity),
            (epoch + print.at) / 1_000_000,
        )
    };
    format!(r#"{{"transactions":[{}]}}"#, prints.map(row).collect::<Vec<_>>().join(","))
}

/// The data of a ticker.
pub(super) fn ticker(market: &Market, ms: i64) -> String {
    let (listing, book) = (market.listing(), market.book());
    let best = |side| price(listing, book.best(side).unwrap_or(0));
    let start = listing.start_price;
    let day = market.tape().day();
    let (open, high, low, last, volume) = day.map_or((start, start, start, start, 0), |day| {
        (day.open, day.high, day.low, day.close, day.volume)
    });
    format!(
        r#"{{"sell":"{}","buy":"{}","open":"{}","high":"{}","low":"{}","last":"{}","vol":"{}","timestamp":{ms}}}"#,
        best(Side::Ask),
        best(Side::Bid),
        price(listing, open),
        price(listing, high),
        price(listing, low),
        price(listing, last),
        digits::wide(volume, listing.quantity_decimals, listing.quantity_decimals),
    )
}

/// An element of the list of pairs.
pub(super) fn listed(listing: &Listing) -> String {
    format!(
        r#"{{"name":"{}","base_asset":"{}","quote_asset":"{}","unit_amount":"{}","limit_max_amount":"1000","price_digits":{},"amount_digits":{},"is_enabled":true,"stop_order":false}}"#,
        pair(listing),
        listing.base.to_lowercase(),
        listing.quote.to_lowercase(),
        amount(listing, listing.lot),
        listing.price_decimals,
        listing.quantity_decimals,
    )
}
