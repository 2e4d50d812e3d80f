//! The list of instruments: `markets`, and the older `trading-pairs-info`.

use market::{Event, Kind, Terms};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::assemble::{self, Entry, ListingText, listing, word};
use crate::context::Context;
use crate::error::DecodeError;
use crate::json::{integer, string};

/// A market of either list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Market<'a> {
    /// `BTC/USD`, `BTC/USD-PERP`.
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow)]
    market_symbol: Option<&'a RawValue>,
    #[serde(borrow)]
    url_symbol: Option<&'a RawValue>,
    #[serde(borrow)]
    base_decimals: Option<&'a RawValue>,
    #[serde(borrow)]
    counter_decimals: Option<&'a RawValue>,
    #[serde(borrow)]
    trading: Option<&'a RawValue>,
}

/// Takes the markets of a response.
pub(super) fn list(body: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
    let n_instruments = assemble::list(body, context, read)?;
    context.push(Event::InstrumentsListed { n_instruments });
    Ok(())
}

fn read(entry: &str) -> Option<Entry> {
    let market: Market<'_> = serde_json::from_str(entry).ok()?;
    let symbol = string(market.market_symbol.or(market.url_symbol))?;
    let name = word(market.name);
    let (base, quote) = name.split_once('/')?;
    let (quote, kind) = match quote.strip_suffix("-PERP") {
        Some(quote) => (quote, Kind::Perpetual),
        None => (quote, Kind::Spot),
    };
    // The decimals of prices are those of the counter currency, and they are the steps.
    let step = |raw| integer(raw).map(|decimals| format!("1e-{decimals}"));
    listing(&ListingText {
        symbol: &symbol,
        base,
        quote,
        tick: &step(market.counter_decimals)?,
        lot: &step(market.base_decimals)?,
        terms: Terms { kind, ..Terms::default() },
        is_trading: string(market.trading).as_deref() == Some("Enabled"),
    })
    .map(Entry::Listed)
}
