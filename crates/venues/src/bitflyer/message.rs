//! The shapes of bitFlyer's messages; fields keep their text until their meaning is known.

use serde::Deserialize;
use serde_json::value::RawValue;

/// A frame of JSON-RPC.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    pub id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub method: Option<&'a RawValue>,
    #[serde(borrow)]
    pub params: Option<&'a RawValue>,
    #[serde(borrow)]
    pub result: Option<&'a RawValue>,
    #[serde(borrow)]
    pub error: Option<&'a RawValue>,
}

/// The parameters of a push, an error, or the body of a refused request.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Params<'a> {
    #[serde(borrow)]
    pub channel: Option<&'a RawValue>,
    #[serde(borrow)]
    pub message: Option<&'a RawValue>,
    #[serde(borrow)]
    pub code: Option<&'a RawValue>,
    #[serde(borrow)]
    pub error_message: Option<&'a RawValue>,
}

/// A board, a ticker, or a funding rate.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Data<'a> {
    /// The middle of the best prices after a board.
    #[serde(borrow)]
    pub mid_price: Option<&'a RawValue>,
    #[serde(borrow)]
    pub bids: Option<&'a RawValue>,
    #[serde(borrow)]
    pub asks: Option<&'a RawValue>,
    #[serde(borrow)]
    pub state: Option<&'a RawValue>,
    #[serde(borrow)]
    pub timestamp: Option<&'a RawValue>,
    /// Of 24 hours, in the base asset.
    #[serde(borrow)]
    pub volume_by_product: Option<&'a RawValue>,
    #[serde(borrow)]
    pub current_funding_rate: Option<&'a RawValue>,
    #[serde(borrow)]
    pub next_funding_rate_settledate: Option<&'a RawValue>,
}

/// A level of a board.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct BoardLevel<'a> {
    #[serde(borrow)]
    pub price: Option<&'a RawValue>,
    #[serde(borrow)]
    pub size: Option<&'a RawValue>,
}

/// A trade.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Execution<'a> {
    #[serde(borrow)]
    pub id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub side: Option<&'a RawValue>,
    #[serde(borrow)]
    pub price: Option<&'a RawValue>,
    #[serde(borrow)]
    pub size: Option<&'a RawValue>,
    #[serde(borrow)]
    pub exec_date: Option<&'a RawValue>,
}
