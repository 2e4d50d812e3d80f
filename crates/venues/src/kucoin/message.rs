//! The shapes of KuCoin's messages.

use serde::Deserialize;
use serde_json::value::RawValue;

/// A frame: data of a topic, or the answer to a request.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Message<'a> {
    #[serde(borrow, rename = "type")]
    pub kind: Option<&'a RawValue>,
    #[serde(borrow)]
    pub topic: Option<&'a RawValue>,
    #[serde(borrow)]
    pub subject: Option<&'a RawValue>,
    /// Of an error its words.
    #[serde(borrow)]
    pub data: Option<&'a RawValue>,
    #[serde(borrow)]
    pub code: Option<&'a RawValue>,
}

/// Changes of a book.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Change<'a> {
    #[serde(borrow)]
    pub symbol: Option<&'a RawValue>,
    #[serde(borrow, rename = "sequenceStart")]
    pub first: Option<&'a RawValue>,
    #[serde(borrow, rename = "sequenceEnd")]
    pub last: Option<&'a RawValue>,
    #[serde(borrow)]
    pub changes: Option<&'a RawValue>,
    /// Older frames name no time.
    #[serde(borrow)]
    pub time: Option<&'a RawValue>,
}

/// Both sides of changes, or a book that was fetched.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sides<'a> {
    #[serde(borrow)]
    pub bids: Option<&'a RawValue>,
    #[serde(borrow)]
    pub asks: Option<&'a RawValue>,
    /// The last change that a fetched book holds.
    #[serde(borrow)]
    pub sequence: Option<&'a RawValue>,
    #[serde(borrow)]
    pub time: Option<&'a RawValue>,
}

/// A trade.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TradeEntry<'a> {
    #[serde(borrow)]
    pub symbol: Option<&'a RawValue>,
    #[serde(borrow)]
    pub side: Option<&'a RawValue>,
    #[serde(borrow)]
    pub price: Option<&'a RawValue>,
    #[serde(borrow)]
    pub size: Option<&'a RawValue>,
    #[serde(borrow, rename = "tradeId")]
    pub id: Option<&'a RawValue>,
    /// Nanoseconds.
    #[serde(borrow)]
    pub time: Option<&'a RawValue>,
}

/// The best prices.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Ticker<'a> {
    #[serde(borrow)]
    pub sequence: Option<&'a RawValue>,
    #[serde(borrow, rename = "bestBid")]
    pub bid: Option<&'a RawValue>,
    #[serde(borrow, rename = "bestBidSize")]
    pub bid_size: Option<&'a RawValue>,
    #[serde(borrow, rename = "bestAsk")]
    pub ask: Option<&'a RawValue>,
    #[serde(borrow, rename = "bestAskSize")]
    pub ask_size: Option<&'a RawValue>,
}

/// A response of HTTP.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Answer<'a> {
    /// `200000` where all went well.
    #[serde(borrow)]
    pub code: Option<&'a RawValue>,
    #[serde(borrow)]
    pub msg: Option<&'a RawValue>,
    #[serde(borrow)]
    pub data: Option<&'a RawValue>,
}
