//! The shapes of Independent Reserve's messages.

use serde::Deserialize;
use serde_json::value::RawValue;

/// A frame.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    pub event: Option<&'a RawValue>,
    #[serde(borrow)]
    pub channel: Option<&'a RawValue>,
    /// Counts the events of a channel.
    #[serde(borrow)]
    pub nonce: Option<&'a RawValue>,
    #[serde(borrow)]
    pub data: Option<&'a RawValue>,
    /// Milliseconds.
    #[serde(borrow)]
    pub time: Option<&'a RawValue>,
}

/// What became of an order.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct OrderEntry<'a> {
    #[serde(borrow)]
    pub order_type: Option<&'a RawValue>,
    #[serde(borrow)]
    pub order_guid: Option<&'a RawValue>,
    /// Of a new one: by the secondary currency.
    #[serde(borrow)]
    pub price: Option<&'a RawValue>,
    /// What is not filled.
    #[serde(borrow)]
    pub volume: Option<&'a RawValue>,
}

/// A trade.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct TradeEntry<'a> {
    #[serde(borrow)]
    pub trade_guid: Option<&'a RawValue>,
    #[serde(borrow)]
    pub price: Option<&'a RawValue>,
    #[serde(borrow)]
    pub volume: Option<&'a RawValue>,
    #[serde(borrow)]
    pub side: Option<&'a RawValue>,
}

/// All orders of a book.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Fetched<'a> {
    #[serde(borrow)]
    pub primary_currency_code: Option<&'a RawValue>,
    #[serde(borrow)]
    pub secondary_currency_code: Option<&'a RawValue>,
    #[serde(borrow)]
    pub created_timestamp_utc: Option<&'a RawValue>,
    #[serde(borrow)]
    pub buy_orders: Option<&'a RawValue>,
    #[serde(borrow)]
    pub sell_orders: Option<&'a RawValue>,
    /// Of an error.
    #[serde(borrow)]
    pub message: Option<&'a RawValue>,
}

/// An order that rests.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Resting<'a> {
    #[serde(borrow)]
    pub guid: Option<&'a RawValue>,
    #[serde(borrow)]
    pub price: Option<&'a RawValue>,
    #[serde(borrow)]
    pub volume: Option<&'a RawValue>,
}
