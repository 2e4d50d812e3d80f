//! What an event says of an order, checked as far as it can be without its book.

use market::Side;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::message::OrderEntry;
use crate::assemble::inner;
use crate::context::Context;
use crate::error::DecodeError;
use crate::json::{Walk, for_each_field, string, token};

const WHAT: &str = "an order event";

/// Characters of an id, or of a number, that are kept; theirs have 36 and fewer.
pub(super) const WORD_BYTES_MAX: usize = 64;

/// Secondary currencies in which one order can have a price; there were four.
const PRICES_MAX: usize = 32;

/// What becomes of an order. Numbers are text, since their scales are those of a book.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Change {
    /// It rests, in the book of each currency at a price of its own.
    New { id: String, side: Side, prices: Vec<(String, String)>, volume: String },
    /// It was filled; so much is left.
    Filled { id: String, volume: String },
    /// It is gone.
    Canceled { id: String },
    /// It is of a type that does not rest.
    Passed,
}

impl Change {
    /// Reads an event.
    pub fn read(
        event: &str,
        data: Option<&RawValue>,
        context: &mut Context<'_>,
    ) -> Result<Self, DecodeError> {
        let no_field = |field| context.no_field(WHAT, field);
        let entry: OrderEntry<'_> = inner(data).ok_or_else(|| no_field("Data"))?;
        let id = string(entry.order_guid).and_then(|id| bounded(&id));
        let id = id.ok_or_else(|| no_field("OrderGuid"))?;
        let volume = || {
            let volume = token(entry.volume).and_then(bounded);
            volume.ok_or_else(|| no_field("Volume"))
        };
        match event {
            "OrderCanceled" => Ok(Self::Canceled { id }),
            "OrderChanged" => Ok(Self::Filled { id, volume: volume()? }),
            _ => {
                let side = match string(entry.order_type).as_deref() {
                    Some("LimitBid") => Side::Buy,
                    Some("LimitOffer") => Side::Sell,
                    Some(other) => {
                        context.unknown(other);
                        return Ok(Self::Passed);
                    }
                    None => return Err(no_field("OrderType")),
                };
                let prices = prices(entry.price).ok_or_else(|| no_field("Price"))?;
                Ok(Self::New { id, side, prices, volume: volume()? })
            }
        }
    }
}

/// `{"aud":31.5105,"usd":23.7243}`.
fn prices(raw: Option<&RawValue>) -> Option<Vec<(String, String)>> {
    let mut prices = Vec::new();
    let walked: Result<(), Walk<()>> = for_each_field(raw?.get(), |currency, price| {
        let currency = bounded(&currency.to_ascii_lowercase()).ok_or(())?;
        let price = token(Some(price)).and_then(bounded).ok_or(())?;
        prices.push((currency, price));
        if prices.len() > PRICES_MAX { Err(()) } else { Ok(()) }
    });
    walked.ok().map(|()| prices)
}

fn bounded(text: &str) -> Option<String> {
    (1..=WORD_BYTES_MAX).contains(&text.len()).then(|| text.to_owned())
}
