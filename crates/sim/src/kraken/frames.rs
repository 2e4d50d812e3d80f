//! What Kraken v2 sends, as text. Prices and quantities are JSON numbers with the pair's fixed decimals.

use crate::digits;
use crate::world::{Listing, Print, Side};

/// The symbol in frames: `BTC/USD`.
pub fn symbol(listing: &Listing) -> String {
    format!("{}/{}", listing.base, listing.quote)
}

/// A price as Kraken prints it.
pub fn price(listing: &Listing, price: i64) -> String {
    digits::text(price, listing.price_decimals, listing.price_decimals)
}

/// A quantity as Kraken prints it.
pub fn quantity(listing: &Listing, quantity: i64) -> String {
    digits::text(quantity, listing.quantity_decimals, listing.quantity_decimals)
}

/// A moment of Unix nanoseconds as RFC 3339 with microseconds.
pub fn time(unix_ns: i64) -> String {
    let nine = market::Timestamp::from_nanos(unix_ns).to_string();
    let micros = nine.get(..26).unwrap_or(&nine);
    format!("{micros}Z")
}

/// A `book` message.
#[derive(Clone, Debug)]
pub struct BookFrame<'a> {
    /// Whose book.
    pub listing: &'a Listing,
    /// `snapshot` or `update`.
    pub kind: &'static str,
    /// Price and quantity, in the order of sending.
    pub bids: &'a [(i64, i64)],
    /// Price and quantity, in the order of sending.
    pub asks: &'a [(i64, i64)],
    /// CRC32 of the ten best levels afterwards.
    pub checksum: u32,
    /// Unix nanoseconds.
    pub unix_ns: i64,
}

impl BookFrame<'_> {
    /// The message as text.
    pub fn text(&self) -> String {
        let mut out = String::with_capacity(160 + 40 * (self.bids.len() + self.asks.len()));
        out.push_str(r#"{"channel":"book","type":""#);
        out.push_str(self.kind);
        out.push_str(r#"","data":[{"symbol":""#);
        out.push_str(&symbol(self.listing));
        out.push_str(r#"","bids":"#);
        self.push_levels(&mut out, self.bids);
        out.push_str(r#","asks":"#);
        self.push_levels(&mut out, self.asks);
        out.push_str(&format!(
            r#","checksum":{},"timestamp":"{}"}}]}}"#,
            self.checksum,
            time(self.unix_ns)
        ));
        out
    }

    fn push_levels(&self, out: &mut String, levels: &[(i64, i64)]) {
        let (prices, quantities) = (self.listing.price_decimals, self.listing.quantity_decimals);
        for (position, (price, quantity)) in levels.iter().enumerate() {
            out.push_str(if position == 0 { r#"[{"price":"# } else { r#",{"price":"# });
            digits::push(out, *price, prices, prices);
            out.push_str(r#","qty":"#);
            digits::push(out, *quantity, quantities, quantities);
            out.push('}');
        }
        out.push_str(if levels.is_empty() { "[]" } else { "]" });
    }
}

/// A `trade` message.
pub fn trades<'a>(
    listing: &Listing,
    kind: &str,
    prints: impl Iterator<Item = &'a Print>,
    epoch: i64,
) -> String {
    let rows: Vec<String> = prints
        .map(|print| {
            format!(
                r#"{{"symbol":"{}","side":"{}","price":{},"qty":{},"ord_type":"market","trade_id":{},"timestamp":"{}"}}"#,
                symbol(listing),
                if print.taker == Side::Bid { "buy" } else { "sell" },
                price(listing, print.price),
                quantity(listing, print.quantity),
                print.trade_id,
                time(epoch + print.at),
            )
        })
        .collect();
    format!(r#"{{"channel":"trade","type":"{kind}","data":[{}]}}"#, rows.join(","))
}

/// The first message of a connection, and what is said of the system later. The id exceeds 2^53, as real ones do.
pub fn status(connection: u64, system: &str) -> String {
    let id = 806_193_442_143_087_786 + connection;
    format!(
        r#"{{"channel":"status","type":"update","data":[{{"version":"2.0.10","system":"{system}","api_version":"v2","connection_id":{id}}}]}}"#
    )
}

/// The `instrument` snapshot.
pub fn instruments<'a>(listings: impl Iterator<Item = &'a Listing> + Clone) -> String {
    let mut assets: Vec<&str> = listings.clone().flat_map(|one| [one.base, one.quote]).collect();
    assets.sort_unstable();
    assets.dedup();
    let assets: Vec<String> = assets
        .iter()
        .map(|asset| {
            format!(
                r#"{{"id":"{asset}","status":"enabled","precision":10,"precision_display":5,"borrowable":false,"collateral_value":0.00,"margin_rate":0.000000}}"#
            )
        })
        .collect();
    let pairs: Vec<String> = listings.map(pair).collect();
    format!(
        r#"{{"channel":"instrument","type":"snapshot","data":{{"assets":[{}],"pairs":[{}]}}}}"#,
        assets.join(","),
        pairs.join(",")
    )
}

fn pair(listing: &Listing) -> String {
    format!(
        r#"{{"symbol":"{}","base":"{}","quote":"{}","status":"online","qty_precision":{},"qty_increment":{},"price_precision":{},"cost_precision":5,"marginable":false,"has_index":true,"cost_min":0.50,"price_increment":{},"qty_min":{}}}"#,
        symbol(listing),
        listing.base,
        listing.quote,
        listing.quantity_decimals,
        increment(listing.lot, listing.quantity_decimals),
        listing.price_decimals,
        increment(listing.tick, listing.price_decimals),
        increment(listing.lot, listing.quantity_decimals),
    )
}

/// A step as Kraken prints it: exponent form below 1e-4.
fn increment(units: i64, decimals: u8) -> String {
    if decimals > 4 {
        format!("{units}e-{decimals}")
    } else {
        digits::text(units, decimals, decimals)
    }
}

#[cfg(test)]
mod tests {
    use super::{BookFrame, time};
    use crate::world::Listing;
    use crate::world::listing::kraken;

    fn btc() -> Listing {
        kraken().remove(0)
    }

    #[test]
    fn a_book_update_is_printed_as_the_venue_prints_it() {
        let frame = BookFrame {
            listing: &btc(),
            kind: "update",
            bids: &[(788_588, 0), (788_570, 34_775_324)],
            asks: &[],
            checksum: 2_416_540_570,
            unix_ns: 1_787_610_118_343_688_000,
        };
        assert_eq!(
            frame.text(),
            r#"{"channel":"book","type":"update","data":[{"symbol":"BTC/USD","bids":[{"price":78858.8,"qty":0.00000000},{"price":78857.0,"qty":0.34775324}],"asks":[],"checksum":2416540570,"timestamp":"2026-08-24T22:21:58.343688Z"}]}"#
        );
    }

    #[test]
    fn a_time_has_six_decimals() {
        assert_eq!(time(1_784_483_679_614_741_999), "2026-07-19T17:54:39.614741Z");
    }
}
