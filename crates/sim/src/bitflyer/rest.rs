//! bitFlyer over HTTP: `/v1/…`.

use axum::http::Uri;

use super::BitFlyer;
use super::frames;
use crate::exchange::Answer;
use crate::world::{Market, Side};

/// Executions of an answer, at most, and where none are asked for.
const EXECUTIONS_MOST: usize = 500;
const EXECUTIONS_USUAL: usize = 100;

impl BitFlyer {
    /// Answers a request.
    pub(super) fn rest(&self, uri: &Uri) -> Answer {
        match uri.path().strip_prefix("/v1/") {
            Some("getmarkets" | "markets") => {
                let row = |market: &Market| {
                    let kind = if market.listing().is_perpetual { "FX" } else { "Spot" };
                    let product = frames::product(market.listing());
                    format!(r#"{{"product_code":"{product}","market_type":"{kind}"}}"#)
                };
                let rows: Vec<_> = self.world.markets().iter().map(row).collect();
                Answer::new(200, format!("[{}]", rows.join(",")))
            }
            Some("getboard" | "board") => self.one(uri, |market| {
                let side = |side| market.book().levels(side).collect::<Vec<_>>();
                frames::board(market, &side(Side::Bid), &side(Side::Ask))
            }),
            Some("getexecutions" | "executions") => self.one(uri, |market| {
                let count = Answer::parameter(uri, "count").and_then(|count| count.parse().ok());
                let count = count.unwrap_or(EXECUTIONS_USUAL).min(EXECUTIONS_MOST);
                let newest = market.tape().prints().rev().take(count);
                frames::executions(market.listing(), newest, self.epoch)
            }),
            Some("getticker" | "ticker") => {
                self.one(uri, |market| frames::ticker(market, self.epoch + self.world.now()))
            }
            Some("getboardstate") => {
                self.one(uri, |_| r#"{"health":"NORMAL","state":"RUNNING"}"#.to_owned())
            }
            Some("getfundingrate") => self.one(uri, |_| {
                let next = "2026-12-31T13:00:00";
                format!(
                    r#"{{"current_funding_rate":0.0001,"next_funding_rate_settledate":"{next}"}}"#
                )
            }),
            Some(_) | None => Answer::new(404, r#"{"Message":"Not Found"}"#),
        }
    }

    fn one(&self, uri: &Uri, body: impl FnOnce(&Market) -> String) -> Answer {
        let product =
            Answer::parameter(uri, "product_code").unwrap_or_else(|| "BTC_JPY".to_owned());
        match self.products.iter().position(|known| *known == product) {
            Some(index) => Answer::new(200, body(&self.world.markets()[index])),
            None => {
                Answer::new(404, r#"{"status":-156,"error_message":"Invalid product","data":null}"#)
            }
        }
    }
}
