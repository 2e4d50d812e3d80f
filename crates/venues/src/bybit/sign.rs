//! What the shape of a frame says: whether Bybit's fifth version speaks, and of which market.

use market::Venue;

use super::message::{Frame, Print, Ticker};
use crate::assemble::inner;
use crate::identify::Sign;
use crate::json::{is_object, string, token};

/// The market whose frame this is. A book can be of either: only trades and tickers differ.
pub(super) fn sign(frame: &str) -> Option<Sign> {
    let frame: Frame<'_> = is_object(frame).then(|| serde_json::from_str(frame).ok()).flatten()?;
    let topic = string(frame.topic)?;
    let (kind, _) = topic.split_once('.')?;
    frame.ts?;
    match kind {
        "orderbook" => frame.kind.and(frame.data).map(|_| Sign::Likely(Venue::Bybit)),
        "kline" => frame.kind.and(frame.data).map(|_| Sign::Likely(Venue::Bybit)),
        "publicTrade" => {
            let prints: Vec<Print<'_>> = serde_json::from_str(frame.data?.get()).ok()?;
            let id = token(prints.first()?.id)?;
            let is_number = id.bytes().all(|byte| byte.is_ascii_digit());
            Some(Sign::Sure(if is_number { Venue::Bybit } else { Venue::BybitLinear }))
        }
        "tickers" => {
            let ticker: Ticker<'_> = inner(frame.data)?;
            ticker.symbol?;
            if ticker.usd_index.is_some() {
                return Some(Sign::Sure(Venue::Bybit));
            }
            ticker.mark.map(|_| Sign::Sure(Venue::BybitLinear))
        }
        "allLiquidation" => Some(Sign::Sure(Venue::BybitLinear)),
        _ => None,
    }
}
