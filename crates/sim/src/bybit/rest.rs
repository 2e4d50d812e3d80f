//! Bybit over HTTP: `/v5/market/…`.

use axum::http::Uri;

use super::Bybit;
use super::{frames, tickers};
use crate::digits;
use crate::exchange::Answer;
use crate::world::positions::Positions;
use crate::world::{Candle, Listing, Market, Print, Side};

/// Levels a side and rows of an answer, at most; trades of spot have a limit of their own.
const ROWS_MOST: usize = 1_000;
const TRADES_MOST_SPOT: usize = 60;

impl Bybit {
    /// Answers a request.
    pub(super) fn rest(&self, uri: &Uri) -> Answer {
        if let Some(path) = uri.path().strip_prefix("/v5/market/") {
            let category = frames::category(self.is_linear);
            let asked = Answer::parameter(uri, "category");
            if path != "time" && asked.is_some_and(|asked| asked != category) {
                return self.bad(10_001, "Illegal category");
            }
            return self.route(path, uri);
        }
        Answer::new(404, "")
    }

    fn route(&self, path: &str, uri: &Uri) -> Answer {
        let now = self.world.now();
        let now_ms = self.unix_ms(now);
        match path {
            "time" => {
                let (seconds, nanos) = (now_ms / 1_000, self.epoch + now);
                self.good(&format!(r#"{{"timeSecond":"{seconds}","timeNano":"{nanos}"}}"#))
            }
            "instruments-info" => self.instruments(uri),
            "tickers" => self.tickers(uri, now_ms),
            "orderbook" => self.one(uri, |market| self.good(&self.book(market, uri))),
            "recent-trade" => self.one(uri, |market| self.trades(market, uri)),
            "kline" => self.one(uri, |market| self.klines(market, uri)),
            _ => Answer::new(404, ""),
        }
    }

    fn one(&self, uri: &Uri, answer: impl FnOnce(&Market) -> Answer) -> Answer {
        let id = Answer::parameter(uri, "symbol").unwrap_or_default();
        match self.ids.iter().position(|known| *known == id) {
            Some(index) => answer(&self.world.markets()[index]),
            None => self.bad(10_001, "Not supported symbols"),
        }
    }

    /// The one that the request names, or all.
    fn tickers(&self, uri: &Uri, now_ms: i64) -> Answer {
        let wanted = Answer::parameter(uri, "symbol");
        let each = self.world.markets().iter().zip(&self.positions).zip(&self.ids);
        let each = each.filter(|(_, id)| wanted.as_ref().is_none_or(|wanted| wanted == *id));
        let row = |((market, positions), _): ((&Market, &Option<Positions>), &String)| {
            tickers::object(&tickers::fields(market, positions.as_ref(), now_ms))
        };
        let rows: Vec<_> = each.map(row).collect();
        if rows.is_empty() {
            return self.bad(10_001, "Not supported symbols");
        }
        self.list(rows)
    }

    fn instruments(&self, uri: &Uri) -> Answer {
        let is_trading = Answer::parameter(uri, "status").is_none_or(|status| status == "Trading");
        let wanted = Answer::parameter(uri, "symbol");
        let listings = self.world.markets().iter().map(Market::listing);
        let is_wanted = |listing: &&Listing| {
            is_trading && wanted.as_ref().is_none_or(|id| frames::symbol(listing) == *id)
        };
        self.list(listings.filter(is_wanted).map(frames::instrument).collect())
    }

    fn book(&self, market: &Market, uri: &Uri) -> String {
        let default = if self.is_linear { 25 } else { 1 };
        let depth = number(uri, "limit").unwrap_or(default).min(ROWS_MOST);
        let (listing, ms) = (market.listing(), self.unix_ms(self.world.now()));
        let side = |side| {
            let levels: Vec<_> = market.book().levels(side).take(depth).collect();
            frames::levels(listing, &levels)
        };
        format!(
            r#"{{"s":"{}","b":{},"a":{},"ts":{ms},"u":{},"seq":{},"cts":{ms}}}"#,
            frames::symbol(listing),
            side(Side::Bid),
            side(Side::Ask),
            15_000_000 + market.update_id() % 1_000_000,
            market.update_id(),
        )
    }

    /// Newest first.
    fn trades(&self, market: &Market, uri: &Uri) -> Answer {
        let most = if self.is_linear { ROWS_MOST } else { TRADES_MOST_SPOT };
        let limit = number(uri, "limit").unwrap_or(most).min(most);
        let listing = market.listing();
        let row = |print: &Print| {
            format!(
                r#"{{"execId":"{}","symbol":"{}","price":"{}","size":"{}","side":"{}","time":"{}","isBlockTrade":false,"isRPITrade":false,"seq":"{}"}}"#,
                frames::trade_id(listing, print),
                frames::symbol(listing),
                frames::price(listing, print.price),
                frames::size(listing, print.quantity),
                frames::side(print.taker),
                self.unix_ms(print.at),
                print.trade_id,
            )
        };
        self.list(market.tape().prints().rev().take(limit).map(row).collect())
    }

    /// Newest first.
    fn klines(&self, market: &Market, uri: &Uri) -> Answer {
        let interval = Answer::parameter(uri, "interval").unwrap_or_default();
        let n_minutes = match interval.as_str() {
            "D" => Some(1_440),
            "W" => Some(10_080),
            minutes => minutes.parse::<i64>().ok().filter(|n| (1..=720).contains(n)),
        };
        let Some(n_minutes) = n_minutes else { return self.bad(10_001, "Invalid interval") };
        let bound = |name| Answer::parameter(uri, name).and_then(|text| text.parse::<i64>().ok());
        let (start, end) = (bound("start"), bound("end"));
        let limit = number(uri, "limit").unwrap_or(200).min(ROWS_MOST);
        let is_wanted = |bar: &Candle| {
            let ms = self.unix_ms(bar.opened_at);
            start.is_none_or(|start| ms >= start) && end.is_none_or(|end| ms <= end)
        };
        let bars = market.tape().bars(n_minutes, self.epoch);
        let newest = bars.into_iter().rev().filter(is_wanted).take(limit);
        let row = |bar: Candle| row(market.listing(), &bar, self.unix_ms(bar.opened_at));
        self.list(newest.map(row).collect())
    }

    fn list(&self, rows: Vec<String>) -> Answer {
        let category = frames::category(self.is_linear);
        let list = rows.join(",");
        self.good(&format!(r#"{{"category":"{category}","list":[{list}],"nextPageCursor":""}}"#))
    }

    fn good(&self, result: &str) -> Answer {
        self.enveloped(0, "OK", result)
    }

    fn bad(&self, code: u32, words: &str) -> Answer {
        self.enveloped(code, words, "{}")
    }

    /// Errors too come with status 200.
    fn enveloped(&self, code: u32, words: &str, result: &str) -> Answer {
        let ms = self.unix_ms(self.world.now());
        let body = format!(
            r#"{{"retCode":{code},"retMsg":"{words}","result":{result},"retExtInfo":{{}},"time":{ms}}}"#
        );
        Answer::new(200, body)
    }
}

fn row(listing: &Listing, bar: &Candle, opened_ms: i64) -> String {
    format!(
        r#"["{opened_ms}","{}","{}","{}","{}","{}","{}"]"#,
        frames::price(listing, bar.open),
        frames::price(listing, bar.high),
        frames::price(listing, bar.low),
        frames::price(listing, bar.close),
        digits::wide_trimmed(bar.volume, listing.quantity_decimals),
        digits::wide_trimmed(bar.turnover, listing.price_decimals + listing.quantity_decimals),
    )
}

fn number(uri: &Uri, name: &str) -> Option<usize> {
    Answer::parameter(uri, name)?.parse().ok()
}
