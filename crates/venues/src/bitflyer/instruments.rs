//! The list of instruments: `getmarkets`, which names products and says nothing of their steps.

use market::{Event, Instrument, InstrumentId, Kind, Origin, Price, Quantity, Terms, Timestamp};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::assemble::{note_put, walked, word};
use crate::context::Context;
use crate::error::DecodeError;
use crate::json::{for_each, is_object};
use crate::number::{SCALE_DERIVED, power_of_ten};
use crate::text::{self, NAME_CHARS_MAX};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Market<'a> {
    #[serde(borrow)]
    product_code: Option<&'a RawValue>,
    #[serde(borrow)]
    market_type: Option<&'a RawValue>,
}

/// What the name of a product tells.
#[derive(Debug, PartialEq, Eq)]
struct Product {
    symbol: String,
    base: String,
    quote: String,
    terms: Terms,
}

/// Takes the products of a response. Their steps are derived from what they print, and are marked so.
pub(super) fn list(body: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "its list of instruments";
    let mut n_instruments = 0;
    let outcome = for_each(body, |entry: &RawValue| {
        let event = read(entry.get()).and_then(|product| put(product, context).ok());
        n_instruments += note_put(event, context);
        Ok(())
    });
    walked(outcome, WHAT, context)?;
    context.push(Event::InstrumentsListed { n_instruments });
    Ok(())
}

fn put(product: Product, context: &mut Context<'_>) -> Result<Option<Event>, DecodeError> {
    let Product { symbol, base, quote, terms } = product;
    let known = context.table.index(&symbol).map(|index| context.table.get(index).clone());
    // Whole units until a message shows finer ones.
    let unit = power_of_ten(SCALE_DERIVED);
    let instrument = known.unwrap_or_else(|| Instrument {
        id: InstrumentId { venue: context.table.venue, index: 0 },
        symbol,
        base: String::new(),
        quote: String::new(),
        price_scale: SCALE_DERIVED,
        quantity_scale: SCALE_DERIVED,
        price_decimals: 0,
        quantity_decimals: 0,
        tick_size: Price(unit),
        lot_size: Quantity(unit),
        terms: Terms::default(),
        is_trading: true,
        origin: Origin::Derived,
    });
    context.table.put(Instrument { base, quote, terms, ..instrument })
}

fn read(entry: &str) -> Option<Product> {
    if !is_object(entry) {
        return None;
    }
    let market: Market<'_> = serde_json::from_str(entry).ok()?;
    let symbol = text::clean(&word(market.product_code), NAME_CHARS_MAX + 1).into_owned();
    let (base, quote, terms) = match word(market.market_type).as_str() {
        // `BTC_JPY`, and `FX_BTC_JPY`, which is Crypto CFD: held to spot by funding, without an end.
        "Spot" => pair(&symbol, Kind::Spot)?,
        "FX" => pair(symbol.strip_prefix("FX_")?, Kind::Perpetual)?,
        "Futures" => future(&symbol)?,
        _ => return None,
    };
    Some(Product { base, quote, terms, symbol })
}

fn pair(name: &str, kind: Kind) -> Option<(String, String, Terms)> {
    let (base, quote) = name.split_once('_')?;
    Some((base.to_owned(), quote.to_owned(), Terms { kind, ..Terms::default() }))
}

/// `BTCJPY17DEC2021`: it ends on that day, at an hour that the name does not tell.
fn future(name: &str) -> Option<(String, String, Terms)> {
    const MONTHS: [&str; 12] =
        ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    let at = name.find(|char: char| char.is_ascii_digit())?;
    let (assets, date) = name.split_at_checked(at)?;
    let (base, quote) = assets.split_at_checked(3)?;
    let (day, month, year) = (date.get(..2)?, date.get(2..5)?, date.get(5..)?);
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    let end: Timestamp = format!("{year}-{month:02}-{day}T00:00:00Z").parse().ok()?;
    let terms = Terms { kind: Kind::Future, expires_at: Some(end), contract: None };
    Some((base.to_owned(), quote.to_owned(), terms))
}
