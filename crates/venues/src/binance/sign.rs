//! What the shape of a frame says: whether Binance speaks, and which of its markets.

use market::Venue;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::identify::Sign;
use crate::json::{integer, is_object, string};

/// The fields by which the dialects are told apart.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Shape<'a> {
    #[serde(borrow)]
    stream: Option<&'a RawValue>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow, rename = "e")]
    kind: Option<&'a RawValue>,
    #[serde(borrow, rename = "E")]
    sent_at: Option<&'a RawValue>,
    #[serde(borrow, rename = "s")]
    short_symbol: Option<&'a RawValue>,
    #[serde(borrow, rename = "u")]
    last: Option<&'a RawValue>,
    #[serde(borrow, rename = "pu")]
    previous: Option<&'a RawValue>,
    #[serde(borrow, rename = "st")]
    market: Option<&'a RawValue>,
    #[serde(borrow, rename = "B")]
    bid_quantity: Option<&'a RawValue>,
    #[serde(borrow, rename = "A")]
    ask_quantity: Option<&'a RawValue>,
    #[serde(borrow, rename = "M")]
    is_best_match: Option<&'a RawValue>,
    #[serde(borrow, rename = "lastUpdateId")]
    last_update_id: Option<&'a RawValue>,
    #[serde(borrow)]
    symbol: Option<&'a RawValue>,
    #[serde(borrow)]
    bids: Option<&'a RawValue>,
    #[serde(borrow)]
    asks: Option<&'a RawValue>,
}

/// The market whose frame this is.
pub(super) fn sign(frame: &str) -> Option<Sign> {
    let frame = shape(frame)?;
    let Some(stream) = string(frame.stream) else { return sign_of(&frame) };
    let inner = shape(frame.data?.get())?;
    stream.contains('@').then(|| sign_of(&inner)).flatten()
}

fn shape(text: &str) -> Option<Shape<'_>> {
    is_object(text).then(|| serde_json::from_str(text).ok()).flatten()
}

fn sign_of(frame: &Shape<'_>) -> Option<Sign> {
    if frame.last_update_id.is_some() && frame.bids.is_some() && frame.asks.is_some() {
        return Some(match (string(frame.symbol), frame.sent_at) {
            (Some(symbol), _) => Sign::Sure(futures_market(frame, &symbol)),
            (None, Some(_)) => Sign::Likely(Venue::BinanceUsdM),
            (None, None) => Sign::Likely(Venue::Binance),
        });
    }
    let symbol = string(frame.short_symbol)?;
    let futures = Sign::Sure(futures_market(frame, &symbol));
    let has_time = integer(frame.sent_at).is_some();
    let has_quote =
        frame.last.is_some() && frame.bid_quantity.is_some() && frame.ask_quantity.is_some();
    match string(frame.kind).as_deref() {
        None if has_quote => Some(Sign::Sure(Venue::Binance)),
        Some("bookTicker") if has_quote => Some(futures),
        Some("depthUpdate") if has_time && frame.previous.is_some() => Some(futures),
        Some("depthUpdate") if has_time => Some(Sign::Sure(Venue::Binance)),
        Some("trade" | "aggTrade") if has_time && frame.is_best_match.is_some() => {
            Some(Sign::Sure(Venue::Binance))
        }
        Some("trade" | "aggTrade") if has_time => Some(futures),
        Some("kline" | "24hrTicker" | "24hrMiniTicker") if has_time => {
            Some(Sign::Likely(Venue::Binance))
        }
        Some(_) | None => None,
    }
}

/// Which of the two futures markets: as the frame says, else by the symbol (`ETHUSD_PERP`, `BTCUSD_210924`).
fn futures_market(frame: &Shape<'_>, symbol: &str) -> Venue {
    let is_coin_margined = match integer(frame.market) {
        Some(market) => market == 2,
        None => symbol.split_once('_').is_some_and(|(pair, _)| pair.ends_with("USD")),
    };
    if is_coin_margined { Venue::BinanceCoinM } else { Venue::BinanceUsdM }
}
