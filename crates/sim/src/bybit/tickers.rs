//! `tickers`: on spot always whole; on linear whole once, and then what changed.

use std::collections::BTreeMap;

use super::frames::{price, size, symbol};
use crate::digits;
use crate::world::positions::{Positions, next_funding_ms};
use crate::world::{Market, Side};

/// Fields of a ticker by name.
pub(super) type Fields = BTreeMap<&'static str, String>;

/// All fields of a market's ticker.
pub(super) fn fields(market: &Market, positions: Option<&Positions>, ms: i64) -> Fields {
    let listing = market.listing();
    let day = market.tape().day();
    let (open, high, low, last) = day.as_ref().map_or(
        (listing.start_price, listing.start_price, listing.start_price, listing.start_price),
        |day| (day.open, day.high, day.low, day.close),
    );
    let (volume, turnover) = day.as_ref().map_or((0, 0), |day| (day.volume, day.turnover));
    let shown = |value| price(listing, value);
    let scale = listing.price_decimals + listing.quantity_decimals;
    let mut fields = Fields::from([
        ("symbol", symbol(listing)),
        ("lastPrice", shown(last)),
        ("prevPrice24h", shown(open)),
        ("highPrice24h", shown(high)),
        ("lowPrice24h", shown(low)),
        ("price24hPcnt", digits::text((last - open) * 10_000 / open.max(1), 4, 4)),
        ("volume24h", digits::wide_trimmed(volume, listing.quantity_decimals)),
        ("turnover24h", digits::wide_trimmed(turnover, scale)),
    ]);
    let Some(positions) = positions else {
        fields.insert("usdIndexPrice", shown(last));
        return fields;
    };
    let touch = |side| market.book().levels(side).next().unwrap_or((0, 0));
    let (bid, ask) = (touch(Side::Bid), touch(Side::Ask));
    let value = i128::from(positions.open()) * i128::from(last);
    fields.extend([
        ("tickDirection", "PlusTick".to_owned()),
        ("prevPrice1h", shown(open)),
        ("markPrice", positions.mark(listing, listing.price_decimals)),
        ("indexPrice", positions.index(listing, listing.price_decimals)),
        ("openInterest", size(listing, positions.open())),
        ("openInterestValue", digits::wide(value, scale, 2)),
        ("nextFundingTime", next_funding_ms(ms).to_string()),
        ("fundingRate", positions.rate()),
        ("bid1Price", shown(bid.0)),
        ("bid1Size", size(listing, bid.1)),
        ("ask1Price", shown(ask.0)),
        ("ask1Size", size(listing, ask.1)),
    ]);
    fields
}

/// The fields as JSON.
pub(super) fn object(fields: &Fields) -> String {
    let field = |(name, value): (&&str, &String)| format!(r#""{name}":"{value}""#);
    format!("{{{}}}", fields.iter().map(field).collect::<Vec<_>>().join(","))
}

/// A frame of the topic.
pub(super) fn frame(
    topic: &str,
    kind: &str,
    fields: &Fields,
    (sequence, ms): (u64, i64),
) -> String {
    format!(
        r#"{{"topic":"{topic}","type":"{kind}","data":{},"cs":{sequence},"ts":{ms}}}"#,
        object(fields)
    )
}

/// What a client that holds `before` must be told; `None` when nothing changed.
pub(super) fn changes(before: &Fields, after: &Fields) -> Option<Fields> {
    let is_new = |(name, value): &(&&'static str, &String)| before.get(*name) != Some(*value);
    let mut changes: Fields =
        after.iter().filter(is_new).map(|(name, value)| (*name, value.clone())).collect();
    if changes.is_empty() {
        return None;
    }
    changes.insert("symbol", after.get("symbol").cloned().unwrap_or_default());
    Some(changes)
}
