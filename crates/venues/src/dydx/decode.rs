//! Frames of dYdX → events.

use market::{Event, HttpExchange, LinkId, Side, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::book::Offsets;
use super::count::{Count, Place};
use super::markets;
use super::message::{Message, TradeEntry, Trades};
use crate::assemble::{self, TradeText, inner, object, walked, word};
use crate::context::Context;
use crate::error::DecodeError;
use crate::image::{Memory, Restored};
use crate::json::{for_each, integer, string, token};
use crate::kraken::timestamp;
use crate::list::Language;
use crate::number::Printing;
use crate::per_link::PerLink;
use crate::remember::{recall, remember};
use crate::table::Table;
use crate::{text, trade_id};

/// What is remembered between the frames of dYdX.
#[derive(Debug, Default)]
pub(super) struct Decode {
    links: PerLink<Known>,
}

/// The same of one link.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Known {
    count: Count,
    offsets: Offsets,
}

impl Language for Decode {
    fn frame(&mut self, frame: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
        let Some(message): Option<Message<'_>> = object(frame, "a message", context)? else {
            return Ok(());
        };
        let kind = word(message.kind);
        let known = self.links.get(context.link);
        let Some(number) = integer(message.number) else {
            // An answer to a ping has none; whatever else had none could not prove that nothing is missing.
            match kind.as_str() {
                "pong" => context.push(Event::Heartbeat),
                _ => context.unknown("message without a number"),
            }
            return Ok(());
        };
        // Answers to subscriptions, among them errors, overtake each other.
        let (place, count) = known.count.behind(number, kind != "channel_data");
        match place {
            Place::Next => {}
            Place::Repeated => {
                context.unknown("frame heard twice");
                return Ok(());
            }
            Place::Hole { expected } => context.push(Event::LinkGap { expected, found: number }),
        }
        known.told(&kind, &message, context)?;
        // A message that cannot be understood is one that is missing, and the next one shows it.
        known.count = count;
        Ok(())
    }

    fn answered(
        &mut self,
        exchange: &HttpExchange,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        markets::answer(exchange, context)
    }

    fn forget(&mut self, link: LinkId) {
        self.links.forget(link);
    }

    fn memory(&self, _table: &Table) -> Vec<Memory> {
        remember(&self.links)
    }

    fn restore(&mut self, restored: &Restored, _table: &Table) {
        if let Some(links) = recall(restored) {
            self.links = links;
        }
    }
}

impl Known {
    fn told(
        &mut self,
        kind: &str,
        message: &Message<'_>,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        let is_whole = kind == "subscribed";
        match kind {
            "connected" | "unsubscribed" => return Ok(()),
            "error" => {
                context.refused(&word(message.symbol), &word(message.message));
                return Ok(());
            }
            "subscribed" | "channel_data" => {}
            other => {
                context.unknown(if other.is_empty() { "object" } else { other });
                return Ok(());
            }
        }
        let (channel, symbol) = (word(message.channel), word(message.symbol));
        if is_whole {
            let topic = text::name(format!("{channel} {symbol}").trim());
            context.push(Event::Subscribed { topic });
        }
        let contents = message.contents;
        let contents = contents.ok_or_else(|| context.no_field("a message", "contents"))?;
        match (channel.as_str(), is_whole) {
            ("v3_orderbook", true) => self.offsets.whole(&symbol, contents, context),
            ("v3_orderbook", false) => self.offsets.change(&symbol, contents, context),
            // The last hundred before the subscription.
            ("v3_trades", true) => {
                context.unknown("trades of before");
                Ok(())
            }
            ("v3_trades", false) => trades(&symbol, contents, context),
            ("v3_markets", _) => markets::stated(contents, context),
            (other, _) => {
                context.unknown(other);
                Ok(())
            }
        }
    }
}

/// Trades, the newest first; told in the order of their time.
fn trades(symbol: &str, contents: &RawValue, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a trade message";
    let trades: Trades<'_> = inner(Some(contents)).unwrap_or_default();
    let trades = trades.trades.ok_or_else(|| context.no_field(WHAT, "trades"))?;
    let mut rows: Vec<(Timestamp, &RawValue, TradeEntry<'_>)> = Vec::new();
    let outcome = for_each(trades.get(), |row: &RawValue| {
        let entry: TradeEntry<'_> = inner(Some(row)).unwrap_or_default();
        let at = string(entry.time).and_then(|text| timestamp(&text));
        let at = at.ok_or_else(|| context.no_field("a trade", "createdAt"))?;
        rows.push((at, row, entry));
        Ok(())
    });
    walked(outcome, WHAT, context)?;
    rows.reverse();
    rows.sort_by_key(|(at, _, _)| *at);
    rows.iter().try_for_each(|(at, row, entry)| trade(symbol, *at, (row, entry), context))
}

/// The side is the taker's. There is no id: the whole row is taken for one, so that equal rows of one millisecond are
/// told apart within a frame only.
fn trade(
    symbol: &str,
    traded_at: Timestamp,
    (row, entry): (&RawValue, &TradeEntry<'_>),
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    const WHAT: &str = "a trade";
    let no_field = |field| context.no_field(WHAT, field);
    let text = TradeText {
        symbol,
        what: WHAT,
        price: token(entry.price).ok_or_else(|| no_field("price"))?,
        quantity: token(entry.size).ok_or_else(|| no_field("size"))?,
        trade_id: trade_id::of_text(row.get(), traded_at),
        taker: match string(entry.side).as_deref() {
            Some("BUY") => Side::Buy,
            Some("SELL") => Side::Sell,
            Some(_) | None => return Err(no_field("side")),
        },
        traded_at,
    };
    assemble::trade_of_hash(Printing::Padded, &text, context)
}
