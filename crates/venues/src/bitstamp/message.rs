//! The shapes of Bitstamp's messages; fields keep their text until their meaning is known.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::json::string;

/// Asks us to open another connection, since this one will be closed.
pub(super) const RECONNECT: &str = "bts:request_reconnect";

/// A frame.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    pub event: Option<&'a RawValue>,
    #[serde(borrow)]
    pub channel: Option<&'a RawValue>,
    #[serde(borrow)]
    pub data: Option<&'a RawValue>,
}

/// The data of a frame, or the body of a response: a book, a trade, an error.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Data<'a> {
    #[serde(borrow)]
    pub microtimestamp: Option<&'a RawValue>,
    #[serde(borrow)]
    pub bids: Option<&'a RawValue>,
    #[serde(borrow)]
    pub asks: Option<&'a RawValue>,
    #[serde(borrow)]
    pub id: Option<&'a RawValue>,
    #[serde(borrow, rename = "type")]
    pub kind: Option<&'a RawValue>,
    #[serde(borrow)]
    pub price: Option<&'a RawValue>,
    #[serde(borrow)]
    pub price_str: Option<&'a RawValue>,
    #[serde(borrow)]
    pub amount: Option<&'a RawValue>,
    #[serde(borrow)]
    pub amount_str: Option<&'a RawValue>,
    /// Of a trade that was fetched: its id.
    #[serde(borrow)]
    pub tid: Option<&'a RawValue>,
    /// Of a ticker: what was traded, and its moment, in seconds.
    #[serde(borrow)]
    pub volume: Option<&'a RawValue>,
    #[serde(borrow)]
    pub timestamp: Option<&'a RawValue>,
    /// Of a trade that was fetched: its moment, in seconds.
    #[serde(borrow)]
    pub date: Option<&'a RawValue>,
    #[serde(borrow)]
    pub code: Option<&'a RawValue>,
    #[serde(borrow)]
    pub message: Option<&'a RawValue>,
    #[serde(borrow)]
    pub reason: Option<&'a RawValue>,
    #[serde(borrow)]
    pub error: Option<&'a RawValue>,
}

/// Whether a frame says that its connection will be closed.
pub(super) fn announces_end(frame: &str) -> bool {
    if !frame.contains(RECONNECT) {
        return false;
    }
    let message: Message<'_> = serde_json::from_str(frame).unwrap_or_default();
    string(message.event).as_deref() == Some(RECONNECT)
}
