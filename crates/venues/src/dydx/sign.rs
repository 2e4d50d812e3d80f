//! What the shape of a frame says: whether dYdX speaks.

use market::Venue;

use super::message::Message;
use crate::identify::Sign;
use crate::json::{is_object, string};

/// Whether dYdX's third version speaks: its channels bear the version, and its messages a number.
pub(super) fn sign(frame: &str) -> Option<Sign> {
    let message: Message<'_> =
        is_object(frame).then(|| serde_json::from_str(frame).ok()).flatten()?;
    let channel = string(message.channel)?;
    let speaks = message.kind.is_some() && message.number.is_some();
    (speaks && channel.starts_with("v3_")).then_some(Sign::Sure(Venue::Dydx))
}
