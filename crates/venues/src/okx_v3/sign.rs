//! What the shape of a frame says: whether OKX's third version speaks. Its frames are compressed; captures may hold
//! them unpacked.

use market::Venue;

use super::message::Frame;
use crate::identify::Sign;
use crate::json::{is_object, string};

/// Markets that name its tables: `spot/depth`.
const MARKETS: [&str; 5] = ["spot/", "futures/", "swap/", "option/", "index/"];

/// Whether OKX's v3 speaks.
pub(super) fn sign(frame: &str) -> Option<Sign> {
    let frame: Frame<'_> = is_object(frame).then(|| serde_json::from_str(frame).ok()).flatten()?;
    let subject = match string(frame.event) {
        Some(_) => string(frame.channel)?,
        None => frame.data.and(string(frame.table))?,
    };
    let is_its = MARKETS.iter().any(|market| subject.starts_with(market));
    is_its.then_some(Sign::Sure(Venue::OkxV3))
}
