//! The shapes of Kraken's messages; fields keep their text until their meaning is known.

use serde::Deserialize;
use serde_json::value::RawValue;

/// A frame: data of a channel, an answer to a request, or one side-by-side book of a collection of ladders.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    pub channel: Option<&'a RawValue>,
    #[serde(borrow, rename = "type")]
    pub kind: Option<&'a RawValue>,
    #[serde(borrow)]
    pub data: Option<&'a RawValue>,
    #[serde(borrow)]
    pub method: Option<&'a RawValue>,
    #[serde(borrow)]
    pub result: Option<&'a RawValue>,
    #[serde(borrow)]
    pub success: Option<&'a RawValue>,
    #[serde(borrow)]
    pub error: Option<&'a RawValue>,
    #[serde(borrow, rename = "Error")]
    pub rate_error: Option<&'a RawValue>,
    #[serde(borrow)]
    pub symbol: Option<&'a RawValue>,
    #[serde(borrow)]
    pub bids: Option<&'a RawValue>,
    #[serde(borrow)]
    pub asks: Option<&'a RawValue>,
    #[serde(borrow)]
    pub checksum: Option<&'a RawValue>,
    #[serde(borrow)]
    pub timestamp: Option<&'a RawValue>,
    #[serde(borrow)]
    pub depth: Option<&'a RawValue>,
    /// Of the channel `status`.
    #[serde(borrow)]
    pub system: Option<&'a RawValue>,
    /// Of the channel `instrument`.
    #[serde(borrow)]
    pub pairs: Option<&'a RawValue>,
}

/// An entry of the channel `trade`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TradeEntry<'a> {
    #[serde(borrow)]
    pub symbol: Option<&'a RawValue>,
    #[serde(borrow)]
    pub side: Option<&'a RawValue>,
    #[serde(borrow)]
    pub price: Option<&'a RawValue>,
    #[serde(borrow)]
    pub qty: Option<&'a RawValue>,
    #[serde(borrow)]
    pub trade_id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub timestamp: Option<&'a RawValue>,
}
