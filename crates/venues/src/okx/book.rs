//! Books and trades of OKX.

use market::{BookKind, Checksum, ChecksumRule, Continuity, Event, Side};
use serde_json::value::RawValue;

use super::message::{Book, TradeEntry};
use crate::assemble::{self, BookText, TradeText, millis, walked};
use crate::context::Context;
use crate::error::DecodeError;
use crate::json::{for_each, integer, string, token};
use crate::rows::rows;

/// What a channel of books sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// A whole book, then changes: `action` tells which.
    Changes,
    /// A whole book each time.
    Images,
}

/// A channel of books: levels of each side, and what it sends. `None` for other channels, also for `books-rpi`, whose
/// book holds orders that not everybody can trade against.
pub(super) fn channel(name: &str) -> Option<(u32, Style)> {
    Some(match name {
        "books" | "books-l2-tbt" => (400, Style::Changes),
        "books50-l2-tbt" => (50, Style::Changes),
        "books5" => (5, Style::Images),
        "bbo-tbt" => (1, Style::Images),
        _ => return None,
    })
}

const WHAT: &str = "a book message";

/// The books of a message, in their order.
pub(super) fn books(
    data: &RawValue,
    symbol: &str,
    depth: u32,
    kind: Option<BookKind>,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    let outcome = for_each(data.get(), |entry: Book<'_>| {
        let (kind, continuity) = match kind {
            Some(kind) => numbering(&entry, kind, context)?,
            None => (BookKind::Snapshot, Continuity::Unnumbered),
        };
        book(&entry, symbol, Some(depth), (kind, continuity), context)
    });
    walked(outcome, WHAT, context)
}

/// OKX, "Order book channel": an update names in `prevSeqId` the `seqId` of the message before it, and a snapshot has
/// -1 there. When nothing changed for about a minute both are equal; after maintenance `seqId` can be below
/// `prevSeqId`. Recordings from before 2023 have no numbers.
fn numbering(
    entry: &Book<'_>,
    kind: BookKind,
    context: &Context<'_>,
) -> Result<(BookKind, Continuity), DecodeError> {
    let signed = |raw: Option<&RawValue>| token(raw)?.parse::<i64>().ok();
    let Some(raw) = entry.number else { return Ok((kind, Continuity::Unnumbered)) };
    let number = signed(Some(raw)).ok_or_else(|| context.no_field(WHAT, "seqId"))?;
    let Ok(last) = u64::try_from(number) else { return Ok((kind, Continuity::Unnumbered)) };
    let of_snapshot = (BookKind::Snapshot, Continuity::Follows { previous: last, last });
    if kind == BookKind::Snapshot {
        return Ok(of_snapshot);
    }
    let previous = signed(entry.previous).ok_or_else(|| context.no_field(WHAT, "prevSeqId"))?;
    Ok(match u64::try_from(previous) {
        Ok(previous) => (BookKind::Delta, Continuity::Follows { previous, last }),
        Err(_) => of_snapshot,
    })
}

/// One book message.
pub(super) fn book(
    entry: &Book<'_>,
    symbol: &str,
    depth: Option<u32>,
    (kind, continuity): (BookKind, Continuity),
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    let bids = entry.bids.ok_or_else(|| context.no_field(WHAT, "bids"))?;
    let asks = entry.asks.ok_or_else(|| context.no_field(WHAT, "asks"))?;
    let checksum = checksum(entry.checksum, context)?;
    let text = BookText {
        symbol,
        what: WHAT,
        kind,
        continuity,
        depth,
        bids: bids.get(),
        asks: asks.get(),
        walk: rows,
        stated_at: millis(entry.ts),
    };
    assemble::book(&text, context)?;
    if let Some(Event::Book(book)) = context.events.items.last_mut() {
        book.checksum = checksum;
    }
    Ok(())
}

/// A sum of 32 bits with a sign. Since 2026-06-23 it is always 0, which means that there is none.
pub(crate) fn checksum(
    raw: Option<&RawValue>,
    context: &Context<'_>,
) -> Result<Option<Checksum>, DecodeError> {
    let Some(raw) = raw else { return Ok(None) };
    let sum = token(Some(raw)).and_then(|text| text.parse::<i32>().ok());
    let sum = sum.ok_or_else(|| context.no_field(WHAT, "checksum"))?;
    let value = sum.cast_unsigned();
    Ok((value != 0).then_some(Checksum { rule: ChecksumRule::Okx, value }))
}

/// The trades of a message or of a response, in the order of their ids, which is that of time: responses begin with the
/// newest.
pub(super) fn trades(data: &RawValue, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a trade message";
    let mut entries: Vec<(u64, TradeEntry<'_>)> = Vec::new();
    let outcome = for_each(data.get(), |entry: TradeEntry<'_>| {
        let id = integer(entry.id).ok_or_else(|| context.no_field("a trade", "tradeId"))?;
        entries.push((id, entry));
        Ok(())
    });
    walked(outcome, WHAT, context)?;
    entries.sort_by_key(|(id, _)| *id);
    entries.iter().try_for_each(|(id, entry)| trade(*id, entry, context))
}

/// A taker's fills at one price are one trade: `count` says how many, and `tradeId` is that of the last.
fn trade(
    trade_id: u64,
    entry: &TradeEntry<'_>,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    const WHAT: &str = "a trade";
    let symbol = string(entry.symbol).ok_or_else(|| context.no_field(WHAT, "instId"))?;
    let n_fills = match entry.count {
        None => 1,
        Some(raw) => {
            let count = integer(Some(raw)).and_then(|count| u32::try_from(count).ok());
            count.filter(|count| *count > 0).ok_or_else(|| context.no_field(WHAT, "count"))?
        }
    };
    let text = TradeText {
        symbol: &symbol,
        what: WHAT,
        price: token(entry.px).ok_or_else(|| context.no_field(WHAT, "px"))?,
        quantity: token(entry.sz).ok_or_else(|| context.no_field(WHAT, "sz"))?,
        trade_id,
        taker: side(entry.side).ok_or_else(|| context.no_field(WHAT, "side"))?,
        traded_at: millis(entry.ts).ok_or_else(|| context.no_field(WHAT, "ts"))?,
    };
    assemble::trade(&text, context)?;
    if let Some(Event::Trade(trade)) = context.events.items.last_mut() {
        trade.n_fills = n_fills;
    }
    Ok(())
}

/// The side of a taker, or of a forced order.
pub(super) fn side(raw: Option<&RawValue>) -> Option<Side> {
    match string(raw)?.as_ref() {
        "buy" => Some(Side::Buy),
        "sell" => Some(Side::Sell),
        _ => None,
    }
}
