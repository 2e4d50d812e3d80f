//! What the shape of a frame says: whether Bitstamp speaks.

use market::Venue;

use super::message::Message;
use crate::assemble::word;
use crate::identify::Sign;
use crate::json::is_object;

const CHANNELS: [&str; 5] =
    ["diff_order_book_", "order_book_", "detail_order_book_", "live_trades_", "live_orders_"];

/// Whether Bitstamp speaks: its own events, or its channels with data in the same object.
pub(super) fn sign(frame: &str) -> Option<Sign> {
    let message: Message<'_> =
        is_object(frame).then(|| serde_json::from_str(frame).ok()).flatten()?;
    let (event, channel) = (word(message.event), word(message.channel));
    let is_channel = CHANNELS.iter().any(|prefix| channel.starts_with(prefix));
    let is_ours = event.starts_with("bts:") || (!event.is_empty() && is_channel);
    (is_ours && message.data.is_some()).then_some(Sign::Sure(Venue::Bitstamp))
}
