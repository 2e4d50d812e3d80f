//! What bitFlyer sends, as text. Prices and sizes are JSON numbers with at least one decimal.

use axum::extract::ws::Utf8Bytes;

use crate::digits;
use crate::topics::Topics;
use crate::world::{Listing, Market, Print, Side};

/// `BTC_JPY`, or of the perpetual `FX_BTC_JPY`.
pub fn product(listing: &Listing) -> String {
    let start = if listing.is_perpetual { "FX_" } else { "" };
    format!("{start}{}_{}", listing.base, listing.quote)
}

/// A number as bitFlyer prints it: `13634496.0`, `0.005`.
fn number(units: i64, scale: u8) -> String {
    let text = digits::trimmed(units, scale);
    if text.contains('.') { text } else { text + ".0" }
}

/// The same message in both languages of the venue.
#[derive(Clone, Debug)]
pub(super) struct Said {
    json_rpc: Utf8Bytes,
    socketio: Utf8Bytes,
}

impl Said {
    /// A message of a channel.
    pub fn new(channel: &str, message: &str) -> Self {
        let socketio = Utf8Bytes::from(format!(r#"42["{channel}",{message}]"#));
        Self { json_rpc: Utf8Bytes::from(self::message(channel, message)), socketio }
    }

    /// In the language of a link.
    pub fn to(&self, topics: &Topics) -> Utf8Bytes {
        if topics.is_socketio { self.socketio.clone() } else { self.json_rpc.clone() }
    }
}

fn message(channel: &str, message: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","method":"channelMessage","params":{{"channel":"{channel}","message":{message}}}}}"#
    )
}

/// A board, whole or what changed of it, with the middle of the whole.
pub(super) fn board(market: &Market, bids: &[(i64, i64)], asks: &[(i64, i64)]) -> String {
    let (listing, book) = (market.listing(), market.book());
    let best = |side| book.best(side).unwrap_or(0);
    // Half a sum of two prices: five tenths of it.
    let middle = number((best(Side::Bid) + best(Side::Ask)) * 5, listing.price_decimals + 1);
    let side = |levels: &[(i64, i64)]| {
        let row = |level: &(i64, i64)| {
            let price = number(level.0, listing.price_decimals);
            format!(r#"{{"price":{price},"size":{}}}"#, number(level.1, listing.quantity_decimals))
        };
        levels.iter().map(row).collect::<Vec<_>>().join(",")
    };
    format!(r#"{{"mid_price":{middle},"bids":[{}],"asks":[{}]}}"#, side(bids), side(asks))
}

/// Executions, in the given order.
pub(super) fn executions<'a>(
    listing: &Listing,
    prints: impl Iterator<Item = &'a Print>,
    epoch: i64,
) -> String {
    let row = |print: &Print| {
        let side = if print.taker == Side::Bid { "BUY" } else { "SELL" };
        format!(
            r#"{{"id":{},"side":"{side}","price":{},"size":{},"exec_date":"{}","buy_child_order_acceptance_id":"JRF20260923-033127-{:06}","sell_child_order_acceptance_id":"JRF20260923-033126-{:06}"}}"#,
            print.trade_id,
            number(print.price, listing.price_decimals),
            number(print.quantity, listing.quantity_decimals),
            date(epoch + print.at),
            print.trade_id % 1_000_000,
            print.trade_id % 999_983,
        )
    };
    format!("[{}]", prints.map(row).collect::<Vec<_>>().join(","))
}

/// `lightning_ticker_…` and `/getticker`.
pub(super) fn ticker(market: &Market, unix_ns: i64) -> String {
    let (listing, book) = (market.listing(), market.book());
    let touch = |side| book.levels(side).next().unwrap_or((0, 0));
    let (bid, ask) = (touch(Side::Bid), touch(Side::Ask));
    let price = |units| number(units, listing.price_decimals);
    let size = |units| number(units, listing.quantity_decimals);
    let depth = |side| size(book.levels(side).map(|level| level.1).sum());
    let day = market.tape().day();
    let last = day.as_ref().map_or(listing.start_price, |day| day.close);
    let volume = day.map_or(0, |day| i64::try_from(day.volume).unwrap_or(i64::MAX));
    format!(
        r#"{{"product_code":"{}","state":"RUNNING","timestamp":"{}","tick_id":{},"best_bid":{},"best_ask":{},"best_bid_size":{},"best_ask_size":{},"total_bid_depth":{},"total_ask_depth":{},"market_bid_size":0.0,"market_ask_size":0.0,"ltp":{},"volume":{},"volume_by_product":{},"preopen_end":null,"circuit_break_end":null}}"#,
        product(listing),
        date(unix_ns),
        market.update_id() % 1_000_000_000,
        price(bid.0),
        price(ask.0),
        size(bid.1),
        size(ask.1),
        depth(Side::Bid),
        depth(Side::Ask),
        price(last),
        size(volume),
        size(volume),
    )
}

/// `2026-09-23T03:31:27.0873222Z`: seven digits of a second.
fn date(unix_ns: i64) -> String {
    let (seconds, nanos) = (unix_ns.div_euclid(1_000_000_000), unix_ns.rem_euclid(1_000_000_000));
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:07}Z",
        second / 3_600,
        second / 60 % 60,
        second % 60,
        nanos / 100,
    )
}

/// Year, month and day of a day since 1970, counted in years that begin in March so that the leap day is the last.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march + 2) / 5 + 1;
    let month = if march < 10 { march + 3 } else { march - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::{date, number};

    #[test]
    fn numbers_have_a_decimal_and_dates_seven_digits() {
        assert_eq!(
            [number(13_634_496, 0), number(500_000, 8), number(0, 8)],
            ["13634496.0", "0.005", "0.0"]
        );
        assert_eq!(date(1_790_134_287_087_322_200), "2026-09-23T03:31:27.0873222Z");
        assert_eq!(date(1_709_164_800_000_000_000), "2024-02-29T00:00:00.0000000Z");
    }
}
