//! Frames of Gate → events.

use market::number::fixed_from_text;
use market::{BookKind, Continuity, Event, HttpExchange, Timestamp};
use serde_json::value::RawValue;

use super::http;
use super::message::{Change, Fault, Frame, TradeEntry};
use crate::assemble::{self, BookText, TradeText, inner, millis, object, word};
use crate::context::Context;
use crate::error::DecodeError;
use crate::json::{integer, string, token};
use crate::list::Language;
use crate::rows::rows;
use crate::text;

/// Each frame says all that must be known of it.
#[derive(Debug)]
pub(super) struct Decode;

impl Language for Decode {
    fn frame(&mut self, frame: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
        let Some(frame): Option<Frame<'_>> = object(frame, "a message", context)? else {
            return Ok(());
        };
        let Some(channel) = string(frame.channel) else {
            context.unknown("object");
            return Ok(());
        };
        if let Some(fault) = inner::<Fault<'_>>(frame.error) {
            let code = token(fault.code).unwrap_or_default();
            context.refused("", &format!("{channel}: {} ({code})", word(fault.message)));
            return Ok(());
        }
        match (string(frame.event).as_deref(), channel.as_ref()) {
            (_, "spot.pong") => context.push(Event::Heartbeat),
            (Some("subscribe"), channel) => {
                context.push(Event::Subscribed { topic: text::name(channel) });
            }
            (Some("unsubscribe"), _) => {}
            (Some("update"), "spot.order_book_update") => return change(frame.result, context),
            (Some("update"), "spot.trades") => return trade(frame.result, context),
            (_, other) => context.unknown(other),
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

/// Levels with their new quantities, 0 where they are gone. `U` and `u` count the changes of one book without a hole;
/// they follow a book that was fetched with its `id`, of which changes up to `id` are left out
/// (www.gate.io/docs/developers/apiv4/ws, "Changed order book levels").
fn change(result: Option<&RawValue>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a book message";
    let change: Change<'_> = inner(result).ok_or_else(|| context.no_field(WHAT, "result"))?;
    let symbol = string(change.symbol).ok_or_else(|| context.no_field(WHAT, "s"))?;
    let first = integer(change.first).ok_or_else(|| context.no_field(WHAT, "U"))?;
    let last = integer(change.last).filter(|last| *last >= first);
    let last = last.ok_or_else(|| context.no_field(WHAT, "u"))?;
    let text = BookText {
        symbol: &symbol,
        what: WHAT,
        kind: BookKind::Delta,
        continuity: Continuity::Range { first, last },
        depth: None,
        bids: change.bids.ok_or_else(|| context.no_field(WHAT, "b"))?.get(),
        asks: change.asks.ok_or_else(|| context.no_field(WHAT, "a"))?.get(),
        walk: rows,
        stated_at: millis(change.time),
    };
    assemble::book_of_any_digits(&text, context)
}

/// The side is the taker's.
fn trade(result: Option<&RawValue>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a trade";
    let no_field = |field| context.no_field(WHAT, field);
    let entry: TradeEntry<'_> = inner(result).ok_or_else(|| no_field("result"))?;
    let symbol = string(entry.symbol).ok_or_else(|| no_field("currency_pair"))?;
    let text = TradeText {
        symbol: &symbol,
        what: WHAT,
        price: token(entry.price).ok_or_else(|| no_field("price"))?,
        quantity: token(entry.amount).ok_or_else(|| no_field("amount"))?,
        trade_id: integer(entry.id).ok_or_else(|| no_field("id"))?,
        taker: assemble::buyer_or_seller(entry.side).ok_or_else(|| no_field("side"))?,
        traded_at: exact_millis(entry.time).ok_or_else(|| no_field("create_time_ms"))?,
    };
    assemble::trade(&text, context).map(drop)
}

/// Milliseconds with decimals: `1619093543708.2642`.
fn exact_millis(raw: Option<&RawValue>) -> Option<Timestamp> {
    const DECIMALS_OF_NANOS: u8 = 6;
    let nanos = fixed_from_text(token(raw)?.as_bytes(), DECIMALS_OF_NANOS).ok()?;
    (nanos >= 0).then_some(Timestamp::from_nanos(nanos))
}
