//! REST responses of Bybit: the list of instruments, whole books, the newest trades, tickers.

use std::time::Duration;

use market::{Event, HttpExchange, Instrument, Origin};
use serde_json::value::RawValue;

use super::links::Link;
use super::message::{List, Print, Response, Ticker};
use super::{Category, book, instruments, pages, stated};
use crate::assemble::{self, http_refusal, inner, millis, object, utf8, walked};
use crate::context::Context;
use crate::endpoint::{last_of_path, query_value};
use crate::error::DecodeError;
use crate::json::{for_each, string, token};
use crate::plea::{Plea, by_code, short_body};

/// Levels that a response can have.
const LEVELS_MAX: u32 = 1_000;

const WHAT: &str = "a response";

/// Decodes one response. Those of both markets come from one host: what is of the other one is counted, since its
/// symbols mean other instruments.
pub(super) fn answer(
    exchange: &HttpExchange,
    category: Category,
    link: &Link,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    let url = String::from_utf8_lossy(&exchange.url);
    let endpoint = last_of_path(&url);
    if let Some(words) = refusal(exchange) {
        let symbol = query_value(&url, "symbol").unwrap_or_default();
        http_refusal(exchange, &symbol, &words, context);
        // Without a further page the list is what came before it.
        if endpoint == pages::LIST && pages::page(&url) > 1 {
            listed(context);
        }
        return Ok(());
    }
    if !matches!(endpoint, pages::LIST | "orderbook" | "recent-trade" | "tickers") {
        context.unknown(endpoint);
        return Ok(());
    }
    let text = utf8(&exchange.body, context)?;
    let Some(response): Option<Response<'_>> = object(text, WHAT, context)? else { return Ok(()) };
    let result = response.result.ok_or_else(|| context.no_field(WHAT, "result"))?;
    let list: List<'_> = inner(Some(result)).ok_or_else(|| context.no_field(WHAT, "result"))?;
    let named = query_value(&url, "category").or_else(|| string(list.category).map(Into::into));
    if named.is_some_and(|named| named != category.name()) {
        context.unknown("response of another market");
        return Ok(());
    }
    if endpoint == "orderbook" {
        let depth = query_value(&url, "limit").and_then(|levels| levels.parse().ok());
        let depth = depth.filter(|levels| (1..=LEVELS_MAX).contains(levels));
        return book::fetched(result, depth, &link.books, context);
    }
    let rows = list.list.ok_or_else(|| context.no_field(WHAT, "list"))?;
    if endpoint == "recent-trade" {
        return trades(rows, context);
    }
    if endpoint == "tickers" {
        let stated_at = millis(response.time);
        let outcome = for_each(rows.get(), |it: Ticker<'_>| stated::state(&it, stated_at, context));
        return walked(outcome, WHAT, context);
    }
    assemble::list(rows.get(), context, instruments::read)?;
    if pages::next(&url, &list).is_none() {
        listed(context);
    }
    Ok(())
}

/// The last page of the list has come.
fn listed(context: &mut Context<'_>) {
    let is_listed = |one: &&Instrument| one.origin == Origin::Listed;
    let n_instruments = context.table.instruments().iter().filter(is_listed).count();
    context.push(Event::InstrumentsListed { n_instruments });
}

/// The newest trade stands first.
fn trades(rows: &RawValue, context: &mut Context<'_>) -> Result<(), DecodeError> {
    let mut prints: Vec<Print<'_>> = Vec::new();
    let outcome = for_each(rows.get(), |print| {
        prints.push(print);
        Ok(())
    });
    walked(outcome, WHAT, context)?;
    prints.iter().rev().try_for_each(|print| book::trade(print, context))
}

/// The words with which a request was refused.
fn refusal(exchange: &HttpExchange) -> Option<String> {
    let body = String::from_utf8_lossy(&exchange.body);
    let response: Option<Response<'_>> = serde_json::from_str(&body).ok();
    let code = response.as_ref().and_then(|response| token(response.code));
    let is_refused = exchange.status >= 400 || code.is_some_and(|code| code != "0");
    let words = response.as_ref().and_then(|response| string(response.words));
    is_refused.then(|| match (words, code) {
        (Some(words), Some(code)) => format!("{words} ({code})"),
        (Some(words), None) => words.into_owned(),
        (None, _) => body.clone().into_owned(),
    })
}

/// What the body of a 403 says that is about haste and not about the network.
const TOO_FREQUENT: &[u8] = b"too frequent";

/// For how long Bybit then wants no request at all.
const TOO_FREQUENT_PAUSE: Duration = Duration::from_secs(600);

/// <https://bybit-exchange.github.io/docs/v5/error>: 10006 one address too often, 10018 all of them, 10016 the service
/// starts anew.
const HASTY: [&str; 2] = ["10006", "10018"];
const BUSY: [&str; 1] = ["10016"];

/// What an answer asks for in its `retCode`, or in the page of its 403.
pub(super) fn plea(exchange: &HttpExchange) -> Option<Plea> {
    let body = short_body(exchange)?;
    let mut words = body.as_bytes().windows(TOO_FREQUENT.len());
    if exchange.status == 403 && words.any(|words| words.eq_ignore_ascii_case(TOO_FREQUENT)) {
        return Some(Plea::SlowDown { pause: Some(TOO_FREQUENT_PAUSE) });
    }
    let response: Response<'_> = serde_json::from_str(body).ok()?;
    by_code(token(response.code)?, &HASTY, &BUSY)
}
