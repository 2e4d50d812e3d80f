//! The list of products, of Advanced Trade or of the Exchange feed, entry by entry; and what stands beside a future.

use market::number::{SCALE_MAX, decimals_of};
use market::{Contract, Event, Kind, Price, Quantity, Reference, Terms, Timestamp};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::advanced::moment;
use crate::assemble::{self, Entry};
use crate::context::Context;
use crate::error::DecodeError;
use crate::json::{is_object, is_zero, string, token};
use crate::number::{Scales, figure};
use crate::table::Listing;
use crate::text::{self, NAME_CHARS_MAX};

/// Decimals of a price that are kept at least.
const PRICE_SCALE_MIN: u8 = 8;

/// Decimals kept beyond the lot, should a quantity be finer than it; no more, since some coins are counted by
/// trillions.
const DECIMALS_BEYOND_LOT: u8 = 3;

/// A product. Advanced Trade and the Exchange feed name the same things differently.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Product<'a> {
    #[serde(borrow, alias = "id")]
    product_id: Option<&'a RawValue>,
    #[serde(borrow, alias = "base_currency")]
    base_currency_id: Option<&'a RawValue>,
    #[serde(borrow, alias = "quote_currency")]
    quote_currency_id: Option<&'a RawValue>,
    #[serde(borrow)]
    price_increment: Option<&'a RawValue>,
    #[serde(borrow)]
    quote_increment: Option<&'a RawValue>,
    #[serde(borrow)]
    base_increment: Option<&'a RawValue>,
    #[serde(borrow)]
    status: Option<&'a RawValue>,
    #[serde(borrow)]
    trading_disabled: Option<&'a RawValue>,
    #[serde(borrow)]
    is_disabled: Option<&'a RawValue>,
    /// The product whose book this one shares, and under whose name its data comes: `BTC-USD` of `BTC-USDC`.
    #[serde(borrow)]
    alias: Option<&'a RawValue>,
    #[serde(borrow)]
    product_type: Option<&'a RawValue>,
    #[serde(borrow)]
    future_product_details: Option<&'a RawValue>,
    #[serde(borrow)]
    volume_24h: Option<&'a RawValue>,
}

/// What a product is beside, when it is a future.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Future<'a> {
    #[serde(borrow)]
    contract_root_unit: Option<&'a RawValue>,
    #[serde(borrow)]
    contract_size: Option<&'a RawValue>,
    #[serde(borrow)]
    contract_expiry: Option<&'a RawValue>,
    #[serde(borrow)]
    contract_expiry_type: Option<&'a RawValue>,
    #[serde(borrow)]
    index_price: Option<&'a RawValue>,
    #[serde(borrow)]
    open_interest: Option<&'a RawValue>,
    #[serde(borrow)]
    funding_rate: Option<&'a RawValue>,
    #[serde(borrow)]
    funding_time: Option<&'a RawValue>,
    #[serde(borrow)]
    perpetual_details: Option<&'a RawValue>,
}

/// Takes the whole list; an entry that cannot be read is counted and left out.
pub(super) fn list(products: &RawValue, context: &mut Context<'_>) -> Result<(), DecodeError> {
    let n_instruments = assemble::list(products.get(), context, read)?;
    context.push(Event::InstrumentsListed { n_instruments });
    Ok(())
}

/// Takes one product: its listing where it changed, and what is stated of it. `volume_24h` is in the base asset on
/// spot; of futures the documentation does not say in what it is.
pub(super) fn one(product: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a product";
    let Some(Entry::Listed(listing)) = read(product) else {
        context.unknown("instrument that cannot be read");
        return Ok(());
    };
    let symbol = listing.symbol.clone();
    let event = context.table.list(listing)?;
    context.events.items.extend(event);
    let product: Product<'_> = serde_json::from_str(product)
        .map_err(|error| context.malformed(WHAT, &error.to_string()))?;
    let future = inner(product.future_product_details);
    if let (Some(future), Some(index)) = (future, context.table.index(&symbol)) {
        let reference = stated(&future, Reference::of(context.table.id(index)));
        context.push(Event::Reference(reference));
    }
    let is_spot = string(product.product_type).as_deref() == Some("SPOT");
    // What was never traded has an empty text there.
    if is_spot && figure(product.volume_24h).is_some() {
        return context.traded_in_24h(&symbol, ("volume_24h", product.volume_24h), None);
    }
    Ok(())
}

fn stated(future: &Future<'_>, unsaid: Reference) -> Reference {
    let perpetual = inner(future.perpetual_details).unwrap_or_default();
    Reference {
        index: figure(future.index_price),
        funding_rate: figure(future.funding_rate).or_else(|| figure(perpetual.funding_rate)),
        next_funding_at: moment(future.funding_time).or_else(|| moment(perpetual.funding_time)),
        open_interest: figure(future.open_interest).or_else(|| figure(perpetual.open_interest)),
        ..unsaid
    }
}

fn read(product: &str) -> Option<Entry> {
    if !is_object(product) {
        return None;
    }
    let product: Product<'_> = serde_json::from_str(product).ok()?;
    if string(product.alias).is_some_and(|alias| !alias.is_empty()) {
        // Another name of a product that is listed itself.
        return Some(Entry::Passed);
    }
    let is_future = string(product.product_type).as_deref() == Some("FUTURE");
    let future = inner(product.future_product_details).filter(|_| is_future);
    let symbol = string(product.product_id)?;
    // The tick of prices; the Exchange feed has none beside the increment of the quote.
    let tick = token(product.price_increment).filter(|tick| !tick.is_empty() && !is_zero(tick));
    let tick = tick.or_else(|| token(product.quote_increment))?;
    let lot = token(product.base_increment)?;
    let price_decimals = decimals_of(tick.as_bytes())?;
    let quantity_decimals = decimals_of(lot.as_bytes()).filter(|it| *it <= SCALE_MAX)?;
    let scales = Scales {
        price: price_decimals.max(PRICE_SCALE_MIN),
        quantity: quantity_decimals.max((quantity_decimals + DECIMALS_BEYOND_LOT).min(8)),
    };
    if scales.price > SCALE_MAX {
        return None;
    }
    let name = |raw| text::name(&string(raw).unwrap_or_default());
    let is = |raw: Option<&RawValue>| raw.is_some_and(|raw| raw.get() == "true");
    let root = future.as_ref().map(|future| name(future.contract_root_unit));
    Some(Entry::Listed(Listing {
        symbol: text::clean(&symbol, NAME_CHARS_MAX + 1).into_owned(),
        base: root.filter(|root| !root.is_empty()).unwrap_or(name(product.base_currency_id)),
        quote: name(product.quote_currency_id),
        scales,
        price_decimals,
        quantity_decimals,
        tick_size: Price::from_text(tick.as_bytes(), scales.price).map_or(1, |tick| tick.0).max(1),
        lot_size: Quantity::from_text(lot.as_bytes(), scales.quantity)
            .map_or(1, |lot| lot.0)
            .max(1),
        terms: future.map(|future| terms(&future)).unwrap_or_default(),
        is_trading: string(product.status)
            .is_none_or(|status| status == "online" || status.is_empty())
            && !is(product.trading_disabled)
            && !is(product.is_disabled),
    }))
}

fn terms(future: &Future<'_>) -> Terms {
    let expires_at: Option<Timestamp> = moment(future.contract_expiry);
    let is_perpetual =
        string(future.contract_expiry_type).map_or(expires_at.is_none(), |it| it == "PERPETUAL");
    Terms {
        kind: if is_perpetual { Kind::Perpetual } else { Kind::Future },
        expires_at: expires_at.filter(|_| !is_perpetual),
        contract: figure(future.contract_size).map(Contract::OfBase),
    }
}

fn inner(raw: Option<&RawValue>) -> Option<Future<'_>> {
    raw.filter(|raw| is_object(raw.get())).and_then(|raw| serde_json::from_str(raw.get()).ok())
}
