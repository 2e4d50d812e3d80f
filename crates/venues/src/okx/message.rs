//! The shapes of OKX's messages; fields keep their text until their meaning is known.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::json::string;

/// The code of a notice that the connection will be closed within a minute.
pub(super) const CODE_CLOSING: &str = "64008";

/// A frame: data of a channel, or the answer to a request.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Frame<'a> {
    #[serde(borrow)]
    pub event: Option<&'a RawValue>,
    #[serde(borrow)]
    pub code: Option<&'a RawValue>,
    #[serde(borrow)]
    pub msg: Option<&'a RawValue>,
    #[serde(borrow)]
    pub arg: Option<&'a RawValue>,
    #[serde(borrow)]
    pub action: Option<&'a RawValue>,
    #[serde(borrow)]
    pub data: Option<&'a RawValue>,
}

/// Whose data it is.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Arg<'a> {
    #[serde(borrow)]
    pub channel: Option<&'a RawValue>,
    #[serde(borrow, rename = "instId")]
    pub symbol: Option<&'a RawValue>,
    #[serde(borrow, rename = "instType")]
    pub kind: Option<&'a RawValue>,
}

/// A book, or a change of one.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Book<'a> {
    #[serde(borrow)]
    pub asks: Option<&'a RawValue>,
    #[serde(borrow)]
    pub bids: Option<&'a RawValue>,
    #[serde(borrow)]
    pub ts: Option<&'a RawValue>,
    #[serde(borrow)]
    pub checksum: Option<&'a RawValue>,
    #[serde(borrow, rename = "seqId")]
    pub number: Option<&'a RawValue>,
    #[serde(borrow, rename = "prevSeqId")]
    pub previous: Option<&'a RawValue>,
}

/// A trade.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TradeEntry<'a> {
    #[serde(borrow, rename = "instId")]
    pub symbol: Option<&'a RawValue>,
    #[serde(borrow, rename = "tradeId")]
    pub id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub px: Option<&'a RawValue>,
    #[serde(borrow)]
    pub sz: Option<&'a RawValue>,
    #[serde(borrow)]
    pub side: Option<&'a RawValue>,
    #[serde(borrow)]
    pub ts: Option<&'a RawValue>,
    #[serde(borrow)]
    pub count: Option<&'a RawValue>,
}

/// What is stated beside a market: each channel has some of these.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Stated<'a> {
    #[serde(borrow, rename = "instId")]
    pub symbol: Option<&'a RawValue>,
    #[serde(borrow, rename = "markPx")]
    pub mark: Option<&'a RawValue>,
    #[serde(borrow, rename = "idxPx")]
    pub index: Option<&'a RawValue>,
    #[serde(borrow, rename = "fundingRate")]
    pub funding_rate: Option<&'a RawValue>,
    #[serde(borrow, rename = "fundingTime")]
    pub funding_time: Option<&'a RawValue>,
    #[serde(borrow, rename = "oi")]
    pub open_interest: Option<&'a RawValue>,
    #[serde(borrow, rename = "vol24h")]
    pub volume_24h: Option<&'a RawValue>,
    #[serde(borrow)]
    pub ts: Option<&'a RawValue>,
}

/// The forced orders of one instrument.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Forced<'a> {
    #[serde(borrow, rename = "instId")]
    pub symbol: Option<&'a RawValue>,
    #[serde(borrow)]
    pub details: Option<&'a RawValue>,
}

/// A forced order.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ForcedOrder<'a> {
    #[serde(borrow)]
    pub side: Option<&'a RawValue>,
    /// The price at which the position is bankrupt.
    #[serde(borrow, rename = "bkPx")]
    pub price: Option<&'a RawValue>,
    #[serde(borrow)]
    pub sz: Option<&'a RawValue>,
    #[serde(borrow)]
    pub ts: Option<&'a RawValue>,
}

/// Whether a frame says that its connection will be closed.
pub(super) fn announces_end(text: &str) -> bool {
    if !text.contains(CODE_CLOSING) {
        return false;
    }
    let frame: Frame<'_> = serde_json::from_str(text).unwrap_or_default();
    string(frame.event).as_deref() == Some("notice")
        && string(frame.code).as_deref() == Some(CODE_CLOSING)
}
