//! What Bybit states beside its books: volume; of contracts mark, index, funding, open interest, forced orders too.

use market::{Event, Reference, Side, Timestamp};

use super::book::side;
use super::message::{Frame, Print, Ticker};
use crate::assemble::{inner, millis};
use crate::context::{Context, Subject};
use crate::error::DecodeError;
use crate::json::{is_zero, string, token};
use crate::number::{Printing, figure};

const WHAT: &str = "a ticker";

/// `tickers.<symbol>`: a snapshot, then what changed.
pub(super) fn ticker(frame: &Frame<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    let ticker: Ticker<'_> = inner(frame.data).ok_or_else(|| context.no_field(WHAT, "data"))?;
    state(&ticker, millis(frame.ts), context)
}

/// What a ticker says, of the topic or of a response. Open interest and volume are counted as quantities are, in the
/// base asset.
pub(super) fn state(
    ticker: &Ticker<'_>,
    stated_at: Option<Timestamp>,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    let symbol = string(ticker.symbol).ok_or_else(|| context.no_field(WHAT, "symbol"))?;
    let Some(nothing) = context.stated_of(&symbol) else { return Ok(()) };
    let next_funding = ticker.next_funding_time.filter(|raw| !token(Some(raw)).is_none_or(is_zero));
    let stated = Reference {
        mark: figure(ticker.mark),
        index: figure(ticker.index),
        funding_rate: figure(ticker.funding_rate),
        next_funding_at: millis(next_funding),
        open_interest: figure(ticker.open_interest),
        volume_24h: figure(ticker.volume_24h),
        ..nothing
    };
    // Most deltas tell only of the best prices, which the book has.
    if stated != nothing {
        context.push(Event::Reference(Reference { stated_at, ..stated }));
    }
    Ok(())
}

/// An entry of `allLiquidation.<symbol>`. Bybit, "All Liquidation": `S` is the side of the position, so that `Buy` says
/// that a long one was closed, which was then sold.
pub(super) fn liquidation(print: &Print<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a liquidation";
    let symbol = string(print.symbol).ok_or_else(|| context.no_field(WHAT, "s"))?;
    let price = token(print.price).ok_or_else(|| context.no_field(WHAT, "p"))?;
    let quantity = token(print.size).ok_or_else(|| context.no_field(WHAT, "v"))?;
    let liquidated_at = millis(print.time).ok_or_else(|| context.no_field(WHAT, "T"))?;
    let side = match side(print.side).ok_or_else(|| context.no_field(WHAT, "S"))? {
        Side::Buy => Side::Sell,
        Side::Sell => Side::Buy,
    };
    let subject = Subject { symbol: &symbol, what: WHAT, printing: Printing::Padded };
    let (index, level) = context.level(&subject, price, quantity)?;
    context.liquidated((index, level), side, liquidated_at);
    Ok(())
}
