//! What the shape of a frame says: whether Hyperliquid speaks.

use market::Venue;

use super::message::{Data, Message, Print};
use crate::assemble::{inner, word};
use crate::identify::Sign;
use crate::json::is_object;

/// Whether Hyperliquid speaks: of coins, in channels of its own.
pub(super) fn sign(frame: &str) -> Option<Sign> {
    let message: Message<'_> =
        is_object(frame).then(|| serde_json::from_str(frame).ok()).flatten()?;
    let data: Data<'_> = inner(message.data).unwrap_or_default();
    let is_ours = match word(message.channel).as_str() {
        "l2Book" => data.coin.is_some() && data.levels.is_some(),
        "bbo" => data.coin.is_some() && data.bbo.is_some(),
        "activeAssetCtx" | "activeSpotAssetCtx" => data.coin.is_some() && data.ctx.is_some(),
        "subscriptionResponse" => data.method.is_some() && data.subscription.is_some(),
        "trades" => {
            let prints: Vec<Print<'_>> = serde_json::from_str(message.data?.get()).ok()?;
            prints.first().is_some_and(|print| print.coin.is_some() && print.px.is_some())
        }
        _ => false,
    };
    is_ours.then_some(Sign::Sure(Venue::Hyperliquid))
}
