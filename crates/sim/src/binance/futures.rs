//! What only the futures of Binance say: marks and funding, open interest, forced orders.

use super::frames;
use crate::world::positions::{Forced, Positions, next_funding_ms};
use crate::world::{Listing, Side};

/// Decimals of all that Binance prints.
const DECIMALS: u8 = 8;

/// `<symbol>@forceOrder`.
pub(super) fn forced(listing: &Listing, forced: &Forced, ms: i64) -> String {
    let side = if forced.taker == Side::Bid { "BUY" } else { "SELL" };
    let price = frames::price(listing, forced.price);
    let size = frames::quantity(listing, forced.quantity);
    format!(
        r#"{{"e":"forceOrder","E":{ms},"o":{{"s":"{}","S":"{side}","o":"LIMIT","f":"IOC","q":"{size}","p":"{price}","ap":"{price}","X":"FILLED","l":"{size}","z":"{size}","T":{ms}}}}}"#,
        frames::symbol(listing),
    )
}

/// `<symbol>@markPrice@1s`.
pub(super) fn mark(positions: &Positions, listing: &Listing, sent_ms: i64) -> String {
    let (mark, index, rate) = figures(positions, listing);
    format!(
        r#"{{"e":"markPriceUpdate","E":{sent_ms},"s":"{}","p":"{mark}","i":"{index}","P":"{index}","r":"{rate}","T":{},"st":{}}}"#,
        frames::symbol(listing),
        next_funding_ms(sent_ms),
        frames::market(listing),
    )
}

/// What COIN-M says of an instrument beside its symbol.
fn names(listing: &Listing) -> String {
    match listing.contract {
        Some(_) => {
            format!(r#""symbol":"{}","pair":"{}""#, frames::symbol(listing), frames::pair(listing))
        }
        None => format!(r#""symbol":"{}""#, frames::symbol(listing)),
    }
}

/// An element of `/fapi/v1/premiumIndex` and `/dapi/v1/premiumIndex`.
pub(super) fn premium_index(positions: &Positions, listing: &Listing, now_ms: i64) -> String {
    let (mark, index, rate) = figures(positions, listing);
    format!(
        r#"{{{},"markPrice":"{mark}","indexPrice":"{index}","estimatedSettlePrice":"{index}","lastFundingRate":"{rate}","interestRate":"0.00010000","nextFundingTime":{},"time":{now_ms}}}"#,
        names(listing),
        next_funding_ms(now_ms),
    )
}

/// `/fapi/v1/openInterest` and `/dapi/v1/openInterest`.
pub(super) fn open_interest(positions: &Positions, listing: &Listing, now_ms: i64) -> String {
    format!(
        r#"{{{},"openInterest":"{}","time":{now_ms}}}"#,
        names(listing),
        frames::quantity(listing, positions.open()),
    )
}

fn figures(positions: &Positions, listing: &Listing) -> (String, String, String) {
    (positions.mark(listing, DECIMALS), positions.index(listing, DECIMALS), positions.rate())
}
