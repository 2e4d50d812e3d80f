//! What is asked of Binance: streams over the socket, snapshots and the list of instruments over REST.

use std::time::Duration;

use serde_json::json;

use super::markets::{Market, SNAPSHOT_LEVELS};
use crate::endpoint::percent_encoded;
use crate::protocol::{self, Poll, Request};

/// What is heard of each symbol. The trades of futures are not documented, yet they are sent: each print, where the
/// documented aggregates lump a tenth of a second.
const STREAMS: &[&str] = &["@trade", "@depth@100ms", "@bookTicker"];

/// What is heard beside it of a future.
const STREAMS_BESIDE: &[&str] = &["@markPrice@1s", "@forceOrder"];

/// Symbols in one frame: its streams then stay under 4 KiB.
const SYMBOLS_PER_FRAME: usize = 30;

/// A poll of book and trades is no faster than this.
const POLL_EVERY: Duration = Duration::from_secs(2);

/// Open interest changes slowly, and is computed by the venue every few seconds at most.
const FIGURES_EVERY: Duration = Duration::from_secs(15);

/// Trades of one poll.
const TRADES_POLLED: u32 = 500;

/// Asks for book, trades and best prices.
#[derive(Debug)]
pub(super) struct Requests {
    market: &'static Market,
    rest: String,
    frames: Frames,
    beside: Option<Beside>,
}

impl protocol::Requests for Requests {
    fn on_open(&mut self) -> Vec<Request> {
        let Market { base, list_query, list_weight, .. } = *self.market;
        let url = format!("{}{base}/exchangeInfo{list_query}", self.rest);
        vec![Request::Get { url, weight: list_weight }]
    }

    /// The streams first: a snapshot must be younger than the first update that was kept.
    fn subscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        let mut requests = self.frames.of("SUBSCRIBE", symbols, STREAMS);
        requests.extend(symbols.iter().flat_map(|symbol| self.resync(symbol)));
        requests
    }

    fn unsubscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        self.frames.of("UNSUBSCRIBE", symbols, STREAMS)
    }

    fn resync(&mut self, symbol: &str) -> Vec<Request> {
        vec![self.get("depth", symbol, Some(SNAPSHOT_LEVELS), self.market.snapshot_weight)]
    }

    /// At most half of the weight of a minute, however many symbols there are.
    fn poll(&mut self, symbols: &[String]) -> Option<Poll> {
        let (levels, weight) = self.market.polled;
        let trades_weight = self.market.trades_weight;
        let requests = symbols.iter().flat_map(|symbol| {
            [
                self.get("depth", symbol, Some(levels), weight),
                self.get("trades", symbol, Some(TRADES_POLLED), trades_weight),
            ]
        });
        let requests = requests.collect();
        let weight = u64::from(weight + trades_weight) * symbols.len() as u64;
        let millis = weight * 60_000 / u64::from(self.market.weight_per_minute / 2);
        Some(Poll { every: POLL_EVERY.max(Duration::from_millis(millis)), requests })
    }

    fn figures(&mut self, symbols: &[String]) -> Option<Poll> {
        let of = |symbol: &String| self.get("openInterest", symbol, None, 1);
        self.market
            .has_positions
            .then(|| Poll { every: FIGURES_EVERY, requests: symbols.iter().map(of).collect() })
    }

    fn beside(&self) -> Vec<(String, Box<dyn protocol::Requests>)> {
        let beside = self.beside.iter();
        beside.map(|beside| (beside.address.clone(), Box::new(beside.clone()) as _)).collect()
    }
}

impl Requests {
    pub fn new(market: &'static Market, rest: &str) -> Self {
        Self { market, rest: rest.to_owned(), frames: Frames::default(), beside: None }
    }

    pub fn with(self, beside: Beside) -> Self {
        Self { beside: Some(beside), ..self }
    }

    fn get(&self, what: &str, symbol: &str, limit: Option<u32>, weight: u32) -> Request {
        let symbol = percent_encoded(&symbol.to_uppercase());
        let limit = limit.map_or(String::new(), |limit| format!("&limit={limit}"));
        let base = self.market.base;
        let url = format!("{}{base}/{what}?symbol={symbol}{limit}", self.rest);
        Request::Get { url, weight }
    }
}

/// Asks for marks, funding and forced orders on a link of their own.
#[derive(Clone, Debug)]
pub(super) struct Beside {
    address: String,
    frames: Frames,
}

impl Beside {
    pub fn new(address: String) -> Self {
        Self { address, frames: Frames::default() }
    }
}

impl protocol::Requests for Beside {
    /// The list of instruments is heard on the other link.
    fn on_open(&mut self) -> Vec<Request> {
        Vec::new()
    }

    fn subscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        self.frames.of("SUBSCRIBE", symbols, STREAMS_BESIDE)
    }

    fn unsubscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        self.frames.of("UNSUBSCRIBE", symbols, STREAMS_BESIDE)
    }

    /// There is no book here.
    fn resync(&mut self, _symbol: &str) -> Vec<Request> {
        Vec::new()
    }
}

/// Numbers the frames that are sent.
#[derive(Clone, Debug, Default)]
struct Frames {
    last_id: u64,
}

impl Frames {
    fn of(&mut self, method: &str, symbols: &[String], streams: &[&str]) -> Vec<Request> {
        let frame = |symbols: &[String]| {
            self.last_id += 1;
            // Streams name the symbol in lower case.
            let streams: Vec<String> = symbols
                .iter()
                .map(|symbol| symbol.to_lowercase())
                .flat_map(|symbol| streams.iter().map(move |stream| format!("{symbol}{stream}")))
                .collect();
            let frame = json!({ "method": method, "params": streams, "id": self.last_id });
            Request::Send(frame.to_string())
        };
        symbols.chunks(SYMBOLS_PER_FRAME).map(frame).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::markets;
    use super::*;
    use crate::protocol::Requests as _;

    fn send(request: &Request) -> &str {
        let Request::Send(text) = request else { panic!("{request:?}") };
        text
    }

    fn get(request: &Request) -> (&str, u32) {
        let Request::Get { url, weight } = request else { panic!("{request:?}") };
        (url, *weight)
    }

    #[test]
    fn a_subscription_asks_for_streams_before_the_snapshot() {
        for (market, rest, url, weight) in [
            (&markets::SPOT, "https://data-api.binance.vision", "/api/v3/depth", 50),
            (&markets::US, "https://api.binance.us", "/api/v3/depth", 50),
            (&markets::USD_M, "https://fapi.binance.com", "/fapi/v1/depth", 20),
            (&markets::COIN_M, "https://dapi.binance.com", "/dapi/v1/depth", 20),
        ] {
            let mut requests = Requests::new(market, rest);
            let asked = requests.subscribe(&["BTCUSDT".into()]);
            let [streams, snapshot] = asked.as_slice() else { panic!("{asked:?}") };
            let frame: serde_json::Value = serde_json::from_str(send(streams)).unwrap();
            let params = ["btcusdt@trade", "btcusdt@depth@100ms", "btcusdt@bookTicker"];
            assert_eq!(frame, json!({ "method": "SUBSCRIBE", "params": params, "id": 1 }));
            let url = format!("{rest}{url}?symbol=BTCUSDT&limit=1000");
            assert_eq!(get(snapshot), (url.as_str(), weight));
        }
    }

    #[test]
    fn many_symbols_share_few_frames_and_each_has_its_own_number() {
        let mut requests = Requests::new(&markets::SPOT, "https://a");
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
        let mut requests = Requests::new(&markets::SPOT, "https://a");
        let url = "https://a/api/v3/depth?symbol=%E5%B8%81USDT&limit=1000";
        assert_eq!(get(&requests.resync("币usdt")[0]), (url, 50));
    }

    #[test]
    fn marks_and_forced_orders_are_heard_on_a_link_beside_the_books() {
        let requests = Requests::new(&markets::USD_M, "https://a");
        assert!(requests.beside().is_empty());
        let requests = requests.with(Beside::new("wss://a/market/stream".into()));
        let mut beside = requests.beside();
        let [(address, other)] = beside.as_mut_slice() else { panic!("{beside:?}") };
        assert_eq!(address, "wss://a/market/stream");
        assert!(other.on_open().is_empty() && other.resync("BTCUSDT").is_empty());
        let asked = other.subscribe(&["BTCUSDT".into()]);
        let [frame] = asked.as_slice() else { panic!("{asked:?}") };
        let frame: serde_json::Value = serde_json::from_str(send(frame)).unwrap();
        assert_eq!(frame["params"], json!(["btcusdt@markPrice@1s", "btcusdt@forceOrder"]));
    }

    #[test]
    fn a_poll_spends_at_most_half_of_the_weight() {
        for market in [&markets::SPOT, &markets::US, &markets::USD_M, &markets::COIN_M] {
            for n_symbols in [1, 7, 100] {
                let symbols: Vec<String> = (0..n_symbols).map(|n| format!("C{n}")).collect();
                let poll = Requests::new(market, "https://a").poll(&symbols).unwrap();
                assert_eq!(poll.requests.len(), 2 * n_symbols);
                let weight: u32 = poll.requests.iter().map(|request| get(request).1).sum();
                let minute = weight as f64 * 60.0 / poll.every.as_secs_f64();
                assert!(minute <= f64::from(market.weight_per_minute) / 2.0 + 1.0, "{minute}");
                assert!(poll.every >= POLL_EVERY);
            }
        }
    }

    #[test]
    fn only_markets_of_positions_have_an_open_interest() {
        let symbols = ["BTCUSDT".to_owned()];
        assert_eq!(Requests::new(&markets::SPOT, "https://a").figures(&symbols), None);
        let figures = Requests::new(&markets::USD_M, "https://a").figures(&symbols).unwrap();
        let url = "https://a/fapi/v1/openInterest?symbol=BTCUSDT";
        assert_eq!(get(&figures.requests[0]), (url, 1));
    }
}
