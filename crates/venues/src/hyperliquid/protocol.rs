//! What is asked of Hyperliquid: all over the socket, the lists of instruments too.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::{Value, json};

use crate::protocol::{self, Keepalive, Limits, Request};
use crate::table::INSTRUMENTS_MAX;

/// The limits of Hyperliquid.
pub(super) const LIMITS: Limits = Limits {
    // It answers our pings.
    silence: Duration::from_secs(40),
    // A book comes every 5 s.
    first_datum: Duration::from_secs(15),
    // 2,000 a minute and address, over all connections.
    frames_per_second: 20,
    rest_weight_per_minute: 1_200,
    // 30 a minute and address, of which 10 at once.
    connects: 20,
    connects_window: Duration::from_secs(60),
    link_lifetime: None,
};

/// How often we say that we are there: it closes a link on which it said nothing for 60 s.
const PING_EVERY: Duration = Duration::from_secs(20);

/// What an answer with a list begins with.
const ANSWER: &str = "{\"channel\":\"post\"";

/// Knows the coins that there are.
#[derive(Debug, Default)]
pub(super) struct Requests {
    last_id: u64,
    /// The coins of both lists; empty until they came.
    coins: HashSet<String>,
    n_lists: usize,
}

impl protocol::Requests for Requests {
    fn on_open(&mut self) -> Vec<Request> {
        self.coins.clear();
        self.n_lists = 0;
        ["meta", "spotMeta"].map(|list| self.ask(list)).into()
    }

    fn subscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        self.frames("subscribe", symbols, &["l2Book", "trades", "activeAssetCtx"])
    }

    fn unsubscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        self.frames("unsubscribe", symbols, &["l2Book", "trades", "activeAssetCtx"])
    }

    /// The next image is whole anyway; one comes at once to those who subscribe anew.
    fn resync(&mut self, symbol: &str) -> Vec<Request> {
        let symbols = [symbol.to_owned()];
        let mut requests = self.frames("unsubscribe", &symbols, &["l2Book"]);
        requests.extend(self.frames("subscribe", &symbols, &["l2Book"]));
        requests
    }

    fn keepalive(&self) -> Option<Keepalive> {
        let frame = json!({ "method": "ping" }).to_string();
        Some(Keepalive { every: PING_EVERY, frame })
    }

    /// Learns which coins there are.
    fn on_frame(&mut self, frame: &str) -> Vec<Request> {
        if frame.starts_with(ANSWER)
            && let Ok(answer) = serde_json::from_str::<Value>(frame)
            && let Some(coins) =
                answer.pointer("/data/response/payload/data/universe").and_then(Value::as_array)
        {
            let names = coins.iter().filter_map(|coin| coin["name"].as_str());
            self.coins.extend(names.take(INSTRUMENTS_MAX).map(str::to_owned));
            self.n_lists += 1;
        }
        Vec::new()
    }
}

impl Requests {
    fn ask(&mut self, list: &str) -> Request {
        self.last_id += 1;
        let request = json!({ "type": "info", "payload": { "type": list } });
        let frame = json!({ "method": "post", "id": self.last_id, "request": request });
        Request::Send(frame.to_string())
    }

    /// One subscription a frame. A coin that there is not would close the whole link, without a word: once the lists
    /// are there, it is not asked for.
    fn frames(&self, method: &str, symbols: &[String], kinds: &[&str]) -> Vec<Request> {
        let is_listed = self.n_lists >= 2;
        let there = symbols.iter().filter(|coin| !is_listed || self.coins.contains(*coin));
        let pairs = there.flat_map(|coin| kinds.iter().map(move |kind| (coin, kind)));
        let frame = |(coin, kind): (&String, &&str)| {
            let subscription = json!({ "type": kind, "coin": coin });
            Request::Send(json!({ "method": method, "subscription": subscription }).to_string())
        };
        pairs.map(frame).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Requests as _;

    fn answer(coins: &[&str]) -> String {
        let universe: Vec<Value> = coins.iter().map(|name| json!({ "name": name })).collect();
        let payload = json!({ "type": "meta", "data": { "universe": universe } });
        let response = json!({ "type": "info", "payload": payload });
        // As on the wire: the channel comes first.
        format!("{ANSWER},\"data\":{}}}", json!({ "id": 1, "response": response }))
    }

    #[test]
    fn the_lists_are_asked_for_over_the_socket() {
        let asked = Requests::default().on_open();
        let frame =
            r#"{"id":1,"method":"post","request":{"payload":{"type":"meta"},"type":"info"}}"#;
        assert_eq!(asked[0], Request::Send(frame.into()));
        assert_eq!(asked.len(), 2);
    }

    #[test]
    fn each_coin_is_asked_for_three_times_and_each_time_alone() {
        let asked = Requests::default().subscribe(&["BTC".into()]);
        let frame = r#"{"method":"subscribe","subscription":{"coin":"BTC","type":"l2Book"}}"#;
        assert_eq!(asked[0], Request::Send(frame.into()));
        assert_eq!(asked.len(), 3);
    }

    #[test]
    fn a_coin_that_there_is_not_is_never_asked_for() {
        let mut requests = Requests::default();
        requests.on_open();
        for list in [["BTC", "kPEPE"], ["PURR/USDC", "@107"]] {
            assert_eq!(requests.on_frame(&answer(&list)), []);
        }
        let wanted = ["btc".to_owned(), "@107".to_owned(), "xyz:SP500".to_owned()];
        let asked = requests.subscribe(&wanted);
        assert_eq!(asked.len(), 3);
        assert!(matches!(&asked[0], Request::Send(frame) if frame.contains("\"@107\"")));
        assert_eq!(requests.resync("btc"), []);
    }
}
