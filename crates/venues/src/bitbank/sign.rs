//! What the shape of a packet says: whether bitbank speaks.

use market::Venue;
use serde::Deserialize;

use super::message::Room;
use crate::engineio;
use crate::identify::Sign;

#[derive(Deserialize)]
struct Emitted<'a>(&'a str, #[serde(borrow)] Room<'a>);

/// Whether bitbank speaks: the event `message`, which names a room.
pub(super) fn sign(frame: &str) -> Option<Sign> {
    let Emitted(name, room) = serde_json::from_str(engineio::event(frame)?).ok()?;
    let is_ours = name == "message" && room.room_name.is_some() && room.message.is_some();
    is_ours.then_some(Sign::Sure(Venue::Bitbank))
}
