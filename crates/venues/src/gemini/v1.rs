//! Version 1, `wss://api.gemini.com/v1/marketdata/btcusd`: updates of several events, each a change of a level or a
//! trade. The symbol stands in the address, or with `v1/multimarketdata?symbols=…` in each event.

use std::borrow::Cow;

use market::{BookKind, Continuity, Side, Timestamp};

use super::message::{Entry, Message};
use crate::assemble::{self, TradeText, millis, walked};
use crate::context::Context;
use crate::endpoint::last_of_path;
use crate::error::DecodeError;
use crate::json::{Walk, for_each, integer, string, token};
use crate::sided::{Head, push_book};
use crate::text::NAME_CHARS_MAX;

/// The symbol that an address of one market names, as version 2 writes it.
pub(super) fn symbol_of(address: &str) -> Option<String> {
    let is_of_one = address.contains("/v1/marketdata/");
    let symbol = is_of_one.then(|| last_of_path(address).to_ascii_uppercase())?;
    (1..=NAME_CHARS_MAX).contains(&symbol.len()).then_some(symbol)
}

/// A level that changed.
struct Change<'a> {
    symbol: Cow<'a, str>,
    kind: BookKind,
    side: Side,
    price: &'a str,
    remaining: &'a str,
}

/// The events of a message. `symbol` is that of the link, where its address names one.
pub(super) fn update(
    message: &Message<'_>,
    symbol: Option<&str>,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    const WHAT: &str = "an update";
    let events = message.events.ok_or_else(|| context.no_field(WHAT, "events"))?;
    let at = millis(message.timestampms);
    let mut changes: Vec<Change<'_>> = Vec::new();
    let outcome = for_each(events.get(), |entry: Entry<'_>| {
        let named = string(entry.symbol).or(symbol.map(Cow::Borrowed));
        let venue = context.venue();
        let symbol = || named.ok_or(DecodeError::NoSymbol { venue });
        match string(entry.kind).as_deref() {
            // The best prices alone are no book.
            Some("change") if string(entry.reason).as_deref() == Some("top-of-book") => {
                context.unknown("top of book");
            }
            Some("change") => changes.push(change(&entry, symbol()?, context)?),
            Some("trade") => trade(&entry, &symbol()?, at, context)?,
            // `auction` and `block_trade`: matched or agreed beside the book.
            other => context.unknown(other.unwrap_or("event without a type")),
        }
        Ok(())
    });
    walked(outcome, WHAT, context)?;
    // Changes of one market keep their order.
    changes.sort_by(|one, next| one.symbol.cmp(&next.symbol));
    let is_same =
        |one: &Change<'_>, next: &Change<'_>| one.symbol == next.symbol && one.kind == next.kind;
    changes.chunk_by(is_same).try_for_each(|changes| book(changes, at, context))
}

/// `remaining` rests at the price now; a first message tells all levels, for the reason `initial`.
fn change<'a>(
    entry: &Entry<'a>,
    symbol: Cow<'a, str>,
    context: &Context<'_>,
) -> Result<Change<'a>, DecodeError> {
    let no_field = |field| context.no_field("a change", field);
    let is_initial = string(entry.reason).as_deref() == Some("initial");
    Ok(Change {
        symbol,
        kind: if is_initial { BookKind::Snapshot } else { BookKind::Delta },
        side: side(entry.side.and_then(|raw| string(Some(raw))).as_deref())
            .ok_or_else(|| no_field("side"))?,
        price: token(entry.price).ok_or_else(|| no_field("price"))?,
        remaining: token(entry.remaining).ok_or_else(|| no_field("remaining"))?,
    })
}

fn side(word: Option<&str>) -> Option<Side> {
    match word? {
        "bid" => Some(Side::Buy),
        "ask" => Some(Side::Sell),
        _ => None,
    }
}

fn book(
    changes: &[Change<'_>],
    stated_at: Option<Timestamp>,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    let head = Head {
        symbol: &changes[0].symbol,
        what: "an update",
        kind: changes[0].kind,
        continuity: Continuity::ByLink,
        stated_at,
    };
    push_book(&head, &mut Vec::new(), context, |take| {
        let mut changes = changes.iter();
        changes.try_for_each(|it| take(it.side, it.price, it.remaining)).map_err(Walk::Refused)
    })
}

/// `makerSide` is the side of the order that rested, so that the taker's is the other one; where it is `auction`,
/// neither rested.
fn trade(
    entry: &Entry<'_>,
    symbol: &str,
    at: Option<Timestamp>,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    const WHAT: &str = "a trade";
    let maker = string(entry.maker_side);
    if maker.as_deref() == Some("auction") {
        context.unknown("auction trade");
        return Ok(());
    }
    let no_field = |field| context.no_field(WHAT, field);
    let maker = side(maker.as_deref()).ok_or_else(|| no_field("makerSide"))?;
    let text = TradeText {
        symbol,
        what: WHAT,
        price: token(entry.price).ok_or_else(|| no_field("price"))?,
        quantity: token(entry.amount).ok_or_else(|| no_field("amount"))?,
        trade_id: integer(entry.tid).ok_or_else(|| no_field("tid"))?,
        taker: match maker {
            Side::Buy => Side::Sell,
            Side::Sell => Side::Buy,
        },
        traded_at: at.ok_or_else(|| no_field("timestampms"))?,
    };
    assemble::trade(&text, context).map(drop)
}
