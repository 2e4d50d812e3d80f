//! The list of instruments. Bitfinex has none that tells ticks; its prices have five significant digits, so that the
//! last price of each, from the tickers of all, tells how fine a market is.

use std::collections::HashMap;

use market::number::decimals_of;
use market::{Event, Kind, Terms};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::message::{at, text_at};
use super::protocol::is_derivative;
use crate::assemble::{self, Entry, walked};
use crate::context::Context;
use crate::error::DecodeError;
use crate::json::{for_each, is_zero, token};
use crate::number::{Scales, decimal, figure, power_of_ten};
use crate::remember::sorted;
use crate::table::Listing;
use crate::text::{self, NAME_CHARS_MAX};

/// Significant digits of a price.
const DIGITS: i32 = 5;

/// Decimals that amounts have, and prices at most.
const DECIMALS: u8 = 8;

/// Names of currencies that are kept: the venue has some 600.
const NAMES_MAX: usize = 4_096;

/// What currencies are called elsewhere, by the venue's own code: `UST` is `USDt`.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Names {
    #[serde(serialize_with = "sorted")]
    known: HashMap<String, String>,
}

impl Names {
    /// `[[["UST","USDt"],…]]`, of `conf/pub:map:currency:sym`.
    pub fn take(&mut self, pairs: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
        let outcome = for_each(pairs, |pairs: Vec<(String, String)>| {
            for (code, name) in pairs.into_iter().take(NAMES_MAX) {
                self.known.insert(text::name(&code), text::name(&name).to_uppercase());
            }
            if self.known.len() > 2 * NAMES_MAX {
                self.known.clear();
            }
            Ok::<(), DecodeError>(())
        });
        walked(outcome, "its names of currencies", context)
    }

    /// A derivative's currencies end in `F0`.
    fn of(&self, code: &str) -> String {
        let code = code.strip_suffix("F0").unwrap_or(code);
        match (self.known.get(code), code) {
            (Some(name), _) => name.clone(),
            (None, "UST") => "USDT".to_owned(),
            (None, _) => code.to_owned(),
        }
    }
}

/// `tickers?symbols=ALL`: rows `[symbol, bid, size, ask, size, change, relative, last price, …]`; those of funding
/// (`f…`) are no markets.
pub(super) fn list(
    tickers: &str,
    names: &Names,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    let n_instruments = assemble::list_of_any(tickers, context, |row| {
        let row: Vec<&RawValue> = serde_json::from_str(row).unwrap_or_default();
        let symbol = text_at(&row, 0)?;
        if symbol.starts_with('f') {
            return Some(Entry::Passed);
        }
        listing(&symbol, &row, names).map(Entry::Listed)
    })?;
    context.push(Event::InstrumentsListed { n_instruments });
    Ok(())
}

/// `tickers?symbols=tBTCUSD,…`: the volume of each, in the base asset. Of derivatives the documentation does not say in
/// what it is.
pub(super) fn volumes(tickers: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "its 24-hour ticker";
    let outcome = for_each(tickers, |row: Vec<&RawValue>| {
        let symbol = text_at(&row, 0).ok_or_else(|| context.no_field(WHAT, "SYMBOL"))?;
        // What was never traded has none.
        let is_told = figure(at(&row, 8)).is_some();
        if !symbol.starts_with('t') || is_derivative(&symbol) || !is_told {
            return Ok(());
        }
        context.traded_in_24h(&symbol, ("VOLUME", at(&row, 8)), None)
    });
    walked(outcome, WHAT, context)
}

fn listing(symbol: &str, row: &[&RawValue], names: &Names) -> Option<Listing> {
    let pair = symbol.strip_prefix('t')?;
    let (base, quote) = match pair.split_once(':') {
        Some(parts) => parts,
        None if pair.is_ascii() && pair.len() == 6 => pair.split_at(3),
        None => (pair, ""),
    };
    // What was never traded has a bid at most, or no price at all.
    let price = [7, 1].into_iter().filter_map(|place| token(at(row, place)));
    let exponent = price.filter(|price| !is_zero(price)).find_map(exponent_of).unwrap_or(-8);
    let tick_exponent = exponent + 1 - DIGITS;
    let price_decimals = u8::try_from((-tick_exponent).clamp(0, i32::from(DECIMALS))).ok()?;
    // Levels far below are finer than the tick. Room is left above it for a price that grows a thousandfold.
    let scales =
        Scales { price: if exponent > 5 { DECIMALS } else { DECIMALS + 2 }, quantity: DECIMALS };
    let tick_power = i32::from(scales.price) + tick_exponent.max(-i32::from(DECIMALS));
    Some(Listing {
        symbol: text::clean(symbol, NAME_CHARS_MAX + 1).into_owned(),
        base: text::name(&names.of(base)),
        quote: text::name(&names.of(quote)),
        scales,
        price_decimals,
        quantity_decimals: DECIMALS,
        tick_size: power_of_ten(u8::try_from(tick_power).ok()?),
        lot_size: 1,
        terms: Terms {
            kind: if base.ends_with("F0") { Kind::Perpetual } else { Kind::Spot },
            ..Terms::default()
        },
        is_trading: true,
    })
}

/// The power of ten of a number's first digit: 4 of 84321, -2 of 0.069.
fn exponent_of(price: &str) -> Option<i32> {
    decimals_of(price.as_bytes())?;
    let price = decimal(price)?.normalize();
    let digits = price.mantissa().unsigned_abs().checked_ilog10()?;
    Some(i32::try_from(digits).ok()? - i32::try_from(price.scale()).ok()?)
}
