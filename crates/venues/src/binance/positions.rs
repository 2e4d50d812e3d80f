//! What only futures have: marks and funding, open interest, forced orders.

use market::{Event, Reference, Side};

use super::decode::{parse, timestamp};
use super::message::Message;
use crate::context::{Context, Subject};
use crate::error::DecodeError;
use crate::json::{integer, string, token};
use crate::number::{Printing, figure};

/// `<symbol>@markPrice@1s`: mark, index, and the funding to come. Of a dated future the rate is an empty text and its
/// time 0.
pub(super) fn mark(message: &Message<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a mark price";
    let symbol = string(message.symbol).ok_or_else(|| context.no_field(WHAT, "s"))?;
    // Its digits are those of a mean, which say nothing of the tick: nothing is derived from them.
    let Some(index) = context.table.index(&symbol) else {
        context.unknown("mark price of no known symbol");
        return Ok(());
    };
    let next_funding_at = integer(message.traded_at).filter(|at| *at > 0).map(timestamp);
    context.push(Event::Reference(Reference {
        mark: figure(message.price),
        index: figure(message.index_price),
        // A dated future is not funded; the rate beside it, where there is one, means nothing.
        funding_rate: next_funding_at.and_then(|_| figure(message.funding_rate)),
        next_funding_at,
        stated_at: integer(message.sent_at).map(timestamp),
        ..Reference::of(context.table.id(index))
    }));
    Ok(())
}

/// `openInterest` of REST: in the base asset on USD-M, in contracts on COIN-M, as its quantities are.
pub(super) fn open_interest(
    message: &Message<'_>,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    const WHAT: &str = "its open interest";
    let symbol = string(message.snapshot_symbol).ok_or_else(|| context.no_field(WHAT, "symbol"))?;
    let interest =
        figure(message.open_interest).ok_or_else(|| context.no_field(WHAT, "openInterest"))?;
    let Some(index) = context.table.index(&symbol) else {
        context.unknown("open interest of no known symbol");
        return Ok(());
    };
    context.push(Event::Reference(Reference {
        open_interest: Some(interest),
        stated_at: integer(message.time).map(timestamp),
        ..Reference::of(context.table.id(index))
    }));
    Ok(())
}

/// `<symbol>@forceOrder`: the last forced order of a second, if there was one.
pub(super) fn forced(message: &Message<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a forced order";
    let order = message.order.ok_or_else(|| context.no_field(WHAT, "o"))?;
    let order = parse(order.get(), context)?.ok_or_else(|| context.no_field(WHAT, "o"))?;
    let symbol = string(order.symbol).ok_or_else(|| context.no_field(WHAT, "s"))?;
    let price = token(order.price).ok_or_else(|| context.no_field(WHAT, "p"))?;
    let quantity = token(order.quantity).ok_or_else(|| context.no_field(WHAT, "q"))?;
    let at = integer(order.traded_at).ok_or_else(|| context.no_field(WHAT, "T"))?;
    let side = match string(order.side).as_deref() {
        Some("BUY") => Side::Buy,
        Some("SELL") => Side::Sell,
        Some(_) | None => return Err(context.no_field(WHAT, "S")),
    };
    let subject = Subject { symbol: &symbol, what: WHAT, printing: Printing::Padded };
    let (index, level) = context.level(&subject, price, quantity)?;
    context.liquidated((index, level), side, timestamp(at));
    Ok(())
}
