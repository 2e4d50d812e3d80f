//! What the shape of a frame says: whether Independent Reserve speaks.

use market::Venue;

use super::message::Message;
use crate::identify::Sign;
use crate::json::{integer, is_object, string};

/// Whether Independent Reserve speaks: its events name a channel, in which they are counted.
pub(super) fn sign(frame: &str) -> Option<Sign> {
    let message: Message<'_> =
        is_object(frame).then(|| serde_json::from_str(frame).ok()).flatten()?;
    let events = ["NewOrder", "OrderChanged", "OrderCanceled", "Trade"];
    let is_event = events.contains(&string(message.event)?.as_ref());
    let channel = string(message.channel)?;
    let is_channel = channel.starts_with("orderbook-") || channel.starts_with("ticker-");
    let is_its = is_event && is_channel && integer(message.nonce).is_some();
    is_its.then_some(Sign::Sure(Venue::IndependentReserve))
}
