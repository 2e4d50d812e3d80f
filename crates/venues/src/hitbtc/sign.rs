//! What the shape of a frame says: whether HitBTC speaks.

use market::Venue;

use super::message::{Message, Params};
use crate::assemble::inner;
use crate::identify::Sign;
use crate::json::{is_object, string};

/// Whether HitBTC speaks: its notifications are named by a word and tell of a symbol.
pub(super) fn sign(frame: &str) -> Option<Sign> {
    let message: Message<'_> =
        is_object(frame).then(|| serde_json::from_str(frame).ok()).flatten()?;
    let params: Params<'_> = inner(message.params)?;
    let is_its = match string(message.method)?.as_ref() {
        "snapshotOrderbook" | "updateOrderbook" => params.sequence.is_some(),
        "snapshotTrades" | "updateTrades" => params.data.is_some(),
        "ticker" => params.volume.is_some(),
        _ => false,
    };
    (is_its && string(params.symbol).is_some()).then_some(Sign::Sure(Venue::HitBtc))
}
