//! What OKX states beside its books: volume; of derivatives mark, index, funding, open interest, forced orders too.

use market::{Event, Reference};
use serde_json::value::RawValue;

use super::book::side;
use super::links::Link;
use super::message::{Forced, ForcedOrder, Stated};
use crate::assemble::{millis, walked};
use crate::context::Context;
use crate::error::DecodeError;
use crate::json::{for_each, string, token};
use crate::number::figure;

const WHAT: &str = "a statement of a derivative";

/// `mark-price`, `funding-rate` and `open-interest`. Open interest (`oi`) is counted in contracts, as quantities are;
/// `fundingRate` is paid at `fundingTime`.
pub(super) fn figures(
    data: &RawValue,
    link: &mut Link,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    let outcome = for_each(data.get(), |entry: Stated<'_>| {
        let symbol = string(entry.symbol).ok_or_else(|| context.no_field(WHAT, "instId"))?;
        link.note(&symbol);
        state(&entry, &symbol, context);
        Ok(())
    });
    walked(outcome, WHAT, context)
}

/// `index-tickers`: an index is told for all that follow it on this link.
pub(super) fn index(
    data: &RawValue,
    link: &Link,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    let outcome = for_each(data.get(), |entry: Stated<'_>| {
        let index = string(entry.symbol).ok_or_else(|| context.no_field(WHAT, "instId"))?;
        let followers = link.followers(&index);
        if followers.is_empty() {
            context.unknown("index of no instrument");
        }
        for symbol in followers {
            state(&entry, symbol, context);
        }
        Ok(())
    });
    walked(outcome, WHAT, context)
}

/// The tickers of a response or of the channel `tickers`. `vol24h` is counted as quantities are: in contracts, of spot
/// in the base asset; the `volCcy24h` beside it is in coins, of spot in the quote asset.
pub(super) fn volumes(data: &RawValue, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "its 24-hour ticker";
    let outcome = for_each(data.get(), |entry: Stated<'_>| {
        let symbol = string(entry.symbol).ok_or_else(|| context.no_field(WHAT, "instId"))?;
        context.traded_in_24h(&symbol, ("vol24h", entry.volume_24h), millis(entry.ts))
    });
    walked(outcome, WHAT, context)
}

fn state(entry: &Stated<'_>, symbol: &str, context: &mut Context<'_>) {
    let Some(stated) = context.stated_of(symbol) else { return };
    context.push(Event::Reference(Reference {
        mark: figure(entry.mark),
        index: figure(entry.index),
        funding_rate: figure(entry.funding_rate),
        next_funding_at: millis(entry.funding_time),
        open_interest: figure(entry.open_interest),
        stated_at: millis(entry.ts),
        ..stated
    }));
}

/// `liquidation-orders` tells of all instruments of a kind; those that the link does not carry are passed over.
pub(super) fn liquidations(
    data: &RawValue,
    link: &Link,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    const WHAT: &str = "a liquidation";
    let outcome = for_each(data.get(), |entry: Forced<'_>| {
        let symbol = string(entry.symbol).ok_or_else(|| context.no_field(WHAT, "instId"))?;
        let details = entry.details.ok_or_else(|| context.no_field(WHAT, "details"))?;
        if link.carries_any() && !link.carries(&symbol) {
            return Ok(());
        }
        let outcome =
            for_each(details.get(), |order: ForcedOrder<'_>| liquidation(&order, &symbol, context));
        walked(outcome, WHAT, context)
    });
    walked(outcome, WHAT, context)
}

fn liquidation(
    order: &ForcedOrder<'_>,
    symbol: &str,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    const WHAT: &str = "a liquidation";
    let price = token(order.price).ok_or_else(|| context.no_field(WHAT, "bkPx"))?;
    let quantity = token(order.sz).ok_or_else(|| context.no_field(WHAT, "sz"))?;
    let side = side(order.side).ok_or_else(|| context.no_field(WHAT, "side"))?;
    let liquidated_at = millis(order.ts).ok_or_else(|| context.no_field(WHAT, "ts"))?;
    let Some(index) = context.table.index(symbol) else {
        context.unknown("liquidation of an unlisted instrument");
        return Ok(());
    };
    let level = context.table.scales(index).level(price, quantity);
    let level = level.map_err(|fault| fault.of(context.venue(), symbol))?;
    context.liquidated((index, level), side, liquidated_at);
    Ok(())
}
