//! The shapes of dYdX's messages.

use serde::Deserialize;
use serde_json::value::RawValue;

/// A frame.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Message<'a> {
    #[serde(borrow, rename = "type")]
    pub kind: Option<&'a RawValue>,
    /// Counts the messages of a connection.
    #[serde(borrow, rename = "message_id")]
    pub number: Option<&'a RawValue>,
    #[serde(borrow)]
    pub channel: Option<&'a RawValue>,
    #[serde(borrow, rename = "id")]
    pub symbol: Option<&'a RawValue>,
    #[serde(borrow)]
    pub contents: Option<&'a RawValue>,
    /// Of an error.
    #[serde(borrow)]
    pub message: Option<&'a RawValue>,
}

/// A book: whole, its levels are objects; changed, they are pairs with one offset for all.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Book<'a> {
    #[serde(borrow)]
    pub offset: Option<&'a RawValue>,
    #[serde(borrow)]
    pub bids: Option<&'a RawValue>,
    #[serde(borrow)]
    pub asks: Option<&'a RawValue>,
}

/// A level of a whole book.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Level<'a> {
    #[serde(borrow)]
    pub price: Option<&'a RawValue>,
    #[serde(borrow)]
    pub size: Option<&'a RawValue>,
    /// Of the change that touched it last; there where it was asked for.
    #[serde(borrow)]
    pub offset: Option<&'a RawValue>,
}

/// Trades.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Trades<'a> {
    #[serde(borrow)]
    pub trades: Option<&'a RawValue>,
}

/// A trade.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TradeEntry<'a> {
    #[serde(borrow)]
    pub side: Option<&'a RawValue>,
    #[serde(borrow)]
    pub size: Option<&'a RawValue>,
    #[serde(borrow)]
    pub price: Option<&'a RawValue>,
    #[serde(borrow, rename = "createdAt")]
    pub time: Option<&'a RawValue>,
}

/// Markets by their names.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Markets<'a> {
    #[serde(borrow)]
    pub markets: Option<&'a RawValue>,
}

/// A market: all of it, or the figures that changed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Market<'a> {
    #[serde(borrow, rename = "baseAsset")]
    pub base: Option<&'a RawValue>,
    #[serde(borrow, rename = "quoteAsset")]
    pub quote: Option<&'a RawValue>,
    #[serde(borrow, rename = "tickSize")]
    pub tick: Option<&'a RawValue>,
    #[serde(borrow, rename = "stepSize")]
    pub lot: Option<&'a RawValue>,
    #[serde(borrow)]
    pub status: Option<&'a RawValue>,
    #[serde(borrow, rename = "oraclePrice")]
    pub mark: Option<&'a RawValue>,
    #[serde(borrow, rename = "indexPrice")]
    pub index: Option<&'a RawValue>,
    #[serde(borrow, rename = "nextFundingRate")]
    pub funding_rate: Option<&'a RawValue>,
    #[serde(borrow, rename = "nextFundingAt")]
    pub next_funding: Option<&'a RawValue>,
    #[serde(borrow, rename = "openInterest")]
    pub open_interest: Option<&'a RawValue>,
}
