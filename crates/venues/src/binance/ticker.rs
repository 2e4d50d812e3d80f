//! The 24-hour tickers of REST, of which the volume is told.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::decode::timestamp;
use crate::assemble::{object, walked};
use crate::context::Context;
use crate::error::DecodeError;
use crate::json::{for_each, integer, is_object, string};

const WHAT: &str = "its 24-hour ticker";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Ticker<'a> {
    #[serde(borrow)]
    symbol: Option<&'a RawValue>,
    #[serde(borrow)]
    volume: Option<&'a RawValue>,
    #[serde(borrow, rename = "closeTime")]
    closed_at: Option<&'a RawValue>,
}

/// `ticker/24hr`: one, or a list where COIN-M answers or no symbol was named. `volume` is in the base asset on spot and
/// on USD-M, and in contracts on COIN-M (whose `baseVolume` is in coins): as quantities are.
pub(super) fn volumes(body: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
    if is_object(body) {
        let ticker: Option<Ticker<'_>> = object(body, WHAT, context)?;
        return ticker.map_or(Ok(()), |ticker| volume(&ticker, context));
    }
    let outcome = for_each(body, |ticker: Ticker<'_>| volume(&ticker, context));
    walked(outcome, WHAT, context)
}

fn volume(ticker: &Ticker<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    let symbol = string(ticker.symbol).ok_or_else(|| context.no_field(WHAT, "symbol"))?;
    let stated_at = integer(ticker.closed_at).map(timestamp);
    context.traded_in_24h(&symbol, ("volume", ticker.volume), stated_at)
}
