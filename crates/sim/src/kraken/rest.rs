//! Kraken over HTTP: `/0/public/…`.

use axum::http::Uri;

use super::Kraken;
use super::frames::{price, quantity};
use crate::digits;
use crate::exchange::Answer;
use crate::world::{Candle, Listing, Market, SECOND, Side};

/// Rows of `/OHLC` at most.
const N_BARS: usize = 720;

impl Kraken {
    /// Answers a request.
    pub(super) fn rest(&self, uri: &Uri) -> Answer {
        let Some(path) = uri.path().strip_prefix("/0/public/") else {
            return Answer::new(404, r#"{"error":["EGeneral:Unknown method"]}"#);
        };
        match path {
            "Time" => {
                let unix_s = self.unix_ns() / SECOND;
                result(&format!(r#"{{"unixtime":{unix_s},"rfc1123":"now"}}"#))
            }
            "SystemStatus" => {
                let time = super::frames::time(self.unix_ns());
                result(&format!(r#"{{"status":"online","timestamp":"{time}"}}"#))
            }
            "Assets" => result(&self.assets()),
            "AssetPairs" => self.pairs(uri),
            "Ticker" => self.tickers(uri),
            "Depth" => {
                let count = number(uri, "count").unwrap_or(100);
                self.for_pair(uri, |market| self.depth(market, count))
            }
            "Trades" => self.for_pair(uri, |market| self.trades(market, uri)),
            "OHLC" => self.for_pair(uri, |market| self.bars(market, uri)),
            _ => Answer::new(404, r#"{"error":["EGeneral:Unknown method"]}"#),
        }
    }

    fn for_pair(&self, uri: &Uri, answer: impl FnOnce(&Market) -> Answer) -> Answer {
        let wanted = Answer::parameter(uri, "pair").unwrap_or_default();
        match self.world.markets().iter().find(|market| is_called(market.listing(), &wanted)) {
            Some(market) => answer(market),
            None => error("EQuery:Unknown asset pair"),
        }
    }

    fn assets(&self) -> String {
        let mut names: Vec<&str> = self
            .world
            .markets()
            .iter()
            .flat_map(|market| [market.listing().base, market.listing().quote])
            .collect();
        names.sort_unstable();
        names.dedup();
        let rows: Vec<String> = names
            .iter()
            .map(|name| {
                format!(
                    r#""{}":{{"aclass":"currency","altname":"{}","decimals":10,"display_decimals":5,"status":"enabled"}}"#,
                    key_of_asset(name),
                    old_name(name)
                )
            })
            .collect();
        format!("{{{}}}", rows.join(","))
    }

    fn pairs(&self, uri: &Uri) -> Answer {
        let wanted = Answer::parameter(uri, "pair");
        let rows: Vec<String> = self
            .world
            .markets()
            .iter()
            .map(Market::listing)
            .filter(|listing| {
                wanted
                    .as_deref()
                    .is_none_or(|wanted| wanted.split(',').any(|name| is_called(listing, name)))
            })
            .map(pair)
            .collect();
        if rows.is_empty() {
            return error("EQuery:Unknown asset pair");
        }
        result(&format!("{{{}}}", rows.join(",")))
    }

    fn tickers(&self, uri: &Uri) -> Answer {
        let wanted = Answer::parameter(uri, "pair");
        let rows: Vec<String> = self
            .world
            .markets()
            .iter()
            .filter(|market| {
                wanted.as_deref().is_none_or(|wanted| {
                    wanted.split(',').any(|name| is_called(market.listing(), name))
                })
            })
            .map(ticker)
            .collect();
        result(&format!("{{{}}}", rows.join(",")))
    }

    fn depth(&self, market: &Market, count: i64) -> Answer {
        let count = usize::try_from(count.clamp(1, 500)).unwrap_or(100);
        let (listing, unix_s) = (market.listing(), self.unix_ns() / SECOND);
        let side = |side| {
            let rows: Vec<String> = market
                .book()
                .levels(side)
                .take(count)
                .map(|(level, rests)| {
                    format!(
                        r#"["{}","{}",{unix_s}]"#,
                        price(listing, level),
                        quantity(listing, rests)
                    )
                })
                .collect();
            rows.join(",")
        };
        result(&format!(
            r#"{{"{}":{{"asks":[{}],"bids":[{}]}}}}"#,
            key(listing),
            side(Side::Ask),
            side(Side::Bid)
        ))
    }

    fn trades(&self, market: &Market, uri: &Uri) -> Answer {
        let listing = market.listing();
        let since = number(uri, "since").unwrap_or(0);
        let count = usize::try_from(number(uri, "count").unwrap_or(1_000).clamp(1, 1_000));
        let count = count.unwrap_or(1_000);
        let mut fits: Vec<_> =
            market.tape().prints().filter(|print| self.epoch + print.at > since).collect();
        // Without `since` the newest are told, with it the first after it.
        if since == 0 {
            fits.drain(..fits.len().saturating_sub(count));
        }
        fits.truncate(count);
        let rows: Vec<String> = fits
            .iter()
            .map(|print| {
                let at = digits::text(self.epoch + print.at, 9, 7);
                let taker = if print.taker == Side::Bid { "b" } else { "s" };
                format!(
                    r#"["{}","{}",{at},"{taker}","m","",{}]"#,
                    price(listing, print.price),
                    quantity(listing, print.quantity),
                    print.trade_id
                )
            })
            .collect();
        let last = fits.last().map_or(since, |print| self.epoch + print.at);
        result(&format!(r#"{{"{}":[{}],"last":"{last}"}}"#, key(listing), rows.join(",")))
    }

    fn bars(&self, market: &Market, uri: &Uri) -> Answer {
        let n_minutes = number(uri, "interval").unwrap_or(1);
        if ![1, 5, 15, 30, 60, 240, 1_440, 10_080, 21_600].contains(&n_minutes) {
            return error("EGeneral:Invalid arguments");
        }
        let since = number(uri, "since").unwrap_or(0);
        let mut bars: Vec<(i64, Candle)> = Vec::new();
        for minute in market.tape().minutes() {
            let unix_s = (self.epoch + minute.opened_at) / SECOND;
            let at = unix_s - unix_s.rem_euclid(n_minutes * 60);
            match bars.last_mut() {
                Some((opened, bar)) if *opened == at => bar.extend(minute),
                Some(_) | None => bars.push((at, minute.clone())),
            }
        }
        bars.retain(|(at, _)| *at >= since);
        let skipped = bars.len().saturating_sub(N_BARS);
        let rows: Vec<String> = bars
            .iter()
            .skip(skipped)
            .map(|(at, bar)| bar_row(market.listing(), *at, bar))
            .collect();
        let last = bars.len().checked_sub(2).map_or(since, |second| bars[second].0);
        result(&format!(r#"{{"{}":[{}],"last":{last}}}"#, key(market.listing()), rows.join(",")))
    }
}

fn result(body: &str) -> Answer {
    Answer::new(200, format!(r#"{{"error":[],"result":{body}}}"#))
}

fn error(words: &str) -> Answer {
    Answer::new(200, format!(r#"{{"error":["{words}"]}}"#))
}

/// The name from before v2: XBT is BTC.
fn old_name(asset: &str) -> &str {
    if asset == "BTC" { "XBT" } else { asset }
}

/// The key of an asset in REST results: the oldest ones carry an X or a Z.
fn key_of_asset(asset: &str) -> String {
    match asset {
        "BTC" => "XXBT".to_owned(),
        "ETH" => "XETH".to_owned(),
        "XRP" => "XXRP".to_owned(),
        "USD" => "ZUSD".to_owned(),
        newer => newer.to_owned(),
    }
}

/// The key of a pair in REST results: `XXBTZUSD`, `SOLUSD`.
fn key(listing: &Listing) -> String {
    let base = key_of_asset(listing.base);
    if base == listing.base {
        return altname(listing);
    }
    format!("{base}{}", key_of_asset(listing.quote))
}

fn altname(listing: &Listing) -> String {
    format!("{}{}", old_name(listing.base), old_name(listing.quote))
}

fn wsname(listing: &Listing) -> String {
    format!("{}/{}", old_name(listing.base), old_name(listing.quote))
}

fn is_called(listing: &Listing, name: &str) -> bool {
    name == key(listing)
        || name == altname(listing)
        || name == wsname(listing)
        || name == super::frames::symbol(listing)
}

fn pair(listing: &Listing) -> String {
    format!(
        r#""{}":{{"altname":"{}","wsname":"{}","aclass_base":"currency","base":"{}","aclass_quote":"currency","quote":"{}","lot":"unit","cost_decimals":5,"pair_decimals":{},"lot_decimals":{},"lot_multiplier":1,"leverage_buy":[],"leverage_sell":[],"fees":[[0,0.4]],"fees_maker":[[0,0.25]],"fee_volume_currency":"ZUSD","margin_call":80,"margin_stop":40,"ordermin":"{}","costmin":"0.5","tick_size":"{}","status":"online"}}"#,
        key(listing),
        altname(listing),
        wsname(listing),
        key_of_asset(listing.base),
        key_of_asset(listing.quote),
        listing.price_decimals,
        listing.quantity_decimals,
        quantity(listing, listing.lot),
        price(listing, listing.tick),
    )
}

fn ticker(market: &Market) -> String {
    let listing = market.listing();
    let touch = |side| market.book().levels(side).next().unwrap_or((0, 0));
    let row = |(level, rests)| {
        format!(r#"["{}","1","{}"]"#, price(listing, level), quantity(listing, rests))
    };
    let last = market.tape().prints().next_back();
    let (last_price, last_quantity) =
        last.map_or((listing.start_price, 0), |print| (print.price, print.quantity));
    let day = market.tape().day();
    let of_day = |value: fn(&Candle) -> i64| price(listing, day.as_ref().map_or(last_price, value));
    let volume = day.as_ref().map_or(0, |day| day.volume);
    let volume = digits::wide(volume, listing.quantity_decimals, listing.quantity_decimals);
    let n_trades = day.as_ref().map_or(0, |day| day.n_trades);
    let (low, high) = (of_day(|day| day.low), of_day(|day| day.high));
    let open = of_day(|day| day.open);
    let shown = price(listing, last_price);
    format!(
        r#""{}":{{"a":{},"b":{},"c":["{shown}","{}"],"v":["{volume}","{volume}"],"p":["{shown}","{shown}"],"t":[{n_trades},{n_trades}],"l":["{low}","{low}"],"h":["{high}","{high}"],"o":"{open}"}}"#,
        key(listing),
        row(touch(Side::Ask)),
        row(touch(Side::Bid)),
        quantity(listing, last_quantity),
    )
}

fn bar_row(listing: &Listing, unix_s: i64, bar: &Candle) -> String {
    let mean = bar.turnover.checked_div(bar.volume).unwrap_or(i128::from(bar.close));
    format!(
        r#"[{unix_s},"{}","{}","{}","{}","{}","{}",{}]"#,
        price(listing, bar.open),
        price(listing, bar.high),
        price(listing, bar.low),
        price(listing, bar.close),
        digits::wide(mean, listing.price_decimals, listing.price_decimals),
        digits::wide(bar.volume, listing.quantity_decimals, listing.quantity_decimals),
        bar.n_trades,
    )
}

fn number(uri: &Uri, name: &str) -> Option<i64> {
    Answer::parameter(uri, name)?.parse().ok()
}
