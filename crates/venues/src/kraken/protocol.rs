//! What is asked of Kraken: all over the socket.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;

use market::{HttpExchange, Timestamp};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::http;
use crate::endpoint::percent_encoded;
use crate::json::{for_each, for_each_field, string};
use crate::limits::{Counted, Limits, Rate};
use crate::past;
use crate::past_bars::{Layout, Rows, Step, Unit};
use crate::plea::Plea;
use crate::protocol::{self, Poll, Request};
use crate::turns::Turns;

/// The limits of Kraken.
pub(super) const LIMITS: Limits = Limits {
    // It sends a heartbeat every second once anything is subscribed.
    silence: Duration::from_secs(5),
    book_silence: None,
    first_datum: Duration::from_secs(10),
    // Its own limit is not published.
    frames_per_second: 10,
    frames_counted: Counted::ByLink,
    asks: None,
    carried: None,
    carried_counted: Counted::ByLink,
    rest_weight_per_minute: 60,
    // About one a second and pair: a pair's book and trades go together.
    rest_burst: Some(Rate::within_ms(2, 2_100)),
    // About 150 in ten minutes and address; a breach blocks for as long.
    connects: 120,
    connects_window: Duration::from_secs(10 * 60),
    links: None,
    left_alone: Duration::ZERO,
    link_lifetime: None,
};

/// Levels a side of a live book; an unsubscription must repeat it.
const BOOK_DEPTH: u32 = 1_000;

/// Symbols in one frame.
const SYMBOLS_PER_FRAME: usize = 50;

/// Levels a side of a poll, the most that there are.
const POLLED_LEVELS: u32 = 500;

/// Trades of a poll, the most that there are.
const POLLED_TRADES: usize = 1_000;

/// Tickers are no closer together than this: 20 of the 60 requests in a minute that are safe.
const TICKER_GAP: Duration = Duration::from_secs(3);

/// Until the list of instruments has come, a ticker would be of none: it is looked for this often.
const LOOK_FOR_LIST: Duration = Duration::from_secs(2);

/// The requests of one symbol take this long: two of the 60 in a minute that are safe, and some left over.
const POLL_EVERY_PER_SYMBOL: Duration = Duration::from_secs(3);

/// A row: opening, open, high, low, close, mean price, volume, trades. By the name of the pair, and beside it `last`.
pub(super) static PAST_BARS: Layout = Layout {
    path: &[Step::Field("result"), Step::OnlyList],
    rows: Rows::Lists([0, 1, 2, 3, 4, 6], None),
    time: Unit::Seconds,
};

/// Numbers what is asked.
#[derive(Debug)]
pub(super) struct Requests {
    rest: String,
    last_id: u64,
    is_listed: bool,
    /// Whether this connection has told the list of instruments.
    has_heard_list: bool,
    /// Whose volume is asked for next.
    turns: Turns,
    /// Up to where the trades of each symbol were polled, as the venue says it.
    since: BTreeMap<String, String>,
}

impl protocol::Requests for Requests {
    fn on_open(&mut self) -> Vec<Request> {
        self.has_heard_list = false;
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

    fn poll(&mut self, symbols: &[String]) -> Option<Poll> {
        if self.rest.is_empty() {
            return None;
        }
        let mut requests = Vec::new();
        if !std::mem::replace(&mut self.is_listed, true) {
            requests.push(get(format!("{}/0/public/AssetPairs", self.rest)));
        }
        for symbol in symbols {
            let pair = percent_encoded(&pair_of(symbol));
            let query = format!("pair={pair}&count={POLLED_LEVELS}#{symbol}");
            requests.push(get(format!("{}/0/public/Depth?{query}", self.rest)));
            requests.push(self.polled_trades(symbol));
        }
        let n_symbols = u32::try_from(symbols.len()).unwrap_or(u32::MAX).max(1);
        Some(Poll { every: POLL_EVERY_PER_SYMBOL.saturating_mul(n_symbols), requests })
    }

    fn plea(&self, exchange: &HttpExchange) -> Option<Plea> {
        http::plea(exchange)
    }

    fn poll_trades(&mut self, symbols: &[String]) -> Vec<Request> {
        if self.rest.is_empty() {
            return Vec::new();
        }
        symbols.iter().map(|symbol| self.polled_trades(symbol)).collect()
    }

    /// A full page is followed by the next one at once.
    fn on_answer(&mut self, exchange: &HttpExchange) -> Vec<Request> {
        let url = String::from_utf8_lossy(&exchange.url);
        let Some((_, symbol)) = url.split_once('#').filter(|_| url.contains("/Trades?")) else {
            return Vec::new();
        };
        let Some(page) = page_of(&exchange.body) else { return Vec::new() };
        let before = self.since.insert(symbol.to_owned(), page.last);
        // The first page holds the newest trades: none follow.
        let is_full = before.is_some() && page.n_trades >= POLLED_TRADES;
        if is_full { vec![self.polled_trades(symbol)] } else { Vec::new() }
    }

    fn on_frame(&mut self, frame: &str) -> Vec<Request> {
        let is_list = |frame: &str| frame.contains("\"pairs\"") && frame.contains("\"instrument\"");
        self.has_heard_list = self.has_heard_list || is_list(frame);
        Vec::new()
    }

    /// The volume of 24 hours.
    fn figures(&mut self, symbols: &[String]) -> Option<Poll> {
        if self.rest.is_empty() {
            return None;
        }
        if !self.has_heard_list {
            return Some(Poll { every: LOOK_FOR_LIST, requests: Vec::new() });
        }
        let (symbol, every) = self.turns.one(symbols, TICKER_GAP)?;
        let pair = percent_encoded(&pair_of(symbol));
        let ticker = get(format!("{}/0/public/Ticker?pair={pair}#{symbol}", self.rest));
        Some(Poll { every, requests: vec![ticker] })
    }

    fn history(&self, symbol: &str, _now: Timestamp) -> Vec<Request> {
        if self.rest.is_empty() {
            return Vec::new();
        }
        let pair = percent_encoded(&pair_of(symbol));
        let ask = |what: &str| get(format!("{}/0/public/{what}#{symbol}", self.rest));
        // It answers with the last 720 minutes, whatever is asked.
        let minutes = ask(&format!("OHLC?pair={pair}&interval=1"));
        let trades = ask(&format!("Trades?pair={pair}&count={POLLED_TRADES}"));
        vec![past::bars(minutes, symbol), past::trades(trades)]
    }
}

/// What a page of trades says of the next.
struct Page {
    last: String,
    n_trades: usize,
}

/// `None` for a refusal, of which the decoder tells.
fn page_of(body: &[u8]) -> Option<Page> {
    #[derive(Deserialize)]
    struct Answer<'a> {
        #[serde(borrow)]
        result: &'a RawValue,
    }
    let Answer { result } = serde_json::from_slice(body).ok()?;
    let (mut last, mut n_trades) = (None, 0);
    let walked = for_each_field(result.get(), |name, value| {
        if name == "last" {
            last = string(Some(value)).map(Cow::into_owned);
            return Ok(());
        }
        for_each(value.get(), |_: IgnoredAny| {
            n_trades += 1;
            Ok::<(), Infallible>(())
        })
    });
    let last = last.filter(|_| walked.is_ok())?;
    let is_cursor = !last.is_empty() && last.len() < 32 && last.bytes().all(|b| b.is_ascii_digit());
    is_cursor.then_some(Page { last, n_trades })
}

fn get(url: String) -> Request {
    Request::Get { url, weight: 1 }
}

/// The name of a pair by REST, which is older: without the slash, and two coins by other names.
pub(super) fn pair_of(symbol: &str) -> String {
    let older = |asset| match asset {
        "BTC" => "XBT",
        "DOGE" => "XDG",
        other => other,
    };
    symbol.split('/').map(older).collect()
}

impl Requests {
    pub fn new(rest: &str) -> Self {
        Self {
            rest: rest.to_owned(),
            last_id: 0,
            is_listed: false,
            has_heard_list: false,
            turns: Turns::default(),
            since: BTreeMap::new(),
        }
    }

    /// The trades after those that were polled. The symbol stands behind the address, where it is not sent.
    fn polled_trades(&self, symbol: &str) -> Request {
        let since = self.since.get(symbol).map(|at| format!("&since={at}")).unwrap_or_default();
        let pair = percent_encoded(&pair_of(symbol));
        let query = format!("pair={pair}{since}&count={POLLED_TRADES}#{symbol}");
        get(format!("{}/0/public/Trades?{query}", self.rest))
    }

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

    fn requests() -> Requests {
        Requests::new("https://a")
    }

    fn frames(requests: Vec<Request>) -> Vec<Value> {
        let frame = |request| match request {
            Request::Send(text) => serde_json::from_str(&text).unwrap(),
            Request::Get { url, .. } | Request::Post { url, .. } => panic!("{url}"),
        };
        requests.into_iter().map(frame).collect()
    }

    #[test]
    fn a_subscription_asks_for_book_and_trades() {
        let symbols = ["BTC/USD".to_owned(), "ETH/USD".to_owned()];
        let asked = frames(requests().subscribe(&symbols));
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
        let asked = frames(requests().resync("BTC/USD"));
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
        assert_eq!(requests().subscribe(&symbols).len(), 6);
        assert_eq!(requests().unsubscribe(&symbols).len(), 6);
    }

    fn urls(requests: Vec<Request>) -> Vec<String> {
        let url = |request| match request {
            Request::Get { url, weight: 1 } => url,
            other => panic!("{other:?}"),
        };
        requests.into_iter().map(url).collect()
    }

    fn page(n_trades: usize, last: &str) -> HttpExchange {
        let rows = vec![json!(["1", "1", 1.5, "b", "l", "", 7]); n_trades];
        let body = json!({ "error": [], "result": { "XXBTZUSD": rows, "last": last } });
        HttpExchange {
            url: "https://a/0/public/Trades?pair=XBTUSD&count=1000#BTC/USD".into(),
            status: 200,
            body: body.to_string().into(),
        }
    }

    #[test]
    fn the_first_poll_lists_and_each_asks_for_book_and_trades_by_their_older_names() {
        let mut requests = requests();
        let poll = requests.poll(&["BTC/USD".into(), "DOGE/BTC".into()]).unwrap();
        let first = [
            "https://a/0/public/AssetPairs",
            "https://a/0/public/Depth?pair=XBTUSD&count=500#BTC/USD",
            "https://a/0/public/Trades?pair=XBTUSD&count=1000#BTC/USD",
            "https://a/0/public/Depth?pair=XDGXBT&count=500#DOGE/BTC",
            "https://a/0/public/Trades?pair=XDGXBT&count=1000#DOGE/BTC",
        ];
        assert_eq!((urls(poll.requests), poll.every.as_secs()), (first.map(Into::into).into(), 6));
        assert_eq!(urls(requests.poll(&["BTC/USD".into()]).unwrap().requests), first[1..3]);
        assert!(Requests::new("").poll(&["BTC/USD".into()]).is_none());
    }

    #[test]
    fn volumes_are_asked_for_in_turn_once_the_list_of_instruments_has_come() {
        let mut requests = requests();
        let symbols = ["BTC/USD".to_owned(), "DOGE/BTC".to_owned()];
        requests.on_frame(r#"{"method":"subscribe","result":{"channel":"instrument"}}"#);
        let poll = requests.figures(&symbols).unwrap();
        assert_eq!((poll.requests, poll.every), (Vec::new(), LOOK_FOR_LIST));
        requests.on_frame(r#"{"channel":"instrument","data":{"pairs":[]}}"#);
        let mut turn = || {
            let poll = requests.figures(&symbols).unwrap();
            (urls(poll.requests), poll.every.as_secs())
        };
        let ticker = |pair: &str| vec![format!("https://a/0/public/Ticker?pair={pair}")];
        assert_eq!(turn(), (ticker("XBTUSD#BTC/USD"), 3));
        assert_eq!(turn(), (ticker("XDGXBT#DOGE/BTC"), 30));
        assert_eq!(turn(), (ticker("XBTUSD#BTC/USD"), 30));
        requests.on_open();
        assert!(requests.figures(&symbols).unwrap().requests.is_empty(), "another connection");
        assert!(Requests::new("").figures(&symbols).is_none());
    }

    #[test]
    fn trades_go_on_where_the_last_page_ended() {
        let mut requests = requests();
        assert_eq!(requests.on_answer(&page(1_000, "17")), [], "the newest: none follow");
        let next = "https://a/0/public/Trades?pair=XBTUSD&since=17&count=1000#BTC/USD";
        assert_eq!(urls(requests.poll(&["BTC/USD".into()]).unwrap().requests)[2], next);
        let next = next.replace("17", "18");
        assert_eq!(urls(requests.on_answer(&page(1_000, "18"))), [next]);
        assert_eq!(requests.on_answer(&page(999, "19")), []);
        assert_eq!(requests.on_answer(&page(1_000, "19&evil")), []);
    }
}
