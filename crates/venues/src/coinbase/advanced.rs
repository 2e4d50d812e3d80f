//! Messages of Advanced Trade: each names its channel and carries a list of events.

use std::borrow::Cow;
use std::collections::BTreeMap;

use market::{BookKind, Continuity, Event, Side, Timestamp, Trade};
use serde_json::value::RawValue;

use super::decode::Decode;
use super::message::{self, Message, TradeEntry, Update};
use super::sides::Sides;
use crate::assemble::walked;
use crate::context::{Context, Subject};
use crate::error::DecodeError;
use crate::json::{for_each, integer, string, token};
use crate::number::{Fault, Printing};
use crate::sided::{Head, push_book};
use crate::text;

/// A message of a channel.
pub(super) fn message(
    decode: &mut Decode,
    channel: &str,
    message: &Message<'_>,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    const WHAT: &str = "a message of a channel";
    let each = |context: &mut Context<'_>, take: &mut TakeEvent<'_>| {
        let events = message.events.ok_or_else(|| context.no_field(WHAT, "events"))?;
        let outcome = for_each(events.get(), |event: message::Event<'_>| take(&event, context));
        walked(outcome, WHAT, context)
    };
    match channel {
        "l2_data" => books(decode, message, context),
        "market_trades" => each(context, &mut |event, context| {
            // The last trades before the subscription belong to bars that were not heard.
            if string(event.kind).as_deref() == Some("snapshot") {
                context.unknown("market_trades snapshot");
                return Ok(());
            }
            let trades = event.trades.ok_or_else(|| context.no_field(WHAT, "trades"))?;
            push_trades(decode, None, trades, context)
        }),
        "heartbeats" => {
            context.push(Event::Heartbeat);
            Ok(())
        }
        "subscriptions" => each(context, &mut |event, context| subscriptions(event, context)),
        other => {
            context.unknown(other);
            Ok(())
        }
    }
}

type TakeEvent<'t> =
    dyn FnMut(&message::Event<'_>, &mut Context<'_>) -> Result<(), DecodeError> + 't;

/// The books of a frame. What it says of one product is one message, however many events that takes: only at the end of
/// a frame is a book whole, and between its events it may be crossed. A snapshot begins anew.
fn books(
    decode: &mut Decode,
    message: &Message<'_>,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    const WHAT: &str = "a message of a channel";
    let raw = message.events.ok_or_else(|| context.no_field(WHAT, "events"))?;
    let mut events: Vec<message::Event<'_>> = Vec::new();
    let outcome = for_each(raw.get(), |event| {
        events.push(event);
        Ok(())
    });
    walked(outcome, WHAT, context)?;
    if events.len() > 1 {
        // The events of one product stay in their order.
        events.sort_by_cached_key(|event| string(event.product_id).map(Cow::into_owned));
    }
    let goes_on = |one: &message::Event<'_>, next: &message::Event<'_>| {
        let is_update = string(next.kind).as_deref() == Some("update");
        is_update && string(one.product_id) == string(next.product_id)
    };
    let stated_at = moment(message.timestamp);
    events.chunk_by(goes_on).try_for_each(|events| book(decode, events, stated_at, context))
}

fn book(
    decode: &mut Decode,
    events: &[message::Event<'_>],
    stated_at: Option<Timestamp>,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    const WHAT: &str = "a book message";
    let Some(first) = events.first() else { return Ok(()) };
    let kind = match string(first.kind).as_deref() {
        Some("snapshot") => BookKind::Snapshot,
        Some("update") => BookKind::Delta,
        Some(_) | None => return Err(context.no_field(WHAT, "type")),
    };
    let symbol = string(first.product_id).ok_or_else(|| context.no_field(WHAT, "product_id"))?;
    if events.iter().any(|event| event.updates.is_none()) {
        return Err(context.no_field(WHAT, "updates"));
    }
    let updates = events.iter().filter_map(|event| event.updates);
    let continuity = Continuity::ByLink;
    let head = Head { symbol: &symbol, what: WHAT, kind, continuity, stated_at };
    push_book(&head, &mut decode.asks, context, |take| {
        updates.clone().try_for_each(|updates| {
            for_each(updates.get(), |update: Update<'_>| {
                let side = match update.side.as_ref() {
                    "bid" => Side::Buy,
                    "offer" | "ask" => Side::Sell,
                    other => return Err(Fault::no_side(other)),
                };
                take(side, &update.price_level, &update.new_quantity)
            })
        })
    })
}

/// Tells of a list of trades in the order of time, whichever way it runs (REST: the newest first).
pub(super) fn push_trades(
    decode: &mut Decode,
    symbol: Option<&str>,
    trades: &RawValue,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    const WHAT: &str = "its trades";
    decode.trades.clear();
    let outcome = for_each(trades.get(), |entry: TradeEntry<'_>| {
        decode.trades.push(trade(&decode.sides, symbol, &entry, context)?);
        Ok(())
    });
    walked(outcome, WHAT, context)?;
    decode.trades.sort_by_key(|trade| (trade.traded_at, trade.trade_id));
    context.events.items.extend(decode.trades.drain(..).map(Event::Trade));
    Ok(())
}

/// A trade. Its `side` is the maker's as far as is known, so that the taker's is the other ([`Sides`]).
pub(super) fn trade(
    sides: &Sides,
    symbol: Option<&str>,
    entry: &TradeEntry<'_>,
    context: &mut Context<'_>,
) -> Result<Trade, DecodeError> {
    const WHAT: &str = "a trade";
    let named = string(entry.product_id);
    let symbol = named.as_deref().or(symbol);
    let symbol = symbol.ok_or_else(|| context.no_field(WHAT, "product_id"))?;
    let price = token(entry.price).ok_or_else(|| context.no_field(WHAT, "price"))?;
    let quantity = token(entry.size).ok_or_else(|| context.no_field(WHAT, "size"))?;
    let trade_id = integer(entry.trade_id).ok_or_else(|| context.no_field(WHAT, "trade_id"))?;
    let stated = match string(entry.side).as_deref() {
        Some("BUY" | "buy") => Side::Buy,
        Some("SELL" | "sell") => Side::Sell,
        Some(_) | None => return Err(context.no_field(WHAT, "side")),
    };
    let traded_at = moment(entry.time).ok_or_else(|| context.no_field(WHAT, "time"))?;
    let subject = Subject { symbol, what: WHAT, printing: Printing::Padded };
    let (index, level) = context.refining_level(&subject, price, quantity)?;
    Ok(Trade {
        instrument: context.table.id(index),
        trade_id,
        n_fills: 1,
        price: level.price,
        quantity: level.quantity,
        taker: sides.taker(stated),
        traded_at,
    })
}

/// All that the connection is subscribed to now: `{"level2":["BTC-USD"],"heartbeats":["heartbeats"]}`.
fn subscriptions(event: &message::Event<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "its subscriptions";
    let raw = event.subscriptions.ok_or_else(|| context.no_field(WHAT, "subscriptions"))?;
    let channels: BTreeMap<String, Option<Vec<String>>> = serde_json::from_str(raw.get())
        .map_err(|error| context.malformed(WHAT, &error.to_string()))?;
    for (channel, products) in channels {
        for product in products.unwrap_or_default() {
            let topic = text::name(&format!("{channel} {product}"));
            context.push(Event::Subscribed { topic });
        }
    }
    Ok(())
}

/// A moment in RFC 3339; `None` for the zero of the year 1 or of 1970 that stands where there is none.
pub(super) fn moment(raw: Option<&RawValue>) -> Option<Timestamp> {
    let moment: Timestamp = string(raw)?.parse().ok()?;
    (moment.nanos() > 0).then_some(moment)
}
