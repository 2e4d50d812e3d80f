//! Version 2, `wss://api.gemini.com/v2/marketdata`: each message names its type and its symbol. Nothing is numbered, so
//! that a loss cannot be seen.

use market::{BookKind, Continuity, Event, Side};
use serde_json::value::RawValue;

use super::message::Message;
use crate::assemble::{self, TradeText, millis, number_text};
use crate::context::Context;
use crate::error::DecodeError;
use crate::json::{for_each, integer, string, token};
use crate::number::Fault;
use crate::sided::{Head, push_book};

/// A message of a type.
pub(super) fn message(
    kind: &str,
    message: &Message<'_>,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    match kind {
        "l2_updates" => book(message, context),
        "trade" => trade(message, context),
        "heartbeat" => {
            context.push(Event::Heartbeat);
            Ok(())
        }
        "" => {
            context.unknown("object");
            Ok(())
        }
        // Among them `auction_open`, `auction_indicative` and `auction_result`: what is matched in an auction is none
        // of the trades of the book.
        other => {
            context.unknown(other);
            Ok(())
        }
    }
}

/// `[["buy","60646.46","0.2982"]]`: the whole quantity that rests at a price now, 0 where none does. The first message
/// of a subscription is the whole book, and alone has the last fifty trades of before.
fn book(message: &Message<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a book message";
    let symbol = string(message.symbol).ok_or_else(|| context.no_field(WHAT, "symbol"))?;
    let changes = message.changes.ok_or_else(|| context.no_field(WHAT, "changes"))?;
    let is_whole = message.trades.is_some();
    let head = Head {
        symbol: &symbol,
        what: WHAT,
        kind: if is_whole { BookKind::Snapshot } else { BookKind::Delta },
        continuity: Continuity::Unnumbered,
        stated_at: None,
    };
    push_book(&head, &mut Vec::new(), context, |take| {
        for_each(changes.get(), |(side, price, quantity): Change<'_>| {
            let side = match number_text(side) {
                "buy" => Side::Buy,
                "sell" => Side::Sell,
                other => return Err(Fault::no_side(other)),
            };
            take(side, number_text(price), number_text(quantity))
        })
    })
}

type Change<'a> = (&'a RawValue, &'a RawValue, &'a RawValue);

/// The side is the taker's, as a capture shows: of its 51 trades, 41 bought at the best ask or above it, 9 sold at the
/// best bid or below it, and one bought between them, nearer to the ask.
fn trade(message: &Message<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a trade";
    let no_field = |field| context.no_field(WHAT, field);
    let symbol = string(message.symbol).ok_or_else(|| no_field("symbol"))?;
    let text = TradeText {
        symbol: &symbol,
        what: WHAT,
        price: token(message.price).ok_or_else(|| no_field("price"))?,
        quantity: token(message.quantity).ok_or_else(|| no_field("quantity"))?,
        trade_id: integer(message.event_id).ok_or_else(|| no_field("event_id"))?,
        taker: assemble::buyer_or_seller(message.side).ok_or_else(|| no_field("side"))?,
        traded_at: millis(message.timestamp).ok_or_else(|| no_field("timestamp"))?,
    };
    assemble::trade(&text, context).map(drop)
}
