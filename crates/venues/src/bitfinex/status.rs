//! The channel `status`: what stands beside a derivative, and the liquidations of all.

use market::{Event, Level, Reference, Side, Timestamp};
use serde_json::value::RawValue;

use super::message::{at, is_list, text_at};
use crate::assemble::{millis, walked};
use crate::context::Context;
use crate::error::DecodeError;
use crate::json::{for_each, token};
use crate::number::figure;

/// Places of the status of a derivative, as the documentation numbers them.
mod place {
    pub(super) const TIME: usize = 0;
    pub(super) const SPOT_PRICE: usize = 3;
    pub(super) const NEXT_FUNDING_AT: usize = 7;
    /// What has accrued for the funding to come; the place of the last one is 11.
    pub(super) const NEXT_FUNDING: usize = 8;
    pub(super) const MARK_PRICE: usize = 14;
    pub(super) const OPEN_INTEREST: usize = 17;
}

/// `deriv:tBTCF0:USTF0`: places that have no meaning are `null`, and more may be added at the end.
pub(super) fn derivative(
    symbol: &str,
    payload: &RawValue,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    const WHAT: &str = "the status of a derivative";
    let Some(index) = context.table.index(symbol) else {
        context.unknown("status of no known symbol");
        return Ok(());
    };
    let row: Vec<&RawValue> = serde_json::from_str(payload.get())
        .map_err(|error| context.malformed(WHAT, &error.to_string()))?;
    let figure = |place| figure(at(&row, place));
    let moment = |place| -> Option<Timestamp> { millis(at(&row, place)) };
    context.push(Event::Reference(Reference {
        mark: figure(place::MARK_PRICE),
        index: figure(place::SPOT_PRICE),
        funding_rate: figure(place::NEXT_FUNDING),
        next_funding_at: moment(place::NEXT_FUNDING_AT),
        open_interest: figure(place::OPEN_INTEREST),
        stated_at: moment(place::TIME),
        ..Reference::of(context.table.id(index))
    }));
    Ok(())
}

/// `liq:global`: rows `["pos", id, time, null, symbol, amount, base price, null, is matched, is sold, null, price]`.
/// A position appears when its liquidation begins (not matched yet, without a price) and when it was taken over or
/// sold: the latter is told. The amount is positive for a long position, which is sold.
pub(super) fn liquidations(
    payload: &RawValue,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    const WHAT: &str = "a liquidation";
    let outcome = if is_list(payload) {
        for_each(payload.get(), |row: Vec<&RawValue>| liquidation(&row, context))
    } else {
        for_each(&format!("[{}]", payload.get()), |row: Vec<&RawValue>| liquidation(&row, context))
    };
    walked(outcome, WHAT, context)
}

fn liquidation(row: &[&RawValue], context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a liquidation";
    if text_at(row, 0).as_deref() != Some("pos") {
        context.unknown("row of liquidations");
        return Ok(());
    }
    let symbol = text_at(row, 4).ok_or_else(|| context.no_field(WHAT, "symbol"))?;
    let is_matched = token(at(row, 8)) == Some("1");
    let (Some(index), Some(price), true) =
        (context.table.index(&symbol), token(at(row, 11)), is_matched)
    else {
        context.unknown("liquidation that began, or of no known symbol");
        return Ok(());
    };
    let amount = token(at(row, 5)).ok_or_else(|| context.no_field(WHAT, "amount"))?;
    let (side, quantity) = match amount.strip_prefix('-') {
        Some(quantity) => (Side::Buy, quantity),
        None => (Side::Sell, amount),
    };
    let liquidated_at = millis(at(row, 2)).ok_or_else(|| context.no_field(WHAT, "time"))?;
    let level: Level = context
        .table
        .scales(index)
        .level(price, quantity)
        .map_err(|fault| fault.of(context.venue(), &symbol))?;
    context.liquidated((index, level), side, liquidated_at);
    Ok(())
}
