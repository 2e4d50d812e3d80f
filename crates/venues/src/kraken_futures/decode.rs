//! Frames of Kraken Futures → events.

use std::borrow::Cow;

use market::{BookKind, Continuity, Event, Reference, Side};
use serde_json::value::RawValue;

use super::message::Message;
use crate::assemble::{self, TradeText, millis, object, word};
use crate::context::Context;
use crate::error::DecodeError;
use crate::json::{Walk, integer, string, token};
use crate::kraken::for_each_level;
use crate::list::Language;
use crate::number::figure;
use crate::sided::{Head, push_book};
use crate::text;

/// Each frame says all that must be known of it.
#[derive(Debug)]
pub(super) struct Decode;

const WHAT: &str = "a book message";

impl Language for Decode {
    fn frame(&mut self, frame: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
        let Some(message): Option<Message<'_>> = object(frame, "a message", context)? else {
            return Ok(());
        };
        if let Some(event) = string(message.event) {
            answer(&event, &message, context);
            return Ok(());
        }
        match string(message.feed).as_deref() {
            Some("book_snapshot") => whole(&message, context),
            Some("book") => change(&message, context),
            Some("trade") => trade(&message, context),
            Some("ticker") => ticker(&message, context),
            Some("heartbeat") => {
                context.push(Event::Heartbeat);
                Ok(())
            }
            // Among them `trade_snapshot`, the last hundred before the subscription.
            other => {
                context.unknown(other.unwrap_or("object"));
                Ok(())
            }
        }
    }
}

/// What is said of a request, or of the connection.
fn answer(event: &str, message: &Message<'_>, context: &mut Context<'_>) {
    match event {
        "subscribed" => {
            let feed = word(message.feed);
            let products = message.product_ids.map_or("[]", RawValue::get);
            let mut products: Vec<String> = serde_json::from_str(products).unwrap_or_default();
            products.truncate(PRODUCTS_MAX);
            if products.is_empty() {
                products.push(String::new());
            }
            for product in products {
                let topic = text::name(format!("{feed} {product}").trim());
                context.push(Event::Subscribed { topic });
            }
        }
        // `info` greets with a version.
        "unsubscribed" | "info" => {}
        "error" | "alert" | "subscribed_failed" | "unsubscribed_failed" => {
            context.refused("", &word(message.message));
        }
        other => context.unknown(other),
    }
}

/// Products that one answer can tell of; the venue lists fewer.
const PRODUCTS_MAX: usize = 4_096;

fn product<'a>(
    message: &Message<'a>,
    what: &'static str,
    context: &Context<'_>,
) -> Result<Cow<'a, str>, DecodeError> {
    string(message.product_id).ok_or_else(|| context.no_field(what, "product_id"))
}

/// `seq` counts the messages of one product's book: the first change after a snapshot is one more than it, and so on
/// (docs.kraken.com, futures, "Book").
fn head<'a>(
    message: &Message<'_>,
    kind: BookKind,
    symbol: &'a str,
    context: &Context<'_>,
) -> Result<Head<'a>, DecodeError> {
    let seq = integer(message.seq).ok_or_else(|| context.no_field(WHAT, "seq"))?;
    let stated_at = millis(message.timestamp);
    Ok(Head { symbol, what: WHAT, kind, continuity: Continuity::Next(seq), stated_at })
}

fn whole(message: &Message<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    let symbol = product(message, WHAT, context)?;
    let bids = message.bids.ok_or_else(|| context.no_field(WHAT, "bids"))?;
    let asks = message.asks.ok_or_else(|| context.no_field(WHAT, "asks"))?;
    let head = head(message, BookKind::Snapshot, &symbol, context)?;
    push_book(&head, &mut Vec::new(), context, |take| {
        for_each_level(bids, |price, quantity| take(Side::Buy, price, quantity))?;
        for_each_level(asks, |price, quantity| take(Side::Sell, price, quantity))
    })
}

/// One level: its new quantity, 0 when it is gone.
fn change(message: &Message<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    let symbol = product(message, WHAT, context)?;
    let side = side(message.side).ok_or_else(|| context.no_field(WHAT, "side"))?;
    let price = token(message.price).ok_or_else(|| context.no_field(WHAT, "price"))?;
    let quantity = token(message.qty).ok_or_else(|| context.no_field(WHAT, "qty"))?;
    let head = head(message, BookKind::Delta, &symbol, context)?;
    push_book(&head, &mut Vec::new(), context, |take| {
        take(side, price, quantity).map_err(Walk::Refused)
    })
}

fn side(raw: Option<&RawValue>) -> Option<Side> {
    match string(raw)?.as_ref() {
        "buy" => Some(Side::Buy),
        "sell" => Some(Side::Sell),
        _ => None,
    }
}

/// The side is the taker's. A block trade was agreed beside the book: it is counted, but it is no print of this market;
/// a liquidation is a trade as any other (`type`).
fn trade(message: &Message<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a trade";
    if string(message.kind).as_deref() == Some("block") {
        context.unknown("block trade");
        return Ok(());
    }
    let symbol = product(message, WHAT, context)?;
    let no_field = |field| context.no_field(WHAT, field);
    let text = TradeText {
        symbol: &symbol,
        what: WHAT,
        price: token(message.price).ok_or_else(|| no_field("price"))?,
        quantity: token(message.qty).ok_or_else(|| no_field("qty"))?,
        // Counts the trades of a product.
        trade_id: integer(message.seq).ok_or_else(|| no_field("seq"))?,
        taker: side(message.side).ok_or_else(|| no_field("side"))?,
        traded_at: millis(message.time).ok_or_else(|| no_field("time"))?,
    };
    assemble::trade(&text, context).map(drop)
}

/// Mark, index, funding and open interest. `relative_funding_rate` is a share of the position; `funding_rate`, an
/// amount of the base, is none.
fn ticker(message: &Message<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    let symbol = product(message, "a ticker", context)?;
    let Some(stated) = context.stated_of(&symbol) else { return Ok(()) };
    context.push(Event::Reference(Reference {
        mark: figure(message.mark),
        index: figure(message.index),
        funding_rate: figure(message.relative_funding_rate),
        next_funding_at: millis(message.next_funding_rate_time),
        open_interest: figure(message.open_interest),
        stated_at: millis(message.time),
        ..stated
    }));
    Ok(())
}
