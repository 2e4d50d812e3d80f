//! REST responses of Kraken, which are asked for where WebSockets are blocked: books, trades, the list of instruments.

use std::fmt;

use market::{BookKind, Event, HttpExchange, Side};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::decode::{Book, push_book};
use super::instruments::{Names, Steps, listing};
use super::protocol::pair_of;
use super::time::timestamp_of_seconds;
use crate::assemble::{self, TradeText, put, walked};
use crate::context::Context;
use crate::endpoint::{last_of_path, query_value};
use crate::error::DecodeError;
use crate::json::{for_each, for_each_field, integer, string, token};
use crate::number::Printing;
use crate::past;
use crate::plea::{Plea, short_body};
use crate::table::Listing;

/// Levels a side to which a book is cut.
const DEPTH: u32 = 500;

/// The first page of trades reaches back before we listened: of it these count, for they may be new. The way from a
/// WebSocket that is lost to the first poll takes less.
const BACK_NANOS: i64 = 60_000_000_000;

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(default)]
    error: Vec<String>,
    /// By the name of the pair, which may be another one than was asked for.
    #[serde(default, borrow)]
    result: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Depth<'a> {
    #[serde(borrow)]
    asks: &'a RawValue,
    #[serde(borrow)]
    bids: &'a RawValue,
}

/// A pair of the list, as REST describes it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct RestPair<'a> {
    #[serde(borrow, rename = "wsname")]
    name: Option<&'a RawValue>,
    #[serde(borrow)]
    pair_decimals: Option<&'a RawValue>,
    #[serde(borrow)]
    lot_decimals: Option<&'a RawValue>,
    #[serde(borrow)]
    tick_size: Option<&'a RawValue>,
    #[serde(borrow)]
    status: Option<&'a RawValue>,
}

/// Decodes one response.
pub(super) fn answer(
    exchange: &HttpExchange,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    let url = String::from_utf8_lossy(&exchange.url);
    let endpoint = last_of_path(&url);
    let body = String::from_utf8_lossy(&exchange.body);
    let pair = query_value(url.split('#').next().unwrap_or_default(), "pair").unwrap_or_default();
    let answer = match serde_json::from_str::<Answer<'_>>(&body) {
        Ok(answer) if exchange.status < 400 && answer.error.is_empty() => answer,
        Ok(answer) if !answer.error.is_empty() => {
            let words = answer.error.join(", ");
            context.refused(&pair, &format!("HTTP {}: {words}", exchange.status));
            return Ok(());
        }
        Ok(_) | Err(_) if exchange.status >= 400 => {
            context.refused(&pair, &format!("HTTP {}: {body}", exchange.status));
            return Ok(());
        }
        Ok(_) => return Ok(()),
        Err(error) => return Err(context.malformed("a response", &error.to_string())),
    };
    let symbol = match url.split('#').nth(1) {
        Some(symbol) => Some(symbol.to_owned()),
        None => symbol_of(&pair, context),
    };
    let result = match answer.result {
        Some(result) if endpoint == "AssetPairs" => return list(result, context),
        Some(result) => only_answer(result, context)?,
        None => None,
    };
    match (endpoint, result, symbol) {
        ("Depth", Some(found), Some(symbol)) => depth(&symbol, found, context),
        ("Trades", Some(found), Some(symbol)) => {
            let is_whole = url.contains("&since=") || past::is_past(&url);
            let since = if is_whole { Since::LastPage } else { Since::Long };
            trades(&symbol, found, since, context)
        }
        ("Ticker", Some(found), Some(symbol)) => volume(&symbol, found, context),
        ("Depth" | "Trades" | "Ticker", Some(_), None) => {
            Err(DecodeError::NoSymbol { venue: context.venue() })
        }
        (other, _, _) => {
            context.unknown(other);
            Ok(())
        }
    }
}

/// Of one pair there is one answer, and beside it at most the end of a page.
fn only_answer<'a>(
    result: &'a RawValue,
    context: &Context<'_>,
) -> Result<Option<&'a str>, DecodeError> {
    let mut found = None;
    let outcome = for_each_field(result.get(), |name, value| {
        if name != "last" {
            found = Some(value.get());
        }
        Ok(())
    });
    walked(outcome, "a response", context)?;
    Ok(found)
}

/// The symbol of a pair that REST names in its own way, if it was listed.
fn symbol_of(pair: &str, context: &Context<'_>) -> Option<String> {
    let mut instruments = context.table.instruments().iter();
    instruments.find(|one| pair_of(&one.symbol) == pair).map(|one| one.symbol.clone())
}

/// The whole book as far as 500 levels, which stands alone: there is no number by which updates could follow it.
fn depth(symbol: &str, found: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a book by REST";
    let depth: Depth<'_> =
        serde_json::from_str(found).map_err(|error| context.malformed(WHAT, &error.to_string()))?;
    let book = Book {
        what: WHAT,
        kind: BookKind::Snapshot,
        bids: depth.bids,
        asks: depth.asks,
        checksum: None,
        depth: Some(DEPTH),
        stated_at: None,
    };
    push_book(symbol, &book, context).map(|_| ())
}

/// `v` of a ticker: what was traded today, and in the last 24 hours, in the base asset.
fn volume(symbol: &str, found: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "its 24-hour ticker";
    #[derive(Deserialize)]
    struct Ticker<'a> {
        #[serde(borrow)]
        v: [&'a RawValue; 2],
    }
    let Ticker { v: [_today, of_24h] } =
        serde_json::from_str(found).map_err(|error| context.malformed(WHAT, &error.to_string()))?;
    context.traded_in_24h(symbol, ("v", Some(of_24h)), None)
}

/// From where on a page of trades tells.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Since {
    /// From the end of the last one.
    LastPage,
    /// From long ago.
    Long,
}

/// Rows of price, quantity, seconds, side, kind of order, remark, id; oldest first.
fn trades(
    symbol: &str,
    found: &str,
    since: Since,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    const WHAT: &str = "trades by REST";
    let at = |row: &Row<'_>| timestamp_of_seconds(token(row.0[2])?);
    let mut newest = None;
    let outcome = for_each(found, |row: Row<'_>| {
        newest = newest.max(at(&row));
        Ok(())
    });
    walked(outcome, WHAT, context)?;
    let oldest = match since {
        Since::Long => newest.map(|newest| newest.plus_nanos(-BACK_NANOS)),
        Since::LastPage => None,
    };
    let outcome = for_each(found, |row: Row<'_>| {
        let traded_at = at(&row).ok_or_else(|| context.no_field(WHAT, "time"))?;
        if oldest.is_some_and(|oldest| traded_at < oldest) {
            return Ok(());
        }
        let taker = match string(row.0[3]).as_deref() {
            Some("b") => Side::Buy,
            Some("s") => Side::Sell,
            Some(_) | None => return Err(context.no_field(WHAT, "side")),
        };
        let text = TradeText {
            symbol,
            what: "a trade",
            price: token(row.0[0]).ok_or_else(|| context.no_field(WHAT, "price"))?,
            quantity: token(row.0[1]).ok_or_else(|| context.no_field(WHAT, "volume"))?,
            trade_id: integer(row.0[6]).ok_or_else(|| context.no_field(WHAT, "trade_id"))?,
            taker,
            traded_at,
        };
        assemble::trade_as(Printing::Exact, &text, context).map(|_| ())
    });
    walked(outcome, WHAT, context)
}

/// A row of trades: price, quantity, seconds, side, kind of order, remark, id. What stands behind is passed over.
struct Row<'a>([Option<&'a RawValue>; 7]);

impl<'de> Deserialize<'de> for Row<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(OneRow)
    }
}

struct OneRow;

impl<'de> Visitor<'de> for OneRow {
    type Value = Row<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a row of a trade")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut cells: A) -> Result<Self::Value, A::Error> {
        let mut row = [None; 7];
        for cell in &mut row {
            *cell = cells.next_element()?;
        }
        while cells.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Row(row))
    }
}

/// The pairs that have a name on the socket, under that name.
fn list(result: &RawValue, context: &mut Context<'_>) -> Result<(), DecodeError> {
    let mut n_instruments = 0;
    let outcome = for_each_field(result.get(), |_, found| {
        n_instruments += put(pair(found), context);
        Ok(())
    });
    walked(outcome, "its list of instruments", context)?;
    context.push(Event::InstrumentsListed { n_instruments });
    Ok(())
}

fn pair(found: &RawValue) -> Option<Listing> {
    let pair: RestPair<'_> = serde_json::from_str(found.get()).ok()?;
    let name = string(pair.name)?;
    let (base, quote) = name.split_once('/')?;
    let (base, quote) = (newer(base), newer(quote));
    let names = Names {
        symbol: format!("{base}/{quote}").into(),
        base: base.into(),
        quote: quote.into(),
        status: string(pair.status).unwrap_or_default(),
    };
    let steps = Steps {
        price_decimals: pair.pair_decimals,
        tick_size: pair.tick_size,
        quantity_decimals: pair.lot_decimals,
        lot_size: None,
    };
    listing(&names, &steps)
}

/// The name on the socket of a coin that has an older one here.
fn newer(asset: &str) -> &str {
    match asset {
        "XBT" => "BTC",
        "XDG" => "DOGE",
        other => other,
    }
}

/// <https://docs.kraken.com/api/docs/guides/spot-errors>: what is said with a status of 200 to who asks too often.
const HASTY: [&str; 4] =
    ["Rate limit exceeded", "Too many requests", "Throttled", "Temporary lockout"];

/// What is said while its engine is offline or overrun.
const BUSY: [&str; 2] = ["EService:Unavailable", "EService:Busy"];

/// What an answer asks for in its list of errors.
pub(super) fn plea(exchange: &HttpExchange) -> Option<Plea> {
    let answer: Answer<'_> = serde_json::from_str(short_body(exchange)?).ok()?;
    let says = |words: &[&str]| {
        answer.error.iter().any(|error| words.iter().any(|word| error.contains(word)))
    };
    match (says(&HASTY), says(&BUSY)) {
        (true, _) => Some(Plea::SlowDown { pause: None }),
        (false, true) => Some(Plea::Maintenance),
        (false, false) => None,
    }
}
