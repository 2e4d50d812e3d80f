//! What Bybit sends, as text. Prices of books have all decimals; sizes have no zeros at the end.

use crate::cut::Entries;
use crate::digits;
use crate::world::{Listing, Print, Side};

/// `BTCUSDT`, on spot and on linear.
pub fn symbol(listing: &Listing) -> String {
    format!("{}{}", listing.base, listing.quote)
}

/// The category of an instrument.
pub fn category(is_linear: bool) -> &'static str {
    if is_linear { "linear" } else { "spot" }
}

pub(super) fn price(listing: &Listing, price: i64) -> String {
    digits::text(price, listing.price_decimals, listing.price_decimals)
}

pub(super) fn size(listing: &Listing, quantity: i64) -> String {
    digits::trimmed(quantity, listing.quantity_decimals)
}

/// The taker's side.
pub(super) fn side(taker: Side) -> &'static str {
    match taker {
        Side::Bid => "Buy",
        Side::Ask => "Sell",
    }
}

/// `[price,size]` rows.
pub(super) fn levels(listing: &Listing, levels: &[(i64, i64)]) -> String {
    let row = |level: &(i64, i64)| {
        format!(r#"["{}","{}"]"#, price(listing, level.0), size(listing, level.1))
    };
    let rows: Vec<String> = levels.iter().map(row).collect();
    format!("[{}]", rows.join(","))
}

/// Where a frame of a book stands: the number of the frame in its topic, and of the change at the venue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub number: u64,
    pub sequence: u64,
    pub ms: i64,
}

/// `orderbook.…`; spot and linear differ in the order of their fields.
pub(super) fn book(
    topic: &str,
    kind: &str,
    listing: &Listing,
    levels: &Entries,
    at: Place,
) -> String {
    let ms = at.ms;
    let data = format!(r#""data":{}"#, body(listing, levels, at));
    if listing.is_perpetual {
        format!(r#"{{"topic":"{topic}","type":"{kind}","ts":{ms},{data},"cts":{ms}}}"#)
    } else {
        format!(r#"{{"topic":"{topic}","ts":{ms},"type":"{kind}",{data},"cts":{ms}}}"#)
    }
}

fn body(listing: &Listing, entries: &Entries, at: Place) -> String {
    format!(
        r#"{{"s":"{}","b":{},"a":{},"u":{},"seq":{}}}"#,
        symbol(listing),
        levels(listing, &entries.bids),
        levels(listing, &entries.asks),
        at.number,
        at.sequence,
    )
}

/// The id of a trade: a UUID on linear, a number on spot.
pub(super) fn trade_id(listing: &Listing, print: &Print) -> String {
    let id = print.trade_id;
    if listing.is_perpetual {
        format!("{:08x}-8b30-5d31-9112-{id:012x}", id.wrapping_mul(0x9e37_79b9) & 0xffff_ffff)
    } else {
        (2_290_000_000_000_000_000 + id).to_string()
    }
}

/// An element of `publicTrade.…`.
pub(super) fn trade(listing: &Listing, print: &Print, (sequence, ms): (u64, i64)) -> String {
    let tick = if listing.is_perpetual { r#""L":"PlusTick","# } else { "" };
    format!(
        r#"{{"T":{ms},"s":"{}","S":"{}","v":"{}","p":"{}",{tick}"i":"{}","BT":false,"RPI":false,"seq":{sequence}}}"#,
        symbol(listing),
        side(print.taker),
        size(listing, print.quantity),
        price(listing, print.price),
        trade_id(listing, print),
    )
}

/// A topic whose data is such.
pub(super) fn snapshot(topic: &str, data: &str, ms: i64) -> String {
    format!(r#"{{"topic":"{topic}","type":"snapshot","ts":{ms},"data":{data}}}"#)
}

/// An element of `instruments-info`.
pub(super) fn instrument(listing: &Listing) -> String {
    let (tick, lot) = (price(listing, listing.tick), size(listing, listing.lot));
    let (id, base, quote) = (symbol(listing), listing.base, listing.quote);
    if listing.is_perpetual {
        format!(
            r#"{{"symbol":"{id}","contractType":"LinearPerpetual","status":"Trading","baseCoin":"{base}","quoteCoin":"{quote}","launchTime":"1585526400000","deliveryTime":"0","deliveryFeeRate":"","priceScale":"{}","leverageFilter":{{"minLeverage":"1","maxLeverage":"100.00","leverageStep":"0.01"}},"priceFilter":{{"minPrice":"{tick}","maxPrice":"1999999.80","tickSize":"{tick}"}},"lotSizeFilter":{{"maxOrderQty":"1190.000","minOrderQty":"{lot}","qtyStep":"{lot}","minNotionalValue":"5"}},"unifiedMarginTrade":true,"fundingInterval":480,"settleCoin":"{quote}"}}"#,
            listing.price_decimals,
        )
    } else {
        format!(
            r#"{{"symbol":"{id}","baseCoin":"{base}","quoteCoin":"{quote}","innovation":"0","status":"Trading","marginTrading":"utaOnly","lotSizeFilter":{{"basePrecision":"{lot}","quotePrecision":"0.0000001","minOrderQty":"{lot}","maxOrderQty":"71.73956243","minOrderAmt":"5","maxOrderAmt":"4000000"}},"priceFilter":{{"tickSize":"{tick}"}}}}"#
        )
    }
}
