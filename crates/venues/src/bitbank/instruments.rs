//! The list of instruments: `/v1/spot/pairs`.

use market::{Event, Terms};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::message::Data;
use crate::assemble::{self, Entry, ListingText, listing, word};
use crate::context::Context;
use crate::error::DecodeError;
use crate::json::integer;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Pair<'a> {
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow)]
    base_asset: Option<&'a RawValue>,
    #[serde(borrow)]
    quote_asset: Option<&'a RawValue>,
    #[serde(borrow)]
    price_digits: Option<&'a RawValue>,
    #[serde(borrow)]
    amount_digits: Option<&'a RawValue>,
    #[serde(borrow)]
    is_enabled: Option<&'a RawValue>,
    #[serde(borrow)]
    stop_order: Option<&'a RawValue>,
}

/// Takes the pairs of a response.
pub(super) fn list(data: &Data<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    let pairs = data.pairs.ok_or_else(|| context.no_field("its list of instruments", "pairs"))?;
    let n_instruments = assemble::list(pairs.get(), context, read)?;
    context.push(Event::InstrumentsListed { n_instruments });
    Ok(())
}

fn read(entry: &str) -> Option<Entry> {
    let pair: Pair<'_> = serde_json::from_str(entry).ok()?;
    // The steps are the last digits of prices and amounts.
    let step = |raw| integer(raw).map(|digits| format!("1e-{digits}"));
    let is_true = |raw: Option<&RawValue>| raw.map(RawValue::get) == Some("true");
    listing(&ListingText {
        symbol: &word(pair.name),
        base: &word(pair.base_asset).to_uppercase(),
        quote: &word(pair.quote_asset).to_uppercase(),
        tick: &step(pair.price_digits)?,
        lot: &step(pair.amount_digits)?,
        terms: Terms::default(),
        is_trading: is_true(pair.is_enabled) && !is_true(pair.stop_order),
    })
    .map(Entry::Listed)
}
