//! Frames of Kraken's first protocol → events.

use market::{BookKind, Checksum, ChecksumRule, Continuity, Event, NoticeKind, Side, Timestamp};
use serde_json::value::RawValue;

use super::message::{Data, Part, Said, data};
use crate::assemble::{self, BookText, Row, TradeText, inner, object_if_any, walked, word};
use crate::context::Context;
use crate::error::DecodeError;
use crate::json::{for_each, integer, string, token, values};
use crate::kraken::{system_words, timestamp_of_seconds};
use crate::list::Language;
use crate::number::Printing;
use crate::rows::rows;
use crate::{text, trade_id};

/// Each frame says all that must be known of it.
#[derive(Debug)]
pub(super) struct Decode;

impl Language for Decode {
    fn frame(&mut self, frame: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
        if let Some(said) = object_if_any::<Said<'_>>(frame, "a message", context)? {
            event(&said, context);
            return Ok(());
        }
        let Some(data) = data(frame) else {
            context.unknown("no object");
            return Ok(());
        };
        match data.channel.split_once('-').unwrap_or((&data.channel, "")) {
            ("book", depth) => book(&data, depth.parse().ok(), context),
            ("trade", _) => trades(&data, context),
            (other, _) => {
                context.unknown(other);
                Ok(())
            }
        }
    }
}

/// What is said of the connection, or of a request: one answer a pair.
fn event(said: &Said<'_>, context: &mut Context<'_>) {
    let status = word(said.status);
    match word(said.event).as_str() {
        "heartbeat" | "pong" => context.push(Event::Heartbeat),
        "systemStatus" => {
            let is_online = status == "online";
            let kind = if is_online { NoticeKind::Online } else { NoticeKind::Maintenance };
            let text = system_words(&status);
            context.push(Event::Notice { kind, subject: String::new(), text });
        }
        "subscriptionStatus" if status == "error" => {
            context.refused(&word(said.pair), &word(said.error));
        }
        "subscriptionStatus" if status == "subscribed" => {
            let topic = format!("{} {}", word(said.channel), word(said.pair));
            context.push(Event::Subscribed { topic: text::name(&topic) });
        }
        "subscriptionStatus" => {}
        "" => context.unknown("object"),
        other => context.unknown(other),
    }
}

/// A whole book (`as`, `bs`) or changes (`a`, `b`) with the sum of the ten best levels after them (`c`). The book is
/// cut to the depth of its channel; `r` behind a level says that it was told before (docs.kraken.com, "Book", version
/// 1).
fn book(data: &Data<'_>, depth: Option<u32>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a book message";
    let part = |raw| inner::<Part<'_>>(raw).ok_or_else(|| context.no_field(WHAT, "its levels"));
    let first = part(Some(data.first))?;
    let second = data.second.map(|raw| part(Some(raw))).transpose()?.unwrap_or_default();
    let one = |first: Option<&'_ RawValue>, second: Option<&'_ RawValue>| match (first, second) {
        (Some(_), Some(_)) => Err(context.malformed(WHAT, "one side stands there twice")),
        (one, None) | (None, one) => Ok(one.map_or("[]", RawValue::get).to_owned()),
    };
    let is_whole = first.all_asks.is_some() || first.all_bids.is_some();
    let (kind, bids, asks) = if is_whole {
        let bids = first.all_bids.ok_or_else(|| context.no_field(WHAT, "bs"))?;
        let asks = first.all_asks.ok_or_else(|| context.no_field(WHAT, "as"))?;
        (BookKind::Snapshot, bids.get().to_owned(), asks.get().to_owned())
    } else {
        (BookKind::Delta, one(first.bids, second.bids)?, one(first.asks, second.asks)?)
    };
    let sum = first.checksum.or(second.checksum);
    let checksum = sum.map(|raw| sum_of(raw, context)).transpose()?;
    let stated_at = match kind {
        BookKind::Snapshot => None,
        BookKind::Delta | BookKind::Touch => latest(&bids).max(latest(&asks)),
    };
    let text = BookText {
        symbol: &data.pair,
        what: WHAT,
        kind,
        continuity: Continuity::Unnumbered,
        depth,
        bids: &bids,
        asks: &asks,
        walk: rows,
        stated_at,
    };
    assemble::book_as(Printing::Exact, &text, context)?;
    if let Some(Event::Book(book)) = context.events.items.last_mut() {
        book.checksum = checksum;
    }
    Ok(())
}

/// The same sum as in the second version.
fn sum_of(raw: &RawValue, context: &Context<'_>) -> Result<Checksum, DecodeError> {
    let value = integer(Some(raw)).and_then(|sum| u32::try_from(sum).ok());
    let value = value.ok_or_else(|| context.no_field("a book message", "c"))?;
    Ok(Checksum { rule: ChecksumRule::Kraken, value })
}

/// The moment of the latest of these changes.
fn latest(side: &str) -> Option<Timestamp> {
    let mut latest = None;
    let walked = for_each(side, |row: Row<'_>| {
        latest = latest.max(timestamp_of_seconds(row.text(2)));
        Ok::<(), ()>(())
    });
    walked.ok().and(latest)
}

fn trades(data: &Data<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    let outcome = for_each(data.first.get(), |row: &RawValue| trade(row, &data.pair, context));
    walked(outcome, "a trade message", context)
}

/// `[price, volume, time, side, order type, miscellaneous]`; the side is the taker's. There is no id: the whole row is
/// taken for one.
fn trade(row: &RawValue, pair: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a trade";
    let no_field = |field| context.no_field(WHAT, field);
    let ([price, quantity, time, side, ..], _) =
        values::<8>(row.get()).ok_or_else(|| no_field("its values"))?;
    let traded_at = token(time).and_then(timestamp_of_seconds).ok_or_else(|| no_field("time"))?;
    let text = TradeText {
        symbol: pair,
        what: WHAT,
        price: token(price).ok_or_else(|| no_field("price"))?,
        quantity: token(quantity).ok_or_else(|| no_field("volume"))?,
        trade_id: trade_id::of_text(row.get(), traded_at),
        taker: match string(side).as_deref() {
            Some("b") => Side::Buy,
            Some("s") => Side::Sell,
            Some(_) | None => return Err(no_field("side")),
        },
        traded_at,
    };
    assemble::trade_of_hash(Printing::Exact, &text, context)
}
