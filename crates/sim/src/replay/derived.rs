//! Instruments that a file does not list, as its frames tell them; marked as derived wherever they are served.

use std::collections::BTreeMap;
use std::fmt::Write;

use bytes::Bytes;
use market::number::{SCALE_MAX, decimals_of, decimals_printed};

use super::words::{Printed, Words};

/// Instruments at most; a file that names more is not listed further.
const INSTRUMENTS_MAX: usize = 16_384;
/// How the symbols of Binance end.
const QUOTES: [&str; 12] =
    ["FDUSD", "USDT", "USDC", "BUSD", "TUSD", "BTC", "ETH", "BNB", "TRY", "EUR", "RUB", "USD"];

/// Decimals that an instrument's numbers need, and with which they are printed.
#[derive(Clone, Copy, Debug, Default)]
struct Decimals {
    price: u8,
    price_printed: u8,
    quantity: u8,
    quantity_printed: u8,
}

/// The instruments of the frames.
#[derive(Debug, Default)]
pub(super) struct Derived {
    instruments: BTreeMap<String, Decimals>,
}

impl Derived {
    /// Whether no frame printed anything so far.
    pub fn is_empty(&self) -> bool {
        self.instruments.is_empty()
    }

    /// Whether an instrument is among them.
    pub fn holds(&self, symbol: &str) -> bool {
        self.instruments.contains_key(symbol)
    }

    /// Learns from a frame.
    pub fn hear(&mut self, words: &Words<'_>) {
        words.for_each_printed(|printed| self.learn(&printed));
    }

    fn learn(&mut self, printed: &Printed<'_>) {
        let is_new = !self.instruments.contains_key(printed.symbol);
        if is_new {
            if self.instruments.len() >= INSTRUMENTS_MAX {
                return;
            }
            self.instruments.insert(printed.symbol.to_owned(), Decimals::default());
        }
        let Some(decimals) = self.instruments.get_mut(printed.symbol) else { return };
        let (price, quantity) = (printed.price.as_bytes(), printed.quantity.as_bytes());
        grow(&mut decimals.price, decimals_of(price));
        grow(&mut decimals.price_printed, decimals_printed(price));
        grow(&mut decimals.quantity, decimals_of(quantity));
        grow(&mut decimals.quantity_printed, decimals_printed(quantity));
    }

    /// The list as Binance gives it: Binance pads its numbers, so that the tick is told by the digits that matter.
    pub fn exchange_info(&self) -> Bytes {
        let entries = self.instruments.iter().map(|(symbol, decimals)| {
            let (base, quote) = assets(symbol);
            let (tick, step) = (step(decimals.price), step(decimals.quantity));
            serde_json::json!({
                "symbol": symbol, "status": "TRADING", "baseAsset": base, "quoteAsset": quote,
                "isSpotTradingAllowed": true, "tapedeckDerived": true,
                "filters": [
                    {"filterType": "PRICE_FILTER", "minPrice": tick, "tickSize": tick},
                    {"filterType": "LOT_SIZE", "minQty": step, "stepSize": step},
                ],
            })
        });
        let list = serde_json::json!({
            "timezone": "UTC", "tapedeckDerived": true, "rateLimits": [], "exchangeFilters": [],
            "symbols": entries.collect::<Vec<_>>(),
        });
        Bytes::from(list.to_string())
    }

    /// The snapshot of the channel `instrument` as Kraken gives it: Kraken prints the decimals that its checksums need.
    pub fn instrument_frame(&self) -> String {
        let pairs = self.instruments.iter().map(|(symbol, decimals)| {
            let (base, quote) = symbol.split_once('/').unwrap_or((symbol, ""));
            let names = serde_json::json!({
                "symbol": symbol, "base": base, "quote": quote, "status": "online",
                "derived": true,
            });
            let mut pair = names.to_string();
            pair.pop();
            let (price, quantity) = (decimals.price_printed, decimals.quantity_printed);
            let _infallible = write!(
                pair,
                r#","price_precision":{price},"price_increment":{},"qty_precision":{quantity},"qty_increment":{}}}"#,
                step(price),
                step(quantity),
            );
            pair
        });
        let pairs = pairs.collect::<Vec<_>>().join(",");
        format!(
            r#"{{"channel":"instrument","type":"snapshot","derived":true,"data":{{"assets":[],"pairs":[{pairs}]}}}}"#
        )
    }

    /// The same pairs as Kraken gives them over REST.
    pub fn asset_pairs(&self) -> Bytes {
        let pairs: BTreeMap<&String, serde_json::Value> = self
            .instruments
            .iter()
            .map(|(symbol, decimals)| {
                let pair = serde_json::json!({
                    "altname": symbol.replace('/', ""), "wsname": symbol, "status": "online",
                    "pair_decimals": decimals.price_printed,
                    "lot_decimals": decimals.quantity_printed,
                    "tick_size": step(decimals.price_printed), "tapedeckDerived": true,
                });
                (symbol, pair)
            })
            .collect();
        Bytes::from(serde_json::json!({"error": [], "result": pairs}).to_string())
    }
}

fn grow(decimals: &mut u8, seen: Option<u8>) {
    *decimals = (*decimals).max(seen.unwrap_or(0).min(SCALE_MAX));
}

/// One unit of the last decimal.
fn step(decimals: u8) -> String {
    match decimals {
        0 => "1".to_owned(),
        _ => format!("0.{}1", "0".repeat(usize::from(decimals) - 1)),
    }
}

fn assets(symbol: &str) -> (&str, &str) {
    let quote =
        QUOTES.into_iter().find(|quote| symbol.len() > quote.len() && symbol.ends_with(quote));
    quote.map_or((symbol, ""), |quote| symbol.split_at(symbol.len() - quote.len()))
}
