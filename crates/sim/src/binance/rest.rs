//! Binance over HTTP: `/api/v3/…`, with the weight of each request counted as the venue does.

use axum::http::Uri;

use super::Binance;
use super::frames;
use super::futures;
use super::lists;
use super::streams::Dialect;
use crate::exchange::Answer;
use crate::world::positions::Positions;
use crate::world::tape::MINUTE;
use crate::world::{Candle, Listing, Market, Side};

/// Weight that one address may use in a minute on spot; both futures markets share a smaller pool.
const WEIGHT_A_MINUTE: u32 = 6_000;
const FUTURES_WEIGHT_A_MINUTE: u32 = 2_400;

/// The weight used in the current minute.
#[derive(Debug, Default)]
pub(super) struct Weights {
    minute: i64,
    used: u32,
}

impl Weights {
    /// Uses `weight`; whether it was still allowed.
    fn spend(&mut self, now: i64, weight: u32, allowed: u32) -> bool {
        let minute = now / MINUTE;
        if self.minute != minute {
            (self.minute, self.used) = (minute, 0);
        }
        self.used = self.used.saturating_add(weight);
        self.used <= allowed
    }
}

/// The answer to a request too many.
pub(super) fn too_many(allowed: u32) -> Answer {
    let words = "Too much request weight used; current limit is";
    let body =
        format!(r#"{{"code":-1003,"msg":"{words} {allowed} request weight per 1 MINUTE."}}"#);
    let mut answer = Answer::new(429, body);
    answer.headers.push(("retry-after", "5".to_owned()));
    answer
}

fn bad(code: i32, words: &str) -> Answer {
    Answer::new(400, format!(r#"{{"code":{code},"msg":"{words}"}}"#))
}

impl Binance {
    /// Answers a request and says how much weight was used.
    pub(super) fn rest(&mut self, uri: &Uri) -> Answer {
        let base = match self.dialect {
            Dialect::Spot => "/api/v3/",
            Dialect::UsdM => "/fapi/v1/",
            Dialect::CoinM => "/dapi/v1/",
        };
        let Some(path) = uri.path().strip_prefix(base) else {
            return Answer::new(404, r#"{"code":-1000,"msg":"no such address"}"#);
        };
        let limit = number(uri, "limit").and_then(|limit| usize::try_from(limit).ok());
        let weight = match self.dialect {
            Dialect::Spot => weight(path, limit, uri),
            Dialect::UsdM | Dialect::CoinM => futures_weight(path, limit, uri),
        };
        let allowed = self.weight_a_minute();
        let mut answer = if self.weights.spend(self.world.now(), weight, allowed) {
            self.route(path, limit, uri)
        } else {
            too_many(allowed)
        };
        answer.headers.push(("x-mbx-used-weight-1m", self.weights.used.to_string()));
        answer
    }

    /// Weight that one address may use in a minute.
    pub(super) fn weight_a_minute(&self) -> u32 {
        match self.dialect {
            Dialect::Spot => WEIGHT_A_MINUTE,
            Dialect::UsdM | Dialect::CoinM => FUTURES_WEIGHT_A_MINUTE,
        }
    }

    fn route(&self, path: &str, limit: Option<usize>, uri: &Uri) -> Answer {
        let now_ms = self.unix_ms(self.world.now());
        match path {
            "ping" => Answer::new(200, "{}"),
            "time" => Answer::new(200, format!(r#"{{"serverTime":{now_ms}}}"#)),
            "exchangeInfo" => self.for_symbols(uri, |markets| {
                lists::exchange_info(markets.iter().map(|(_, market)| market.listing()), now_ms)
            }),
            "ticker/24hr" => self.each(uri, |market| lists::ticker(market, self.epoch, now_ms)),
            "ticker/bookTicker" => self.each(uri, lists::book_ticker),
            "depth" => {
                self.for_symbol(uri, |market, _| depth(market, limit.unwrap_or(100), now_ms))
            }
            "premiumIndex" if self.is_futures() => self.positions(uri, |positions, listing| {
                futures::premium_index(positions, listing, now_ms)
            }),
            "openInterest" if self.is_futures() => self.positions(uri, |positions, listing| {
                futures::open_interest(positions, listing, now_ms)
            }),
            "trades" => self.for_symbol(uri, |market, _| self.trades(market, limit)),
            "aggTrades" => self.for_symbol(uri, |_, index| self.aggregates(index, limit, uri)),
            "klines" | "uiKlines" => {
                self.for_symbol(uri, |market, _| self.klines(market, limit, uri))
            }
            _ => Answer::new(404, r#"{"code":-1000,"msg":"no such address"}"#),
        }
    }

    /// Answers about the one symbol that the request names.
    fn for_symbol(&self, uri: &Uri, answer: impl FnOnce(&Market, usize) -> Answer) -> Answer {
        let Some(symbol) = Answer::parameter(uri, "symbol") else {
            return bad(-1102, "Mandatory parameter 'symbol' was not sent.");
        };
        match self.desks.iter().position(|desk| desk.symbol == symbol) {
            Some(index) => answer(&self.world.markets()[index], index),
            None => bad(-1121, "Invalid symbol."),
        }
    }

    /// Answers about the symbols that the request names, or about all.
    fn for_symbols(&self, uri: &Uri, body: impl FnOnce(&[(usize, &Market)]) -> String) -> Answer {
        let one = Answer::parameter(uri, "symbol").map(|symbol| vec![symbol]);
        let wanted = one.or_else(|| {
            let list = Answer::parameter(uri, "symbols")?;
            serde_json::from_str::<Vec<String>>(&list).ok()
        });
        let mut markets: Vec<(usize, &Market)> = self.world.markets().iter().enumerate().collect();
        if let Some(wanted) = wanted {
            let is_listed = |symbol: &String| self.desks.iter().any(|desk| desk.symbol == *symbol);
            if !wanted.iter().all(is_listed) {
                return bad(-1121, "Invalid symbol.");
            }
            markets.retain(|(index, _)| wanted.contains(&self.desks[*index].symbol));
        }
        Answer::new(200, body(&markets))
    }

    /// One object when a symbol is named, else a list.
    fn each(&self, uri: &Uri, element: impl Fn(&Market) -> String) -> Answer {
        // COIN-M answers with a list even about one.
        let is_one = Answer::parameter(uri, "symbol").is_some() && self.dialect != Dialect::CoinM;
        self.for_symbols(uri, |markets| {
            let elements: Vec<_> = markets.iter().map(|(_, market)| element(market)).collect();
            let joined = elements.join(",");
            if is_one { joined } else { format!("[{joined}]") }
        })
    }

    /// Answers about the positions in the one symbol that the request names.
    fn positions(&self, uri: &Uri, body: impl FnOnce(&Positions, &Listing) -> String) -> Answer {
        self.for_symbol(uri, |market, index| match &self.desks[index].positions {
            Some(positions) => Answer::new(200, body(positions, market.listing())),
            None => bad(-1121, "Invalid symbol."),
        })
    }

    fn trades(&self, market: &Market, limit: Option<usize>) -> Answer {
        let listing = market.listing();
        let worth = if listing.contract.is_some() { "baseQty" } else { "quoteQty" };
        let prints = market.tape().prints();
        let skipped = prints.len().saturating_sub(limit.unwrap_or(500).min(1_000));
        let rows: Vec<String> = prints
            .skip(skipped)
            .map(|print| {
                let turnover = i128::from(print.price) * i128::from(print.quantity);
                format!(
                    r#"{{"id":{},"price":"{}","qty":"{}","{worth}":"{}","time":{},"isBuyerMaker":{},"isBestMatch":true}}"#,
                    print.trade_id,
                    frames::price(listing, print.price),
                    frames::quantity(listing, print.quantity),
                    frames::turnover(listing, i128::from(print.quantity), turnover),
                    self.unix_ms(print.at),
                    print.taker == Side::Ask,
                )
            })
            .collect();
        Answer::new(200, format!("[{}]", rows.join(",")))
    }

    fn aggregates(&self, index: usize, limit: Option<usize>, uri: &Uri) -> Answer {
        let listing = self.world.markets()[index].listing();
        let limit = limit.unwrap_or(500).min(1_000);
        let from_id = number(uri, "fromId").and_then(|id| u64::try_from(id).ok());
        let (start, end) = (number(uri, "startTime"), number(uri, "endTime"));
        let fits: Vec<_> = self.desks[index]
            .aggregates
            .iter()
            .filter(|aggregate| {
                let ms = self.unix_ms(aggregate.print.at);
                from_id.is_none_or(|id| aggregate.id >= id)
                    && start.is_none_or(|start| ms >= start)
                    && end.is_none_or(|end| ms <= end)
            })
            .collect();
        // Without a beginning the newest are meant.
        let is_from = from_id.is_some() || start.is_some();
        let skipped = if is_from { 0 } else { fits.len().saturating_sub(limit) };
        let rows: Vec<String> = fits
            .iter()
            .skip(skipped)
            .take(limit)
            .map(|aggregate| {
                let traded_ms = self.unix_ms(aggregate.print.at);
                format!("{{{}}}", frames::aggregate_fields(listing, aggregate, traded_ms))
            })
            .collect();
        Answer::new(200, format!("[{}]", rows.join(",")))
    }

    fn klines(&self, market: &Market, limit: Option<usize>, uri: &Uri) -> Answer {
        let interval = Answer::parameter(uri, "interval").unwrap_or_default();
        let Some(n_minutes) = minutes(&interval) else {
            return bad(-1120, "Invalid interval.");
        };
        let (start, end) = (number(uri, "startTime"), number(uri, "endTime"));
        let mut bars: Vec<(i64, Candle)> = Vec::new();
        for minute in market.tape().minutes() {
            let opened_ms = self.unix_ms(minute.opened_at);
            let bar_ms = opened_ms - opened_ms.rem_euclid(n_minutes * 60_000);
            match bars.last_mut() {
                Some((at, bar)) if *at == bar_ms => bar.extend(minute),
                Some(_) | None => bars.push((bar_ms, minute.clone())),
            }
        }
        bars.retain(|(at, _)| start.is_none_or(|s| *at >= s) && end.is_none_or(|e| *at <= e));
        let limit = limit.unwrap_or(500).min(1_000);
        let skipped = if start.is_some() { 0 } else { bars.len().saturating_sub(limit) };
        let rows: Vec<String> = bars
            .iter()
            .skip(skipped)
            .take(limit)
            .map(|(at, bar)| kline_row(market, bar, (*at, at + n_minutes * 60_000 - 1)))
            .collect();
        Answer::new(200, format!("[{}]", rows.join(",")))
    }
}

fn depth(market: &Market, limit: usize, now_ms: i64) -> Answer {
    if limit == 0 || limit > 5_000 {
        return bad(-1130, "Data sent for parameter 'limit' is not valid.");
    }
    let book = market.book();
    let body = frames::snapshot(
        market.listing(),
        (market.update_id(), now_ms),
        book.levels(Side::Bid).take(limit),
        book.levels(Side::Ask).take(limit),
    );
    Answer::new(200, body)
}

fn kline_row(market: &Market, bar: &Candle, (open_ms, close_ms): (i64, i64)) -> String {
    let listing = market.listing();
    format!(
        r#"[{open_ms},"{}","{}","{}","{}","{}",{close_ms},"{}",{},"{}","{}","0"]"#,
        frames::price(listing, bar.open),
        frames::price(listing, bar.high),
        frames::price(listing, bar.low),
        frames::price(listing, bar.close),
        frames::volume(listing, bar.volume),
        frames::turnover(listing, bar.volume, bar.turnover),
        bar.n_trades,
        frames::volume(listing, bar.bought),
        frames::turnover(listing, bar.bought, bar.bought_turnover),
    )
}

fn weight(path: &str, limit: Option<usize>, uri: &Uri) -> u32 {
    match path {
        "depth" => match limit.unwrap_or(100) {
            ..=100 => 5,
            101..=500 => 25,
            501..=1_000 => 50,
            1_001.. => 250,
        },
        "trades" => 25,
        "aggTrades" => 4,
        "exchangeInfo" => 20,
        "klines" | "uiKlines" => 2,
        "ticker/24hr" if Answer::parameter(uri, "symbol").is_none() => 80,
        "ticker/bookTicker" if Answer::parameter(uri, "symbol").is_none() => 4,
        _ => 2,
    }
}

/// Weights of `/fapi/v1` and `/dapi/v1`.
fn futures_weight(path: &str, limit: Option<usize>, uri: &Uri) -> u32 {
    match path {
        "depth" => match limit.unwrap_or(500) {
            ..=50 => 2,
            51..=100 => 5,
            101..=500 => 10,
            501.. => 20,
        },
        "trades" => 5,
        "aggTrades" => 20,
        "klines" => match limit.unwrap_or(500) {
            ..=99 => 1,
            100..=499 => 2,
            500..=1_000 => 5,
            1_001.. => 10,
        },
        "ticker/24hr" if Answer::parameter(uri, "symbol").is_none() => 40,
        "ticker/bookTicker" if Answer::parameter(uri, "symbol").is_none() => 5,
        "ticker/bookTicker" => 2,
        _ => 1,
    }
}

fn minutes(interval: &str) -> Option<i64> {
    let (count, unit) = interval.split_at_checked(interval.len().checked_sub(1)?)?;
    let count: i64 = count.parse().ok().filter(|count| (1..=30).contains(count))?;
    match unit {
        "m" => Some(count),
        "h" => Some(count * 60),
        "d" => Some(count * 1_440),
        "w" => Some(count * 10_080),
        _ => None,
    }
}

fn number(uri: &Uri, name: &str) -> Option<i64> {
    Answer::parameter(uri, name)?.parse().ok()
}
