//! What the shape of a frame says: whether Kraken Futures speaks.

use market::Venue;

use super::message::Message;
use crate::identify::Sign;
use crate::json::{is_object, string};

/// Whether Kraken Futures speaks: it names a feed of its own, and a product or several.
pub(super) fn sign(frame: &str) -> Option<Sign> {
    let message: Message<'_> =
        is_object(frame).then(|| serde_json::from_str(frame).ok()).flatten()?;
    let feed = string(message.feed)?;
    let is_known = ["book", "book_snapshot", "trade", "trade_snapshot", "ticker", "ticker_lite"];
    let names_product = message.product_id.is_some() || message.product_ids.is_some();
    (is_known.contains(&feed.as_ref()) && names_product).then_some(Sign::Sure(Venue::KrakenFutures))
}
