//! What the shape of a frame says: whether OKX's fifth version speaks.

use market::Venue;

use super::message::{Arg, Frame};
use crate::assemble::inner;
use crate::identify::Sign;
use crate::json::{is_object, string};

/// Channels beside those of books, which begin with that word.
const CHANNELS: [&str; 8] = [
    "bbo-tbt",
    "trades",
    "trades-all",
    "tickers",
    "mark-price",
    "index-tickers",
    "funding-rate",
    "open-interest",
];

/// Whether OKX speaks: it names channel and instrument in `arg`, and writes its instruments with a hyphen. Others that
/// borrowed the form (Bitget) write them without.
pub(super) fn sign(frame: &str) -> Option<Sign> {
    let frame: Frame<'_> = is_object(frame).then(|| serde_json::from_str(frame).ok()).flatten()?;
    let arg: Arg<'_> = inner(frame.arg)?;
    let (channel, symbol) = (string(arg.channel)?, string(arg.symbol)?);
    let is_known = channel.starts_with("books") || CHANNELS.contains(&channel.as_ref());
    let speaks = frame.data.is_some() || frame.event.is_some();
    (is_known && speaks && symbol.contains('-')).then_some(Sign::Sure(Venue::Okx))
}
