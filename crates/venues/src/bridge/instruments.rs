//! The list of instruments of a bridge; it may come in several messages.

use market::{Contract, Event, Kind, Terms};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::decode::moment;
use super::message::Message;
use crate::assemble::{self, ListingText, word};
use crate::context::Context;
use crate::error::DecodeError;
use crate::json::{string, token};
use crate::number::figure;

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
    assemble::list(entries.get(), context, read)?;
    if message.more.map(RawValue::get) != Some("true") {
        let n_instruments = context.table.instruments().len();
        context.push(Event::InstrumentsListed { n_instruments });
    }
    Ok(())
}

fn read(entry: &str) -> Option<assemble::Entry> {
    let entry: Entry<'_> = serde_json::from_str(entry).ok()?;
    let listing = assemble::listing(&ListingText {
        symbol: &string(entry.symbol)?,
        base: &word(entry.base),
        quote: &word(entry.quote),
        tick: token(entry.tick)?,
        lot: token(entry.lot)?,
        terms: terms(&entry)?,
        is_trading: entry.halted.map(RawValue::get) != Some("true"),
    });
    listing.map(assemble::Entry::Listed)
}

fn terms(entry: &Entry<'_>) -> Option<Terms> {
    let kind = match string(entry.kind).as_deref() {
        None | Some("spot") => Kind::Spot,
        Some("perp") => Kind::Perpetual,
        Some("future") => Kind::Future,
        Some("option") => Kind::Option,
        Some(_) => return None,
    };
    let contract = figure(entry.base_per_contract)
        .map(Contract::OfBase)
        .or_else(|| figure(entry.quote_per_contract).map(Contract::OfQuote));
    Some(Terms { kind, expires_at: moment(entry.expires), contract })
}
