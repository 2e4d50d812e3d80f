//! What the shape of a frame says: whether BitMEX speaks.

use market::Venue;

use super::message::Message;
use crate::identify::Sign;
use crate::json::{is_object, string};

/// Whether BitMEX speaks: it greets by its name, or sends rows of a table of its own with what is to be done with them.
pub(super) fn sign(frame: &str) -> Option<Sign> {
    let message: Message<'_> =
        is_object(frame).then(|| serde_json::from_str(frame).ok()).flatten()?;
    let greets = string(message.info).is_some_and(|words| words.contains("BitMEX"));
    let tables = ["orderBookL2", "orderBookL2_25", "trade", "quote", "instrument", "liquidation"];
    let actions = ["partial", "insert", "update", "delete"];
    let has_rows = message.data.is_some()
        && string(message.table).is_some_and(|table| tables.contains(&table.as_ref()))
        && string(message.action).is_some_and(|action| actions.contains(&action.as_ref()));
    (greets || has_rows).then_some(Sign::Sure(Venue::BitMex))
}
