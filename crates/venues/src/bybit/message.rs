//! The shapes of Bybit's messages; fields keep their text until their meaning is known.

use serde::Deserialize;
use serde_json::value::RawValue;

/// A frame: data of a topic, or the answer to a request. Its fields come in another order for each market.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Frame<'a> {
    #[serde(borrow)]
    pub topic: Option<&'a RawValue>,
    #[serde(borrow, rename = "type")]
    pub kind: Option<&'a RawValue>,
    #[serde(borrow)]
    pub data: Option<&'a RawValue>,
    #[serde(borrow)]
    pub ts: Option<&'a RawValue>,
    /// When the matching engine made the book.
    #[serde(borrow)]
    pub cts: Option<&'a RawValue>,
    #[serde(borrow)]
    pub op: Option<&'a RawValue>,
    #[serde(borrow)]
    pub success: Option<&'a RawValue>,
    #[serde(borrow)]
    pub ret_msg: Option<&'a RawValue>,
    #[serde(borrow)]
    pub req_id: Option<&'a RawValue>,
}

/// A response: what was asked for stands in `result`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Response<'a> {
    #[serde(borrow, rename = "retCode")]
    pub code: Option<&'a RawValue>,
    #[serde(borrow, rename = "retMsg")]
    pub words: Option<&'a RawValue>,
    #[serde(borrow)]
    pub result: Option<&'a RawValue>,
    #[serde(borrow)]
    pub time: Option<&'a RawValue>,
}

/// A list within a response.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct List<'a> {
    #[serde(borrow)]
    pub category: Option<&'a RawValue>,
    #[serde(borrow)]
    pub list: Option<&'a RawValue>,
    /// What asks for the next page of a list of instruments; empty on the last.
    #[serde(borrow, rename = "nextPageCursor")]
    pub next: Option<&'a RawValue>,
}

/// A book, or a change of one.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Book<'a> {
    #[serde(borrow, rename = "s")]
    pub symbol: Option<&'a RawValue>,
    #[serde(borrow, rename = "b")]
    pub bids: Option<&'a RawValue>,
    #[serde(borrow, rename = "a")]
    pub asks: Option<&'a RawValue>,
    #[serde(borrow, rename = "u")]
    pub number: Option<&'a RawValue>,
    #[serde(borrow)]
    pub ts: Option<&'a RawValue>,
    #[serde(borrow)]
    pub cts: Option<&'a RawValue>,
}

/// A trade, or a forced order; of a response with the longer names.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Print<'a> {
    #[serde(borrow, rename = "T", alias = "time")]
    pub time: Option<&'a RawValue>,
    #[serde(borrow, rename = "s", alias = "symbol")]
    pub symbol: Option<&'a RawValue>,
    #[serde(borrow, rename = "S", alias = "side")]
    pub side: Option<&'a RawValue>,
    #[serde(borrow, rename = "v", alias = "size")]
    pub size: Option<&'a RawValue>,
    #[serde(borrow, rename = "p", alias = "price")]
    pub price: Option<&'a RawValue>,
    #[serde(borrow, rename = "i", alias = "execId")]
    pub id: Option<&'a RawValue>,
    #[serde(borrow, rename = "BT", alias = "isBlockTrade")]
    pub is_block_trade: Option<&'a RawValue>,
}

/// What the topic `tickers` tells; a delta has only what changed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Ticker<'a> {
    #[serde(borrow)]
    pub symbol: Option<&'a RawValue>,
    #[serde(borrow, rename = "markPrice")]
    pub mark: Option<&'a RawValue>,
    #[serde(borrow, rename = "indexPrice")]
    pub index: Option<&'a RawValue>,
    #[serde(borrow, rename = "fundingRate")]
    pub funding_rate: Option<&'a RawValue>,
    #[serde(borrow, rename = "nextFundingTime")]
    pub next_funding_time: Option<&'a RawValue>,
    #[serde(borrow, rename = "openInterest")]
    pub open_interest: Option<&'a RawValue>,
    #[serde(borrow, rename = "volume24h")]
    pub volume_24h: Option<&'a RawValue>,
    /// Of spot alone.
    #[serde(borrow, rename = "usdIndexPrice")]
    pub usd_index: Option<&'a RawValue>,
}
