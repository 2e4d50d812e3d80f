//! The shape of messages of Kraken Futures: each feed has some of these fields.

use serde::Deserialize;
use serde_json::value::RawValue;

/// A message.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    pub event: Option<&'a RawValue>,
    #[serde(borrow)]
    pub message: Option<&'a RawValue>,
    #[serde(borrow)]
    pub product_ids: Option<&'a RawValue>,
    #[serde(borrow)]
    pub feed: Option<&'a RawValue>,
    #[serde(borrow)]
    pub product_id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub seq: Option<&'a RawValue>,
    #[serde(borrow)]
    pub side: Option<&'a RawValue>,
    #[serde(borrow)]
    pub price: Option<&'a RawValue>,
    #[serde(borrow)]
    pub qty: Option<&'a RawValue>,
    #[serde(borrow)]
    pub bids: Option<&'a RawValue>,
    #[serde(borrow)]
    pub asks: Option<&'a RawValue>,
    /// Of a book.
    #[serde(borrow)]
    pub timestamp: Option<&'a RawValue>,
    /// Of a trade, and of a ticker.
    #[serde(borrow)]
    pub time: Option<&'a RawValue>,
    #[serde(borrow)]
    pub uid: Option<&'a RawValue>,
    #[serde(borrow, rename = "type")]
    pub kind: Option<&'a RawValue>,
    #[serde(borrow, rename = "markPrice")]
    pub mark: Option<&'a RawValue>,
    #[serde(borrow)]
    pub index: Option<&'a RawValue>,
    #[serde(borrow)]
    pub relative_funding_rate: Option<&'a RawValue>,
    #[serde(borrow)]
    pub next_funding_rate_time: Option<&'a RawValue>,
    #[serde(borrow, rename = "openInterest")]
    pub open_interest: Option<&'a RawValue>,
}
