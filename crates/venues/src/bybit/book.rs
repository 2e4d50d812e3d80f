//! Books and trades of Bybit.

use market::{BookKind, Continuity, Side, Timestamp};
use serde_json::value::RawValue;

use super::message::{Book, Frame, Print};
use crate::assemble::{self, BookText, TradeText, inner, millis};
use crate::context::Context;
use crate::error::DecodeError;
use crate::json::{integer, string, token};
use crate::number::Printing;
use crate::per_link::Depths;
use crate::rows::rows;
use crate::trade_id;

const WHAT: &str = "a book message";

/// `orderbook.<depth>.<symbol>`. Bybit, "Orderbook": a snapshot replaces the book whenever it comes, and so does a
/// message whose `u` is 1, which follows a restart of the service; each other message is the next in `u`. The snapshots
/// of depth 1 repeat their `u` every 3 s while nothing changes.
pub(super) fn book(
    frame: &Frame<'_>,
    depth: u32,
    depths: &mut Depths,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    let book: Book<'_> = inner(frame.data).ok_or_else(|| context.no_field(WHAT, "data"))?;
    let number = integer(book.number).ok_or_else(|| context.no_field(WHAT, "u"))?;
    let kind = match string(frame.kind).as_deref() {
        Some("snapshot") => BookKind::Snapshot,
        Some("delta") if number == 1 => BookKind::Snapshot,
        Some("delta") => BookKind::Delta,
        Some(_) | None => return Err(context.no_field(WHAT, "type")),
    };
    let symbol = string(book.symbol).ok_or_else(|| context.no_field(WHAT, "s"))?;
    if !depths.is_deepest(&symbol, depth) {
        context.unknown("orderbook of a lesser depth");
        return Ok(());
    }
    let stated_at = millis(frame.cts).or_else(|| millis(frame.ts));
    let numbering = (kind, Continuity::Next(number));
    whole_or_change(&book, Some(depth), numbering, stated_at, context)
}

/// A book that was fetched. Its `u` counts the messages of the 1000-level topic alone, so that on a link that carries
/// a topic it is left out.
pub(super) fn fetched(
    result: &RawValue,
    depth: Option<u32>,
    depths: &Depths,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    let book: Book<'_> = inner(Some(result)).ok_or_else(|| context.no_field(WHAT, "result"))?;
    if string(book.symbol).is_some_and(|symbol| depths.has(&symbol)) {
        context.unknown("book beside its topic");
        return Ok(());
    }
    let stated_at = millis(book.cts).or_else(|| millis(book.ts));
    let numbering = (BookKind::Snapshot, Continuity::Unnumbered);
    whole_or_change(&book, depth, numbering, stated_at, context)
}

fn whole_or_change(
    book: &Book<'_>,
    depth: Option<u32>,
    (kind, continuity): (BookKind, Continuity),
    stated_at: Option<Timestamp>,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    let text = BookText {
        symbol: &string(book.symbol).ok_or_else(|| context.no_field(WHAT, "s"))?,
        what: WHAT,
        kind,
        continuity,
        depth,
        bids: book.bids.ok_or_else(|| context.no_field(WHAT, "b"))?.get(),
        asks: book.asks.ok_or_else(|| context.no_field(WHAT, "a"))?.get(),
        walk: rows,
        stated_at,
    };
    assemble::book(&text, context)
}

/// A trade; `S` is the taker's side. A block trade was agreed beside the book, at any price: it is counted, but it is
/// no print of this market.
pub(super) fn trade(print: &Print<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a trade";
    if print.is_block_trade.map(RawValue::get) == Some("true") {
        context.unknown("block trade");
        return Ok(());
    }
    let id = token(print.id).ok_or_else(|| context.no_field(WHAT, "i"))?;
    let traded_at = millis(print.time).ok_or_else(|| context.no_field(WHAT, "T"))?;
    let symbol = string(print.symbol).ok_or_else(|| context.no_field(WHAT, "s"))?;
    let text = TradeText {
        symbol: &symbol,
        what: WHAT,
        price: token(print.price).ok_or_else(|| context.no_field(WHAT, "p"))?,
        quantity: token(print.size).ok_or_else(|| context.no_field(WHAT, "v"))?,
        // A number of spot, a UUID of contracts.
        trade_id: id.parse().unwrap_or_else(|_| trade_id::of_text(id, traded_at)),
        taker: side(print.side).ok_or_else(|| context.no_field(WHAT, "S"))?,
        traded_at,
    };
    assemble::trade_of_hash(Printing::Padded, &text, context)
}

/// `Buy` or `Sell`.
pub(super) fn side(raw: Option<&RawValue>) -> Option<Side> {
    match string(raw)?.as_ref() {
        "Buy" => Some(Side::Buy),
        "Sell" => Some(Side::Sell),
        _ => None,
    }
}
