//! Books and trades of OKX's third version.

use market::{BookKind, Continuity, Event};
use serde_json::value::RawValue;

use super::message::{Book, Frame, TradeEntry};
use crate::assemble::{self, BookText, TradeText, walked};
use crate::context::Context;
use crate::error::DecodeError;
use crate::json::{for_each, integer, string, token};
use crate::kraken::timestamp;
use crate::okx;
use crate::rows::rows;

/// What a channel of books sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// A whole book (`partial`), then changes (`update`), each with the sum of the best 25 levels.
    Changes,
    /// The best five levels, whole each time, without a sum.
    Images,
}

/// A channel of books; `None` for other channels.
pub(super) fn channel(name: &str) -> Option<Style> {
    match name {
        "depth" | "depth_l2_tbt" => Some(Style::Changes),
        "depth5" => Some(Style::Images),
        _ => None,
    }
}

const WHAT: &str = "a book message";

/// The books of a message, in their order. The book is not cut: a level that leaves the depth is deleted by name.
pub(super) fn books(
    data: &RawValue,
    style: Style,
    frame: &Frame<'_>,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    let (kind, depth) = match (style, string(frame.action).as_deref()) {
        (Style::Images, _) => (BookKind::Snapshot, Some(5)),
        (Style::Changes, Some("partial")) => (BookKind::Snapshot, None),
        (Style::Changes, Some("update")) => (BookKind::Delta, None),
        (Style::Changes, Some(_) | None) => return Err(context.no_field(WHAT, "action")),
    };
    let outcome = for_each(data.get(), |entry: Book<'_>| book(&entry, kind, depth, context));
    walked(outcome, WHAT, context)
}

fn book(
    entry: &Book<'_>,
    kind: BookKind,
    depth: Option<u32>,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    let symbol = string(entry.symbol).ok_or_else(|| context.no_field(WHAT, "instrument_id"))?;
    let checksum = okx::checksum(entry.checksum, context)?;
    let text = BookText {
        symbol: &symbol,
        what: WHAT,
        kind,
        continuity: Continuity::Unnumbered,
        depth,
        bids: entry.bids.ok_or_else(|| context.no_field(WHAT, "bids"))?.get(),
        asks: entry.asks.ok_or_else(|| context.no_field(WHAT, "asks"))?.get(),
        walk: rows,
        stated_at: string(entry.timestamp).and_then(|text| timestamp(&text)),
    };
    assemble::book(&text, context)?;
    if let Some(Event::Book(book)) = context.events.items.last_mut() {
        book.checksum = checksum;
    }
    Ok(())
}

/// The trades of a message. A subscription begins with the newest trade of before, which is told once more.
pub(super) fn trades(data: &RawValue, context: &mut Context<'_>) -> Result<(), DecodeError> {
    let outcome = for_each(data.get(), |entry: TradeEntry<'_>| trade(&entry, context));
    walked(outcome, "a trade message", context)
}

fn trade(entry: &TradeEntry<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a trade";
    let no_field = |field| context.no_field(WHAT, field);
    let symbol = string(entry.symbol).ok_or_else(|| no_field("instrument_id"))?;
    let text = TradeText {
        symbol: &symbol,
        what: WHAT,
        price: token(entry.price).ok_or_else(|| no_field("price"))?,
        quantity: token(entry.size.or(entry.qty)).ok_or_else(|| no_field("size"))?,
        trade_id: integer(entry.id).ok_or_else(|| no_field("trade_id"))?,
        taker: assemble::buyer_or_seller(entry.side).ok_or_else(|| no_field("side"))?,
        traded_at: string(entry.timestamp)
            .and_then(|text| timestamp(&text))
            .ok_or_else(|| no_field("timestamp"))?,
    };
    assemble::trade(&text, context).map(drop)
}
