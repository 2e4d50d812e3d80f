//! REST responses of OKX: lists of instruments, whole books, the newest trades, tickers.

use market::{BookKind, Continuity, Event, HttpExchange};
use serde_json::value::RawValue;

use super::book;
use super::instruments;
use super::links::Link;
use super::message::{Book, Frame};
use super::stated;
use crate::assemble::{self, http_refusal, object, utf8, walked};
use crate::context::Context;
use crate::endpoint::{last_of_path, query_value};
use crate::error::DecodeError;
use crate::json::{for_each, integer, string};
use crate::plea::{Plea, by_code, short_body};

/// Levels that a response can have: `books-full`.
const LEVELS_MAX: u32 = 5_000;

/// Decodes one response.
pub(super) fn answer(
    exchange: &HttpExchange,
    link: &mut Link,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    let url = String::from_utf8_lossy(&exchange.url);
    let endpoint = last_of_path(&url);
    let is_list = endpoint == "instruments";
    let completes_lists =
        is_list && link.hear_list(&query_value(&url, "instType").unwrap_or_default());
    let outcome = match refusal(exchange) {
        Some(words) => {
            let symbol = query_value(&url, "instId").unwrap_or_default();
            http_refusal(exchange, &symbol, &words, context);
            Ok(())
        }
        None => data(endpoint, &url, exchange, link, context),
    };
    if completes_lists {
        let n_instruments = context.table.instruments().len();
        context.push(Event::InstrumentsListed { n_instruments });
    }
    outcome
}

/// The words with which a request was refused.
fn refusal(exchange: &HttpExchange) -> Option<String> {
    let body = String::from_utf8_lossy(&exchange.body);
    let frame: Option<Frame<'_>> = serde_json::from_str(&body).ok();
    let code = frame.as_ref().and_then(|frame| string(frame.code));
    let is_refused = exchange.status >= 400 || code.as_deref().is_some_and(|code| code != "0");
    let words = frame.and_then(|frame| string(frame.msg).map(|words| words.into_owned()));
    is_refused.then(|| match (words, code) {
        (Some(words), Some(code)) => format!("{words} ({code})"),
        (Some(words), None) => words,
        (None, _) => body.clone().into_owned(),
    })
}

fn data(
    endpoint: &str,
    url: &str,
    exchange: &HttpExchange,
    link: &Link,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    const WHAT: &str = "a response";
    let text = utf8(&exchange.body, context)?;
    let Some(frame): Option<Frame<'_>> = object(text, WHAT, context)? else { return Ok(()) };
    let data = frame.data.ok_or_else(|| context.no_field(WHAT, "data"))?;
    match endpoint {
        "instruments" => assemble::list(data.get(), context, instruments::read).map(|_| ()),
        "books" | "books-full" => books(data, url, link, context),
        "trades" | "history-trades" => book::trades(data, context),
        "ticker" | "tickers" => stated::volumes(data, context),
        other => {
            context.unknown(other);
            Ok(())
        }
    }
}

/// A whole book. Where the link carries the channel too, its `seqId` says which updates it holds already; without that
/// number it would only tear a hole.
fn books(
    data: &RawValue,
    url: &str,
    link: &Link,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    const WHAT: &str = "a book response";
    let symbol = query_value(url, "instId").ok_or_else(|| context.no_field(WHAT, "instId"))?;
    let depth = query_value(url, "sz").and_then(|levels| levels.parse().ok());
    let depth = depth.filter(|levels| (1..=LEVELS_MAX).contains(levels));
    let outcome = for_each(data.get(), |entry: Book<'_>| {
        let continuity = match (link.books.has(&symbol), integer(entry.number)) {
            (false, _) => Continuity::Unnumbered,
            (true, Some(number)) => Continuity::AsOf(number),
            (true, None) => {
                context.unknown("book without a number");
                return Ok(());
            }
        };
        book::book(&entry, &symbol, depth, (BookKind::Snapshot, continuity), context)
    });
    walked(outcome, WHAT, context)
}

/// <https://www.okx.com/docs-v5/en/#error-code>: 50011 too often; 50001 the service is unavailable, 50013 busy.
const HASTY: [&str; 1] = ["50011"];
const BUSY: [&str; 2] = ["50001", "50013"];

/// What an answer asks for in its `code`.
pub(super) fn plea(exchange: &HttpExchange) -> Option<Plea> {
    let frame: Frame<'_> = serde_json::from_str(short_body(exchange)?).ok()?;
    by_code(&string(frame.code)?, &HASTY, &BUSY)
}
