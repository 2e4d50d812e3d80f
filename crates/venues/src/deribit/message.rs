//! The shapes of Deribit's messages; fields keep their text until their meaning is known.

use serde::Deserialize;
use serde_json::value::RawValue;

/// A frame or the body of a response: a notification, or the answer to a request.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    pub jsonrpc: Option<&'a RawValue>,
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
    #[serde(borrow, rename = "usIn")]
    pub us_in: Option<&'a RawValue>,
}

/// The parameters of a notification.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Params<'a> {
    #[serde(borrow)]
    pub channel: Option<&'a RawValue>,
    #[serde(borrow)]
    pub data: Option<&'a RawValue>,
    #[serde(borrow, rename = "type")]
    pub kind: Option<&'a RawValue>,
}

/// Why a request was refused.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Fault<'a> {
    #[serde(borrow)]
    pub code: Option<&'a RawValue>,
    #[serde(borrow)]
    pub message: Option<&'a RawValue>,
}

/// The data of a book or a ticker: a book that was fetched is both.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Data<'a> {
    #[serde(borrow, rename = "type")]
    pub kind: Option<&'a RawValue>,
    #[serde(borrow)]
    pub instrument_name: Option<&'a RawValue>,
    #[serde(borrow)]
    pub timestamp: Option<&'a RawValue>,
    #[serde(borrow)]
    pub change_id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub prev_change_id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub bids: Option<&'a RawValue>,
    #[serde(borrow)]
    pub asks: Option<&'a RawValue>,
    #[serde(borrow)]
    pub mark_price: Option<&'a RawValue>,
    #[serde(borrow)]
    pub index_price: Option<&'a RawValue>,
    #[serde(borrow)]
    pub current_funding: Option<&'a RawValue>,
    #[serde(borrow)]
    pub open_interest: Option<&'a RawValue>,
    /// Of the last 24 hours.
    #[serde(borrow)]
    pub stats: Option<&'a RawValue>,
}

/// What was traded in 24 hours.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Stats<'a> {
    /// In the base currency.
    #[serde(borrow)]
    pub volume: Option<&'a RawValue>,
    /// Of futures alone.
    #[serde(borrow)]
    pub volume_usd: Option<&'a RawValue>,
}

/// A trade.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TradeEntry<'a> {
    #[serde(borrow)]
    pub instrument_name: Option<&'a RawValue>,
    #[serde(borrow)]
    pub trade_seq: Option<&'a RawValue>,
    #[serde(borrow)]
    pub timestamp: Option<&'a RawValue>,
    #[serde(borrow)]
    pub price: Option<&'a RawValue>,
    #[serde(borrow)]
    pub amount: Option<&'a RawValue>,
    #[serde(borrow)]
    pub direction: Option<&'a RawValue>,
    #[serde(borrow)]
    pub liquidation: Option<&'a RawValue>,
}
