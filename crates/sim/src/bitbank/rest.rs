//! bitbank over HTTP: the list of pairs, and of each pair book, transactions and ticker.

use axum::http::Uri;

use super::Bitbank;
use super::frames;
use super::streams::DEPTH;
use crate::cut::Cut;
use crate::exchange::Answer;
use crate::world::Market;

/// Transactions of an answer.
const N_TRANSACTIONS: usize = 60;

impl Bitbank {
    /// Answers a request.
    pub(super) fn rest(&self, uri: &Uri) -> Answer {
        let path = uri.path().trim_matches('/');
        if path == "v1/spot/pairs" {
            let listings = self.world.markets().iter().map(Market::listing);
            let pairs: Vec<_> = listings.map(frames::listed).collect();
            return good(&format!(r#"{{"pairs":[{}]}}"#, pairs.join(",")));
        }
        let index = |pair: &str| self.pairs.iter().position(|known| known == pair);
        let Some((index, what)) =
            path.split_once('/').and_then(|(pair, what)| Some((index(pair)?, what)))
        else {
            return Answer::new(404, r#"{"success":0,"data":{"code":10000}}"#);
        };
        let market = &self.world.markets()[index];
        let ms = self.unix_ms(self.world.now());
        match what {
            // Its id is on no diff's boundary.
            "depth" => {
                let cut = Cut::new(market, DEPTH);
                good(&frames::whole(market.listing(), &cut, (self.sequence + 1, ms)))
            }
            "transactions" => {
                let newest = market.tape().prints().rev().take(N_TRANSACTIONS);
                good(&frames::transactions(market.listing(), newest, self.epoch))
            }
            "ticker" => good(&frames::ticker(market, ms)),
            path => match self.bars(market, path) {
                Some(bars) => good(&bars),
                None => Answer::new(404, r#"{"success":0,"data":{"code":10000}}"#),
            },
        }
    }
}

fn good(data: &str) -> Answer {
    Answer::new(200, format!(r#"{{"success":1,"data":{data}}}"#))
}
