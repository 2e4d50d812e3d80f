//! REST responses of Deribit, known by the last word of their path.

use market::{BookKind, Continuity, HttpExchange};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::decode::{fault_words, ticker};
use super::message::{Data, Fault, Message};
use super::{instruments, trades};
use crate::assemble::{self, BookText, http_refusal, inner, millis, pairs, utf8};
use crate::context::Context;
use crate::endpoint::{last_of_path, query_value};
use crate::error::DecodeError;
use crate::json::{integer, string, token};
use crate::plea::{Plea, by_code, short_body};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Trades<'a> {
    #[serde(borrow)]
    trades: Option<&'a RawValue>,
}

/// Decodes one response.
pub(super) fn answer(
    exchange: &HttpExchange,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    let url = String::from_utf8_lossy(&exchange.url);
    let endpoint = last_of_path(&url);
    let symbol = query_value(&url, "instrument_name").unwrap_or_default();
    let body = std::str::from_utf8(&exchange.body).unwrap_or_default();
    let message: Option<Message<'_>> = serde_json::from_str(body).ok();
    let error = message.as_ref().and_then(|message| message.error);
    if exchange.status >= 400 || error.is_some() {
        let words = if error.is_some() { fault_words(error) } else { body.to_owned() };
        http_refusal(exchange, &symbol, &words, context);
        return Ok(());
    }
    let body = utf8(&exchange.body, context)?;
    match endpoint {
        "get_instruments" => instruments::list(body, context),
        "get_order_book" => book(body, context),
        "get_last_trades_by_instrument" => {
            let result: Option<Trades<'_>> = message.and_then(|message| inner(message.result));
            let list = result.and_then(|result| result.trades);
            let list = list.ok_or_else(|| context.no_field("its last trades", "trades"))?;
            trades::all(list.get(), context)
        }
        other => {
            context.unknown(other);
            Ok(())
        }
    }
}

/// A whole book, true as of its `change_id`, with what a ticker tells beside it.
fn book(body: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a book that was fetched";
    let message: Message<'_> =
        serde_json::from_str(body).map_err(|error| context.malformed(WHAT, &error.to_string()))?;
    let data: Data<'_> = inner(message.result).ok_or_else(|| context.no_field(WHAT, "result"))?;
    let symbol = string(data.instrument_name);
    let symbol = symbol.ok_or_else(|| context.no_field(WHAT, "instrument_name"))?;
    let id = integer(data.change_id).ok_or_else(|| context.no_field(WHAT, "change_id"))?;
    let text = BookText {
        symbol: &symbol,
        what: WHAT,
        kind: BookKind::Snapshot,
        continuity: Continuity::AsOf(id),
        depth: None,
        bids: data.bids.ok_or_else(|| context.no_field(WHAT, "bids"))?.get(),
        asks: data.asks.ok_or_else(|| context.no_field(WHAT, "asks"))?.get(),
        walk: pairs,
        stated_at: millis(data.timestamp),
    };
    assemble::book(&text, context)?;
    ticker(&data, context)
}

/// <https://docs.deribit.com/#rpc-error-codes>: 10028 and 10066 too many requests, one after another or at once; 11051
/// maintenance, 10040 and 10047 too much to do.
const HASTY: [&str; 2] = ["10028", "10066"];
const BUSY: [&str; 3] = ["11051", "10040", "10047"];

/// What an answer asks for in the code of its error.
pub(super) fn plea(exchange: &HttpExchange) -> Option<Plea> {
    let message: Message<'_> = serde_json::from_str(short_body(exchange)?).ok()?;
    let fault: Fault<'_> = inner(message.error)?;
    by_code(token(fault.code)?, &HASTY, &BUSY)
}
