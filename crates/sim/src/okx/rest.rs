//! OKX over HTTP: `/api/v5/…`.

use axum::http::Uri;

use super::Okx;
use super::{frames, swaps};
use crate::exchange::Answer;
use crate::world::{Market, Side};

/// Levels a side, trades and candles of an answer, at most.
const LEVELS_MOST: usize = 400;
const TRADES_MOST: usize = 500;
const CANDLES_MOST: usize = 300;

impl Okx {
    /// Answers a request.
    pub(super) fn rest(&self, uri: &Uri) -> Answer {
        let now_ms = self.unix_ms(self.world.now());
        let Some(path) = uri.path().strip_prefix("/api/v5/") else { return missing() };
        match path {
            "public/time" => good(&format!(r#"{{"ts":"{now_ms}"}}"#)),
            "public/instruments" => match Answer::parameter(uri, "instType").as_deref() {
                Some(kind @ ("SPOT" | "SWAP" | "FUTURES" | "OPTION" | "MARGIN")) => {
                    good(&self.instruments(kind))
                }
                Some(_) | None => bad("51000", "Parameter instType error"),
            },
            "market/books" | "market/books-full" => self.one(uri, |market| self.book(market, uri)),
            "market/trades" => self.one(uri, |market| self.trades(market, uri)),
            "market/ticker" => self.one(uri, |market| frames::ticker(market, now_ms)),
            "market/tickers" => {
                let kind = Answer::parameter(uri, "instType").unwrap_or_default();
                let markets = self.world.markets().iter();
                let of_kind = markets.filter(|market| frames::kind(market.listing()) == kind);
                let rows: Vec<_> = of_kind.map(|market| frames::ticker(market, now_ms)).collect();
                good(&rows.join(","))
            }
            "market/candles" | "market/history-candles" => self.bars(uri),
            "public/funding-rate" => {
                self.swap(uri, |listing, positions| swaps::funding(listing, positions, now_ms))
            }
            "public/mark-price" => {
                self.swap(uri, |listing, positions| swaps::mark(listing, positions, now_ms))
            }
            "public/open-interest" => self
                .swap(uri, |listing, positions| swaps::open_interest(listing, positions, now_ms)),
            _ => missing(),
        }
    }

    /// Answers about the one instrument that the request names.
    fn one(&self, uri: &Uri, body: impl FnOnce(&Market) -> String) -> Answer {
        match self.index(uri) {
            Some(index) => good(&body(&self.world.markets()[index])),
            None => bad("51001", "Instrument ID does not exist"),
        }
    }

    /// Answers about the one swap that the request names, or about all.
    fn swap(
        &self,
        uri: &Uri,
        body: impl Fn(&crate::world::Listing, &crate::world::positions::Positions) -> String,
    ) -> Answer {
        let named = Answer::parameter(uri, "instId").map(|_| self.index(uri));
        if named == Some(None) {
            return bad("51001", "Instrument ID does not exist");
        }
        let markets = self.world.markets().iter().zip(&self.positions).enumerate();
        let wanted = markets.filter(|(index, _)| named.is_none_or(|named| named == Some(*index)));
        let rows: Vec<_> = wanted
            .filter_map(|(_, (market, positions))| {
                Some(body(market.listing(), positions.as_ref()?))
            })
            .collect();
        good(&rows.join(","))
    }

    fn index(&self, uri: &Uri) -> Option<usize> {
        let id = Answer::parameter(uri, "instId")?;
        self.ids.iter().position(|known| *known == id)
    }

    fn book(&self, market: &Market, uri: &Uri) -> String {
        let depth = number(uri, "sz").unwrap_or(1).min(LEVELS_MOST);
        let side = |side| {
            let levels: Vec<_> = market.book().levels(side).take(depth).collect();
            frames::levels(market.listing(), &levels)
        };
        format!(
            r#"{{"asks":{},"bids":{},"ts":"{}","seqId":{}}}"#,
            side(Side::Ask),
            side(Side::Bid),
            self.unix_ms(self.world.now()),
            self.sequence(market),
        )
    }

    /// Newest first.
    fn trades(&self, market: &Market, uri: &Uri) -> String {
        let limit = number(uri, "limit").unwrap_or(100).min(TRADES_MOST);
        let prints = market.tape().prints().rev().take(limit);
        let rows: Vec<String> = prints
            .map(|print| frames::trade(market.listing(), print, "", self.unix_ms(print.at)))
            .collect();
        rows.join(",")
    }

    /// Newest first. `after` means older than, `before` newer than.
    fn bars(&self, uri: &Uri) -> Answer {
        let name = Answer::parameter(uri, "bar").unwrap_or_else(|| "1m".to_owned());
        let Some(bar) = frames::bar(&name) else {
            return bad("51000", "Parameter bar error");
        };
        let bound = |name| Answer::parameter(uri, name).and_then(|text| text.parse::<i64>().ok());
        let (after, before) = (bound("after"), bound("before"));
        let limit = number(uri, "limit").unwrap_or(100).min(CANDLES_MOST);
        self.one(uri, |market| {
            let is_wanted = |row: &String| {
                let opened_ms = row.split('"').nth(1).and_then(|ms| ms.parse::<i64>().ok());
                opened_ms.is_some_and(|ms| {
                    after.is_none_or(|after| ms < after) && before.is_none_or(|before| ms > before)
                })
            };
            let rows = self.candles(market, bar).into_iter().rev();
            rows.filter(is_wanted).take(limit).collect::<Vec<_>>().join(",")
        })
    }
}

fn good(data: &str) -> Answer {
    Answer::new(200, format!(r#"{{"code":"0","msg":"","data":[{data}]}}"#))
}

fn bad(code: &str, words: &str) -> Answer {
    Answer::new(400, format!(r#"{{"code":"{code}","msg":"{words}","data":[]}}"#))
}

fn missing() -> Answer {
    Answer::new(404, r#"{"code":"404","msg":"Not Found","data":[]}"#)
}

fn number(uri: &Uri, name: &str) -> Option<usize> {
    Answer::parameter(uri, name)?.parse().ok()
}
