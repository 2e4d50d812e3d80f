//! What the shape of a frame says: whether Gate speaks.

use market::Venue;

use super::message::Frame;
use crate::identify::Sign;
use crate::json::{is_object, string};

/// Whether Gate's fourth version speaks of spot: its channels begin with that word.
pub(super) fn sign(frame: &str) -> Option<Sign> {
    let frame: Frame<'_> = is_object(frame).then(|| serde_json::from_str(frame).ok()).flatten()?;
    let channel = string(frame.channel)?;
    let speaks = frame.event.is_some() && frame.result.is_some();
    (speaks && channel.starts_with("spot.")).then_some(Sign::Sure(Venue::Gate))
}
