//! What the shape of a frame says: whether Coinbase speaks, either feed.

use market::Venue;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::identify::Sign;
use crate::json::{integer, is_object, string};

/// The fields by which the feeds are told.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Shape<'a> {
    #[serde(borrow)]
    channel: Option<&'a RawValue>,
    #[serde(borrow)]
    sequence_num: Option<&'a RawValue>,
    #[serde(borrow)]
    events: Option<&'a RawValue>,
    #[serde(borrow, rename = "type")]
    kind: Option<&'a RawValue>,
    #[serde(borrow)]
    product_id: Option<&'a RawValue>,
    #[serde(borrow)]
    changes: Option<&'a RawValue>,
    #[serde(borrow)]
    bids: Option<&'a RawValue>,
    #[serde(borrow)]
    asks: Option<&'a RawValue>,
    #[serde(borrow)]
    maker_order_id: Option<&'a RawValue>,
    #[serde(borrow)]
    last_trade_id: Option<&'a RawValue>,
    #[serde(borrow)]
    volume_30d: Option<&'a RawValue>,
    #[serde(borrow)]
    channels: Option<&'a RawValue>,
}

/// Whether Coinbase speaks.
pub(super) fn sign(frame: &str) -> Option<Sign> {
    let frame: Shape<'_> = is_object(frame).then(|| serde_json::from_str(frame).ok()).flatten()?;
    let sure = Some(Sign::Sure(Venue::Coinbase));
    if string(frame.channel).is_some() {
        let is_numbered = integer(frame.sequence_num).is_some() && frame.events.is_some();
        return if is_numbered { sure } else { None };
    }
    let has_product = string(frame.product_id).is_some();
    let is_sure = match string(frame.kind)?.as_ref() {
        "l2update" => has_product && frame.changes.is_some(),
        "snapshot" => has_product && frame.bids.is_some() && frame.asks.is_some(),
        "match" | "last_match" => has_product && frame.maker_order_id.is_some(),
        "heartbeat" => has_product && frame.last_trade_id.is_some(),
        "ticker" => has_product && frame.volume_30d.is_some(),
        "subscriptions" if frame.channels.is_some() => {
            return Some(Sign::Likely(Venue::Coinbase));
        }
        _ => false,
    };
    if is_sure { sure } else { None }
}
