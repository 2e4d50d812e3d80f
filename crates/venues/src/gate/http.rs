//! REST responses of Gate: a book, with the number of its last update.

use market::{BookKind, Continuity, HttpExchange};

use super::message::{Book, Fault};
use crate::assemble::{self, BookText, http_refusal, inner_text, millis, object, utf8, word};
use crate::context::Context;
use crate::endpoint::{last_of_path, query_value};
use crate::error::DecodeError;
use crate::json::integer;
use crate::rows::rows;

const WHAT: &str = "a book that was fetched";

/// Decodes one response.
pub(super) fn answer(
    exchange: &HttpExchange,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    let url = String::from_utf8_lossy(&exchange.url);
    let endpoint = last_of_path(&url);
    let symbol = query_value(&url, "currency_pair").unwrap_or_default();
    if exchange.status >= 400 {
        let body = String::from_utf8_lossy(&exchange.body);
        let fault: Fault<'_> = inner_text(&body).unwrap_or_default();
        let words = match fault.label {
            Some(_) => format!("{} {}", word(fault.label), word(fault.message)),
            None => body.to_string(),
        };
        http_refusal(exchange, &symbol, &words, context);
        return Ok(());
    }
    if endpoint != "order_book" {
        context.unknown(endpoint);
        return Ok(());
    }
    let body = utf8(&exchange.body, context)?;
    let Some(book): Option<Book<'_>> = object(body, WHAT, context)? else { return Ok(()) };
    snapshot(&symbol, &book, context)
}

/// Without its number a book cannot be joined with the changes, and proves nothing.
fn snapshot(symbol: &str, book: &Book<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    if symbol.is_empty() {
        return Err(DecodeError::NoSymbol { venue: context.venue() });
    }
    let id = integer(book.id).ok_or_else(|| context.no_field(WHAT, "id"))?;
    let text = BookText {
        symbol,
        what: WHAT,
        kind: BookKind::Snapshot,
        continuity: Continuity::AsOf(id),
        depth: None,
        bids: book.bids.ok_or_else(|| context.no_field(WHAT, "bids"))?.get(),
        asks: book.asks.ok_or_else(|| context.no_field(WHAT, "asks"))?.get(),
        walk: rows,
        stated_at: millis(book.update),
    };
    assemble::book_of_any_digits(&text, context)
}
