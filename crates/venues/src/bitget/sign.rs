//! What the shape of a frame says: whether Bitget's first version speaks, and of which market.

use market::Venue;

use crate::assemble::inner;
use crate::identify::Sign;
use crate::json::{is_object, string};
use crate::okx::{Arg, Frame};

/// Whether Bitget's v1 speaks: in the form of OKX, with a market in `instType` and symbols without a hyphen.
pub(super) fn sign(frame: &str) -> Option<Sign> {
    let frame: Frame<'_> = is_object(frame).then(|| serde_json::from_str(frame).ok()).flatten()?;
    let arg: Arg<'_> = inner(frame.arg)?;
    let (_, symbol) = (string(arg.channel)?, string(arg.symbol)?);
    let speaks = frame.data.is_some() || frame.event.is_some();
    let venue = match string(arg.kind)?.to_lowercase().as_str() {
        "sp" => Venue::Bitget,
        "mc" => Venue::BitgetMix,
        _ => return None,
    };
    (speaks && !symbol.contains('-')).then_some(Sign::Sure(venue))
}
