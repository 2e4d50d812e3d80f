//! The shapes of Bitget's messages that are not those of OKX.

use serde::Deserialize;
use serde_json::value::RawValue;

/// What is stated of a contract.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Ticker<'a> {
    #[serde(borrow, rename = "instId")]
    pub symbol: Option<&'a RawValue>,
    #[serde(borrow, rename = "markPrice")]
    pub mark: Option<&'a RawValue>,
    #[serde(borrow, rename = "indexPrice")]
    pub index: Option<&'a RawValue>,
    #[serde(borrow, rename = "capitalRate")]
    pub funding_rate: Option<&'a RawValue>,
    #[serde(borrow, rename = "nextSettleTime")]
    pub next_funding: Option<&'a RawValue>,
    #[serde(borrow, rename = "holding")]
    pub open_interest: Option<&'a RawValue>,
    #[serde(borrow, rename = "systemTime")]
    pub time: Option<&'a RawValue>,
}
