//! What the shape of a frame says: whether Deribit speaks.

use market::Venue;

use super::message::{Message, Params};
use crate::assemble::inner;
use crate::identify::Sign;
use crate::json::{is_object, string};

const PREFIXES: [&str; 8] = [
    "book.",
    "trades.",
    "ticker.",
    "incremental_ticker.",
    "quote.",
    "chart.",
    "perpetual.",
    "deribit_",
];

/// Whether Deribit speaks: in JSON-RPC, with its own channels or its own clock.
pub(super) fn sign(frame: &str) -> Option<Sign> {
    let message: Message<'_> =
        is_object(frame).then(|| serde_json::from_str(frame).ok()).flatten()?;
    message.jsonrpc?;
    let params: Option<Params<'_>> = inner(message.params);
    match string(message.method).as_deref() {
        Some("subscription") => {
            let channel = string(params.as_ref()?.channel)?;
            let is_known = PREFIXES.iter().any(|prefix| channel.starts_with(prefix));
            (is_known && params?.data.is_some()).then_some(Sign::Sure(Venue::Deribit))
        }
        Some("heartbeat") => string(params?.kind).map(|_| Sign::Likely(Venue::Deribit)),
        Some(_) => None,
        None => message.us_in.map(|_| Sign::Likely(Venue::Deribit)),
    }
}
