//! The shape of all messages of Binance: one flat object whose fields keep their text until their meaning is known.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::assemble::inner;
use crate::json::string;

/// Says that this link will be closed (since 2026-05).
pub(super) const SHUTDOWN: &str = "serverShutdown";

/// A frame, or what stands in the `data` of a combined one. Letters mean different things in different types (`b` is a
/// price, a side of the book, or an order's id), hence the raw values.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    pub stream: Option<&'a RawValue>,
    #[serde(borrow)]
    pub data: Option<&'a RawValue>,
    /// Type of the event.
    #[serde(borrow, rename = "e")]
    pub kind: Option<&'a RawValue>,
    /// When it was sent.
    #[serde(borrow, rename = "E")]
    pub sent_at: Option<&'a RawValue>,
    #[serde(borrow, rename = "s")]
    pub symbol: Option<&'a RawValue>,
    #[serde(borrow, rename = "U")]
    pub first: Option<&'a RawValue>,
    #[serde(borrow, rename = "u")]
    pub last: Option<&'a RawValue>,
    #[serde(borrow, rename = "pu")]
    pub previous: Option<&'a RawValue>,
    #[serde(borrow)]
    pub b: Option<&'a RawValue>,
    #[serde(borrow, rename = "B")]
    pub b_quantity: Option<&'a RawValue>,
    #[serde(borrow)]
    pub a: Option<&'a RawValue>,
    #[serde(borrow, rename = "A")]
    pub a_quantity: Option<&'a RawValue>,
    #[serde(borrow, rename = "t")]
    pub trade_id: Option<&'a RawValue>,
    #[serde(borrow, rename = "p")]
    pub price: Option<&'a RawValue>,
    #[serde(borrow, rename = "q")]
    pub quantity: Option<&'a RawValue>,
    #[serde(borrow, rename = "T")]
    pub traded_at: Option<&'a RawValue>,
    /// Whether the buyer is the maker.
    #[serde(borrow, rename = "m")]
    pub is_buyer_maker: Option<&'a RawValue>,
    #[serde(borrow, rename = "f")]
    pub first_trade_id: Option<&'a RawValue>,
    #[serde(borrow, rename = "l")]
    pub last_trade_id: Option<&'a RawValue>,
    /// Futures: `MARKET`, or what else moved the position.
    #[serde(borrow, rename = "X")]
    pub execution: Option<&'a RawValue>,
    /// Futures: price of the index.
    #[serde(borrow, rename = "i")]
    pub index_price: Option<&'a RawValue>,
    /// Futures: rate of the next funding.
    #[serde(borrow, rename = "r")]
    pub funding_rate: Option<&'a RawValue>,
    /// Futures: a forced order.
    #[serde(borrow, rename = "o")]
    pub order: Option<&'a RawValue>,
    /// Side of an order.
    #[serde(borrow, rename = "S")]
    pub side: Option<&'a RawValue>,
    #[serde(borrow, rename = "openInterest")]
    pub open_interest: Option<&'a RawValue>,
    #[serde(borrow)]
    pub time: Option<&'a RawValue>,
    #[serde(borrow, rename = "lastUpdateId")]
    pub last_update_id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub bids: Option<&'a RawValue>,
    #[serde(borrow)]
    pub asks: Option<&'a RawValue>,
    /// COIN-M names the symbol of a snapshot; an open interest names it too.
    #[serde(borrow, rename = "symbol")]
    pub snapshot_symbol: Option<&'a RawValue>,
    #[serde(borrow)]
    pub id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub code: Option<&'a RawValue>,
    #[serde(borrow)]
    pub msg: Option<&'a RawValue>,
    #[serde(borrow)]
    pub error: Option<&'a RawValue>,
    #[serde(borrow)]
    pub symbols: Option<&'a RawValue>,
}

/// Whether a frame, bare or combined, says that its link will be closed.
pub(super) fn announces_end(frame: &str) -> bool {
    if !frame.contains(SHUTDOWN) {
        return false;
    }
    let message: Message<'_> = serde_json::from_str(frame).unwrap_or_default();
    let message = inner(message.data).unwrap_or(message);
    string(message.kind).as_deref() == Some(SHUTDOWN)
}
