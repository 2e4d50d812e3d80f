//! The list of instruments: `exchangeInfo`, entry by entry.

use std::borrow::Cow;

use market::number::decimals_of;
use market::{Contract, Event, Kind, Price, Quantity, Terms};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::decode::timestamp;
use crate::assemble;
use crate::context::Context;
use crate::error::DecodeError;
use crate::json::{integer, is_zero};
use crate::number::{Scales, figure};
use crate::table::Listing;
use crate::text::{self, NAME_CHARS_MAX};

/// Decimals with which Binance prints all prices and quantities of spot.
const DECIMALS_PRINTED: u8 = 8;

/// Decimals kept beyond the tick: all that are printed, so that no price must be cut to be stored.
const DECIMALS_BEYOND_TICK: u8 = DECIMALS_PRINTED;

/// Decimals kept beyond the lot: real quantities are finer than it (BTCUSDT: six decimals, step 1e-5).
const DECIMALS_BEYOND_LOT: u8 = 3;

/// An entry of the list. Precisions are left out: they do not tell the tick.
#[derive(Debug, Deserialize)]
struct Entry<'a> {
    #[serde(borrow)]
    symbol: Cow<'a, str>,
    #[serde(default, borrow)]
    status: Option<Cow<'a, str>>,
    #[serde(default, borrow, rename = "contractStatus")]
    contract_status: Option<Cow<'a, str>>,
    #[serde(default, borrow, rename = "baseAsset")]
    base: Cow<'a, str>,
    #[serde(default, borrow, rename = "quoteAsset")]
    quote: Cow<'a, str>,
    #[serde(default, borrow, rename = "contractType")]
    contract_type: Option<Cow<'a, str>>,
    #[serde(default, borrow, rename = "deliveryDate")]
    delivered_at: Option<&'a RawValue>,
    #[serde(default, borrow, rename = "contractSize")]
    contract_size: Option<&'a RawValue>,
    #[serde(default, borrow)]
    filters: Vec<Filter<'a>>,
}

impl Entry<'_> {
    /// Spot has no type of contract. Perpetuals state the year 2100 as their end, which is none. COIN-M counts in
    /// contracts of so many dollars, USD-M in the base asset.
    fn terms(&self) -> Terms {
        let Some(contract_type) = &self.contract_type else { return Terms::default() };
        // `TRADIFI_PERPETUAL` and `PERPETUAL DELIVERING` are perpetuals too; of some that wait the type is empty.
        let is_dated = if contract_type.is_empty() {
            self.symbol.contains('_') && !self.symbol.ends_with("_PERP")
        } else {
            !contract_type.contains("PERPETUAL")
        };
        let end = is_dated.then(|| integer(self.delivered_at).filter(|end| *end > 0)).flatten();
        Terms {
            kind: if is_dated { Kind::Future } else { Kind::Perpetual },
            expires_at: end.map(timestamp),
            contract: figure(self.contract_size).map(Contract::OfQuote),
        }
    }
}

#[derive(Debug, Deserialize)]
struct Filter<'a> {
    #[serde(borrow, rename = "filterType")]
    kind: Cow<'a, str>,
    #[serde(default, borrow, rename = "tickSize")]
    tick_size: Option<Cow<'a, str>>,
    #[serde(default, borrow, rename = "stepSize")]
    step_size: Option<Cow<'a, str>>,
}

/// Takes the whole list; an entry that cannot be read is counted and left out.
pub(super) fn list(symbols: &RawValue, context: &mut Context<'_>) -> Result<(), DecodeError> {
    let n_instruments = assemble::list(symbols.get(), context, read)?;
    context.events.items.push(Event::InstrumentsListed { n_instruments });
    Ok(())
}

fn read(entry: &str) -> Option<assemble::Entry> {
    let entry: Entry<'_> = serde_json::from_str(entry).ok()?;
    let step = |kind: &str, step: fn(&Filter<'_>) -> Option<String>| {
        entry.filters.iter().find(|filter| filter.kind == kind).and_then(step)
    };
    let tick = step("PRICE_FILTER", |filter| filter.tick_size.as_deref().map(str::to_owned));
    let lot = step("LOT_SIZE", |filter| filter.step_size.as_deref().map(str::to_owned));
    // A size of zero means that the rule is disabled: as fine as can be printed then.
    let (tick_decimals, price_scale) = decimals_and_scale(tick.as_deref(), DECIMALS_BEYOND_TICK)?;
    let (lot_decimals, quantity_scale) = decimals_and_scale(lot.as_deref(), DECIMALS_BEYOND_LOT)?;
    let tick_size = tick.and_then(|tick| Price::from_text(tick.as_bytes(), price_scale).ok());
    let lot_size = lot.and_then(|lot| Quantity::from_text(lot.as_bytes(), quantity_scale).ok());
    let terms = entry.terms();
    let status = entry.status.or(entry.contract_status);
    Some(assemble::Entry::Listed(Listing {
        symbol: text::clean(&entry.symbol, NAME_CHARS_MAX + 1).into_owned(),
        base: text::name(&entry.base),
        quote: text::name(&entry.quote),
        scales: Scales { price: price_scale, quantity: quantity_scale },
        price_decimals: tick_decimals,
        quantity_decimals: lot_decimals,
        tick_size: tick_size.map_or(1, |tick| tick.0).max(1),
        lot_size: lot_size.map_or(1, |lot| lot.0).max(1),
        terms,
        is_trading: status.as_deref() == Some("TRADING"),
    }))
}

/// Decimals of a step, and the scale that holds what is printed beside it. `None` when the step is no number.
fn decimals_and_scale(step: Option<&str>, beyond: u8) -> Option<(u8, u8)> {
    let decimals = match step.filter(|step| !is_zero(step)) {
        Some(step) => decimals_of(step.as_bytes())?,
        None => DECIMALS_PRINTED,
    };
    if decimals > market::number::SCALE_MAX {
        return None;
    }
    Some((decimals, decimals.max(DECIMALS_PRINTED.min(decimals + beyond))))
}
