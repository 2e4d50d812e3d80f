//! What is asked of Kraken: all over the socket.

use std::time::Duration;

use serde_json::{Value, json};

use crate::protocol::{self, Limits, Request};

/// The limits of Kraken.
pub(super) const LIMITS: Limits = Limits {
    // It sends a heartbeat every second once anything is subscribed.
    silence: Duration::from_secs(5),
    first_datum: Duration::from_secs(10),
    // Its own limit is not published.
    frames_per_second: 10,
    rest_weight_per_minute: 60,
    // About 150 in ten minutes and address; a breach blocks for as long.
    connects: 120,
    connects_window: Duration::from_secs(10 * 60),
    link_lifetime: None,
};

/// Levels a side of a live book; an unsubscription must repeat it.
const BOOK_DEPTH: u32 = 1_000;

/// Symbols in one frame.
const SYMBOLS_PER_FRAME: usize = 50;

/// Numbers what is asked.
#[derive(Debug, Default)]
pub(super) struct Requests {
    last_id: u64,
}

impl protocol::Requests for Requests {
    fn on_open(&mut self) -> Vec<Request> {
        vec![self.frame("subscribe", &json!({ "channel": "instrument", "snapshot": true }))]
    }

    fn subscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        let ask = |requests: &mut Self, symbols: &[String]| {
            [requests.subscribe_book(symbols), requests.trades("subscribe", symbols)]
        };
        symbols.chunks(SYMBOLS_PER_FRAME).flat_map(|symbols| ask(self, symbols)).collect()
    }

    fn unsubscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        let ask = |requests: &mut Self, symbols: &[String]| {
            [requests.unsubscribe_book(symbols), requests.trades("unsubscribe", symbols)]
        };
        symbols.chunks(SYMBOLS_PER_FRAME).flat_map(|symbols| ask(self, symbols)).collect()
    }

    /// Only a new subscription brings a new snapshot.
    fn resync(&mut self, symbol: &str) -> Vec<Request> {
        let symbols = [symbol.to_owned()];
        vec![self.unsubscribe_book(&symbols), self.subscribe_book(&symbols)]
    }
}

impl Requests {
    fn subscribe_book(&mut self, symbols: &[String]) -> Request {
        let params = json!({
            "channel": "book", "symbol": symbols, "depth": BOOK_DEPTH, "snapshot": true,
        });
        self.frame("subscribe", &params)
    }

    fn unsubscribe_book(&mut self, symbols: &[String]) -> Request {
        let params = json!({ "channel": "book", "symbol": symbols, "depth": BOOK_DEPTH });
        self.frame("unsubscribe", &params)
    }

    /// Without the last trades before the subscription, which belong to bars that were not heard.
    fn trades(&mut self, method: &str, symbols: &[String]) -> Request {
        let params = match method {
            "subscribe" => json!({ "channel": "trade", "symbol": symbols, "snapshot": false }),
            _ => json!({ "channel": "trade", "symbol": symbols }),
        };
        self.frame(method, &params)
    }

    fn frame(&mut self, method: &str, params: &Value) -> Request {
        self.last_id += 1;
        let frame = json!({ "method": method, "params": params, "req_id": self.last_id });
        Request::Send(frame.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Requests as _;

    fn frames(requests: Vec<Request>) -> Vec<Value> {
        let frame = |request| match request {
            Request::Send(text) => serde_json::from_str(&text).unwrap(),
            Request::Get { url, .. } => panic!("{url}"),
        };
        requests.into_iter().map(frame).collect()
    }

    #[test]
    fn a_subscription_asks_for_book_and_trades() {
        let symbols = ["BTC/USD".to_owned(), "ETH/USD".to_owned()];
        let asked = frames(Requests::default().subscribe(&symbols));
        let book = json!({ "channel": "book", "symbol": symbols, "depth": 1000, "snapshot": true });
        let trade = json!({ "channel": "trade", "symbol": symbols, "snapshot": false });
        assert_eq!(
            asked,
            [
                json!({ "method": "subscribe", "params": book, "req_id": 1 }),
                json!({ "method": "subscribe", "params": trade, "req_id": 2 }),
            ]
        );
    }

    #[test]
    fn a_resync_leaves_the_book_at_its_depth_and_comes_back() {
        let asked = frames(Requests::default().resync("BTC/USD"));
        let leave = json!({ "channel": "book", "symbol": ["BTC/USD"], "depth": 1000 });
        let mut enter = leave.clone();
        enter["snapshot"] = json!(true);
        assert_eq!(
            asked,
            [
                json!({ "method": "unsubscribe", "params": leave, "req_id": 1 }),
                json!({ "method": "subscribe", "params": enter, "req_id": 2 }),
            ]
        );
    }

    #[test]
    fn many_symbols_share_few_frames() {
        let symbols: Vec<String> = (0..101).map(|n| format!("C{n}/USD")).collect();
        assert_eq!(Requests::default().subscribe(&symbols).len(), 6);
        assert_eq!(Requests::default().unsubscribe(&symbols).len(), 6);
    }
}
