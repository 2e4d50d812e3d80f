//! The shapes of messages of OKX's third version.

use serde::Deserialize;
use serde_json::value::RawValue;

/// A frame: data of a table, or the answer to a request.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Frame<'a> {
    #[serde(borrow)]
    pub event: Option<&'a RawValue>,
    #[serde(borrow)]
    pub channel: Option<&'a RawValue>,
    #[serde(borrow)]
    pub message: Option<&'a RawValue>,
    #[serde(borrow, rename = "errorCode")]
    pub code: Option<&'a RawValue>,
    #[serde(borrow)]
    pub table: Option<&'a RawValue>,
    #[serde(borrow)]
    pub action: Option<&'a RawValue>,
    #[serde(borrow)]
    pub data: Option<&'a RawValue>,
}

/// A book, or a change of one.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Book<'a> {
    #[serde(borrow, rename = "instrument_id")]
    pub symbol: Option<&'a RawValue>,
    #[serde(borrow)]
    pub asks: Option<&'a RawValue>,
    #[serde(borrow)]
    pub bids: Option<&'a RawValue>,
    #[serde(borrow)]
    pub timestamp: Option<&'a RawValue>,
    #[serde(borrow)]
    pub checksum: Option<&'a RawValue>,
}

/// A trade.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TradeEntry<'a> {
    #[serde(borrow, rename = "instrument_id")]
    pub symbol: Option<&'a RawValue>,
    #[serde(borrow, rename = "trade_id")]
    pub id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub price: Option<&'a RawValue>,
    /// Of spot.
    #[serde(borrow)]
    pub size: Option<&'a RawValue>,
    /// Contracts, of derivatives.
    #[serde(borrow)]
    pub qty: Option<&'a RawValue>,
    #[serde(borrow)]
    pub side: Option<&'a RawValue>,
    #[serde(borrow)]
    pub timestamp: Option<&'a RawValue>,
}
