//! What OKX says of swaps alone: funding, marks, indices, open interest, liquidations.

use super::frames::{self, coins, index, price, quantity, side, symbol};
use crate::digits;
use crate::world::positions::{Forced, Positions, next_funding_ms};
use crate::world::{Listing, Side};

/// From one funding to the next, in milliseconds.
const FUNDING_MS: i64 = 8 * 3_600_000;

pub(super) fn funding(listing: &Listing, positions: &Positions, ms: i64) -> String {
    let (at, rate) = (next_funding_ms(ms), positions.rate());
    format!(
        r#"{{"formulaType":"withRate","fundingRate":"{rate}","fundingTime":"{at}","impactValue":"","instId":"{}","instType":"SWAP","interestRate":"0.0001","maxFundingRate":"0.00375","method":"current_period","minFundingRate":"-0.00375","nextFundingRate":"","nextFundingTime":"{}","premium":"0","settFundingRate":"{rate}","settState":"settled","ts":"{ms}"}}"#,
        symbol(listing),
        at + FUNDING_MS,
    )
}

pub(super) fn mark(listing: &Listing, positions: &Positions, ms: i64) -> String {
    format!(
        r#"{{"instType":"SWAP","instId":"{}","markPx":"{}","ts":"{ms}"}}"#,
        symbol(listing),
        positions.mark(listing, listing.price_decimals),
    )
}

pub(super) fn index_ticker(listing: &Listing, positions: &Positions, ms: i64) -> String {
    let shown = positions.index(listing, listing.price_decimals);
    let open = price(listing, listing.start_price);
    format!(
        r#"{{"instId":"{}","idxPx":"{shown}","open24h":"{open}","high24h":"{shown}","low24h":"{open}","sodUtc0":"{open}","sodUtc8":"{open}","ts":"{ms}"}}"#,
        index(listing),
    )
}

pub(super) fn open_interest(listing: &Listing, positions: &Positions, ms: i64) -> String {
    let open = positions.open();
    let usd = i128::from(open)
        * i128::from(listing.start_price)
        * i128::from(frames::contract_hundredths(listing));
    format!(
        r#"{{"instType":"SWAP","instId":"{}","oi":"{}","oiCcy":"{}","oiUsd":"{}","ts":"{ms}"}}"#,
        symbol(listing),
        quantity(listing, open),
        coins(listing, i128::from(open)),
        digits::wide_trimmed(usd, listing.price_decimals + listing.quantity_decimals + 2),
    )
}

/// `liquidation-orders`. A buyer closes a short position.
pub(super) fn liquidation(listing: &Listing, forced: &Forced, ms: i64) -> String {
    let position = match forced.taker {
        Side::Bid => "short",
        Side::Ask => "long",
    };
    let family = index(listing);
    let body = format!(
        r#"{{"details":[{{"bkLoss":"0","bkPx":"{}","ccy":"","posSide":"{position}","side":"{}","sz":"{}","ts":"{ms}"}}],"instFamily":"{family}","instId":"{}","instType":"SWAP","uly":"{family}"}}"#,
        price(listing, forced.price),
        side(forced.taker),
        quantity(listing, forced.quantity),
        symbol(listing),
    );
    frames::data(r#"{"channel":"liquidation-orders","instType":"SWAP"}"#, &body)
}
