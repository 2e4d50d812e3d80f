//! The list of instruments: `public/get_instruments`.

use market::{Contract, Event, Kind, Terms};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::message::Message;
use crate::assemble::{self, Entry, ListingText, listing, millis, word};
use crate::context::Context;
use crate::error::DecodeError;
use crate::json::{for_each, token};
use crate::number::decimal;

/// An instrument of the list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Instrument<'a> {
    #[serde(borrow)]
    instrument_name: Option<&'a RawValue>,
    #[serde(borrow)]
    base_currency: Option<&'a RawValue>,
    #[serde(borrow)]
    quote_currency: Option<&'a RawValue>,
    #[serde(borrow)]
    kind: Option<&'a RawValue>,
    #[serde(borrow)]
    instrument_type: Option<&'a RawValue>,
    #[serde(borrow)]
    settlement_period: Option<&'a RawValue>,
    #[serde(borrow)]
    expiration_timestamp: Option<&'a RawValue>,
    #[serde(borrow)]
    tick_size: Option<&'a RawValue>,
    #[serde(borrow)]
    tick_size_steps: Option<&'a RawValue>,
    #[serde(borrow)]
    contract_size: Option<&'a RawValue>,
    #[serde(borrow)]
    min_trade_amount: Option<&'a RawValue>,
    #[serde(borrow)]
    is_active: Option<&'a RawValue>,
}

/// A step that holds above a price.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Step<'a> {
    #[serde(borrow)]
    tick_size: Option<&'a RawValue>,
}

/// Takes the instruments of a response.
pub(super) fn list(body: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "its list of instruments";
    let message: Message<'_> =
        serde_json::from_str(body).map_err(|error| context.malformed(WHAT, &error.to_string()))?;
    let entries = message.result.ok_or_else(|| context.no_field(WHAT, "result"))?;
    let n_instruments = assemble::list(entries.get(), context, read)?;
    context.push(Event::InstrumentsListed { n_instruments });
    Ok(())
}

fn read(entry: &str) -> Option<Entry> {
    let entry: Instrument<'_> = serde_json::from_str(entry).ok()?;
    let quote = word(entry.quote_currency);
    let Some(terms) = terms(&entry, &quote)? else { return Some(Entry::Passed) };
    // Orders are multiples of the contract, but for those venues' options whose least order is smaller.
    let sizes = [entry.contract_size, entry.min_trade_amount];
    let lot = least(sizes.into_iter().filter_map(token))?;
    listing(&ListingText {
        symbol: &word(entry.instrument_name),
        base: &word(entry.base_currency),
        quote: &quote,
        tick: &tick(&entry)?,
        lot: &lot,
        terms,
        is_trading: entry.is_active.map(RawValue::get) != Some("false"),
    })
    .map(Entry::Listed)
}

/// The finest step: `tick_size` holds below all of `tick_size_steps`, which are coarser with the price.
fn tick(entry: &Instrument<'_>) -> Option<String> {
    let mut steps = vec![token(entry.tick_size)?];
    if let Some(list) = entry.tick_size_steps {
        let outcome = for_each(list.get(), |step: Step<'_>| {
            steps.extend(token(step.tick_size));
            Ok::<(), std::convert::Infallible>(())
        });
        outcome.ok()?;
    }
    least(steps.into_iter())
}

fn least<'a>(numbers: impl Iterator<Item = &'a str>) -> Option<String> {
    let figures = numbers.filter_map(decimal).filter(|figure| figure.is_sign_positive());
    figures.filter(|figure| !figure.is_zero()).min().map(|figure| figure.to_string())
}

/// `Some(None)` for combinations, whose prices may be zero and below.
fn terms(entry: &Instrument<'_>, quote: &str) -> Option<Option<Terms>> {
    let kind = match word(entry.kind).as_str() {
        "spot" => Kind::Spot,
        "option" => Kind::Option,
        "future" if word(entry.settlement_period) == "perpetual" => Kind::Perpetual,
        "future" => Kind::Future,
        "future_combo" | "option_combo" => return Some(None),
        _ => return None,
    };
    let expires_at = match kind {
        Kind::Future | Kind::Option => Some(millis(entry.expiration_timestamp)?),
        Kind::Spot | Kind::Perpetual => None,
    };
    // Amounts of inverse futures are in USD, those of linear ones and of options in the base currency: contracts are
    // never counted. Older lists give no type; their futures in USD are inverse.
    let is_future = matches!(kind, Kind::Perpetual | Kind::Future);
    let is_inverse = match word(entry.instrument_type).as_str() {
        "" => quote == "USD",
        other => other == "reversed",
    };
    let contract = (is_future && is_inverse).then_some(Contract::OfQuote(Decimal::ONE));
    Some(Some(Terms { kind, expires_at, contract }))
}
