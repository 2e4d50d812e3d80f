//! Frames of Bitget's first version → events.

use market::{BookKind, Checksum, ChecksumRule, Continuity, Event, Reference, Timestamp};
use serde_json::value::RawValue;

use super::message::Ticker;
use crate::assemble::{self, BookText, TradeText, inner, millis, object, walked, word};
use crate::context::Context;
use crate::error::DecodeError;
use crate::json::{for_each, string, token, values};
use crate::list::Language;
use crate::number::{Printing, figure};
use crate::okx::{Arg, Book, Frame};
use crate::rows::rows;
use crate::{text, trade_id};

/// Each frame says all that must be known of it.
#[derive(Debug)]
pub(super) struct Decode;

/// What a book message is called.
const BOOK: &str = "a book message";

impl Language for Decode {
    fn frame(&mut self, frame: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
        // The answer to a `ping`, both without quotes.
        if frame == "pong" {
            context.push(Event::Heartbeat);
            return Ok(());
        }
        let Some(frame): Option<Frame<'_>> = object(frame, "a message", context)? else {
            return Ok(());
        };
        let arg: Arg<'_> = inner(frame.arg).unwrap_or_default();
        if let Some(event) = string(frame.event) {
            answer(&event, &frame, &arg, context);
            return Ok(());
        }
        let (Some(channel), Some(symbol)) = (string(arg.channel), string(arg.symbol)) else {
            context.unknown("object");
            return Ok(());
        };
        let data = frame.data.ok_or_else(|| context.no_field("a message of a channel", "data"))?;
        let is_whole = string(frame.action).as_deref() == Some("snapshot");
        match channel.as_ref() {
            "books" => books(data, &symbol, action(&frame, context)?, context),
            // The last hundred before the subscription.
            "trade" if is_whole => {
                context.unknown("trade snapshot");
                Ok(())
            }
            "trade" => trades(data, &symbol, context),
            "ticker" => tickers(data, context),
            other => {
                context.unknown(other);
                Ok(())
            }
        }
    }
}

/// What is said of a request.
fn answer(event: &str, frame: &Frame<'_>, arg: &Arg<'_>, context: &mut Context<'_>) {
    match event {
        "subscribe" => {
            let topic = format!("{} {}", word(arg.channel), word(arg.symbol));
            context.push(Event::Subscribed { topic: text::name(&topic) });
        }
        "unsubscribe" => {}
        "error" => {
            let code = token(frame.code).unwrap_or_default();
            context.refused(&word(arg.symbol), &format!("{} ({code})", word(frame.msg)));
        }
        other => context.unknown(other),
    }
}

fn action(frame: &Frame<'_>, context: &Context<'_>) -> Result<BookKind, DecodeError> {
    match string(frame.action).as_deref() {
        Some("snapshot") => Ok(BookKind::Snapshot),
        Some("update") => Ok(BookKind::Delta),
        Some(_) | None => Err(context.no_field(BOOK, "action")),
    }
}

/// A whole book, then changes, each with the sum of the best 25 levels, of numbers as they are printed
/// (bitgetlimited.github.io, "Depth channel"). The book is not cut: a level that leaves is deleted by name.
fn books(
    data: &RawValue,
    symbol: &str,
    kind: BookKind,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    let outcome = for_each(data.get(), |entry: Book<'_>| book(&entry, symbol, kind, context));
    walked(outcome, BOOK, context)
}

fn book(
    entry: &Book<'_>,
    symbol: &str,
    kind: BookKind,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    let checksum = entry.checksum.map(|raw| sum(raw, context)).transpose()?;
    let text = BookText {
        symbol,
        what: BOOK,
        kind,
        continuity: Continuity::Unnumbered,
        depth: None,
        bids: entry.bids.ok_or_else(|| context.no_field(BOOK, "bids"))?.get(),
        asks: entry.asks.ok_or_else(|| context.no_field(BOOK, "asks"))?.get(),
        walk: rows,
        stated_at: millis(entry.ts),
    };
    assemble::book_as(Printing::Exact, &text, context)?;
    if let Some(Event::Book(book)) = context.events.items.last_mut() {
        book.checksum = checksum;
    }
    Ok(())
}

/// A sum of 32 bits with a sign.
fn sum(raw: &RawValue, context: &Context<'_>) -> Result<Checksum, DecodeError> {
    let sum = token(Some(raw)).and_then(|text| text.parse::<i32>().ok());
    let sum = sum.ok_or_else(|| context.no_field(BOOK, "checksum"))?;
    Ok(Checksum { rule: ChecksumRule::Bitget, value: sum.cast_unsigned() })
}

/// Rows of `[time, price, size, side]`, told in the order of their time.
fn trades(data: &RawValue, symbol: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a trade message";
    let mut rows: Vec<(Timestamp, &RawValue)> = Vec::new();
    let outcome = for_each(data.get(), |row: &RawValue| {
        let values = values::<8>(row.get()).ok_or_else(|| context.no_field(WHAT, "its values"))?;
        let at = millis(values.0[0]).ok_or_else(|| context.no_field(WHAT, "time"))?;
        rows.push((at, row));
        Ok(())
    });
    walked(outcome, WHAT, context)?;
    rows.sort_by_key(|(at, _)| *at);
    rows.iter().try_for_each(|(at, row)| trade(*at, row, symbol, context))
}

/// The side is the taker's. There is no id: the whole row is taken for one, so that equal rows of one millisecond are
/// told apart within a frame only.
fn trade(
    traded_at: Timestamp,
    row: &RawValue,
    symbol: &str,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    const WHAT: &str = "a trade";
    let no_field = |field| context.no_field(WHAT, field);
    let ([_, price, quantity, side, ..], _) =
        values::<8>(row.get()).ok_or_else(|| no_field("its values"))?;
    let text = TradeText {
        symbol,
        what: WHAT,
        price: token(price).ok_or_else(|| no_field("price"))?,
        quantity: token(quantity).ok_or_else(|| no_field("size"))?,
        trade_id: trade_id::of_text(row.get(), traded_at),
        taker: assemble::buyer_or_seller(side).ok_or_else(|| no_field("side"))?,
        traded_at,
    };
    assemble::trade_of_hash(Printing::Padded, &text, context)
}

/// Mark, index, funding and open interest of contracts; a ticker of spot states none of them.
fn tickers(data: &RawValue, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a ticker";
    let outcome = for_each(data.get(), |entry: Ticker<'_>| {
        if entry.mark.is_none() {
            context.unknown("ticker");
            return Ok(());
        }
        let symbol = string(entry.symbol).ok_or_else(|| context.no_field(WHAT, "instId"))?;
        let Some(stated) = context.stated_of(&symbol) else { return Ok(()) };
        context.push(Event::Reference(Reference {
            mark: figure(entry.mark),
            index: figure(entry.index),
            funding_rate: figure(entry.funding_rate),
            next_funding_at: millis(entry.next_funding),
            open_interest: figure(entry.open_interest),
            stated_at: millis(entry.time),
            ..stated
        }));
        Ok(())
    });
    walked(outcome, WHAT, context)
}
