//! bitbank's minutes of a day of UTC.

use super::Bitbank;
use super::frames;
use crate::digits;
use crate::world::{Candle, Market};

const DAY_MS: i64 = 86_400_000;

impl Bitbank {
    /// The bars of a path `candlestick/1min/20261128`; `None` for one that is none.
    pub(super) fn bars(&self, market: &Market, path: &str) -> Option<String> {
        let mut words = path.split('/');
        let (what, kind, day) = (words.next()?, words.next()?, words.next()?);
        let n_minutes = match kind {
            "1min" => 1,
            "5min" => 5,
            "15min" => 15,
            "30min" => 30,
            "1hour" => 60,
            _ => return None,
        };
        if what != "candlestick" || day.len() != 8 || !day.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let is_of_day = |bar: &Candle| {
            let moment = market::Timestamp::from_millis(self.unix_ms(bar.opened_at)).to_string();
            let date: String = moment.chars().take(10).filter(char::is_ascii_digit).collect();
            date == day
        };
        let bars = market.tape().bars(n_minutes, self.epoch);
        let rows: Vec<String> =
            bars.iter().filter(|bar| is_of_day(bar)).map(|bar| self.row(market, bar)).collect();
        let last = self.unix_ms(self.world.now()).rem_euclid(DAY_MS);
        let rows = rows.join(",");
        Some(format!(
            r#"{{"candlestick":[{{"type":"{kind}","ohlcv":[{rows}]}}],"timestamp":{last}}}"#
        ))
    }

    fn row(&self, market: &Market, bar: &Candle) -> String {
        let listing = market.listing();
        let price = |price| frames::price(listing, price);
        format!(
            r#"["{}","{}","{}","{}","{}",{}]"#,
            price(bar.open),
            price(bar.high),
            price(bar.low),
            price(bar.close),
            digits::wide(bar.volume, listing.quantity_decimals, listing.quantity_decimals),
            self.unix_ms(bar.opened_at),
        )
    }
}
