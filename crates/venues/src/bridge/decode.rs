//! Messages of a bridge → events.

use std::borrow::Cow;

use market::{BookKind, Continuity, Event, HttpExchange, Reference, Side, Timestamp};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::instruments;
use super::message::{Emitted, Message};
use crate::assemble::{self, BookText, TradeText, object};
use crate::context::{Context, Subject, TakeLevel};
use crate::error::DecodeError;
use crate::json::{Walk, for_each, integer, string, token};
use crate::list::Language;
use crate::number::{Fault, Printing, figure};
use crate::socketio;

/// The only version there is.
const VERSION: u64 = 1;

/// The greatest depth of a book that is believed; no venue shows more.
const DEPTH_MAX: u32 = 1 << 20;

/// Nothing is remembered between the messages of a bridge.
#[derive(Debug)]
pub(super) struct Decode;

impl Language for Decode {
    /// A message, or a packet of Engine.IO that carries one as an event: those begin with a digit.
    fn frame(&mut self, frame: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
        if frame.starts_with(|first: char| first.is_ascii_digit()) {
            return packet(frame, context);
        }
        let Some(message) = object::<Message<'_>>(frame, "a message", context)? else {
            return Ok(());
        };
        let kind = string(message.kind).ok_or_else(|| context.no_field("a message", "type"))?;
        mean(&kind, &message, context)
    }

    /// What long-polling brought.
    fn answered(
        &mut self,
        exchange: &HttpExchange,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        if socketio::is_polling(&String::from_utf8_lossy(&exchange.url)) {
            return socketio::packets(exchange, context, packet);
        }
        context.unknown("HTTP response");
        Ok(())
    }
}

/// A packet of Engine.IO, with an event of Socket.IO perhaps.
fn packet(frame: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
    let Some(event) = socketio::event(frame, context)? else { return Ok(()) };
    let Emitted(kind, message) = serde_json::from_str(event)
        .map_err(|error| context.malformed("an event", &error.to_string()))?;
    mean(&kind, &message, context)
}

/// What a message of this type means.
fn mean(kind: &str, message: &Message<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    match kind {
        "hello" => hello(message, context),
        "instruments" => instruments::list(message, context),
        "snapshot" => book(message, BookKind::Snapshot, context),
        "delta" => book(message, BookKind::Delta, context),
        "trade" => trade(message, context),
        "funding" => funding(message, context),
        "liquidation" => liquidation(message, context),
        "heartbeat" => {
            context.push(Event::Heartbeat);
            Ok(())
        }
        "subscribed" => {
            let topic = crate::text::name(&string(message.symbol).unwrap_or_default());
            context.push(Event::Subscribed { topic });
            Ok(())
        }
        "error" => {
            let symbol = string(message.symbol).unwrap_or_default();
            let reason = string(message.reason).unwrap_or_else(|| "it gives no reason".into());
            context.refused(&symbol, &reason);
            Ok(())
        }
        other => {
            context.unknown(other);
            Ok(())
        }
    }
}

/// The greeting names the version; another one may mean other things by the same words.
fn hello(message: &Message<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a greeting";
    let version = integer(message.version).ok_or_else(|| context.no_field(WHAT, "version"))?;
    if version != VERSION {
        let reason = format!("it speaks version {version}, and only {VERSION} is known");
        return Err(context.malformed(WHAT, &reason));
    }
    context.push(Event::Heartbeat);
    Ok(())
}

fn book(
    message: &Message<'_>,
    kind: BookKind,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    const WHAT: &str = "a book message";
    let symbol = string(message.symbol).ok_or_else(|| context.no_field(WHAT, "symbol"))?;
    let bids = message.bids.ok_or_else(|| context.no_field(WHAT, "bids"))?.get();
    let asks = message.asks.ok_or_else(|| context.no_field(WHAT, "asks"))?.get();
    let continuity = match message.sequence {
        None => Continuity::Unnumbered,
        Some(raw) => {
            let number = integer(Some(raw)).ok_or_else(|| context.no_field(WHAT, "sequence"))?;
            Continuity::Next(number)
        }
    };
    let depth = match message.depth {
        None => None,
        Some(raw) => {
            let depth = integer(Some(raw)).and_then(|depth| u32::try_from(depth).ok());
            let depth = depth.filter(|depth| (1..=DEPTH_MAX).contains(depth));
            Some(depth.ok_or_else(|| context.no_field(WHAT, "depth"))?)
        }
    };
    let text = BookText {
        symbol: &symbol,
        what: WHAT,
        kind,
        continuity,
        depth,
        bids,
        asks,
        walk: for_each_level,
        stated_at: moment(message.time),
    };
    assemble::book_as(Printing::Exact, &text, context)
}

fn trade(message: &Message<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a trade";
    let trade_id = integer(message.id).ok_or_else(|| context.no_field(WHAT, "id"))?;
    let traded_at = moment(message.time).ok_or_else(|| context.no_field(WHAT, "time"))?;
    let Print { symbol, price, quantity, side: taker } = print(message, WHAT, context)?;
    let text =
        TradeText { symbol: &symbol, what: WHAT, price, quantity, trade_id, taker, traded_at };
    assemble::trade_as(Printing::Exact, &text, context).map(|_| ())
}

fn liquidation(message: &Message<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a liquidation";
    let liquidated_at = moment(message.time).ok_or_else(|| context.no_field(WHAT, "time"))?;
    let Print { symbol, price, quantity, side } = print(message, WHAT, context)?;
    let subject = Subject { symbol: &symbol, what: WHAT, printing: Printing::Exact };
    let (index, level) = context.refining_level(&subject, price, quantity)?;
    context.liquidated((index, level), side, liquidated_at);
    Ok(())
}

/// What a trade and a forced order share: where, at what price, how much, and who took.
struct Print<'a> {
    symbol: Cow<'a, str>,
    price: &'a str,
    quantity: &'a str,
    side: Side,
}

fn print<'a>(
    message: &Message<'a>,
    what: &'static str,
    context: &Context<'_>,
) -> Result<Print<'a>, DecodeError> {
    let symbol = string(message.symbol).ok_or_else(|| context.no_field(what, "symbol"))?;
    let price = token(message.price).ok_or_else(|| context.no_field(what, "price"))?;
    let quantity = token(message.quantity).ok_or_else(|| context.no_field(what, "quantity"))?;
    let side =
        assemble::buyer_or_seller(message.side).ok_or_else(|| context.no_field(what, "side"))?;
    Ok(Print { symbol, price, quantity, side })
}

fn funding(message: &Message<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a funding message";
    let symbol = string(message.symbol).ok_or_else(|| context.no_field(WHAT, "symbol"))?;
    let Some(index) = context.table.index(&symbol) else {
        // Without a listing or a price nobody knows what its figures are of.
        context.unknown("funding of an unlisted instrument");
        return Ok(());
    };
    context.push(Event::Reference(Reference {
        mark: figure(message.mark),
        index: figure(message.index),
        funding_rate: figure(message.rate),
        next_funding_at: moment(message.next),
        open_interest: figure(message.open_interest),
        volume_24h: figure(message.volume_24h),
        stated_at: moment(message.time),
        ..Reference::of(context.table.id(index))
    }));
    Ok(())
}

/// A moment: RFC 3339 as text, or nanoseconds of Unix time as a number.
pub(super) fn moment(raw: Option<&RawValue>) -> Option<Timestamp> {
    match string(raw) {
        Some(text) => text.parse().ok(),
        None => token(raw)?.parse().ok().map(Timestamp::from_nanos),
    }
}

/// `["price", "quantity"]`, each a string or a number.
#[derive(Deserialize)]
struct Pair<'a>(#[serde(borrow)] &'a RawValue, #[serde(borrow)] &'a RawValue);

fn for_each_level(side: &str, take: &mut TakeLevel<'_>) -> Result<(), Walk<Fault>> {
    for_each(side, |pair: Pair<'_>| {
        // A value that is no number goes on as it is, to be refused by its own text.
        let text = |raw| token(Some(raw)).unwrap_or(RawValue::get(raw));
        take(text(pair.0), text(pair.1))
    })
}
