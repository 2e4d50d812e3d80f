//! What is asked of Deribit: channels over the socket, the list of instruments over REST.

use std::time::Duration;

use market::{HttpExchange, Stream, Timestamp};
use serde_json::{Value, json};

use super::http;
use crate::endpoint::percent_encoded;
use crate::limits::{Counted, Limits, Rate};
use crate::past;
use crate::past_bars::{Layout, Rows, Step, Unit};
use crate::plea::Plea;
use crate::protocol::{self, Poll, Request};

/// The limits of Deribit.
pub(super) const LIMITS: Limits = Limits {
    // A heartbeat or a test every 10 s, which is the shortest interval that may be set.
    silence: Duration::from_secs(25),
    book_silence: None,
    first_datum: Duration::from_secs(10),
    // A subscription costs 3,000 of 30,000 credits, of which 10,000 come back a second, of an address without a login.
    frames_per_second: 3,
    frames_counted: Counted::ByAddress,
    asks: None,
    carried: None,
    carried_counted: Counted::ByLink,
    // As the next, a minute long.
    rest_weight_per_minute: 600,
    // 20 a second and address without a login; half of it.
    rest_burst: Some(Rate::within_ms(10, 1_100)),
    // Not published.
    connects: 30,
    connects_window: Duration::from_secs(60),
    // 32 at once and address, requests included.
    links: Some(20),
    left_alone: Duration::ZERO,
    link_lifetime: None,
};

/// Seconds between heartbeats; the least that may be asked for.
const HEARTBEAT_SECONDS: u32 = 10;

/// Channels that one request may name; the venue suggests 500 at most.
const CHANNELS_PER_FRAME: usize = 500;

/// Levels a side of a book that is fetched.
const BOOK_LEVELS: u32 = 1_000;

/// Minutes of the past that are asked for: as many as are kept.
const PAST_MINUTES: i64 = 999;

/// Trades of the past that are asked for: the most that there are.
const PAST_TRADES: u32 = 1_000;

/// Each part is a list; the volume is in the base currency, the cost in the quote currency, as amounts of inverse ones.
pub(super) static PAST_BARS: Layout = Layout {
    path: &[Step::Field("result")],
    rows: Rows::Columns(["ticks", "open", "high", "low", "close", "volume"], "cost"),
    time: Unit::Millis,
};

/// Numbers what is asked.
#[derive(Debug)]
pub(super) struct Requests {
    rest: String,
    last_id: u64,
}

impl protocol::Requests for Requests {
    fn on_open(&mut self) -> Vec<Request> {
        let url = format!("{}/public/get_instruments?currency=any&expired=false", self.rest);
        vec![
            self.frame("public/set_heartbeat", &json!({ "interval": HEARTBEAT_SECONDS })),
            self.frame("public/subscribe", &json!({ "channels": ["platform_state"] })),
            Request::Get { url, weight: 1 },
        ]
    }

    fn subscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        self.channels("public/subscribe", symbols, &["book", "trades", "ticker"])
    }

    fn unsubscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        self.channels("public/unsubscribe", symbols, &["book", "trades", "ticker"])
    }

    fn brings(&self) -> &'static [Stream] {
        &[Stream::Book, Stream::Trades, Stream::Stated]
    }

    /// A second subscription is accepted, but brings no snapshot: the channel must be left first.
    fn resync(&mut self, symbol: &str) -> Vec<Request> {
        let symbols = [symbol.to_owned()];
        let mut requests = self.channels("public/unsubscribe", &symbols, &["book"]);
        requests.extend(self.channels("public/subscribe", &symbols, &["book"]));
        requests
    }

    /// Each `test_request` is to be answered by `public/test`, or the connection is closed.
    fn on_frame(&mut self, frame: &str) -> Vec<Request> {
        // A request for a test is 86 bytes long; other frames are not searched.
        if frame.len() > 256 || !frame.contains("\"test_request\"") {
            return Vec::new();
        }
        let is_test = serde_json::from_str::<Value>(frame).is_ok_and(|message| {
            message["method"] == "heartbeat" && message["params"]["type"] == "test_request"
        });
        if is_test { vec![self.frame("public/test", &json!({}))] } else { Vec::new() }
    }

    fn poll(&mut self, symbols: &[String]) -> Option<Poll> {
        let depth = format!("depth={BOOK_LEVELS}");
        let book = |symbol: &String| self.get("get_order_book", symbol, &depth);
        let requests = symbols.iter().flat_map(|symbol| [book(symbol), self.trades(symbol)]);
        let requests = requests.collect();
        Some(Poll { every: Duration::from_secs(1), requests })
    }

    fn plea(&self, exchange: &HttpExchange) -> Option<Plea> {
        http::plea(exchange)
    }

    fn poll_trades(&mut self, symbols: &[String]) -> Vec<Request> {
        symbols.iter().map(|symbol| self.trades(symbol)).collect()
    }

    fn history(&self, symbol: &str, now: Timestamp) -> Vec<Request> {
        let end = now.nanos() / 1_000_000;
        let start = end - PAST_MINUTES * 60_000;
        let span = format!("start_timestamp={start}&end_timestamp={end}&resolution=1");
        let trades = format!("count={PAST_TRADES}&sorting=desc");
        vec![
            past::bars(self.get("get_tradingview_chart_data", symbol, &span), symbol),
            past::trades(self.get("get_last_trades_by_instrument", symbol, &trades)),
        ]
    }
}

impl Requests {
    pub fn new(rest: &str) -> Self {
        Self { rest: rest.to_owned(), last_id: 0 }
    }

    fn get(&self, method: &str, symbol: &str, query: &str) -> Request {
        let of = percent_encoded(symbol);
        let url = format!("{}/public/{method}?instrument_name={of}&{query}", self.rest);
        Request::Get { url, weight: 1 }
    }

    fn trades(&self, symbol: &str) -> Request {
        self.get("get_last_trades_by_instrument", symbol, "count=100&sorting=desc")
    }

    /// `raw` asks for a login; every 100 ms is the finest without one.
    fn channels(&mut self, method: &str, symbols: &[String], kinds: &[&str]) -> Vec<Request> {
        let channel = |(symbol, kind): (&String, &&str)| format!("{kind}.{symbol}.100ms");
        let pairs = symbols.iter().flat_map(|symbol| kinds.iter().map(move |kind| (symbol, kind)));
        let channels: Vec<String> = pairs.map(channel).collect();
        let chunks = channels.chunks(CHANNELS_PER_FRAME);
        chunks.map(|channels| self.frame(method, &json!({ "channels": channels }))).collect()
    }

    fn frame(&mut self, method: &str, params: &Value) -> Request {
        self.last_id += 1;
        let id = self.last_id;
        let frame = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        Request::Send(frame.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Requests as _;

    const REST: &str = "https://www.deribit.com/api/v2";

    fn frames(requests: Vec<Request>) -> Vec<Value> {
        let frame = |request| match request {
            Request::Send(text) => Some(serde_json::from_str(&text).unwrap()),
            Request::Get { .. } | Request::Post { .. } => None,
        };
        requests.into_iter().filter_map(frame).collect()
    }

    #[test]
    fn a_link_begins_with_heartbeats_and_the_list() {
        let asked = Requests::new(REST).on_open();
        let url = format!("{REST}/public/get_instruments?currency=any&expired=false");
        assert_eq!(asked[2], Request::Get { url, weight: 1 });
        let sent = frames(asked);
        assert_eq!(sent[0]["method"], "public/set_heartbeat");
        assert_eq!(sent[0]["params"]["interval"], 10);
    }

    #[test]
    fn a_resync_leaves_the_book_before_it_comes_back() {
        let sent = frames(Requests::new(REST).resync("BTC-PERPETUAL"));
        let methods: Vec<&Value> = sent.iter().map(|frame| &frame["method"]).collect();
        assert_eq!(methods, ["public/unsubscribe", "public/subscribe"]);
        for frame in &sent {
            assert_eq!(frame["params"]["channels"], json!(["book.BTC-PERPETUAL.100ms"]));
        }
    }

    #[test]
    fn a_test_is_answered_at_once_and_nothing_else_is() {
        let mut requests = Requests::new(REST);
        let test = r#"{"jsonrpc":"2.0","method":"heartbeat","params":{"type":"test_request"}}"#;
        let sent = frames(requests.on_frame(test));
        assert_eq!(
            sent,
            [json!({
                "jsonrpc": "2.0", "id": 1, "method": "public/test", "params": {},
            })]
        );
        for frame in [
            r#"{"jsonrpc":"2.0","method":"heartbeat","params":{"type":"heartbeat"}}"#,
            r#"{"jsonrpc":"2.0","method":"subscription","params":{"channel":"\"test_request\""}}"#,
            "\"test_request\"",
        ] {
            assert_eq!(requests.on_frame(frame), [], "{frame}");
        }
    }

    #[test]
    fn no_frame_names_more_channels_than_the_venue_takes() {
        let symbols: Vec<String> = (0..200).map(|n| format!("BTC-{n}-C")).collect();
        let sent = frames(Requests::new(REST).subscribe(&symbols));
        let sizes: Vec<usize> = sent
            .iter()
            .map(|frame| frame["params"]["channels"].as_array().unwrap().len())
            .collect();
        assert_eq!(sizes, [500, 100]);
    }

    #[test]
    fn a_book_and_its_trades_are_fetched_where_sockets_are_blocked() {
        let poll = Requests::new(REST).poll(&["BTC-PERPETUAL".into()]).unwrap();
        let Request::Get { url, .. } = &poll.requests[0] else { panic!() };
        let expected = "public/get_order_book?instrument_name=BTC-PERPETUAL&depth=1000";
        assert_eq!(*url, format!("{REST}/{expected}"));
        assert_eq!(poll.requests.len(), 2);
    }
}
