//! The shapes of HitBTC's messages.

use serde::Deserialize;
use serde_json::value::RawValue;

/// A frame: a notification has a method, an answer a result or an error.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    pub method: Option<&'a RawValue>,
    #[serde(borrow)]
    pub params: Option<&'a RawValue>,
    #[serde(borrow)]
    pub result: Option<&'a RawValue>,
    #[serde(borrow)]
    pub error: Option<&'a RawValue>,
}

/// What was wrong.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Fault<'a> {
    #[serde(borrow)]
    pub code: Option<&'a RawValue>,
    #[serde(borrow)]
    pub message: Option<&'a RawValue>,
    #[serde(borrow)]
    pub description: Option<&'a RawValue>,
}

/// What a notification tells: a book, trades, or a ticker.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Params<'a> {
    #[serde(borrow)]
    pub symbol: Option<&'a RawValue>,
    #[serde(borrow)]
    pub timestamp: Option<&'a RawValue>,
    #[serde(borrow)]
    pub sequence: Option<&'a RawValue>,
    #[serde(borrow)]
    pub bid: Option<&'a RawValue>,
    #[serde(borrow)]
    pub ask: Option<&'a RawValue>,
    /// Trades.
    #[serde(borrow)]
    pub data: Option<&'a RawValue>,
    /// Of 24 hours, in the base.
    #[serde(borrow)]
    pub volume: Option<&'a RawValue>,
}

/// A level.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Level<'a> {
    #[serde(borrow)]
    pub price: Option<&'a RawValue>,
    #[serde(borrow)]
    pub size: Option<&'a RawValue>,
}

/// A trade.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TradeEntry<'a> {
    #[serde(borrow)]
    pub id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub price: Option<&'a RawValue>,
    #[serde(borrow)]
    pub quantity: Option<&'a RawValue>,
    #[serde(borrow)]
    pub side: Option<&'a RawValue>,
    #[serde(borrow)]
    pub timestamp: Option<&'a RawValue>,
}

/// An instrument.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Instrument<'a> {
    #[serde(borrow)]
    pub id: Option<&'a RawValue>,
    #[serde(borrow, rename = "baseCurrency")]
    pub base: Option<&'a RawValue>,
    #[serde(borrow, rename = "quoteCurrency")]
    pub quote: Option<&'a RawValue>,
    #[serde(borrow, rename = "tickSize")]
    pub tick: Option<&'a RawValue>,
    #[serde(borrow, rename = "quantityIncrement")]
    pub lot: Option<&'a RawValue>,
}
