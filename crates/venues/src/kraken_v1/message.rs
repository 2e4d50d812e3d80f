//! The shapes of Kraken's first protocol: events are objects, data are lists that end with their channel and their
//! pair.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::json::{string, values};

/// Something said of the connection or of a request.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Said<'a> {
    #[serde(borrow)]
    pub event: Option<&'a RawValue>,
    #[serde(borrow)]
    pub status: Option<&'a RawValue>,
    #[serde(borrow)]
    pub pair: Option<&'a RawValue>,
    #[serde(borrow, rename = "channelName")]
    pub channel: Option<&'a RawValue>,
    #[serde(borrow, rename = "connectionID")]
    pub connection: Option<&'a RawValue>,
    #[serde(borrow, rename = "errorMessage")]
    pub error: Option<&'a RawValue>,
}

/// A part of a book message: of a change that touches both sides there are two, the sum in the last.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Part<'a> {
    /// All asks.
    #[serde(borrow, rename = "as")]
    pub all_asks: Option<&'a RawValue>,
    /// All bids.
    #[serde(borrow, rename = "bs")]
    pub all_bids: Option<&'a RawValue>,
    #[serde(borrow, rename = "a")]
    pub asks: Option<&'a RawValue>,
    #[serde(borrow, rename = "b")]
    pub bids: Option<&'a RawValue>,
    #[serde(borrow, rename = "c")]
    pub checksum: Option<&'a RawValue>,
}

/// Values of a data frame: the channel's number, one or two parts, the channel's name, the pair.
const VALUES_MAX: usize = 5;

/// A frame of data.
#[derive(Debug)]
pub(super) struct Data<'a> {
    /// `book-1000`, `trade`, `ticker`.
    pub channel: String,
    /// `XBT/USD`.
    pub pair: String,
    pub first: &'a RawValue,
    pub second: Option<&'a RawValue>,
}

/// The data of a frame; `None` when it is no such list.
pub(super) fn data(frame: &str) -> Option<Data<'_>> {
    let (values, n) = values::<VALUES_MAX>(frame)?;
    let name = |at: usize| string(values[at]).map(|name| name.into_owned());
    let (channel, pair) = (name(n.checked_sub(2)?)?, name(n - 1)?);
    let second = if n == VALUES_MAX { values[2] } else { None };
    (n >= VALUES_MAX - 1).then_some(Data { channel, pair, first: values[1]?, second })
}
