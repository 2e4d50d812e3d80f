//! The shapes of Coinbase's messages; fields keep their text until their meaning is known.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

/// A frame of either feed: Advanced Trade names its `channel`, the Exchange feed its `type`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    pub channel: Option<&'a RawValue>,
    #[serde(borrow)]
    pub timestamp: Option<&'a RawValue>,
    #[serde(borrow)]
    pub sequence_num: Option<&'a RawValue>,
    #[serde(borrow)]
    pub events: Option<&'a RawValue>,
    #[serde(borrow, rename = "type")]
    pub kind: Option<&'a RawValue>,
    #[serde(borrow)]
    pub product_id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub bids: Option<&'a RawValue>,
    #[serde(borrow)]
    pub asks: Option<&'a RawValue>,
    #[serde(borrow)]
    pub changes: Option<&'a RawValue>,
    #[serde(borrow)]
    pub time: Option<&'a RawValue>,
    #[serde(borrow)]
    pub channels: Option<&'a RawValue>,
    #[serde(borrow)]
    pub products: Option<&'a RawValue>,
    #[serde(borrow)]
    pub message: Option<&'a RawValue>,
    #[serde(borrow)]
    pub reason: Option<&'a RawValue>,
    #[serde(borrow)]
    pub trade_id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub price: Option<&'a RawValue>,
    #[serde(borrow)]
    pub size: Option<&'a RawValue>,
    #[serde(borrow)]
    pub side: Option<&'a RawValue>,
}

/// One of the `events` of a frame of Advanced Trade.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Event<'a> {
    #[serde(borrow, rename = "type")]
    pub kind: Option<&'a RawValue>,
    #[serde(borrow)]
    pub product_id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub updates: Option<&'a RawValue>,
    #[serde(borrow)]
    pub trades: Option<&'a RawValue>,
    #[serde(borrow)]
    pub subscriptions: Option<&'a RawValue>,
}

/// A level of `l2_data`: the whole quantity that rests at a price now.
#[derive(Debug, Deserialize)]
pub(super) struct Update<'a> {
    #[serde(borrow)]
    pub side: Cow<'a, str>,
    #[serde(borrow)]
    pub price_level: Cow<'a, str>,
    #[serde(borrow)]
    pub new_quantity: Cow<'a, str>,
}

/// A trade of `market_trades`, of REST, or of the Exchange feed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TradeEntry<'a> {
    #[serde(borrow)]
    pub product_id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub trade_id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub price: Option<&'a RawValue>,
    #[serde(borrow)]
    pub size: Option<&'a RawValue>,
    #[serde(borrow)]
    pub side: Option<&'a RawValue>,
    #[serde(borrow)]
    pub time: Option<&'a RawValue>,
}
