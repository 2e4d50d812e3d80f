//! What is asked of Bybit: topics over the socket; the list of instruments over REST.

use std::time::Duration;

use market::{HttpExchange, Stream, Timestamp};
use serde_json::json;

use super::http;
use super::{Category, pages};
use crate::endpoint::percent_encoded;
use crate::limits::{Counted, Limits, Rate};
use crate::past;
use crate::past_bars::{Layout, Rows, Step, Unit};
use crate::plea::Plea;
use crate::protocol::{self, Keepalive, Poll, Request};
use crate::turns::Turns;

/// The limits of Bybit.
pub(super) const LIMITS: Limits = Limits {
    // Our ping is answered every 20 s.
    silence: Duration::from_secs(30),
    book_silence: None,
    first_datum: Duration::from_secs(10),
    // Its own limit is not published; a symbol takes a frame.
    frames_per_second: 10,
    frames_counted: Counted::ByLink,
    asks: None,
    // 21,000 characters of arguments.
    carried: Some(20_000),
    carried_counted: Counted::ByLink,
    // As the next, a minute long.
    rest_weight_per_minute: 3_300,
    // 600 in 5 s and address, over both markets: each takes less than half.
    rest_burst: Some(Rate::within_ms(280, 5_100)),
    // 500 in five minutes and domain, over both markets.
    connects: 240,
    connects_window: Duration::from_secs(5 * 60),
    links: None,
    // Who is told 403 "access too frequent" shall send nothing for ten minutes.
    left_alone: Duration::from_secs(600),
    link_lifetime: None,
};

/// As the documentation recommends; it closes a connection that says nothing for ten minutes.
const PING_EVERY: Duration = Duration::from_secs(20);

/// Levels a side of a live book: the deepest topic of both markets, every 200 ms.
const LEVELS: u32 = 1_000;

/// Levels a side of a fetched book: a fifth, since it is fetched whole each second.
const LEVELS_POLLED: u32 = 200;

/// Instruments in a response, at most; spot sends all of them anyway, and of contracts further pages follow.
const INSTRUMENTS_LISTED: u32 = 1_000;

/// Tickers of spot are no closer together than this.
const TICKER_GAP: Duration = Duration::from_millis(500);

/// Minutes of the past that are asked for: the most that there are.
const PAST_MINUTES: u32 = 1_000;

/// A row: opening, open, high, low, close, volume, turnover; the newest first.
pub(super) static PAST_BARS: Layout = Layout {
    path: &[Step::Field("result"), Step::Field("list")],
    rows: Rows::Lists([0, 1, 2, 3, 4, 5], None),
    time: Unit::Millis,
};

/// Numbers what is asked.
#[derive(Debug)]
pub(super) struct Requests {
    category: Category,
    rest: String,
    last_id: u64,
    /// Whose volume is asked for next.
    turns: Turns,
}

impl protocol::Requests for Requests {
    fn on_open(&mut self) -> Vec<Request> {
        vec![self.get(pages::LIST, &format!("limit={INSTRUMENTS_LISTED}"))]
    }

    /// A frame a symbol: one topic that is not known refuses all of its frame, and spot takes ten topics in one.
    fn subscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        symbols.iter().map(|symbol| self.frame("subscribe", self.topics(symbol))).collect()
    }

    fn unsubscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        symbols.iter().map(|symbol| self.frame("unsubscribe", self.topics(symbol))).collect()
    }

    fn brings(&self) -> &'static [Stream] {
        &[Stream::Book, Stream::Trades, Stream::Stated]
    }

    /// Only a new subscription brings a new snapshot.
    fn resync(&mut self, symbol: &str) -> Vec<Request> {
        let topics = || vec![book(symbol)];
        vec![self.frame("unsubscribe", topics()), self.frame("subscribe", topics())]
    }

    fn keepalive(&self) -> Option<Keepalive> {
        let frame = json!({ "req_id": "ping", "op": "ping" }).to_string();
        Some(Keepalive { every: PING_EVERY, frame })
    }

    fn share_of(&self, symbol: &str) -> u32 {
        let n_bytes: usize = self.topics(symbol).iter().map(|topic| topic.len() + 3).sum();
        u32::try_from(n_bytes).unwrap_or(u32::MAX)
    }

    fn poll(&mut self, symbols: &[String]) -> Option<Poll> {
        let ask = |symbol: &String| {
            let of = percent_encoded(symbol);
            let book = self.get("orderbook", &format!("symbol={of}&limit={LEVELS_POLLED}"));
            [book, self.trades(symbol)]
        };
        let requests = symbols.iter().flat_map(ask).collect();
        // A page of spot is short: the next one has to come before as many trades were made.
        let millis = match self.category {
            Category::Spot => 300,
            Category::Linear => 1_000,
        };
        Some(Poll { every: Duration::from_millis(millis), requests })
    }

    fn plea(&self, exchange: &HttpExchange) -> Option<Plea> {
        http::plea(exchange)
    }

    fn poll_trades(&mut self, symbols: &[String]) -> Vec<Request> {
        symbols.iter().map(|symbol| self.trades(symbol)).collect()
    }

    /// The volume of 24 hours, of spot: its topic `tickers` tells it twenty times a second, and nothing else that the
    /// book has not. That of contracts has mark and funding too, and is heard.
    fn figures(&mut self, symbols: &[String]) -> Option<Poll> {
        match self.category {
            Category::Spot => {}
            Category::Linear => return None,
        }
        let (symbol, every) = self.turns.one(symbols, TICKER_GAP)?;
        let ticker = self.get("tickers", &format!("symbol={}", percent_encoded(symbol)));
        Some(Poll { every, requests: vec![ticker] })
    }

    /// A page of the list says whether another follows.
    fn on_answer(&mut self, exchange: &HttpExchange) -> Vec<Request> {
        pages::next_of(exchange).map(|url| Request::Get { url, weight: 1 }).into_iter().collect()
    }

    fn history(&self, symbol: &str, _now: Timestamp) -> Vec<Request> {
        let n_trades = match self.category {
            Category::Spot => 60, // The most that it sends.
            Category::Linear => 1_000,
        };
        let of = percent_encoded(symbol);
        let minutes = format!("symbol={of}&interval=1&limit={PAST_MINUTES}");
        let trades = format!("symbol={of}&limit={n_trades}");
        vec![
            past::bars(self.get("kline", &minutes), symbol),
            past::trades(self.get("recent-trade", &trades)),
        ]
    }
}

impl Requests {
    pub fn new(category: Category, rest: &str) -> Self {
        Self { category, rest: rest.to_owned(), last_id: 0, turns: Turns::default() }
    }

    fn trades(&self, symbol: &str) -> Request {
        let n_trades = match self.category {
            Category::Spot => 60, // The most that it sends.
            Category::Linear => 1_000,
        };
        let of = percent_encoded(symbol);
        self.get("recent-trade", &format!("symbol={of}&limit={n_trades}"))
    }

    fn get(&self, endpoint: &str, query: &str) -> Request {
        let category = self.category.name();
        let url = format!("{}/v5/market/{endpoint}?category={category}&{query}", self.rest);
        Request::Get { url, weight: 1 }
    }

    fn frame(&mut self, op: &str, topics: Vec<String>) -> Request {
        self.last_id += 1;
        let id = self.last_id.to_string();
        Request::Send(json!({ "req_id": id, "op": op, "args": topics }).to_string())
    }

    fn topics(&self, symbol: &str) -> Vec<String> {
        let mut topics = vec![book(symbol), format!("publicTrade.{symbol}")];
        match self.category {
            Category::Spot => {}
            Category::Linear => {
                topics.push(format!("tickers.{symbol}"));
                topics.push(format!("allLiquidation.{symbol}"));
            }
        }
        topics
    }
}

fn book(symbol: &str) -> String {
    format!("orderbook.{LEVELS}.{symbol}")
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::protocol::Requests as _;

    fn requests(category: Category) -> Requests {
        Requests::new(category, "https://api.bybit.com")
    }

    fn sent(requests: &[Request]) -> Vec<Value> {
        let frame = |request: &Request| match request {
            Request::Send(text) => serde_json::from_str(text).unwrap(),
            Request::Get { url, .. } | Request::Post { url, .. } => panic!("{url}"),
        };
        requests.iter().map(frame).collect()
    }

    fn fetched(requests: &[Request]) -> Vec<&str> {
        let mut urls = Vec::new();
        for request in requests {
            match request {
                Request::Get { url, .. } | Request::Post { url, .. } => urls.push(url.as_str()),
                Request::Send(text) => panic!("{text}"),
            }
        }
        urls
    }

    #[test]
    fn each_market_asks_for_its_own_list() {
        for (category, name) in [(Category::Spot, "spot"), (Category::Linear, "linear")] {
            let asked = requests(category).on_open();
            let url = "https://api.bybit.com/v5/market/instruments-info";
            assert_eq!(fetched(&asked), [format!("{url}?category={name}&limit=1000")]);
        }
    }

    #[test]
    fn a_symbol_has_a_frame_of_its_own_of_at_most_ten_topics() {
        let symbols = ["BTCUSDT".to_owned(), "ETHUSDT".to_owned()];
        let asked = sent(&requests(Category::Spot).subscribe(&symbols));
        let topics = ["orderbook.1000.BTCUSDT", "publicTrade.BTCUSDT"];
        assert_eq!(asked[0], json!({ "req_id": "1", "op": "subscribe", "args": topics }));
        assert_eq!((asked.len(), &asked[1]["req_id"]), (2, &json!("2")));
        let left = sent(&requests(Category::Linear).unsubscribe(&symbols[..1]));
        let topics = [
            "orderbook.1000.BTCUSDT",
            "publicTrade.BTCUSDT",
            "tickers.BTCUSDT",
            "allLiquidation.BTCUSDT",
        ];
        assert_eq!(left, [json!({ "req_id": "1", "op": "unsubscribe", "args": topics })]);
    }

    #[test]
    fn a_resync_leaves_the_book_alone_and_comes_back() {
        let asked = sent(&requests(Category::Linear).resync("BTCUSDT"));
        let frame = |id: &str, op: &str| json!({ "req_id": id, "op": op, "args": ["orderbook.1000.BTCUSDT"] });
        assert_eq!(asked, [frame("1", "unsubscribe"), frame("2", "subscribe")]);
    }

    #[test]
    fn a_poll_fetches_book_and_trades() {
        let poll = requests(Category::Spot).poll(&["BTCUSDT".to_owned()]).unwrap();
        let url = |endpoint: &str, limit: u32| {
            let query = format!("category=spot&symbol=BTCUSDT&limit={limit}");
            format!("https://api.bybit.com/v5/market/{endpoint}?{query}")
        };
        let expected = [url("orderbook", 200), url("recent-trade", 60)];
        assert_eq!(fetched(&poll.requests), expected);
    }

    #[test]
    fn the_volume_of_spot_is_fetched_and_that_of_contracts_is_heard() {
        let symbols = ["BTCUSDT".to_owned()];
        let poll = requests(Category::Spot).figures(&symbols).unwrap();
        let url = "https://api.bybit.com/v5/market/tickers?category=spot&symbol=BTCUSDT";
        assert_eq!((fetched(&poll.requests), poll.every.as_secs()), (vec![url], 60));
        assert_eq!(requests(Category::Linear).figures(&symbols), None);
    }

    #[test]
    fn a_ping_goes_out_every_20_seconds() {
        let keepalive = requests(Category::Spot).keepalive().unwrap();
        assert_eq!(keepalive.every, Duration::from_secs(20));
        let frame: Value = serde_json::from_str(&keepalive.frame).unwrap();
        assert_eq!(frame["op"], "ping");
    }
}
