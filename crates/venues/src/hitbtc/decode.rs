//! Frames of HitBTC → events.

use market::{BookKind, Continuity, Event, HttpExchange, Reference, Timestamp};
use serde_json::value::RawValue;

use super::instruments;
use super::message::{Fault, Level, Message, Params, TradeEntry};
use crate::assemble::{self, BookText, TradeText, inner, object, walked, word};
use crate::context::{Context, TakeLevel};
use crate::error::DecodeError;
use crate::json::{Walk, for_each, integer, string, token};
use crate::kraken::timestamp;
use crate::list::Language;
use crate::number::{Fault as NumberFault, figure};

/// Each frame says all that must be known of it.
#[derive(Debug)]
pub(super) struct Decode;

impl Language for Decode {
    fn frame(&mut self, frame: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
        let Some(message): Option<Message<'_>> = object(frame, "a message", context)? else {
            return Ok(());
        };
        let Some(method) = string(message.method) else {
            answer(&message, context);
            return Ok(());
        };
        let params = || {
            let params: Option<Params<'_>> = inner(message.params);
            params.ok_or_else(|| context.no_field("a notification", "params"))
        };
        match method.as_ref() {
            "snapshotOrderbook" => book(&params()?, BookKind::Snapshot, context),
            "updateOrderbook" => book(&params()?, BookKind::Delta, context),
            "updateTrades" => trades(&params()?, context),
            "ticker" => ticker(&params()?, context),
            // Among them `snapshotTrades`, the last hundred before the subscription, and bars.
            other => {
                context.unknown(other);
                Ok(())
            }
        }
    }

    fn answered(
        &mut self,
        exchange: &HttpExchange,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        instruments::answer(exchange, context)
    }
}

/// What is said of a request: an answer names neither channel nor symbol, and a good one is `true`.
fn answer(message: &Message<'_>, context: &mut Context<'_>) {
    if let Some(fault) = inner::<Fault<'_>>(message.error) {
        let words = format!("{} {}", word(fault.message), word(fault.description));
        let code = token(fault.code).unwrap_or_default();
        context.refused("", &format!("{} ({code})", words.trim()));
    } else if message.result.is_none_or(|result| result.get() != "true") {
        context.unknown(if message.result.is_some() { "answer" } else { "object" });
    }
}

/// `sequence` counts the updates of one symbol's book, and a whole one bears the number of the last that it holds
/// (api.hitbtc.com, version 2, "Subscribe to Order Book": "monotonically increased for each update, each symbol has its
/// own sequence"). That it rises by one is not said there, but it does on all 830 updates of a capture. A size of 0 is
/// a level that is gone.
fn book(params: &Params<'_>, kind: BookKind, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a book message";
    let no_field = |field| context.no_field(WHAT, field);
    let symbol = string(params.symbol).ok_or_else(|| no_field("symbol"))?;
    let sequence = integer(params.sequence).ok_or_else(|| no_field("sequence"))?;
    let text = BookText {
        symbol: &symbol,
        what: WHAT,
        kind,
        continuity: Continuity::Next(sequence),
        depth: None,
        bids: params.bid.ok_or_else(|| no_field("bid"))?.get(),
        asks: params.ask.ok_or_else(|| no_field("ask"))?.get(),
        walk: levels,
        stated_at: moment(params.timestamp),
    };
    assemble::book(&text, context)
}

fn levels(side: &str, take: &mut TakeLevel<'_>) -> Result<(), Walk<NumberFault>> {
    for_each(side, |level: Level<'_>| match (token(level.price), token(level.size)) {
        (Some(price), Some(size)) => take(price, size),
        (None, _) | (_, None) => Err(NumberFault::no_level()),
    })
}

fn moment(raw: Option<&RawValue>) -> Option<Timestamp> {
    string(raw).and_then(|text| timestamp(&text))
}

fn trades(params: &Params<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a trade message";
    let symbol = string(params.symbol).ok_or_else(|| context.no_field(WHAT, "symbol"))?;
    let data = params.data.ok_or_else(|| context.no_field(WHAT, "data"))?;
    let outcome = for_each(data.get(), |entry: TradeEntry<'_>| trade(&symbol, &entry, context));
    walked(outcome, WHAT, context)
}

/// The side is the taker's: in a capture the one trade that emptied a level bought where an ask had rested.
fn trade(
    symbol: &str,
    entry: &TradeEntry<'_>,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    const WHAT: &str = "a trade";
    let no_field = |field| context.no_field(WHAT, field);
    let text = TradeText {
        symbol,
        what: WHAT,
        price: token(entry.price).ok_or_else(|| no_field("price"))?,
        quantity: token(entry.quantity).ok_or_else(|| no_field("quantity"))?,
        trade_id: integer(entry.id).ok_or_else(|| no_field("id"))?,
        taker: assemble::buyer_or_seller(entry.side).ok_or_else(|| no_field("side"))?,
        traded_at: moment(entry.timestamp).ok_or_else(|| no_field("timestamp"))?,
    };
    assemble::trade(&text, context).map(drop)
}

/// The volume of 24 hours. Its best prices name no update of the book.
fn ticker(params: &Params<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    let symbol = string(params.symbol).ok_or_else(|| context.no_field("a ticker", "symbol"))?;
    let Some(stated) = context.stated_of(&symbol) else { return Ok(()) };
    context.push(Event::Reference(Reference {
        volume_24h: figure(params.volume),
        stated_at: moment(params.timestamp),
        ..stated
    }));
    Ok(())
}
