//! The lists of instruments, one per kind; the channel `instruments` sends entries of the same shape.

use market::{Contract, Kind, Terms};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::symbol;
use crate::assemble::{Entry, ListingText, listing, millis};
use crate::json::{string, token};
use crate::number::figure;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Row<'a> {
    #[serde(borrow, rename = "instId")]
    symbol: Option<&'a RawValue>,
    #[serde(borrow, rename = "tickSz")]
    tick: Option<&'a RawValue>,
    #[serde(borrow, rename = "lotSz")]
    lot: Option<&'a RawValue>,
    #[serde(borrow)]
    state: Option<&'a RawValue>,
    #[serde(borrow, rename = "expTime")]
    expires: Option<&'a RawValue>,
    #[serde(borrow, rename = "ctVal")]
    contract_value: Option<&'a RawValue>,
    #[serde(borrow, rename = "ctMult")]
    contract_multiplier: Option<&'a RawValue>,
    #[serde(borrow, rename = "ctValCcy")]
    contract_asset: Option<&'a RawValue>,
}

/// An entry of a list.
pub(super) fn read(entry: &str) -> Option<Entry> {
    let row: Row<'_> = serde_json::from_str(entry).ok()?;
    let symbol = string(row.symbol)?;
    let (base, quote) = symbol::assets(&symbol);
    let listing = listing(&ListingText {
        symbol: &symbol,
        base,
        quote,
        tick: token(row.tick)?,
        lot: token(row.lot)?,
        terms: terms(&row, &symbol)?,
        is_trading: string(row.state).as_deref() == Some("live"),
    })?;
    Some(Entry::Listed(listing))
}

/// A contract stands for `ctVal` times `ctMult` of `ctValCcy`, which is the quote of an inverse contract.
fn terms(row: &Row<'_>, symbol: &str) -> Option<Terms> {
    let kind = symbol::kind(symbol);
    if kind == Kind::Spot {
        return Some(Terms::default());
    }
    let size = figure(row.contract_value)?;
    let multiplier = figure(row.contract_multiplier).unwrap_or(Decimal::ONE);
    let size = size.checked_mul(multiplier)?.normalize();
    let asset = string(row.contract_asset)?;
    let is_of_base = symbol::assets(symbol).0 == asset;
    let contract = if is_of_base { Contract::OfBase(size) } else { Contract::OfQuote(size) };
    let expires_at = if kind == Kind::Perpetual { None } else { millis(row.expires) };
    Some(Terms { kind, expires_at, contract: Some(contract) })
}
