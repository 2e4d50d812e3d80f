//! The shapes of messages of BitMEX: tables that are told whole once (`partial`), then by their changes.

use serde::Deserialize;
use serde_json::value::RawValue;

/// A frame: rows of a table, or the answer to a request.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    pub table: Option<&'a RawValue>,
    #[serde(borrow)]
    pub action: Option<&'a RawValue>,
    #[serde(borrow)]
    pub filter: Option<&'a RawValue>,
    #[serde(borrow)]
    pub data: Option<&'a RawValue>,
    #[serde(borrow)]
    pub subscribe: Option<&'a RawValue>,
    #[serde(borrow)]
    pub unsubscribe: Option<&'a RawValue>,
    #[serde(borrow)]
    pub error: Option<&'a RawValue>,
    #[serde(borrow)]
    pub info: Option<&'a RawValue>,
}

/// A row of a book, a trade, a quote or a forced order.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Row<'a> {
    #[serde(borrow)]
    pub symbol: Option<&'a RawValue>,
    #[serde(borrow)]
    pub id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub side: Option<&'a RawValue>,
    #[serde(borrow)]
    pub size: Option<&'a RawValue>,
    #[serde(borrow)]
    pub price: Option<&'a RawValue>,
    #[serde(borrow)]
    pub timestamp: Option<&'a RawValue>,
    #[serde(borrow, rename = "trdMatchID")]
    pub match_id: Option<&'a RawValue>,
    #[serde(borrow, rename = "leavesQty")]
    pub leaves: Option<&'a RawValue>,
}

/// An instrument: all of it, or what changed.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Instrument<'a> {
    #[serde(borrow)]
    pub symbol: Option<&'a RawValue>,
    #[serde(borrow)]
    pub typ: Option<&'a RawValue>,
    #[serde(borrow)]
    pub state: Option<&'a RawValue>,
    #[serde(borrow)]
    pub expiry: Option<&'a RawValue>,
    #[serde(borrow)]
    pub underlying: Option<&'a RawValue>,
    #[serde(borrow)]
    pub quote_currency: Option<&'a RawValue>,
    #[serde(borrow)]
    pub lot_size: Option<&'a RawValue>,
    #[serde(borrow)]
    pub tick_size: Option<&'a RawValue>,
    #[serde(borrow)]
    pub multiplier: Option<&'a RawValue>,
    #[serde(borrow)]
    pub underlying_to_settle_multiplier: Option<&'a RawValue>,
    #[serde(borrow)]
    pub quote_to_settle_multiplier: Option<&'a RawValue>,
    #[serde(borrow)]
    pub is_inverse: Option<&'a RawValue>,
    #[serde(borrow)]
    pub is_quanto: Option<&'a RawValue>,
    #[serde(borrow)]
    pub mark_price: Option<&'a RawValue>,
    #[serde(borrow)]
    pub indicative_settle_price: Option<&'a RawValue>,
    #[serde(borrow)]
    pub funding_rate: Option<&'a RawValue>,
    #[serde(borrow)]
    pub funding_timestamp: Option<&'a RawValue>,
    #[serde(borrow)]
    pub open_interest: Option<&'a RawValue>,
    #[serde(borrow)]
    pub timestamp: Option<&'a RawValue>,
}
