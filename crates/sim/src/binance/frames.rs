//! What Binance sends, as text. Prices and quantities are strings with eight decimals.

use crate::digits;
use crate::world::{Candle, Listing, Print, Side, Transaction};

/// Decimals of every number that Binance prints, but for contracts, which are whole.
const DECIMALS: u8 = 8;

/// The symbol in frames: `BTCUSDT`, and of an inverse perpetual `BTCUSD_PERP`.
pub fn symbol(listing: &Listing) -> String {
    let end = if listing.contract.is_some() { "_PERP" } else { "" };
    format!("{}{end}", pair(listing))
}

/// What a future is on: `BTCUSDT`, `BTCUSD`.
pub fn pair(listing: &Listing) -> String {
    format!("{}{}", listing.base, listing.quote)
}

/// Of which of the two futures markets a frame is.
pub(super) fn market(listing: &Listing) -> u8 {
    if listing.contract.is_some() { 2 } else { 1 }
}

fn quantity_decimals(listing: &Listing) -> u8 {
    if listing.contract.is_some() { listing.quantity_decimals } else { DECIMALS }
}

/// A price as text.
pub fn price(listing: &Listing, price: i64) -> String {
    digits::text(price, listing.price_decimals, DECIMALS)
}

/// A quantity as text.
pub fn quantity(listing: &Listing, quantity: i64) -> String {
    digits::text(quantity, listing.quantity_decimals, quantity_decimals(listing))
}

/// `["price","quantity"]` pairs in brackets.
pub fn levels(listing: &Listing, levels: impl Iterator<Item = (i64, i64)>) -> String {
    let mut out = String::from("[");
    for (level_price, level_quantity) in levels {
        out.push_str(if out.len() == 1 { "[\"" } else { ",[\"" });
        digits::push(&mut out, level_price, listing.price_decimals, DECIMALS);
        out.push_str("\",\"");
        digits::push(
            &mut out,
            level_quantity,
            listing.quantity_decimals,
            quantity_decimals(listing),
        );
        out.push_str("\"]");
    }
    out.push(']');
    out
}

/// `<symbol>@trade`. The buyer is the maker when the taker sells.
pub fn trade(listing: &Listing, print: &Print, (sent_ms, traded_ms): (i64, i64)) -> String {
    let end = if listing.is_perpetual {
        format!(r#""X":"MARKET","st":{}"#, market(listing))
    } else {
        r#""M":true"#.to_owned()
    };
    format!(
        r#"{{"e":"trade","E":{sent_ms},"s":"{}","t":{},"p":"{}","q":"{}","T":{traded_ms},"m":{},{end}}}"#,
        symbol(listing),
        print.trade_id,
        price(listing, print.price),
        quantity(listing, print.quantity),
        print.taker == Side::Ask,
    )
}

/// Prints of one order at one price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aggregate {
    /// Counts the aggregates.
    pub id: u64,
    /// Id of the first print.
    pub first: u64,
    /// Id of the last print.
    pub last: u64,
    /// The whole quantity, and the price of each.
    pub print: Print,
}

/// The prints of a transaction, those of one price taken together; `next_id` counts on.
pub fn aggregates(transaction: &Transaction, next_id: &mut u64) -> Vec<Aggregate> {
    let mut aggregates: Vec<Aggregate> = Vec::new();
    for print in &transaction.prints {
        match aggregates.last_mut() {
            Some(last) if last.print.price == print.price => {
                last.print.quantity += print.quantity;
                last.last = print.trade_id;
            }
            Some(_) | None => {
                let (first, last) = (print.trade_id, print.trade_id);
                aggregates.push(Aggregate { id: *next_id, first, last, print: *print });
                *next_id += 1;
            }
        }
    }
    aggregates
}

/// The fields that `@aggTrade` and `/aggTrades` share.
pub fn aggregate_fields(listing: &Listing, aggregate: &Aggregate, traded_ms: i64) -> String {
    let end = if listing.is_perpetual {
        format!(r#""st":{}"#, market(listing))
    } else {
        r#""M":true"#.to_owned()
    };
    format!(
        r#""a":{},"p":"{}","q":"{}","f":{},"l":{},"T":{traded_ms},"m":{},{end}"#,
        aggregate.id,
        price(listing, aggregate.print.price),
        quantity(listing, aggregate.print.quantity),
        aggregate.first,
        aggregate.last,
        aggregate.print.taker == Side::Ask,
    )
}

/// `<symbol>@aggTrade`.
pub fn aggregate(listing: &Listing, aggregate: &Aggregate, times: (i64, i64)) -> String {
    format!(
        r#"{{"e":"aggTrade","E":{},"s":"{}",{}}}"#,
        times.0,
        symbol(listing),
        aggregate_fields(listing, aggregate, times.1),
    )
}

/// Levels of one side: price in ticks, quantity in lots.
type Levels<'a> = &'a [(i64, i64)];

/// `<symbol>@depth…`: all changes of the updates `range.0..=range.1`. A future names the update before them too.
pub fn delta(
    listing: &Listing,
    sent_ms: i64,
    range: (u64, u64),
    (bids, asks): (Levels<'_>, Levels<'_>),
) -> String {
    let (times, previous) = if listing.is_perpetual {
        let (pair, market) = (pair(listing), market(listing));
        let previous = range.0 - 1;
        (
            format!(r#""E":{sent_ms},"T":{sent_ms},"ps":"{pair}","st":{market}"#),
            format!(r#""pu":{previous},"#),
        )
    } else {
        (format!(r#""E":{sent_ms}"#), String::new())
    };
    format!(
        r#"{{"e":"depthUpdate",{times},"s":"{}","U":{},"u":{},{previous}"b":{},"a":{}}}"#,
        symbol(listing),
        range.0,
        range.1,
        levels(listing, bids.iter().copied()),
        levels(listing, asks.iter().copied()),
    )
}

/// `<symbol>@bookTicker`.
pub fn book_ticker(
    listing: &Listing,
    (update, sent_ms): (u64, i64),
    bid: (i64, i64),
    ask: (i64, i64),
) -> String {
    let start = if listing.is_perpetual {
        let (pair, market) = (pair(listing), market(listing));
        format!(r#""e":"bookTicker","E":{sent_ms},"T":{sent_ms},"ps":"{pair}","st":{market},"#)
    } else {
        String::new()
    };
    format!(
        r#"{{{start}"u":{update},"s":"{}","b":"{}","B":"{}","a":"{}","A":"{}"}}"#,
        symbol(listing),
        price(listing, bid.0),
        quantity(listing, bid.1),
        price(listing, ask.0),
        quantity(listing, ask.1),
    )
}

/// `/api/v3/depth` and `<symbol>@depth5|10|20`; of a future with the time, of an inverse one with its names.
pub fn snapshot(
    listing: &Listing,
    (update, sent_ms): (u64, i64),
    bids: impl Iterator<Item = (i64, i64)>,
    asks: impl Iterator<Item = (i64, i64)>,
) -> String {
    let names = if listing.contract.is_some() {
        format!(r#","symbol":"{}","pair":"{}""#, symbol(listing), pair(listing))
    } else {
        String::new()
    };
    let times = if listing.is_perpetual {
        format!(r#"{names},"E":{sent_ms},"T":{sent_ms}"#)
    } else {
        String::new()
    };
    format!(
        r#"{{"lastUpdateId":{update}{times},"bids":{},"asks":{}}}"#,
        levels(listing, bids),
        levels(listing, asks),
    )
}

/// A sum of quantities as text.
pub fn volume(listing: &Listing, volume: i128) -> String {
    digits::wide(volume, listing.quantity_decimals, quantity_decimals(listing))
}

/// What a volume was worth: the sum of price · quantity as text. Of an inverse perpetual, so many of the base asset as
/// its contracts stand for at the mean price.
pub fn turnover(listing: &Listing, volume: i128, turnover: i128) -> String {
    if let Some(contract) = listing.contract {
        let scale = u32::from(listing.price_decimals + DECIMALS);
        let worth = volume * i128::from(contract) * 10_i128.pow(scale);
        // Mean price: turnover / volume. Divided first by what is large, so that nothing overflows.
        let mean = turnover.checked_div(volume).filter(|mean| *mean > 0);
        return digits::wide(mean.map_or(0, |mean| worth / mean), DECIMALS, DECIMALS);
    }
    digits::wide(turnover, listing.price_decimals + listing.quantity_decimals, DECIMALS)
}

/// `<symbol>@kline_1m`.
pub fn kline(listing: &Listing, candle: &Candle, (sent_ms, opened_ms): (i64, i64)) -> String {
    let symbol = symbol(listing);
    let shown = |value| price(listing, value);
    format!(
        r#"{{"e":"kline","E":{sent_ms},"s":"{symbol}","k":{{"t":{opened_ms},"T":{},"s":"{symbol}","i":"1m","f":{},"L":{},"o":"{}","c":"{}","h":"{}","l":"{}","v":"{}","n":{},"x":{},"q":"{}","V":"{}","Q":"{}","B":"0"}}}}"#,
        opened_ms + 59_999,
        candle.first_id,
        candle.last_id,
        shown(candle.open),
        shown(candle.close),
        shown(candle.high),
        shown(candle.low),
        volume(listing, candle.volume),
        candle.n_trades,
        sent_ms >= opened_ms + 60_000,
        turnover(listing, candle.volume, candle.turnover),
        volume(listing, candle.bought),
        turnover(listing, candle.bought, candle.bought_turnover),
    )
}
