//! What the shape of a frame says: whether bitFlyer speaks.

use market::Venue;

use super::message::{Message, Params};
use crate::assemble::{inner, word};
use crate::engineio;
use crate::identify::Sign;
use crate::json::is_object;

/// Whether bitFlyer speaks: its channels, all of which are called lightning, in either transport.
pub(super) fn sign(frame: &str) -> Option<Sign> {
    let ours = Some(Sign::Sure(Venue::BitFlyer));
    if let Some(event) = engineio::event(frame) {
        return if event.starts_with("[\"lightning_") { ours } else { None };
    }
    let message: Message<'_> =
        is_object(frame).then(|| serde_json::from_str(frame).ok()).flatten()?;
    let params: Params<'_> = inner(message.params)?;
    let is_push = word(message.method) == "channelMessage";
    if is_push && word(params.channel).starts_with("lightning_") { ours } else { None }
}
