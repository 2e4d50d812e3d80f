//! What is asked of bitFlyer: channels, as calls of JSON-RPC or as events of Socket.IO.

use std::time::Duration;

use market::{HttpExchange, Timestamp};
use serde_json::json;

use super::http;
use crate::endpoint::percent_encoded;
use crate::engineio::emit;
use crate::limits::{Counted, Limits};
use crate::past;
use crate::plea::Plea;
use crate::protocol::{self, EngineIoVersion, Poll, Request, Transport};

/// The limits of bitFlyer.
pub(super) const LIMITS: Limits = Limits {
    // Its server pings every 15 s; over Socket.IO we do, and it answers.
    silence: Duration::from_secs(35),
    // A snapshot comes every 5 s.
    // A snapshot of each book comes every 5 s.
    book_silence: Some(Duration::from_secs(20)),
    first_datum: Duration::from_secs(15),
    // Its own limit is not published.
    frames_per_second: 10,
    frames_counted: Counted::ByLink,
    asks: None,
    carried: None,
    carried_counted: Counted::ByLink,
    // 500 in five minutes and address.
    rest_weight_per_minute: 100,
    rest_burst: None,
    // Not published; who comes and goes often is banned.
    connects: 10,
    connects_window: Duration::from_secs(60),
    links: None,
    left_alone: Duration::ZERO,
    link_lifetime: None,
};

/// The channels of a product.
const CHANNELS: [&str; 4] = ["board_snapshot", "board", "executions", "ticker"];

/// Those of its book.
const BOOK_CHANNELS: [&str; 2] = ["board_snapshot", "board"];

/// How the venue is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Speech {
    JsonRpc,
    SocketIo,
}

/// The funding rate is an estimate that moves until it is settled, every eight hours.
const FIGURES_EVERY: Duration = Duration::from_secs(60);

/// Time for each request of these.
const FIGURE_EVERY: Duration = Duration::from_millis(1_200);

/// Executions of a poll.
const POLLED_TRADES: &str = "&count=100";

/// Trades of the past that are asked for: the most that there are.
const PAST_TRADES: u32 = 500;

/// Numbers what is asked.
#[derive(Debug)]
pub(super) struct Requests {
    speech: Speech,
    rest: String,
    last_id: u64,
}

impl protocol::Requests for Requests {
    fn on_open(&mut self) -> Vec<Request> {
        vec![self.get("getmarkets")]
    }

    fn subscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        self.channels("subscribe", symbols)
    }

    fn unsubscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        self.channels("unsubscribe", symbols)
    }

    /// A snapshot comes by itself every 5 s, and not sooner to those who subscribe anew.
    fn resync(&mut self, _symbol: &str) -> Vec<Request> {
        Vec::new()
    }

    fn renew_book(&mut self, symbol: &str) -> Vec<Request> {
        let channels = BOOK_CHANNELS.map(|channel| format!("lightning_{channel}_{symbol}"));
        let methods = ["unsubscribe", "subscribe"].into_iter();
        methods
            .flat_map(|method| channels.iter().map(move |channel| (method, channel)))
            .map(|(method, channel)| self.ask(method, channel))
            .collect()
    }

    fn transport(&self) -> Option<Transport> {
        match self.speech {
            Speech::JsonRpc => None,
            Speech::SocketIo => Some(Transport::EngineIo { version: EngineIoVersion::V3 }),
        }
    }

    fn poll(&mut self, symbols: &[String]) -> Option<Poll> {
        let of_symbol = |symbol: &String| {
            let trades = self.product("getexecutions", symbol, POLLED_TRADES);
            [self.product("getboard", symbol, ""), trades]
        };
        let requests: Vec<Request> = symbols.iter().flat_map(of_symbol).collect();
        // Answers are a second old, and a request may be made every 0.6 s.
        let n_requests = u32::try_from(requests.len()).unwrap_or(u32::MAX);
        let every = Duration::from_millis(700).saturating_mul(n_requests);
        Some(Poll { every: every.max(Duration::from_secs(2)), requests })
    }

    /// Only Crypto CFD has a funding rate; asked for at most fifty times a minute, half of what may be asked.
    fn figures(&mut self, symbols: &[String]) -> Option<Poll> {
        let funded = symbols.iter().filter(|symbol| symbol.starts_with("FX_"));
        let requests: Vec<Request> =
            funded.map(|symbol| self.product("getfundingrate", symbol, "")).collect();
        let n_requests = u32::try_from(requests.len()).unwrap_or(u32::MAX);
        let every = FIGURE_EVERY.saturating_mul(n_requests).max(FIGURES_EVERY);
        (n_requests > 0).then_some(Poll { every, requests })
    }

    fn plea(&self, exchange: &HttpExchange) -> Option<Plea> {
        http::plea(exchange)
    }

    fn poll_trades(&mut self, symbols: &[String]) -> Vec<Request> {
        let trades = |symbol: &String| self.product("getexecutions", symbol, POLLED_TRADES);
        symbols.iter().map(trades).collect()
    }

    /// It tells no bars.
    fn history(&self, symbol: &str, _now: Timestamp) -> Vec<Request> {
        let trades = format!("&count={PAST_TRADES}");
        vec![past::trades(self.product("getexecutions", symbol, &trades))]
    }
}

impl Requests {
    /// JSON-RPC where the address says so, else Socket.IO.
    pub fn new(ws: &str, rest: &str) -> Self {
        let is_json_rpc = ws.ends_with("/json-rpc");
        let speech = if is_json_rpc { Speech::JsonRpc } else { Speech::SocketIo };
        Self { speech, rest: rest.to_owned(), last_id: 0 }
    }

    fn channels(&mut self, method: &str, symbols: &[String]) -> Vec<Request> {
        let of_symbol =
            |symbol: &String| CHANNELS.map(|channel| format!("lightning_{channel}_{symbol}"));
        let channels: Vec<String> = symbols.iter().flat_map(of_symbol).collect();
        channels.iter().map(|channel| self.ask(method, channel)).collect()
    }

    fn ask(&mut self, method: &str, channel: &str) -> Request {
        if self.speech == Speech::SocketIo {
            return Request::Send(emit(method, channel));
        }
        self.last_id += 1;
        let params = json!({ "channel": channel });
        let id = self.last_id;
        let frame = json!({ "jsonrpc": "2.0", "method": method, "params": params, "id": id });
        Request::Send(frame.to_string())
    }

    fn product(&self, endpoint: &str, symbol: &str, query: &str) -> Request {
        self.get(&format!("{endpoint}?product_code={}{query}", percent_encoded(symbol)))
    }

    fn get(&self, path: &str) -> Request {
        Request::Get { url: format!("{}/v1/{path}", self.rest), weight: 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Requests as _;

    const REST: &str = "https://api.bitflyer.com";

    fn json_rpc() -> Requests {
        Requests::new("wss://ws.lightstream.bitflyer.com/json-rpc", REST)
    }

    #[test]
    fn a_product_is_asked_for_channel_by_channel_each_with_its_number() {
        let asked = json_rpc().subscribe(&["BTC_JPY".into()]);
        let channels = ["board_snapshot", "board", "executions", "ticker"];
        let expected: Vec<Request> = (1..)
            .zip(channels)
            .map(|(id, channel)| {
                let channel = format!("lightning_{channel}_BTC_JPY");
                let params = json!({ "channel": channel });
                let frame = json!({
                    "jsonrpc": "2.0", "method": "subscribe", "params": params, "id": id,
                });
                Request::Send(frame.to_string())
            })
            .collect();
        assert_eq!(asked, expected);
        assert_eq!(json_rpc().transport(), None);
    }

    #[test]
    fn the_same_channels_are_events_of_socket_io_where_that_is_spoken() {
        let mut requests = Requests::new("wss://io.lightstream.bitflyer.com", REST);
        let version = EngineIoVersion::V3;
        assert_eq!(requests.transport(), Some(Transport::EngineIo { version }));
        let asked = requests.unsubscribe(&["BTC_JPY".into()]);
        let frame = r#"42["unsubscribe","lightning_board_snapshot_BTC_JPY"]"#;
        assert_eq!(asked[0], Request::Send(frame.into()));
    }

    #[test]
    fn only_crypto_cfd_is_asked_for_its_funding_again_and_again() {
        let symbols = ["FX_BTC_JPY".to_owned(), "BTC_JPY".to_owned()];
        let asked = json_rpc().subscribe(&symbols);
        assert!(asked.iter().all(|one| matches!(one, Request::Send(_))), "{asked:?}");
        let figures = json_rpc().figures(&symbols).unwrap();
        let url = format!("{REST}/v1/getfundingrate?product_code=FX_BTC_JPY");
        assert_eq!(figures.requests, [Request::Get { url, weight: 1 }]);
        assert_eq!(figures.every, Duration::from_secs(60));
        assert_eq!(json_rpc().figures(&symbols[1..]), None);
        let many: Vec<String> = (0..200).map(|n| format!("FX_C{n}_JPY")).collect();
        let per_minute = 200 * 60 / json_rpc().figures(&many).unwrap().every.as_secs();
        assert_eq!(per_minute, 50, "half of what may be asked");
    }

    #[test]
    fn polls_stay_within_a_hundred_requests_a_minute() {
        let symbols: Vec<String> = (0..10).map(|n| format!("C{n}_JPY")).collect();
        let poll = json_rpc().poll(&symbols).unwrap();
        assert!(poll.every * 100 >= Duration::from_secs(60) * 20);
        let url = format!("{REST}/v1/getboard?product_code=C0_JPY");
        assert_eq!(poll.requests[0], Request::Get { url, weight: 1 });
        assert!(json_rpc().poll(&symbols[..1]).unwrap().every >= Duration::from_secs(1));
    }
}
