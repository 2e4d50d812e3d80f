//! The list of instruments of a bridge; it may come in several messages.

use std::convert::Infallible;

use market::number::{SCALE_MAX, decimals_of};
use market::{Contract, Event, Kind, Price, Quantity, Terms};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::decode::moment;
use super::message::Message;
use crate::context::Context;
use crate::error::DecodeError;
use crate::json::{Walk, for_each, is_object, string, token};
use crate::number::{SCALE_DERIVED, Scales, decimal};
use crate::table::{INSTRUMENTS_MAX, Listing};
use crate::text::{self, NAME_CHARS_MAX};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Entry<'a> {
    #[serde(borrow)]
    symbol: Option<&'a RawValue>,
    #[serde(borrow)]
    base: Option<&'a RawValue>,
    #[serde(borrow)]
    quote: Option<&'a RawValue>,
    #[serde(borrow)]
    kind: Option<&'a RawValue>,
    #[serde(borrow)]
    tick: Option<&'a RawValue>,
    #[serde(borrow)]
    lot: Option<&'a RawValue>,
    #[serde(borrow)]
    expires: Option<&'a RawValue>,
    /// Base units that a quantity of 1 stands for.
    #[serde(borrow)]
    base_per_contract: Option<&'a RawValue>,
    /// Quote units that a quantity of 1 stands for.
    #[serde(borrow)]
    quote_per_contract: Option<&'a RawValue>,
    #[serde(borrow)]
    halted: Option<&'a RawValue>,
}

/// Takes the entries of one message; one that cannot be read is counted and left out.
pub(super) fn list(message: &Message<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "its list of instruments";
    let entries = message.instruments.ok_or_else(|| context.no_field(WHAT, "instruments"))?;
    let outcome = for_each(entries.get(), |entry: &RawValue| {
        match read(entry.get()).and_then(|listing| context.table.list(listing).ok()) {
            Some(event) => context.events.items.extend(event),
            None if context.events.items.len() < INSTRUMENTS_MAX => {
                context.unknown("instrument that cannot be read");
            }
            None => {}
        }
        Ok::<(), Infallible>(())
    });
    if let Err(Walk::Shape(error)) = outcome {
        return Err(context.malformed(WHAT, &error.to_string()));
    }
    if message.more.map(RawValue::get) != Some("true") {
        let n_instruments = context.table.instruments().len();
        context.push(Event::InstrumentsListed { n_instruments });
    }
    Ok(())
}

fn read(entry: &str) -> Option<Listing> {
    if !is_object(entry) {
        return None;
    }
    let entry: Entry<'_> = serde_json::from_str(entry).ok()?;
    let (tick, lot) = (token(entry.tick)?, token(entry.lot)?);
    let (price_decimals, quantity_decimals) =
        (decimals_of(tick.as_bytes())?, decimals_of(lot.as_bytes())?);
    // Real quantities are finer than the lot, so that the storage is.
    let scales = Scales {
        price: price_decimals.max(SCALE_DERIVED),
        quantity: quantity_decimals.max(SCALE_DERIVED),
    };
    if scales.price.max(scales.quantity) > SCALE_MAX {
        return None;
    }
    let name = |raw| string(raw).map(|text| text::name(&text)).unwrap_or_default();
    Some(Listing {
        symbol: text::clean(&string(entry.symbol)?, NAME_CHARS_MAX + 1).into_owned(),
        base: name(entry.base),
        quote: name(entry.quote),
        scales,
        price_decimals,
        quantity_decimals,
        tick_size: scales.price(tick).ok()?.max(Price(1)).0,
        lot_size: scales.quantity(lot).ok()?.max(Quantity(1)).0,
        terms: terms(&entry)?,
        is_trading: entry.halted.map(RawValue::get) != Some("true"),
    })
}

fn terms(entry: &Entry<'_>) -> Option<Terms> {
    let kind = match string(entry.kind).as_deref() {
        None | Some("spot") => Kind::Spot,
        Some("perp") => Kind::Perpetual,
        Some("future") => Kind::Future,
        Some("option") => Kind::Option,
        Some(_) => return None,
    };
    let size = |raw| token(raw).and_then(decimal);
    let contract = size(entry.base_per_contract)
        .map(Contract::OfBase)
        .or_else(|| size(entry.quote_per_contract).map(Contract::OfQuote));
    Some(Terms { kind, expires_at: moment(entry.expires), contract })
}
