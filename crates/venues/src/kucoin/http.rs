//! REST responses of KuCoin: a book, with the number of its last change.

use market::{BookKind, Continuity, HttpExchange};

use super::decode::levels;
use super::message::{Answer, Sides};
use crate::assemble::{
    self, BookText, http_refusal, inner, inner_text, millis, object, utf8, word,
};
use crate::context::Context;
use crate::endpoint::{last_of_path, query_value};
use crate::error::DecodeError;
use crate::json::{integer, string};

const WHAT: &str = "a book that was fetched";

/// The code of a response in which all went well.
const CODE_DONE: &str = "200000";

/// Decodes one response.
pub(super) fn answer(
    exchange: &HttpExchange,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    let url = String::from_utf8_lossy(&exchange.url);
    let endpoint = last_of_path(&url);
    let symbol = query_value(&url, "symbol").unwrap_or_default();
    let text = String::from_utf8_lossy(&exchange.body);
    let fault: Answer<'_> = inner_text(&text).unwrap_or_default();
    let is_refused = string(fault.code).is_some_and(|code| code != CODE_DONE);
    if exchange.status >= 400 || is_refused {
        let words = if fault.msg.is_some() { word(fault.msg) } else { text.into_owned() };
        http_refusal(exchange, &symbol, &words, context);
        return Ok(());
    }
    // `level2` is the whole book, `level2_100` its best levels.
    if !endpoint.starts_with("level2") {
        context.unknown(endpoint);
        return Ok(());
    }
    let body = utf8(&exchange.body, context)?;
    let Some(answer): Option<Answer<'_>> = object(body, WHAT, context)? else { return Ok(()) };
    if symbol.is_empty() {
        return Err(DecodeError::NoSymbol { venue: context.venue() });
    }
    let no_field = |field| context.no_field(WHAT, field);
    let book: Sides<'_> = inner(answer.data).ok_or_else(|| no_field("data"))?;
    let sequence = integer(book.sequence).ok_or_else(|| no_field("sequence"))?;
    let text = BookText {
        symbol: &symbol,
        what: WHAT,
        kind: BookKind::Snapshot,
        continuity: Continuity::AsOf(sequence),
        depth: None,
        bids: book.bids.ok_or_else(|| no_field("bids"))?.get(),
        asks: book.asks.ok_or_else(|| no_field("asks"))?.get(),
        walk: levels,
        stated_at: millis(book.time),
    };
    assemble::book_of_any_digits(&text, context)
}
