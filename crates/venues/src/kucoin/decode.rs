//! Frames of KuCoin → events.

use market::{BookKind, Continuity, Event, HttpExchange, Quote, Timestamp};
use serde_json::value::RawValue;

use super::http;
use super::message::{Change, Message, Sides, Ticker, TradeEntry};
use crate::assemble::{self, BookText, Row, TradeText, inner, millis, object, word};
use crate::context::{Context, TakeLevel};
use crate::error::DecodeError;
use crate::json::{Walk, for_each, integer, is_zero, string, token};
use crate::list::Language;
use crate::number::Fault;
use crate::trade_id;

/// Each frame says all that must be known of it.
#[derive(Debug)]
pub(super) struct Decode;

impl Language for Decode {
    fn frame(&mut self, frame: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
        let Some(message): Option<Message<'_>> = object(frame, "a message", context)? else {
            return Ok(());
        };
        match string(message.kind).as_deref() {
            Some("message") => return data(&message, context),
            Some("pong") => context.push(Event::Heartbeat),
            // An answer names neither topic nor symbol.
            Some("welcome" | "ack") => {}
            Some("error") => {
                let code = token(message.code).unwrap_or_default();
                context.refused("", &format!("{} ({code})", word(message.data)));
            }
            other => context.unknown(other.unwrap_or("object")),
        }
        Ok(())
    }

    fn answered(
        &mut self,
        exchange: &HttpExchange,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        http::answer(exchange, context)
    }
}

fn data(message: &Message<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    let data = message.data;
    match string(message.subject).as_deref() {
        Some("trade.l2update") => change(data, context),
        Some("trade.l3match") => trade(data, context),
        Some("trade.ticker") => {
            let topic = word(message.topic);
            let symbol = topic.rsplit(':').next().unwrap_or_default();
            ticker(data, symbol, context);
            Ok(())
        }
        other => {
            context.unknown(other.unwrap_or("message without a subject"));
            Ok(())
        }
    }
}

/// Changed levels, each `[price, size, sequence]`, size 0 where it is gone; price 0 only moves the sequence on. The
/// sequence of one book has no hole: a message begins behind the end of the one before. They follow a book that was
/// fetched with its sequence (docs.kucoin.com, "Level-2 Market Data").
fn change(data: Option<&RawValue>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a book message";
    let no_field = |field| context.no_field(WHAT, field);
    let change: Change<'_> = inner(data).ok_or_else(|| no_field("data"))?;
    let sides: Sides<'_> = inner(change.changes).ok_or_else(|| no_field("changes"))?;
    let symbol = string(change.symbol).ok_or_else(|| no_field("symbol"))?;
    let first = integer(change.first).ok_or_else(|| no_field("sequenceStart"))?;
    let last = integer(change.last).filter(|last| *last >= first);
    let last = last.ok_or_else(|| no_field("sequenceEnd"))?;
    let text = BookText {
        symbol: &symbol,
        what: WHAT,
        kind: BookKind::Delta,
        continuity: Continuity::Range { first, last },
        depth: None,
        bids: sides.bids.ok_or_else(|| no_field("bids"))?.get(),
        asks: sides.asks.ok_or_else(|| no_field("asks"))?.get(),
        walk: levels,
        stated_at: millis(change.time),
    };
    assemble::book_of_any_digits(&text, context)
}

/// The levels that have a price.
pub(super) fn levels(side: &str, take: &mut TakeLevel<'_>) -> Result<(), Walk<Fault>> {
    for_each(side, |row: Row<'_>| match is_zero(row.text(0)) {
        true => Ok(()),
        false => take(row.text(0), row.text(1)),
    })
}

/// The side is the taker's.
fn trade(data: Option<&RawValue>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a trade";
    let no_field = |field| context.no_field(WHAT, field);
    let entry: TradeEntry<'_> = inner(data).ok_or_else(|| no_field("data"))?;
    let symbol = string(entry.symbol).ok_or_else(|| no_field("symbol"))?;
    let nanos = token(entry.time).and_then(|time| time.parse().ok());
    let traded_at = nanos.map(Timestamp::from_nanos).ok_or_else(|| no_field("time"))?;
    let id = string(entry.id).ok_or_else(|| no_field("tradeId"))?;
    let text = TradeText {
        symbol: &symbol,
        what: WHAT,
        price: token(entry.price).ok_or_else(|| no_field("price"))?,
        quantity: token(entry.size).ok_or_else(|| no_field("size"))?,
        trade_id: trade_id::of_text(&id, traded_at),
        taker: assemble::buyer_or_seller(entry.side).ok_or_else(|| no_field("side"))?,
        traded_at,
    };
    assemble::trade(&text, context).map(drop)
}

/// The best prices as of a change of the book; counted where a side is empty, or no book is known.
fn ticker(data: Option<&RawValue>, symbol: &str, context: &mut Context<'_>) {
    let entry: Ticker<'_> = inner(data).unwrap_or_default();
    let quote = context.table.index(symbol).and_then(|index| {
        let scales = context.table.scales(index);
        let level = |price, size| scales.level(token(price)?, token(size)?).ok();
        Some(Quote {
            instrument: context.table.id(index),
            update_id: integer(entry.sequence)?,
            bid: level(entry.bid, entry.bid_size)?,
            ask: level(entry.ask, entry.ask_size)?,
        })
    });
    match quote {
        Some(quote) => context.push(Event::Quote(quote)),
        None => context.unknown("ticker without a book"),
    }
}
