//! What the shape of a frame says: whether KuCoin speaks.

use market::Venue;

use super::message::Message;
use crate::identify::Sign;
use crate::json::{is_object, string};

/// Whether KuCoin speaks of spot: its topics are paths below `/market/`, each with a subject.
pub(super) fn sign(frame: &str) -> Option<Sign> {
    let message: Message<'_> =
        is_object(frame).then(|| serde_json::from_str(frame).ok()).flatten()?;
    let (topic, _) = (string(message.topic)?, string(message.subject)?);
    let speaks = string(message.kind).as_deref() == Some("message") && message.data.is_some();
    (speaks && topic.starts_with("/market/")).then_some(Sign::Sure(Venue::Kucoin))
}
