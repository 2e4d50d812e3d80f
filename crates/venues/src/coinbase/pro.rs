//! Messages of the Exchange feed, formerly Pro: each names its type. Its books have no numbers and no sums, so that a
//! loss cannot be seen; `sequence` counts all orders of a product, of which these channels tell few.

use market::{BookKind, Continuity, Event, Side, Timestamp};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::decode::Decode;
use super::message::{Message, TradeEntry};
use super::{advanced, instruments};
use crate::assemble::walked;
use crate::context::Context;
use crate::error::DecodeError;
use crate::json::{for_each, string, token};
use crate::number::Fault;
use crate::sided::{Head, push_book};
use crate::text;

/// A message of a type; an error of either feed is one too.
pub(super) fn message(
    decode: &mut Decode,
    kind: &str,
    message: &Message<'_>,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    match kind {
        "l2update" => changes(decode, message, context),
        "snapshot" => snapshot(decode, message, context),
        "match" => {
            let entry = TradeEntry {
                product_id: message.product_id,
                trade_id: message.trade_id,
                price: message.price,
                size: message.size,
                side: message.side,
                time: message.time,
            };
            let trade = advanced::trade(&decode.sides, None, &entry, context)?;
            context.push(Event::Trade(trade));
            Ok(())
        }
        "heartbeat" => {
            context.push(Event::Heartbeat);
            Ok(())
        }
        "subscriptions" => subscriptions(message, context),
        "status" => match message.products {
            Some(products) => instruments::list(products, context),
            None => Err(context.no_field("its status", "products")),
        },
        "error" => {
            let words = string(message.message).unwrap_or_else(|| "it gives no reason".into());
            let reason = string(message.reason).map_or(String::new(), |why| format!(": {why}"));
            context.refused("", &format!("{words}{reason}"));
            Ok(())
        }
        // Also `last_match`, which happened before the subscription and belongs to a bar that was not heard; and
        // `ticker`, whose best prices name no update of the book.
        other => {
            context.unknown(other);
            Ok(())
        }
    }
}

fn snapshot(
    decode: &mut Decode,
    message: &Message<'_>,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    const WHAT: &str = "a book snapshot";
    let symbol = string(message.product_id).ok_or_else(|| context.no_field(WHAT, "product_id"))?;
    let bids = message.bids.ok_or_else(|| context.no_field(WHAT, "bids"))?;
    let asks = message.asks.ok_or_else(|| context.no_field(WHAT, "asks"))?;
    let head = Head {
        symbol: &symbol,
        what: WHAT,
        kind: BookKind::Snapshot,
        continuity: Continuity::Unnumbered,
        stated_at: moment(message.time),
    };
    push_book(&head, &mut decode.asks, context, |take| {
        for (side, rows) in [(Side::Buy, bids), (Side::Sell, asks)] {
            for_each(rows.get(), |row: Vec<&RawValue>| match row.as_slice() {
                [price, quantity, ..] => take(side, number(price), number(quantity)),
                [] | [_] => Err(Fault::no_level()),
            })?;
        }
        Ok(())
    })
}

/// `[["buy","10101.80000000","0.162567"]]`: the whole quantity that rests at a price now.
fn changes(
    decode: &mut Decode,
    message: &Message<'_>,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    const WHAT: &str = "a book update";
    let symbol = string(message.product_id).ok_or_else(|| context.no_field(WHAT, "product_id"))?;
    let changes = message.changes.ok_or_else(|| context.no_field(WHAT, "changes"))?;
    let head = Head {
        symbol: &symbol,
        what: WHAT,
        kind: BookKind::Delta,
        continuity: Continuity::Unnumbered,
        // Older ones name no time.
        stated_at: moment(message.time),
    };
    push_book(&head, &mut decode.asks, context, |take| {
        for_each(changes.get(), |(side, price, quantity): Change<'_>| {
            let side = match number(side) {
                "buy" => Side::Buy,
                "sell" => Side::Sell,
                other => return Err(Fault::no_side(other)),
            };
            take(side, number(price), number(quantity))
        })
    })
}

type Change<'a> = (&'a RawValue, &'a RawValue, &'a RawValue);

/// The text of a number in quotes or without; what is none stays as it is, and is refused as a number.
fn number(raw: &RawValue) -> &str {
    token(Some(raw)).unwrap_or(raw.get())
}

fn moment(raw: Option<&RawValue>) -> Option<Timestamp> {
    advanced::moment(raw)
}

/// `[{"name":"matches","product_ids":["BTC-USD"]}]`, all that the connection is subscribed to now.
fn subscriptions(message: &Message<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    #[derive(Deserialize)]
    struct Channel {
        name: String,
        #[serde(default)]
        product_ids: Vec<String>,
    }
    const WHAT: &str = "its subscriptions";
    let channels = message.channels.ok_or_else(|| context.no_field(WHAT, "channels"))?;
    let outcome = for_each(channels.get(), |channel: Channel| {
        for product in channel.product_ids {
            let topic = text::name(&format!("{} {product}", channel.name));
            context.push(Event::Subscribed { topic });
        }
        Ok::<(), DecodeError>(())
    });
    walked(outcome, WHAT, context)
}
