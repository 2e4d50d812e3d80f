//! What the shape of a frame says: whether Kraken's first protocol speaks.

use market::Venue;

use super::message::{Said, data};
use crate::identify::Sign;
use crate::json::{is_object, string};

/// Whether Kraken's v1 speaks: data end with a channel and a pair as `XBT/USD`; its answers name both, and its greeting
/// the connection.
pub(super) fn sign(frame: &str) -> Option<Sign> {
    let is_its = if is_object(frame) {
        let said: Said<'_> = serde_json::from_str(frame).ok()?;
        match string(said.event)?.as_ref() {
            "systemStatus" => said.connection.is_some(),
            "subscriptionStatus" => said.channel.is_some() && said.pair.is_some(),
            _ => false,
        }
    } else if frame.starts_with('[') {
        let data = data(frame)?;
        let channel = data.channel.split('-').next().unwrap_or_default();
        let is_known = ["book", "trade", "ticker", "ohlc", "spread"].contains(&channel);
        is_known && data.pair.contains('/')
    } else {
        false
    };
    is_its.then_some(Sign::Sure(Venue::KrakenV1))
}
