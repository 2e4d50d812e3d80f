//! The shapes of Gate's messages.

use serde::Deserialize;
use serde_json::value::RawValue;

/// A frame: data of a channel, or the answer to a request.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Frame<'a> {
    #[serde(borrow)]
    pub channel: Option<&'a RawValue>,
    #[serde(borrow)]
    pub event: Option<&'a RawValue>,
    #[serde(borrow)]
    pub result: Option<&'a RawValue>,
    #[serde(borrow)]
    pub error: Option<&'a RawValue>,
}

/// Why a request failed: on a WebSocket, and by HTTP.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Fault<'a> {
    #[serde(borrow)]
    pub code: Option<&'a RawValue>,
    #[serde(borrow)]
    pub label: Option<&'a RawValue>,
    #[serde(borrow)]
    pub message: Option<&'a RawValue>,
}

/// Changes of a book.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Change<'a> {
    #[serde(borrow, rename = "s")]
    pub symbol: Option<&'a RawValue>,
    #[serde(borrow, rename = "U")]
    pub first: Option<&'a RawValue>,
    #[serde(borrow, rename = "u")]
    pub last: Option<&'a RawValue>,
    #[serde(borrow, rename = "b")]
    pub bids: Option<&'a RawValue>,
    #[serde(borrow, rename = "a")]
    pub asks: Option<&'a RawValue>,
    #[serde(borrow, rename = "t")]
    pub time: Option<&'a RawValue>,
}

/// A book that was fetched.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Book<'a> {
    /// The update that it holds last; stated when it was asked for.
    #[serde(borrow)]
    pub id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub bids: Option<&'a RawValue>,
    #[serde(borrow)]
    pub asks: Option<&'a RawValue>,
    /// When the book changed last; older answers do not tell.
    #[serde(borrow)]
    pub update: Option<&'a RawValue>,
}

/// A trade.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TradeEntry<'a> {
    #[serde(borrow)]
    pub id: Option<&'a RawValue>,
    #[serde(borrow, rename = "create_time_ms")]
    pub time: Option<&'a RawValue>,
    #[serde(borrow)]
    pub side: Option<&'a RawValue>,
    #[serde(borrow, rename = "currency_pair")]
    pub symbol: Option<&'a RawValue>,
    #[serde(borrow)]
    pub amount: Option<&'a RawValue>,
    #[serde(borrow)]
    pub price: Option<&'a RawValue>,
}
