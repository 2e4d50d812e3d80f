//! The shapes of bitbank's messages; fields keep their text until their meaning is known.

use serde::Deserialize;
use serde_json::value::RawValue;

/// What the event `message` carries.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Room<'a> {
    #[serde(borrow)]
    pub room_name: Option<&'a RawValue>,
    #[serde(borrow)]
    pub message: Option<&'a RawValue>,
}

/// A message in a room, or the body of a response.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Body<'a> {
    #[serde(borrow)]
    pub data: Option<&'a RawValue>,
    #[serde(borrow)]
    pub success: Option<&'a RawValue>,
}

/// The data of a whole book, of a change, of transactions, of a ticker, of a circuit breaker, of a list, or of an
/// error.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Data<'a> {
    #[serde(borrow)]
    pub asks: Option<&'a RawValue>,
    #[serde(borrow)]
    pub bids: Option<&'a RawValue>,
    #[serde(borrow)]
    pub timestamp: Option<&'a RawValue>,
    /// A text on the wire, a number in the documents.
    #[serde(borrow, rename = "sequenceId")]
    pub sequence_id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub a: Option<&'a RawValue>,
    #[serde(borrow)]
    pub b: Option<&'a RawValue>,
    #[serde(borrow)]
    pub t: Option<&'a RawValue>,
    #[serde(borrow)]
    pub s: Option<&'a RawValue>,
    #[serde(borrow)]
    pub transactions: Option<&'a RawValue>,
    #[serde(borrow)]
    pub mode: Option<&'a RawValue>,
    #[serde(borrow)]
    pub pairs: Option<&'a RawValue>,
    /// Of a ticker: what was traded.
    #[serde(borrow)]
    pub vol: Option<&'a RawValue>,
    #[serde(borrow)]
    pub code: Option<&'a RawValue>,
}

/// A trade.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Transaction<'a> {
    #[serde(borrow)]
    pub transaction_id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub side: Option<&'a RawValue>,
    #[serde(borrow)]
    pub price: Option<&'a RawValue>,
    #[serde(borrow)]
    pub amount: Option<&'a RawValue>,
    #[serde(borrow)]
    pub executed_at: Option<&'a RawValue>,
}
