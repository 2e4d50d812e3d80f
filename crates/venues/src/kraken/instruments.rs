//! The list of instruments: the pairs of the channel `instrument`.

use std::borrow::Cow;

use market::number::{SCALE_MAX, decimals_of};
use market::{Price, Quantity, Terms};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::assemble::{self, Entry};
use crate::context::Context;
use crate::error::DecodeError;
use crate::json::{integer, string, token};
use crate::number::{Scales, power_of_ten};
use crate::table::Listing;
use crate::text::{self, NAME_CHARS_MAX};

/// A pair of the list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Pair<'a> {
    #[serde(borrow)]
    symbol: Option<&'a RawValue>,
    #[serde(borrow)]
    base: Option<&'a RawValue>,
    #[serde(borrow)]
    quote: Option<&'a RawValue>,
    #[serde(borrow)]
    status: Option<&'a RawValue>,
    #[serde(borrow)]
    price_precision: Option<&'a RawValue>,
    #[serde(borrow)]
    price_increment: Option<&'a RawValue>,
    #[serde(borrow)]
    qty_precision: Option<&'a RawValue>,
    #[serde(borrow)]
    qty_increment: Option<&'a RawValue>,
}

/// Takes all pairs and tells how many could be read; one that cannot is counted and left out.
pub(super) fn list(pairs: &RawValue, context: &mut Context<'_>) -> Result<usize, DecodeError> {
    assemble::list(pairs.get(), context, read)
}

fn read(pair: &str) -> Option<Entry> {
    let pair: Pair<'_> = serde_json::from_str(pair).ok()?;
    let text = |raw| string(raw).unwrap_or_default();
    let names = Names {
        symbol: string(pair.symbol)?,
        base: text(pair.base),
        quote: text(pair.quote),
        status: text(pair.status),
    };
    let steps = Steps {
        price_decimals: pair.price_precision,
        tick_size: pair.price_increment,
        quantity_decimals: pair.qty_precision,
        lot_size: pair.qty_increment,
    };
    listing(&names, &steps).map(Entry::Listed)
}

/// The words of a pair.
pub(super) struct Names<'a> {
    pub symbol: Cow<'a, str>,
    pub base: Cow<'a, str>,
    pub quote: Cow<'a, str>,
    pub status: Cow<'a, str>,
}

/// The numbers of a pair, still as text.
pub(super) struct Steps<'a> {
    pub price_decimals: Option<&'a RawValue>,
    pub tick_size: Option<&'a RawValue>,
    pub quantity_decimals: Option<&'a RawValue>,
    pub lot_size: Option<&'a RawValue>,
}

/// A pair of these words and numbers; `None` when the numbers are none.
pub(super) fn listing(names: &Names<'_>, steps: &Steps<'_>) -> Option<Listing> {
    let precision = |raw| integer(raw).and_then(|value| u8::try_from(value).ok());
    let price_decimals = precision(steps.price_decimals)?;
    let quantity_decimals = precision(steps.quantity_decimals)?;
    let (tick, lot) = (token(steps.tick_size), token(steps.lot_size));
    let scales = Scales {
        price: price_decimals.max(tick.map_or(Some(0), |tick| decimals_of(tick.as_bytes()))?),
        quantity: quantity_decimals.max(lot.map_or(Some(0), |lot| decimals_of(lot.as_bytes()))?),
    };
    if scales.price.max(scales.quantity) > SCALE_MAX {
        return None;
    }
    let tick_size = tick.and_then(|tick| Price::from_text(tick.as_bytes(), scales.price).ok());
    let lot_size = lot.and_then(|lot| Quantity::from_text(lot.as_bytes(), scales.quantity).ok());
    let step = |scale: u8, decimals: u8| power_of_ten(scale - decimals);
    Some(Listing {
        symbol: text::clean(&names.symbol, NAME_CHARS_MAX + 1).into_owned(),
        base: text::name(&names.base),
        quote: text::name(&names.quote),
        scales,
        price_decimals,
        quantity_decimals,
        tick_size: tick_size.map_or(step(scales.price, price_decimals), |tick| tick.0).max(1),
        lot_size: lot_size.map_or(step(scales.quantity, quantity_decimals), |lot| lot.0).max(1),
        terms: Terms::default(),
        is_trading: matches!(
            names.status.as_ref(),
            "online" | "limit_only" | "post_only" | "reduce_only"
        ),
    })
}
