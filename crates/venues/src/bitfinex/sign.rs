//! What the shape of a frame says: whether Bitfinex speaks.

use market::Venue;
use serde_json::value::RawValue;

use super::message::Message;
use crate::identify::Sign;
use crate::json::{integer, is_object, string};

/// Whether Bitfinex speaks. Its events are its own; its arrays are like those of others that number their channels.
pub(super) fn sign(frame: &str) -> Option<Sign> {
    if !is_object(frame) {
        return None;
    }
    let message: Message<'_> = serde_json::from_str(frame).ok()?;
    let sure = Some(Sign::Sure(Venue::Bitfinex));
    match string(message.event)?.as_ref() {
        "subscribed" if integer(message.channel_id).is_some() => sure,
        "info" if message.platform.is_some_and(|it: &RawValue| is_object(it.get())) => sure,
        "conf" => Some(Sign::Likely(Venue::Bitfinex)),
        _ => None,
    }
}
