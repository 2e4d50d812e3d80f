//! What the shape of a frame says: whether a bridge speaks.

use market::Venue;

use super::message::{Emitted, Message};
use crate::engineio;
use crate::identify::Sign;
use crate::json::{integer, is_object, string};

/// The greeting is a bridge's alone; the other messages are likely one's.
pub(super) fn sign(frame: &str) -> Option<Sign> {
    if let Some(event) = engineio::event(frame) {
        let Emitted(kind, message) = serde_json::from_str(event).ok()?;
        return sign_of(&kind, &message);
    }
    let message: Message<'_> =
        is_object(frame).then(|| serde_json::from_str(frame).ok()).flatten()?;
    sign_of(&string(message.kind)?, &message)
}

fn sign_of(kind: &str, message: &Message<'_>) -> Option<Sign> {
    let has_symbol = message.symbol.is_some();
    match kind {
        "hello" if string(message.feed)? == "tapedeck" => Some(Sign::Sure(Venue::Bridge)),
        "snapshot" | "delta" if has_symbol && message.bids.is_some() && message.asks.is_some() => {
            integer(message.sequence).map(|_| Sign::Likely(Venue::Bridge))
        }
        _ => None,
    }
}
