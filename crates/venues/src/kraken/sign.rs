//! What the shape of a frame says: whether Kraken's second protocol speaks.

use market::Venue;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::identify::Sign;
use crate::json::{is_object, string};

/// The fields by which the protocol is told.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Shape<'a> {
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    channel: Option<&'a RawValue>,
    #[serde(borrow)]
    method: Option<&'a RawValue>,
    #[serde(borrow)]
    success: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(borrow)]
    symbol: Option<&'a RawValue>,
    #[serde(borrow)]
    system: Option<&'a RawValue>,
    #[serde(borrow)]
    pairs: Option<&'a RawValue>,
    #[serde(borrow)]
    checksum: Option<&'a RawValue>,
    #[serde(borrow)]
    bids: Option<&'a RawValue>,
    #[serde(borrow)]
    asks: Option<&'a RawValue>,
}

/// Whether Kraken's v2 speaks.
pub(super) fn sign(frame: &str) -> Option<Sign> {
    let frame = shape(frame)?;
    if frame.channel.is_some() || frame.method.is_some() {
        return sign_of_channel(&frame);
    }
    // One book of a collection of ladders.
    let is_ladder = frame.checksum.is_some() && frame.bids.is_some() && frame.asks.is_some();
    (is_ladder && is_pair(&frame)).then_some(Sign::Sure(Venue::Kraken))
}

fn sign_of_channel(frame: &Shape<'_>) -> Option<Sign> {
    let kraken = Some(Sign::Sure(Venue::Kraken));
    if string(frame.method).is_some() {
        let result = frame.result.and_then(|result| shape(result.get()));
        let names_pair = result.is_some_and(|result| result.channel.is_some() && is_pair(&result));
        return if frame.success.is_some() && names_pair { kraken } else { None };
    }
    match string(frame.channel).as_deref() {
        Some("heartbeat") if frame.data.is_none() => Some(Sign::Likely(Venue::Kraken)),
        Some("instrument") => {
            let data = shape(frame.data?.get())?;
            if data.pairs.is_some() { kraken } else { None }
        }
        Some("status") => {
            let entries: Vec<Shape<'_>> = serde_json::from_str(frame.data?.get()).ok()?;
            if entries.first()?.system.is_some() { kraken } else { None }
        }
        Some("book" | "trade" | "ticker" | "ohlc" | "level3") => {
            let entries: Vec<Shape<'_>> = serde_json::from_str(frame.data?.get()).ok()?;
            if is_pair(entries.first()?) { kraken } else { None }
        }
        Some(_) | None => None,
    }
}

fn shape(text: &str) -> Option<Shape<'_>> {
    is_object(text).then(|| serde_json::from_str(text).ok()).flatten()
}

/// Whether the symbol is written as Kraken writes it: `BTC/USD`.
fn is_pair(frame: &Shape<'_>) -> bool {
    string(frame.symbol).is_some_and(|symbol| symbol.contains('/'))
}
