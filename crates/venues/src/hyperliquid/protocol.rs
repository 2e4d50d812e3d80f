//! What is asked of Hyperliquid: all over the socket, the lists of instruments too; and the same by `POST /info`.

use std::collections::HashSet;
use std::time::Duration;

use market::{HttpExchange, Stream, Timestamp};
use serde_json::{Value, json};

use crate::limits::{Counted, Limits};
use crate::past;
use crate::past_bars::{Layout, Rows, Unit};
use crate::protocol::{self, Keepalive, Poll, Request};
use crate::table::INSTRUMENTS_MAX;

/// The limits of Hyperliquid.
pub(super) const LIMITS: Limits = Limits {
    // It answers our pings.
    silence: Duration::from_secs(40),
    // A book comes every 5 s.
    // All books come about every 5 s, whether they change or not.
    book_silence: Some(Duration::from_secs(20)),
    first_datum: Duration::from_secs(15),
    // 2,000 a minute and address, over all connections.
    frames_per_second: 20,
    frames_counted: Counted::ByAddress,
    asks: None,
    // 1,000 subscriptions of an address.
    carried: Some(1_000),
    carried_counted: Counted::ByAddress,
    rest_weight_per_minute: 1_200,
    rest_burst: None,
    // 30 a minute and address.
    connects: 20,
    connects_window: Duration::from_secs(60),
    // Ten at once and address: two are left for others of it.
    links: Some(8),
    left_alone: Duration::ZERO,
    link_lifetime: None,
};

/// How often we say that we are there: it closes a link on which it said nothing for 60 s.
const PING_EVERY: Duration = Duration::from_secs(20);

/// Books are polled no faster than this.
const POLL_EVERY: Duration = Duration::from_secs(2);

/// Marks, funding and open interest are polled with every so many books: the answer is that of all perpetuals.
const ROUNDS_PER_FIGURES: u32 = 8;

/// What a book costs, and what every other question does.
const BOOK_WEIGHT: u32 = 2;
const WEIGHT: u32 = 20;

/// Minutes of the past that are asked for, and what they cost: one more for each sixty.
const PAST_MINUTES: i64 = 1_000;
const PAST_WEIGHT: u32 = WEIGHT + 17;

/// Beside them the end of each, its coin, its interval and how many trades it had.
pub(super) static PAST_BARS: Layout =
    Layout { path: &[], rows: Rows::Objects(["t", "o", "h", "l", "c", "v"]), time: Unit::Millis };

/// The channels of a coin. An image of 20 levels comes every 5 s since June 2026, the best prices (`bbo`) with each
/// block that changes them.
const CHANNELS: [&str; 4] = ["l2Book", "bbo", "trades", "activeAssetCtx"];

/// The lists of instruments.
const LISTS: [&str; 2] = ["meta", "spotMeta"];

/// What an answer with a list begins with.
const ANSWER: &str = "{\"channel\":\"post\"";

/// Knows the coins that there are.
#[derive(Debug, Default)]
pub(super) struct Requests {
    rest: String,
    last_id: u64,
    /// The coins of both lists; empty until they came.
    coins: HashSet<String>,
    n_lists: usize,
    n_rounds: u32,
}

impl protocol::Requests for Requests {
    fn on_open(&mut self) -> Vec<Request> {
        self.coins.clear();
        self.n_lists = 0;
        self.n_rounds = 0;
        LISTS.map(|list| self.ask(list)).into()
    }

    fn subscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        self.frames("subscribe", symbols, &CHANNELS)
    }

    fn unsubscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        self.frames("unsubscribe", symbols, &CHANNELS)
    }

    fn brings(&self) -> &'static [Stream] {
        &[Stream::Book, Stream::Trades, Stream::Stated]
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
            && let Some(list) = answer.pointer("/data/response/payload/data")
        {
            self.learn(list);
        }
        Vec::new()
    }

    fn share_of(&self, _symbol: &str) -> u32 {
        CHANNELS.len() as u32
    }

    /// Book and newest trades of each coin; with the first round the lists, now and then what is told of perpetuals.
    fn poll(&mut self, symbols: &[String]) -> Option<Poll> {
        if self.rest.is_empty() {
            return None;
        }
        let mut requests: Vec<Request> = self
            .there(symbols)
            .flat_map(|coin| {
                let book = json!({ "type": "l2Book", "coin": coin });
                [self.post(&book, BOOK_WEIGHT), self.trades(coin)]
            })
            .collect();
        let is_perpetual = |coin: &String| !coin.starts_with('@') && !coin.contains('/');
        if self.n_rounds == 0 {
            requests.extend(LISTS.map(|list| self.post(&json!({ "type": list }), WEIGHT)));
        }
        if self.n_rounds.is_multiple_of(ROUNDS_PER_FIGURES) && symbols.iter().any(is_perpetual) {
            requests.push(self.post(&json!({ "type": "metaAndAssetCtxs" }), WEIGHT));
        }
        self.n_rounds = self.n_rounds.wrapping_add(1);
        Some(Poll { every: POLL_EVERY, requests })
    }

    fn poll_trades(&mut self, symbols: &[String]) -> Vec<Request> {
        match self.rest.as_str() {
            "" => Vec::new(),
            _ => self.there(symbols).map(|coin| self.trades(coin)).collect(),
        }
    }

    fn history(&self, symbol: &str, now: Timestamp) -> Vec<Request> {
        if self.rest.is_empty() || !self.is_there(symbol) {
            return Vec::new();
        }
        let end = now.nanos() / 1_000_000;
        let start = end - PAST_MINUTES * 60_000;
        let of = json!({ "coin": symbol, "interval": "1m", "startTime": start, "endTime": end });
        let minutes = json!({ "type": "candleSnapshot", "req": of });
        vec![
            past::bars(self.post(&minutes, PAST_WEIGHT), symbol),
            past::trades(self.trades(symbol)),
        ]
    }

    fn on_answer(&mut self, exchange: &HttpExchange) -> Vec<Request> {
        if self.n_lists < LISTS.len()
            && let Ok(list) = serde_json::from_slice::<Value>(&exchange.body)
        {
            self.learn(&list);
        }
        Vec::new()
    }
}

impl Requests {
    pub fn new(rest: &str) -> Self {
        Self { rest: rest.to_owned(), ..Self::default() }
    }

    /// The coins of `meta` or `spotMeta`.
    fn learn(&mut self, list: &Value) {
        let Some(coins) = list.get("universe").and_then(Value::as_array) else { return };
        let names = coins.iter().filter_map(|coin| coin["name"].as_str());
        self.coins.extend(names.take(INSTRUMENTS_MAX).map(str::to_owned));
        self.n_lists += 1;
    }

    /// Those of the coins that there are; all, before the lists have come.
    fn there<'a>(&self, symbols: &'a [String]) -> impl Iterator<Item = &'a String> {
        symbols.iter().filter(|coin| self.is_there(coin))
    }

    fn is_there(&self, coin: &str) -> bool {
        self.n_lists < LISTS.len() || self.coins.contains(coin)
    }

    fn post(&self, question: &Value, weight: u32) -> Request {
        Request::Post { url: format!("{}/info", self.rest), body: question.to_string(), weight }
    }

    fn trades(&self, coin: &str) -> Request {
        self.post(&json!({ "type": "recentTrades", "coin": coin }), WEIGHT)
    }

    fn ask(&mut self, list: &str) -> Request {
        self.last_id += 1;
        let request = json!({ "type": "info", "payload": { "type": list } });
        let frame = json!({ "method": "post", "id": self.last_id, "request": request });
        Request::Send(frame.to_string())
    }

    /// One subscription a frame. A coin that there is not would close the whole link, without a word: once the lists
    /// are there, it is not asked for.
    fn frames(&self, method: &str, symbols: &[String], kinds: &[&str]) -> Vec<Request> {
        let pairs = self.there(symbols).flat_map(|coin| kinds.iter().map(move |kind| (coin, kind)));
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
    fn each_coin_is_asked_for_four_times_and_each_time_alone() {
        let asked = Requests::default().subscribe(&["BTC".into()]);
        let frame = r#"{"method":"subscribe","subscription":{"coin":"BTC","type":"l2Book"}}"#;
        assert_eq!(asked[0], Request::Send(frame.into()));
        let frame = r#"{"method":"subscribe","subscription":{"coin":"BTC","type":"bbo"}}"#;
        assert_eq!(asked[1], Request::Send(frame.into()));
        assert_eq!((asked.len(), Requests::default().share_of("BTC")), (4, 4));
    }

    #[test]
    fn by_http_books_and_trades_are_posted_for_and_the_lists_with_the_first_round() {
        let mut requests = Requests::new("https://api.hyperliquid.xyz");
        let mut round = |coins: &[&str]| {
            let coins: Vec<String> = coins.iter().map(|&coin| coin.to_owned()).collect();
            let asked = requests.poll(&coins).unwrap().requests.into_iter().map(|one| match one {
                Request::Post { url, body, weight } => {
                    assert_eq!(url, "https://api.hyperliquid.xyz/info");
                    (body, weight)
                }
                other => panic!("{other:?}"),
            });
            asked.collect::<Vec<_>>()
        };
        let first = round(&["BTC"]);
        assert_eq!(first[0], (r#"{"coin":"BTC","type":"l2Book"}"#.to_owned(), 2));
        assert_eq!(first[1], (r#"{"coin":"BTC","type":"recentTrades"}"#.to_owned(), 20));
        assert_eq!(first[4], (r#"{"type":"metaAndAssetCtxs"}"#.to_owned(), 20));
        assert_eq!(first.len(), 5);
        assert_eq!(round(&["BTC"]), first[..2]);
        for _ in 2..8 {
            assert_eq!(round(&["@107"]).len(), 2);
        }
        assert_eq!(round(&["@107", "BTC"]).len(), 5, "the figures again");
        assert_eq!(Requests::default().poll(&[]), None, "nowhere to ask");
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
        assert_eq!(asked.len(), 4);
        assert!(matches!(&asked[0], Request::Send(frame) if frame.contains("\"@107\"")));
        assert_eq!(requests.resync("btc"), []);
    }
}
