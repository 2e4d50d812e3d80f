//! REST responses of Binance, known by the last word of their path: any host, `/api/v1`, `/api/v3`, `/fapi`, `/dapi`.

use market::HttpExchange;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::decode::{Decode, parse, timestamp};
use super::protocol::FIRST_PAGE;
use super::tape::{Fields, Print, Tape};
use super::{instruments, positions, ticker};
use crate::context::Context;
use crate::endpoint::{last_of_path, query_value};
use crate::error::DecodeError;
use crate::json::{Walk, for_each, integer, string};

/// The first page of trades reaches back before we listened: of it these count, for they may be new. The way from a
/// WebSocket that is lost to the first poll takes less.
const BACK_NANOS: i64 = 60_000_000_000;

/// Decodes one response.
pub(super) fn answer(
    decode: &mut Decode,
    exchange: &HttpExchange,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    let url = String::from_utf8_lossy(&exchange.url);
    let endpoint = last_of_path(&url);
    let symbol = query_value(&url, "symbol").unwrap_or_default();
    let body = std::str::from_utf8(&exchange.body);
    let message = body.ok().and_then(|body| parse(body, context).ok().flatten());
    let words = message.as_ref().and_then(|message| string(message.msg));
    if exchange.status >= 400 || words.is_some() {
        let words = words.unwrap_or(body.unwrap_or_default().into());
        context.refused(&symbol, &format!("HTTP {}: {words}", exchange.status));
        return Ok(());
    }
    match endpoint {
        "depth" => {
            let body = body.map_err(|_| DecodeError::NotText { venue: context.venue() })?;
            let message = parse(body, context)?
                .ok_or_else(|| context.malformed("a depth snapshot", "it is no JSON object"))?;
            if symbol.is_empty() {
                return Err(DecodeError::NoSymbol { venue: context.venue() });
            }
            decode.snapshot(&symbol, &message, context)
        }
        "trades" | "historicalTrades" => {
            let body = body.map_err(|_| DecodeError::NotText { venue: context.venue() })?;
            if symbol.is_empty() {
                return Err(DecodeError::NoSymbol { venue: context.venue() });
            }
            trades(decode, (&symbol, body), url.ends_with(FIRST_PAGE), context)
        }
        "exchangeInfo" => {
            let body = body.map_err(|_| DecodeError::NotText { venue: context.venue() })?;
            let symbols = parse(body, context)?
                .and_then(|message| message.symbols)
                .ok_or_else(|| context.no_field("its list of instruments", "symbols"))?;
            instruments::list(symbols, context)
        }
        "openInterest" => match message {
            Some(message) => positions::open_interest(&message, context),
            None => Err(context.malformed("its open interest", "it is no JSON object")),
        },
        "24hr" => {
            let body = body.map_err(|_| DecodeError::NotText { venue: context.venue() })?;
            ticker::volumes(body, context)
        }
        other => {
            context.unknown(other);
            Ok(())
        }
    }
}

/// One trade of a page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Row<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    price: Option<&'a RawValue>,
    #[serde(borrow, rename = "qty")]
    quantity: Option<&'a RawValue>,
    #[serde(borrow)]
    time: Option<&'a RawValue>,
    #[serde(borrow, rename = "isBuyerMaker")]
    is_buyer_maker: Option<&'a RawValue>,
}

/// A page of trades, oldest first. Of the first one those count that may be new.
fn trades(
    decode: &mut Decode,
    (symbol, body): (&str, &str),
    is_first: bool,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    const WHAT: &str = "trades by REST";
    let at = |row: &Row<'_>| integer(row.time).map(timestamp);
    let shape = |error, context: &Context<'_>| match error {
        Walk::Refused(error) => error,
        Walk::Shape(error) => context.malformed(WHAT, &serde_json::Error::to_string(&error)),
    };
    let mut newest = None;
    let outcome = for_each(body, |row: Row<'_>| {
        newest = newest.max(at(&row));
        Ok(())
    });
    outcome.map_err(|error| shape(error, context))?;
    let newest = newest.filter(|_| is_first);
    let oldest = newest.map(|newest| newest.plus_nanos(-BACK_NANOS));
    let outcome = for_each(body, |row: Row<'_>| {
        let is_new = oldest.is_none_or(|oldest| at(&row).is_none_or(|at| at >= oldest));
        if !is_new {
            return Ok(());
        }
        let id = integer(row.id).ok_or_else(|| context.no_field(WHAT, "id"))?;
        let fields = Fields {
            price: row.price,
            quantity: row.quantity,
            traded_at: row.time,
            is_buyer_maker: row.is_buyer_maker,
        };
        let print = Print { what: WHAT, id, n_fills: 1, tape: Tape::Trades };
        decode.print(symbol, &fields, print, context)
    });
    outcome.map_err(|error| shape(error, context))
}
