//! Instruments of BitMEX: `GET /api/v1/instrument/active`, and the table `instrument`, which states figures too.

use market::{Contract, Event, Kind, Reference, Terms};
use rust_decimal::Decimal;
use serde_json::value::RawValue;

use super::message::Instrument;
use crate::assemble::{self, Entry, ListingText, listing, walked, word};
use crate::context::Context;
use crate::error::DecodeError;
use crate::json::{for_each, string, token};
use crate::kraken::timestamp;
use crate::number::figure;

/// Takes the instruments of a response.
pub(super) fn list(body: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
    let n_instruments = assemble::list(body, context, read)?;
    context.push(Event::InstrumentsListed { n_instruments });
    Ok(())
}

/// Takes the rows of a message of the table: whole ones are listings too.
pub(super) fn rows(
    action: &str,
    data: &RawValue,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    match action {
        "partial" | "insert" => drop(assemble::list(data.get(), context, read)?),
        "update" => {}
        other => {
            context.unknown(&format!("instrument {other}"));
            return Ok(());
        }
    }
    let outcome = for_each(data.get(), |row: Instrument<'_>| {
        state(&row, context);
        Ok(())
    });
    walked(outcome, "a message of instruments", context)
}

/// `indicativeSettlePrice` is the index; open interest is in contracts, as quantities are.
fn state(row: &Instrument<'_>, context: &mut Context<'_>) {
    let figures =
        [row.mark_price, row.indicative_settle_price, row.funding_rate, row.open_interest];
    let [mark, index, funding_rate, open_interest] = figures.map(figure);
    if [mark, index, funding_rate, open_interest] == [None; 4] {
        return; // Its other figures are of the market that is heard here.
    }
    let symbol = word(row.symbol);
    let Some(stated) = context.stated_of(&symbol) else { return };
    let at = |raw| string(raw).and_then(|text| timestamp(&text));
    context.push(Event::Reference(Reference {
        mark,
        index,
        funding_rate,
        next_funding_at: at(row.funding_timestamp),
        open_interest,
        stated_at: at(row.timestamp),
        ..stated
    }));
}

fn read(entry: &str) -> Option<Entry> {
    let entry: Instrument<'_> = serde_json::from_str(entry).ok()?;
    let kind = match string(entry.typ)?.as_ref() {
        "FFWCSX" | "FFWCSF" => Kind::Perpetual,
        "FFCCSX" => Kind::Future,
        "IFXXXP" => Kind::Spot,
        // Indices and baskets.
        _ => return Some(Entry::Passed),
    };
    let expires_at = match kind {
        Kind::Future => Some(timestamp(&string(entry.expiry)?)?),
        Kind::Spot | Kind::Perpetual | Kind::Option => None,
    };
    let contract = contract(&entry)?;
    listing(&ListingText {
        symbol: &word(entry.symbol),
        // A quanto contract is no fixed amount of anything: without a base, nothing claims that it is one.
        base: &if contract.is_some() { word(entry.underlying) } else { String::new() },
        quote: &word(entry.quote_currency),
        tick: token(entry.tick_size)?,
        lot: token(entry.lot_size)?,
        terms: Terms { kind, expires_at, contract },
        is_trading: string(entry.state).as_deref() == Some("Open"),
    })
    .map(Entry::Listed)
}

/// What a contract stands for; `Some(None)` for a quanto, whose worth in its base moves with another market.
///
/// A contract is worth `multiplier` × price in units of the currency of settlement, or `multiplier` / price of an
/// inverse one; the other multiplier says how many of these units are one of the quote, or of the base.
fn contract(entry: &Instrument<'_>) -> Option<Option<Contract>> {
    let is = |raw: Option<&RawValue>| raw.map(RawValue::get) == Some("true");
    if is(entry.is_quanto) {
        return Some(None);
    }
    let multiplier = figure(entry.multiplier)?;
    Some(Some(match is(entry.is_inverse) {
        true => {
            let units = figure(entry.underlying_to_settle_multiplier)?;
            Contract::OfQuote(exact(multiplier, units)?)
        }
        false => Contract::OfBase(exact(multiplier, figure(entry.quote_to_settle_multiplier)?)?),
    }))
}

/// The quotient, where it is above zero and has all its digits.
fn exact(dividend: Decimal, divisor: Decimal) -> Option<Decimal> {
    let quotient = dividend.checked_div(divisor)?.normalize();
    let is_exact = quotient.checked_mul(divisor)? == dividend;
    (is_exact && quotient > Decimal::ZERO).then_some(quotient)
}
