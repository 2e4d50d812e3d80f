//! The shapes of Gemini's messages.

use serde::Deserialize;
use serde_json::value::RawValue;

/// A message of either version.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Message<'a> {
    #[serde(borrow, rename = "type")]
    pub kind: Option<&'a RawValue>,
    /// Version 1: counts the messages of a connection.
    #[serde(borrow)]
    pub socket_sequence: Option<&'a RawValue>,
    /// Version 1.
    #[serde(borrow)]
    pub events: Option<&'a RawValue>,
    /// Version 1.
    #[serde(borrow)]
    pub timestampms: Option<&'a RawValue>,
    /// From here on version 2.
    #[serde(borrow)]
    pub symbol: Option<&'a RawValue>,
    #[serde(borrow)]
    pub changes: Option<&'a RawValue>,
    /// Of before the subscription: only with the whole book.
    #[serde(borrow)]
    pub trades: Option<&'a RawValue>,
    #[serde(borrow)]
    pub event_id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub timestamp: Option<&'a RawValue>,
    #[serde(borrow)]
    pub price: Option<&'a RawValue>,
    #[serde(borrow)]
    pub quantity: Option<&'a RawValue>,
    #[serde(borrow)]
    pub side: Option<&'a RawValue>,
    /// Of an error.
    #[serde(borrow)]
    pub result: Option<&'a RawValue>,
    #[serde(borrow)]
    pub reason: Option<&'a RawValue>,
    #[serde(borrow)]
    pub message: Option<&'a RawValue>,
}

/// An event of version 1: a change of a level, or a trade.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Entry<'a> {
    #[serde(borrow, rename = "type")]
    pub kind: Option<&'a RawValue>,
    /// Where one connection carries several.
    #[serde(borrow)]
    pub symbol: Option<&'a RawValue>,
    #[serde(borrow)]
    pub side: Option<&'a RawValue>,
    #[serde(borrow)]
    pub price: Option<&'a RawValue>,
    #[serde(borrow)]
    pub remaining: Option<&'a RawValue>,
    #[serde(borrow)]
    pub reason: Option<&'a RawValue>,
    #[serde(borrow)]
    pub tid: Option<&'a RawValue>,
    #[serde(borrow)]
    pub amount: Option<&'a RawValue>,
    #[serde(borrow, rename = "makerSide")]
    pub maker_side: Option<&'a RawValue>,
}
