//! What OKX sends, as text. Numbers are strings without zeros at the end; a swap's sizes are contracts.

use crate::cut::{Cut, Entries};
use crate::digits;
use crate::world::{Candle, Listing, Market, Print, Side, Transaction};

/// A contract of a swap, in hundredths of its coin.
pub(super) fn contract_hundredths(listing: &Listing) -> i64 {
    match listing.base {
        "BTC" => 1,
        "ETH" => 10,
        "XRP" => 10_000,
        _ => 100,
    }
}

/// `BTC-USDT`, or of a swap `BTC-USDT-SWAP`.
pub fn symbol(listing: &Listing) -> String {
    let end = if listing.is_perpetual { "-SWAP" } else { "" };
    format!("{}{end}", index(listing))
}

/// The index that an instrument follows: `BTC-USDT`.
pub fn index(listing: &Listing) -> String {
    format!("{}-{}", listing.base, listing.quote)
}

/// `SPOT` or `SWAP`.
pub fn kind(listing: &Listing) -> &'static str {
    if listing.is_perpetual { "SWAP" } else { "SPOT" }
}

pub(super) fn price(listing: &Listing, price: i64) -> String {
    digits::trimmed(price, listing.price_decimals)
}

pub(super) fn quantity(listing: &Listing, quantity: i64) -> String {
    digits::trimmed(quantity, listing.quantity_decimals)
}

/// A frame of a channel.
pub(super) fn data(arg: &str, data: &str) -> String {
    format!(r#"{{"arg":{arg},"data":[{data}]}}"#)
}

/// The arg of a channel of one instrument.
pub(super) fn arg(channel: &str, id: &str) -> String {
    format!(r#"{{"channel":"{channel}","instId":"{id}"}}"#)
}

/// Where a frame of `books` stands in its sequence.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub sequence: u64,
    /// -1 for a snapshot.
    pub previous: i128,
    /// 0, unless a fault asks for a wrong one.
    pub checksum: i32,
    pub ms: i64,
}

/// `books`: a snapshot or an update.
pub(super) fn book(listing: &Listing, action: &str, entries: &Entries, place: Place) -> String {
    let Place { sequence, previous, checksum, ms } = place;
    format!(
        r#"{{"arg":{},"action":"{action}","data":[{{"asks":{},"bids":{},"ts":"{ms}","checksum":{checksum},"seqId":{sequence},"prevSeqId":{previous}}}]}}"#,
        arg("books", &symbol(listing)),
        levels(listing, &entries.asks),
        levels(listing, &entries.bids),
    )
}

/// `books5` and `bbo-tbt`: each time all of it.
pub(super) fn whole(
    listing: &Listing,
    channel: &str,
    cut: &Cut,
    (sequence, ms): (u64, i64),
) -> String {
    let id = symbol(listing);
    let body = format!(
        r#"{{"asks":{},"bids":{},"instId":"{id}","ts":"{ms}","seqId":{sequence}}}"#,
        levels(listing, &cut.asks),
        levels(listing, &cut.bids),
    );
    data(&arg(channel, &id), &body)
}

/// `[price,size,"0",orders]` rows.
pub(super) fn levels(listing: &Listing, levels: &[(i64, i64)]) -> String {
    let row = |level: &(i64, i64)| {
        // How many orders stand at a level the world does not know: the larger it is, the more.
        let orders = (level.1 > 0).then(|| 1 + level.1 / listing.character.usual_quantity.max(1));
        let (price, size) = (price(listing, level.0), quantity(listing, level.1));
        format!(r#"["{price}","{size}","0","{}"]"#, orders.unwrap_or(0))
    };
    let rows: Vec<String> = levels.iter().map(row).collect();
    format!("[{}]", rows.join(","))
}

/// The trades of an order, those of one price taken together: the last print, whose quantity is all, and how many.
pub(super) fn merged(transaction: &Transaction) -> Vec<(Print, usize)> {
    let mut merged: Vec<(Print, usize)> = Vec::new();
    for print in &transaction.prints {
        match merged.last_mut() {
            Some((last, count)) if last.price == print.price => {
                *last = Print { quantity: last.quantity + print.quantity, ..*print };
                *count += 1;
            }
            Some(_) | None => merged.push((*print, 1)),
        }
    }
    merged
}

/// An element of `trades`.
pub(super) fn trade(listing: &Listing, print: &Print, end: &str, ms: i64) -> String {
    format!(
        r#"{{"instId":"{}","tradeId":"{}","px":"{}","sz":"{}","side":"{}","ts":"{ms}"{end}}}"#,
        symbol(listing),
        print.trade_id,
        price(listing, print.price),
        quantity(listing, print.quantity),
        side(print.taker),
    )
}

pub(super) fn side(taker: Side) -> &'static str {
    match taker {
        Side::Bid => "buy",
        Side::Ask => "sell",
    }
}

/// An element of `tickers`.
pub(super) fn ticker(market: &Market, ms: i64) -> String {
    let (listing, book) = (market.listing(), market.book());
    let touch = |side| book.levels(side).next().unwrap_or((0, 0));
    let (bid, ask) = (touch(Side::Bid), touch(Side::Ask));
    let last = market.tape().prints().next_back().map_or(0, |print| print.quantity);
    let day = market.tape().day();
    let of_day =
        |value: fn(&Candle) -> i64| price(listing, day.as_ref().map_or(listing.start_price, value));
    let (volume, turnover) = day.as_ref().map_or((0, 0), |day| (day.volume, day.turnover));
    let open = of_day(|day| day.open);
    format!(
        r#"{{"instType":"{}","instId":"{}","last":"{}","lastSz":"{}","askPx":"{}","askSz":"{}","bidPx":"{}","bidSz":"{}","open24h":"{open}","high24h":"{}","low24h":"{}","volCcy24h":"{}","vol24h":"{}","sodUtc0":"{open}","sodUtc8":"{open}","ts":"{ms}"}}"#,
        kind(listing),
        symbol(listing),
        of_day(|day| day.close),
        quantity(listing, last),
        price(listing, ask.0),
        quantity(listing, ask.1),
        price(listing, bid.0),
        quantity(listing, bid.1),
        of_day(|day| day.high),
        of_day(|day| day.low),
        coins_or_turnover(listing, volume, turnover),
        digits::wide_trimmed(volume, listing.quantity_decimals),
    )
}

/// What `volCcy` means: coins of a swap, the quote of a coin.
fn coins_or_turnover(listing: &Listing, volume: i128, turnover: i128) -> String {
    if listing.is_perpetual { coins(listing, volume) } else { self::turnover(listing, turnover) }
}

/// Contracts as coins; coins as they are.
pub(super) fn coins(listing: &Listing, quantity: i128) -> String {
    if listing.is_perpetual {
        let hundredths = quantity * i128::from(contract_hundredths(listing));
        digits::wide_trimmed(hundredths, listing.quantity_decimals + 2)
    } else {
        digits::wide_trimmed(quantity, listing.quantity_decimals)
    }
}

fn turnover(listing: &Listing, turnover: i128) -> String {
    let scale = listing.price_decimals + listing.quantity_decimals;
    if listing.is_perpetual {
        let hundredths = turnover * i128::from(contract_hundredths(listing));
        digits::wide_trimmed(hundredths, scale + 2)
    } else {
        digits::wide_trimmed(turnover, scale)
    }
}

/// A row of candles.
pub(super) fn candle(
    listing: &Listing,
    bar: &Candle,
    (opened_ms, is_closed): (i64, bool),
) -> String {
    format!(
        r#"["{opened_ms}","{}","{}","{}","{}","{}","{}","{}","{}"]"#,
        price(listing, bar.open),
        price(listing, bar.high),
        price(listing, bar.low),
        price(listing, bar.close),
        digits::wide_trimmed(bar.volume, listing.quantity_decimals),
        coins(listing, bar.volume),
        turnover(listing, bar.turnover),
        u8::from(is_closed),
    )
}

/// An element of the list of instruments.
pub(super) fn instrument(listing: &Listing) -> String {
    let (tick, lot) = (price(listing, listing.tick), quantity(listing, listing.lot));
    let (base, quote) = (listing.base, listing.quote);
    let terms = if listing.is_perpetual {
        let value = digits::trimmed(contract_hundredths(listing), 2);
        format!(
            r#""baseCcy":"","quoteCcy":"","settleCcy":"{quote}","uly":"{base}-{quote}","instFamily":"{base}-{quote}","ctVal":"{value}","ctMult":"1","ctValCcy":"{base}","ctType":"linear""#
        )
    } else {
        format!(
            r#""baseCcy":"{base}","quoteCcy":"{quote}","settleCcy":"","uly":"","instFamily":"","ctVal":"","ctMult":"","ctValCcy":"","ctType":"""#
        )
    };
    format!(
        r#"{{"instType":"{}","instId":"{}",{terms},"alias":"","category":"1","expTime":"","lever":"10","listTime":"1548133413000","lotSz":"{lot}","minSz":"{lot}","optType":"","state":"live","stk":"","tickSz":"{tick}"}}"#,
        kind(listing),
        symbol(listing),
    )
}

/// Minutes of a bar by its name, and by how many hours its bounds are shifted: those without `utc` begin at UTC+8.
pub(super) fn bar(name: &str) -> Option<(i64, i64)> {
    let (name, shift_h) = name.strip_suffix("utc").map_or((name, 8), |name| (name, 0));
    let (count, unit) = name.split_at_checked(name.len().checked_sub(1)?)?;
    let count: i64 = count.parse().ok().filter(|count| (1..=30).contains(count))?;
    match unit {
        "m" => Some((count, 0)),
        "H" => Some((count * 60, shift_h)),
        "D" => Some((count * 1_440, shift_h)),
        _ => None,
    }
}
