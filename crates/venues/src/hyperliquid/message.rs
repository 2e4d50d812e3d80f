//! The shapes of Hyperliquid's messages; fields keep their text until their meaning is known.

use serde::Deserialize;
use serde_json::value::RawValue;

/// A frame.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    pub channel: Option<&'a RawValue>,
    #[serde(borrow)]
    pub data: Option<&'a RawValue>,
}

/// The data of a frame, or what was asked for: each has some of these fields.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Data<'a> {
    #[serde(borrow)]
    pub coin: Option<&'a RawValue>,
    #[serde(borrow)]
    pub time: Option<&'a RawValue>,
    /// Bids and asks.
    #[serde(borrow)]
    pub levels: Option<&'a RawValue>,
    /// Best bid and ask.
    #[serde(borrow)]
    pub bbo: Option<&'a RawValue>,
    #[serde(borrow)]
    pub ctx: Option<&'a RawValue>,
    #[serde(borrow)]
    pub universe: Option<&'a RawValue>,
    #[serde(borrow)]
    pub tokens: Option<&'a RawValue>,
    /// Of an answer to a subscription.
    #[serde(borrow)]
    pub method: Option<&'a RawValue>,
    #[serde(borrow)]
    pub subscription: Option<&'a RawValue>,
    /// Of an answer to a request: its response, and of that its payload.
    #[serde(borrow)]
    pub response: Option<&'a RawValue>,
    #[serde(borrow)]
    pub payload: Option<&'a RawValue>,
    #[serde(borrow)]
    pub data: Option<&'a RawValue>,
    #[serde(borrow, rename = "type")]
    pub kind: Option<&'a RawValue>,
}

/// A level.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct BookLevel<'a> {
    #[serde(borrow)]
    pub px: Option<&'a RawValue>,
    #[serde(borrow)]
    pub sz: Option<&'a RawValue>,
}

/// A trade.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Print<'a> {
    #[serde(borrow)]
    pub coin: Option<&'a RawValue>,
    #[serde(borrow)]
    pub side: Option<&'a RawValue>,
    #[serde(borrow)]
    pub px: Option<&'a RawValue>,
    #[serde(borrow)]
    pub sz: Option<&'a RawValue>,
    #[serde(borrow)]
    pub time: Option<&'a RawValue>,
    #[serde(borrow)]
    pub tid: Option<&'a RawValue>,
}

/// What is stated of an asset beside its book.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AssetContext<'a> {
    #[serde(borrow, rename = "markPx")]
    pub mark: Option<&'a RawValue>,
    #[serde(borrow, rename = "oraclePx")]
    pub oracle: Option<&'a RawValue>,
    #[serde(borrow)]
    pub funding: Option<&'a RawValue>,
    #[serde(borrow, rename = "openInterest")]
    pub open_interest: Option<&'a RawValue>,
    /// In the base asset; `dayNtlVlm` is what it was worth.
    #[serde(borrow, rename = "dayBaseVlm")]
    pub day_volume: Option<&'a RawValue>,
}
