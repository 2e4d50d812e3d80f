//! What the shape of a frame says: whether Gemini speaks.

use market::Venue;

use super::message::Message;
use crate::identify::Sign;
use crate::json::{integer, is_object, string};

/// Whether Gemini speaks, either version.
pub(super) fn sign(frame: &str) -> Option<Sign> {
    let message: Message<'_> =
        is_object(frame).then(|| serde_json::from_str(frame).ok()).flatten()?;
    let has_symbol = string(message.symbol).is_some();
    let is_sure = match string(message.kind)?.as_ref() {
        "l2_updates" => has_symbol && message.changes.is_some(),
        "trade" => has_symbol && integer(message.event_id).is_some(),
        "update" => integer(message.socket_sequence).is_some() && message.events.is_some(),
        "heartbeat" => integer(message.socket_sequence).is_some(),
        _ => false,
    };
    is_sure.then_some(Sign::Sure(Venue::Gemini))
}
