//! The list of instruments of one market.

use market::{Kind, Terms};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::assemble::{Entry, ListingText, inner, listing, millis, word};
use crate::json::{string, token};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Row<'a> {
    #[serde(borrow)]
    symbol: Option<&'a RawValue>,
    #[serde(borrow, rename = "baseCoin")]
    base: Option<&'a RawValue>,
    #[serde(borrow, rename = "quoteCoin")]
    quote: Option<&'a RawValue>,
    #[serde(borrow)]
    status: Option<&'a RawValue>,
    #[serde(borrow, rename = "contractType")]
    contract_type: Option<&'a RawValue>,
    #[serde(borrow, rename = "deliveryTime")]
    delivery_time: Option<&'a RawValue>,
    #[serde(borrow, rename = "priceFilter")]
    price_filter: Option<&'a RawValue>,
    #[serde(borrow, rename = "lotSizeFilter")]
    lot_filter: Option<&'a RawValue>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Steps<'a> {
    #[serde(borrow, rename = "tickSize")]
    tick: Option<&'a RawValue>,
    /// Of contracts.
    #[serde(borrow, rename = "qtyStep")]
    lot: Option<&'a RawValue>,
    /// Of spot.
    #[serde(borrow, rename = "basePrecision")]
    base_precision: Option<&'a RawValue>,
}

/// An entry of a list.
pub(super) fn read(entry: &str) -> Option<Entry> {
    let row: Row<'_> = serde_json::from_str(entry).ok()?;
    let (prices, lots): (Steps<'_>, Steps<'_>) = (inner(row.price_filter)?, inner(row.lot_filter)?);
    let kind = match string(row.contract_type).as_deref() {
        None => Kind::Spot,
        Some(kind) if kind.ends_with("Perpetual") => Kind::Perpetual,
        Some(_) => Kind::Future,
    };
    let expires_at = if kind == Kind::Future { millis(row.delivery_time) } else { None };
    let listing = listing(&ListingText {
        symbol: &string(row.symbol)?,
        base: &word(row.base),
        quote: &word(row.quote),
        tick: token(prices.tick)?,
        lot: token(lots.lot.or(lots.base_precision))?,
        // Quantities of linear contracts are in the base asset, as those of spot.
        terms: Terms { kind, expires_at, contract: None },
        is_trading: string(row.status).as_deref() == Some("Trading"),
    })?;
    Some(Entry::Listed(listing))
}
