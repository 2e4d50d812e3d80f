//! What is asked of Binance spot: streams over the socket, snapshots and the list of instruments over REST.

use std::time::Duration;

use serde_json::json;

use crate::endpoint::percent_encoded;
use crate::protocol::{self, Limits, Request};

/// The limits of Binance spot.
pub(super) const LIMITS: Limits = Limits {
    // Its server pings every 20 s.
    silence: Duration::from_secs(25),
    first_datum: Duration::from_secs(10),
    // Five a second, pongs included: one is left for them.
    frames_per_second: 4,
    rest_weight_per_minute: 6_000,
    connects: 300,
    connects_window: Duration::from_secs(5 * 60),
    link_lifetime: Some(Duration::from_secs(24 * 60 * 60)),
};

/// What is heard of each symbol.
const STREAMS: [&str; 3] = ["@trade", "@depth@100ms", "@bookTicker"];

/// Symbols in one frame: its streams then stay under 4 KiB.
const SYMBOLS_PER_FRAME: usize = 30;

/// Levels a side of a snapshot; 5,000 would cost five times the weight.
const SNAPSHOT_LEVELS: u32 = 1_000;

/// Weight of a snapshot of 1,000 levels.
const SNAPSHOT_WEIGHT: u32 = 50;

/// Weight of the list of instruments.
const LIST_WEIGHT: u32 = 20;

/// Numbers what is asked.
#[derive(Debug)]
pub(super) struct Requests {
    rest: String,
    last_id: u64,
}

impl protocol::Requests for Requests {
    fn on_open(&mut self) -> Vec<Request> {
        // Permission sets are most of the list's bytes, and not needed.
        let query = "permissions=SPOT&showPermissionSets=false";
        let url = format!("{}/api/v3/exchangeInfo?{query}", self.rest);
        vec![Request::Get { url, weight: LIST_WEIGHT }]
    }

    /// The streams first: a snapshot must be younger than the first update that was kept.
    fn subscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        let mut requests = self.frames("SUBSCRIBE", symbols);
        requests.extend(symbols.iter().flat_map(|symbol| self.resync(symbol)));
        requests
    }

    fn unsubscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        self.frames("UNSUBSCRIBE", symbols)
    }

    fn resync(&mut self, symbol: &str) -> Vec<Request> {
        let symbol = percent_encoded(&symbol.to_uppercase());
        let query = format!("symbol={symbol}&limit={SNAPSHOT_LEVELS}");
        let url = format!("{}/api/v3/depth?{query}", self.rest);
        vec![Request::Get { url, weight: SNAPSHOT_WEIGHT }]
    }
}

impl Requests {
    pub fn new(rest: &str) -> Self {
        Self { rest: rest.to_owned(), last_id: 0 }
    }

    fn frames(&mut self, method: &str, symbols: &[String]) -> Vec<Request> {
        let frame = |symbols: &[String]| {
            self.last_id += 1;
            // Streams name the symbol in lower case.
            let streams: Vec<String> = symbols
                .iter()
                .map(|symbol| symbol.to_lowercase())
                .flat_map(|symbol| STREAMS.map(|stream| format!("{symbol}{stream}")))
                .collect();
            let frame = json!({ "method": method, "params": streams, "id": self.last_id });
            Request::Send(frame.to_string())
        };
        symbols.chunks(SYMBOLS_PER_FRAME).map(frame).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Requests as _;

    fn send(request: &Request) -> &str {
        let Request::Send(text) = request else { panic!("{request:?}") };
        text
    }

    #[test]
    fn a_subscription_asks_for_streams_before_the_snapshot() {
        let mut requests = Requests::new("https://data-api.binance.vision");
        let asked = requests.subscribe(&["BTCUSDT".into()]);
        let [streams, snapshot] = asked.as_slice() else { panic!("{asked:?}") };
        let frame: serde_json::Value = serde_json::from_str(send(streams)).unwrap();
        let params = ["btcusdt@trade", "btcusdt@depth@100ms", "btcusdt@bookTicker"];
        assert_eq!(frame, json!({ "method": "SUBSCRIBE", "params": params, "id": 1 }));
        let url = "https://data-api.binance.vision/api/v3/depth?symbol=BTCUSDT&limit=1000".into();
        assert_eq!(*snapshot, Request::Get { url, weight: 50 });
    }

    #[test]
    fn many_symbols_share_few_frames_and_each_has_its_own_number() {
        let mut requests = Requests::new("https://a");
        let symbols: Vec<String> = (0..61).map(|n| format!("COIN{n}USDT")).collect();
        let asked = requests.unsubscribe(&symbols);
        assert_eq!(asked.len(), 3);
        assert!(
            send(&asked[2]).contains("\"UNSUBSCRIBE\"") && send(&asked[2]).contains("\"id\":3")
        );
        assert!(asked.iter().all(|request| send(request).len() < 4_096));
    }

    #[test]
    fn a_symbol_of_any_script_is_asked_for() {
        let mut requests = Requests::new("https://a");
        let Request::Get { url, .. } = &requests.resync("币usdt")[0] else { panic!() };
        assert_eq!(url, "https://a/api/v3/depth?symbol=%E5%B8%81USDT&limit=1000");
    }
}
