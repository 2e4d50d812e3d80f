//! What the shape of a frame says: whether a bridge speaks.

use market::Venue;

use super::message::Message;
use crate::identify::Sign;
use crate::json::{integer, is_object, string};

/// The greeting is a bridge's alone; the other messages are likely one's.
pub(super) fn sign(frame: &str) -> Option<Sign> {
    let message: Message<'_> =
        is_object(frame).then(|| serde_json::from_str(frame).ok()).flatten()?;
    let has_symbol = message.symbol.is_some();
    match string(message.kind)?.as_ref() {
        "hello" if string(message.feed)? == "tapedeck" => Some(Sign::Sure(Venue::Bridge)),
        "snapshot" | "delta" if has_symbol && message.bids.is_some() && message.asks.is_some() => {
            integer(message.sequence).map(|_| Sign::Likely(Venue::Bridge))
        }
        _ => None,
    }
}
