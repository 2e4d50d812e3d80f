//! What is asked of OKX: channels over the socket; lists, and a book whose channel begins in its middle, over REST.

use std::collections::BTreeSet;
use std::time::Duration;

use market::{HttpExchange, Kind, Stream, Timestamp};
use serde_json::{Value, json};

use super::http;
use super::links::LISTS;
use super::message::{Arg, Frame, announces_end};
use super::symbol::{index_name, kind, kind_name};
use crate::assemble::inner;
use crate::endpoint::percent_encoded;
use crate::json::string;
use crate::limits::{Counted, Limits, Rate};
use crate::past;
use crate::past_bars::{Layout, Rows, Step, Unit};
use crate::plea::Plea;
use crate::protocol::{self, Keepalive, Poll, Request};
use crate::turns::Turns;

/// The limits of OKX.
pub(super) const LIMITS: Limits = Limits {
    // Our ping is answered every 20 s.
    silence: Duration::from_secs(30),
    book_silence: None,
    first_datum: Duration::from_secs(10),
    // Its own limit is told by the hour alone.
    frames_per_second: 3,
    frames_counted: Counted::ByLink,
    // 480 requests in an hour and connection: subscriptions, and their ends.
    asks: Some(Rate::within_ms(480, 3_610_000)),
    // Arguments of 64 KiB in all.
    carried: Some(60 << 10),
    carried_counted: Counted::ByLink,
    // 40 books in 2 s, the strictest of what is polled.
    rest_weight_per_minute: 1_200,
    // In the span in which OKX counts.
    rest_burst: Some(Rate::within_ms(40, 2_100)),
    // Three a second and address.
    connects: 3,
    connects_window: Duration::from_millis(1_100),
    links: None,
    left_alone: Duration::ZERO,
    link_lifetime: None,
};

/// OKX closes a connection on which nothing was said for 30 s.
const PING_EVERY: Duration = Duration::from_secs(20);

/// Symbols in one frame: their channels stay under 16 KiB, of the 64 KiB that a connection may ask for at once.
const SYMBOLS_PER_FRAME: usize = 20;

/// An index and a kind's forced orders, as a frame names them.
const SHARED_BYTES: usize = 128;

/// Levels a side of the channel `books`, and the most that REST offers at its price.
const LEVELS: u32 = 400;

/// Trades of a poll; more than trade in a second.
const TRADES_POLLED: u32 = 500;

/// Lists may be asked for half as often as books.
const LIST_WEIGHT: u32 = 2;

/// Tickers may be asked for half as often as books: 20 in 2 s. These are no closer together.
const TICKER_WEIGHT: u32 = 2;
const TICKER_GAP: Duration = Duration::from_millis(500);

/// Minutes of the past that are asked for: the most that there are.
const PAST_MINUTES: u32 = 300;

/// Trades of the past that are asked for: the most that there are.
const PAST_TRADES: u32 = 500;

/// A row: opening, open, high, low, close, volume in the unit of quantities, …; the newest first.
pub(super) static PAST_BARS: Layout = Layout {
    path: &[Step::Field("data")],
    rows: Rows::Lists([0, 1, 2, 3, 4, 5], None),
    time: Unit::Millis,
};

/// What a connection is asked for.
#[derive(Debug)]
pub(super) struct Requests {
    rest: String,
    last_id: u64,
    /// Symbols that the connection carries: kinds and indices are asked for once, whichever symbol needs them.
    carried: BTreeSet<String>,
    /// Symbols of whose books nothing has come yet.
    awaited: BTreeSet<String>,
    /// Symbols whose channel began with an update: their books begin with a REST response.
    by_rest: BTreeSet<String>,
    /// Whose volume is asked for next.
    turns: Turns,
}

impl protocol::Requests for Requests {
    fn on_open(&mut self) -> Vec<Request> {
        self.carried.clear();
        self.awaited.clear();
        self.by_rest.clear();
        let url = |list| format!("{}/api/v5/public/instruments?instType={list}", self.rest);
        LISTS.map(|list| Request::Get { url: url(list), weight: LIST_WEIGHT }).to_vec()
    }

    fn subscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        let mut requests = Vec::new();
        for symbols in symbols.chunks(SYMBOLS_PER_FRAME) {
            let had = self.shared();
            self.carried.extend(symbols.iter().cloned());
            self.awaited.extend(symbols.iter().cloned());
            let shared = self.shared().into_iter().filter(|arg| !had.contains(arg));
            let args = symbols.iter().flat_map(|symbol| own_channels(symbol)).chain(shared);
            let args = args.collect();
            requests.push(self.frame("subscribe", args));
        }
        requests
    }

    fn unsubscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        let mut requests = Vec::new();
        for symbols in symbols.chunks(SYMBOLS_PER_FRAME) {
            let had = self.shared();
            for symbol in symbols {
                self.carried.remove(symbol);
                self.awaited.remove(symbol);
                self.by_rest.remove(symbol);
            }
            let kept = self.shared();
            let shared = had.into_iter().filter(|arg| !kept.contains(arg));
            let args = symbols.iter().flat_map(|symbol| own_channels(symbol)).chain(shared);
            let args = args.collect();
            requests.push(self.frame("unsubscribe", args));
        }
        requests
    }

    fn brings(&self) -> &'static [Stream] {
        &[Stream::Book, Stream::Trades, Stream::Stated]
    }

    /// Only a new subscription brings a new snapshot; where the venue sends none, REST does.
    fn resync(&mut self, symbol: &str) -> Vec<Request> {
        if self.by_rest.contains(symbol) {
            return vec![self.book(symbol)];
        }
        self.renew_book(symbol)
    }

    /// What it begins with tells anew whether its snapshot comes by REST.
    fn renew_book(&mut self, symbol: &str) -> Vec<Request> {
        self.by_rest.remove(symbol);
        self.awaited.insert(symbol.to_owned());
        let args = || vec![arg("books", symbol)];
        vec![self.frame("unsubscribe", args()), self.frame("subscribe", args())]
    }

    fn keepalive(&self) -> Option<Keepalive> {
        Some(Keepalive { every: PING_EVERY, frame: "ping".into() })
    }

    /// A book whose first message is an update, as OKX announced on 2026-02-12, is fetched by REST: the updates that
    /// its `seqId` holds already are dropped, and the first one kept reaches back to it.
    fn on_frame(&mut self, frame: &str) -> Vec<Request> {
        if self.awaited.is_empty() || !frame.contains("\"books\"") {
            return Vec::new();
        }
        let Some((symbol, action)) = book_of(frame) else { return Vec::new() };
        if !self.awaited.remove(&symbol) {
            return Vec::new();
        }
        if action == "snapshot" {
            self.by_rest.remove(&symbol);
            return Vec::new();
        }
        let request = self.book(&symbol);
        self.by_rest.insert(symbol);
        vec![request]
    }

    /// What symbols share is counted for each of them: little, and never too few.
    fn share_of(&self, symbol: &str) -> u32 {
        let n_bytes: usize =
            own_channels(symbol).iter().map(|channel| channel.to_string().len() + 1).sum();
        u32::try_from(n_bytes + SHARED_BYTES).unwrap_or(u32::MAX)
    }

    fn poll(&mut self, symbols: &[String]) -> Option<Poll> {
        let requests = symbols.iter().flat_map(|symbol| [self.book(symbol), self.trades(symbol)]);
        Some(Poll { every: Duration::from_secs(1), requests: requests.collect() })
    }

    fn plea(&self, exchange: &HttpExchange) -> Option<Plea> {
        http::plea(exchange)
    }

    fn poll_trades(&mut self, symbols: &[String]) -> Vec<Request> {
        symbols.iter().map(|symbol| self.trades(symbol)).collect()
    }

    fn announces_end(&self, frame: &str) -> bool {
        announces_end(frame)
    }

    /// The volume of 24 hours. The channel `tickers` tells it ten times a second, beside what the book has.
    fn figures(&mut self, symbols: &[String]) -> Option<Poll> {
        let (symbol, every) = self.turns.one(symbols, TICKER_GAP)?;
        let of = percent_encoded(symbol);
        let url = format!("{}/api/v5/market/ticker?instId={of}", self.rest);
        Some(Poll { every, requests: vec![Request::Get { url, weight: TICKER_WEIGHT }] })
    }

    fn history(&self, symbol: &str, _now: Timestamp) -> Vec<Request> {
        let ask = |what: &str, limit: u32| {
            let query = format!("instId={}&limit={limit}", percent_encoded(symbol));
            Request::Get { url: format!("{}/api/v5/market/{what}{query}", self.rest), weight: 1 }
        };
        let minutes = ask("candles?bar=1m&", PAST_MINUTES);
        vec![past::bars(minutes, symbol), past::trades(ask("trades?", PAST_TRADES))]
    }
}

impl Requests {
    pub fn new(rest: &str) -> Self {
        Self {
            rest: rest.to_owned(),
            last_id: 0,
            carried: BTreeSet::new(),
            awaited: BTreeSet::new(),
            by_rest: BTreeSet::new(),
            turns: Turns::default(),
        }
    }

    fn book(&self, symbol: &str) -> Request {
        let query = format!("instId={}&sz={LEVELS}", percent_encoded(symbol));
        Request::Get { url: format!("{}/api/v5/market/books?{query}", self.rest), weight: 1 }
    }

    fn trades(&self, symbol: &str) -> Request {
        let query = format!("instId={}&limit={TRADES_POLLED}", percent_encoded(symbol));
        Request::Get { url: format!("{}/api/v5/market/trades?{query}", self.rest), weight: 1 }
    }

    fn frame(&mut self, op: &str, args: Vec<Value>) -> Request {
        self.last_id += 1;
        let id = self.last_id.to_string();
        Request::Send(json!({ "id": id, "op": op, "args": args }).to_string())
    }

    /// Channels that several symbols share: the index that they follow, the forced orders of their kind.
    fn shared(&self) -> Vec<Value> {
        let derivatives = || self.carried.iter().filter(|symbol| kind(symbol) != Kind::Spot);
        let indices: BTreeSet<String> = derivatives().map(|symbol| index_name(symbol)).collect();
        let kinds: BTreeSet<&str> = derivatives().map(|symbol| kind_name(kind(symbol))).collect();
        let orders =
            |kind: &str| json!({ "channel": "liquidation-orders", "instType": kind.to_owned() });
        let indices = indices.iter().map(|index| arg("index-tickers", index));
        indices.chain(kinds.into_iter().map(orders)).collect()
    }
}

fn arg(channel: &str, symbol: &str) -> Value {
    json!({ "channel": channel, "instId": symbol })
}

/// What is heard of a symbol alone.
fn own_channels(symbol: &str) -> Vec<Value> {
    let channels: &[&str] = match kind(symbol) {
        Kind::Spot => &["books", "trades"],
        Kind::Perpetual => &["books", "trades", "mark-price", "open-interest", "funding-rate"],
        Kind::Future | Kind::Option => &["books", "trades", "mark-price", "open-interest"],
    };
    channels.iter().map(|channel| arg(channel, symbol)).collect()
}

/// Whose book a frame is of, and what it does with it.
fn book_of(frame: &str) -> Option<(String, String)> {
    let frame: Frame<'_> = serde_json::from_str(frame).ok()?;
    let arg: Arg<'_> = inner(frame.arg)?;
    let is_book = string(arg.channel)? == "books";
    is_book.then_some((string(arg.symbol)?.into_owned(), string(frame.action)?.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Requests as _;

    fn requests() -> Requests {
        Requests::new("https://www.okx.com")
    }

    /// The frames as words: `subscribe books BTC-USDT, trades BTC-USDT`; the addresses that are fetched.
    fn words(requests: &[Request]) -> Vec<String> {
        let arg = |arg: &Value| {
            let subject = arg["instId"].as_str().or(arg["instType"].as_str()).unwrap();
            format!("{} {subject}", arg["channel"].as_str().unwrap())
        };
        let word = |request: &Request| match request {
            Request::Send(text) => {
                assert!(text.len() < 16_384, "{}", text.len());
                let frame: Value = serde_json::from_str(text).unwrap();
                let args: Vec<String> = frame["args"].as_array().unwrap().iter().map(arg).collect();
                format!("{} {}", frame["op"].as_str().unwrap(), args.join(", "))
            }
            Request::Get { url, .. } | Request::Post { url, .. } => url.clone(),
        };
        requests.iter().map(word).collect()
    }

    fn symbols(symbols: &[&str]) -> Vec<String> {
        symbols.iter().map(|symbol| (*symbol).to_owned()).collect()
    }

    #[test]
    fn lists_of_all_kinds_are_asked_first() {
        let asked = words(&requests().on_open());
        let url = |list| format!("https://www.okx.com/api/v5/public/instruments?instType={list}");
        assert_eq!(asked, ["SPOT", "SWAP", "FUTURES"].map(url));
    }

    #[test]
    fn a_derivative_is_heard_with_its_figures() {
        let mut requests = requests();
        let asked = words(&requests.subscribe(&symbols(&["BTC-USDT", "BTC-USDT-SWAP"])));
        assert_eq!(
            asked,
            ["subscribe books BTC-USDT, trades BTC-USDT, books BTC-USDT-SWAP, \
              trades BTC-USDT-SWAP, mark-price BTC-USDT-SWAP, open-interest BTC-USDT-SWAP, \
              funding-rate BTC-USDT-SWAP, index-tickers BTC-USDT, liquidation-orders SWAP"]
        );
    }

    #[test]
    fn what_several_symbols_share_is_asked_for_once_and_left_with_the_last() {
        let mut requests = requests();
        requests.subscribe(&symbols(&["BTC-USDT-SWAP"]));
        let future = symbols(&["BTC-USDT-260925"]);
        let asked = words(&requests.subscribe(&future));
        assert!(asked[0].ends_with("open-interest BTC-USDT-260925, liquidation-orders FUTURES"));
        let left = words(&requests.unsubscribe(&future));
        assert!(left[0].ends_with("open-interest BTC-USDT-260925, liquidation-orders FUTURES"));
        let left = words(&requests.unsubscribe(&symbols(&["BTC-USDT-SWAP"])));
        assert!(left[0].ends_with("index-tickers BTC-USDT, liquidation-orders SWAP"), "{left:?}");
    }

    #[test]
    fn many_symbols_share_few_frames() {
        let many: Vec<String> = (0..41).map(|n| format!("COIN{n}-USDT-SWAP")).collect();
        let mut requests = requests();
        assert_eq!(words(&requests.subscribe(&many)).len(), 3);
        assert_eq!(words(&requests.unsubscribe(&many)).len(), 3);
    }

    const SNAPSHOT: &str =
        r#"{"arg":{"channel":"books","instId":"BTC-USDT"},"action":"snapshot","data":[]}"#;
    const UPDATE: &str =
        r#"{"arg":{"channel":"books","instId":"BTC-USDT"},"action":"update","data":[]}"#;
    const BOOK: &str = "https://www.okx.com/api/v5/market/books?instId=BTC-USDT&sz=400";

    #[test]
    fn a_book_whose_channel_begins_with_an_update_is_fetched_then_and_at_each_resync() {
        let mut requests = requests();
        requests.subscribe(&symbols(&["BTC-USDT"]));
        let other = UPDATE.replace("BTC-USDT", "ETH-USDT");
        assert_eq!(requests.on_frame(&other), [], "of a symbol that was not asked for");
        assert_eq!(words(&requests.on_frame(UPDATE)), [BOOK]);
        assert_eq!(requests.on_frame(UPDATE), [], "once");
        assert_eq!(words(&requests.resync("BTC-USDT")), [BOOK]);
        requests.on_open();
        let resync = words(&requests.resync("BTC-USDT"));
        assert_eq!(resync, ["unsubscribe books BTC-USDT", "subscribe books BTC-USDT"]);
    }

    #[test]
    fn a_book_whose_channel_begins_with_a_snapshot_needs_no_other() {
        let mut requests = requests();
        requests.subscribe(&symbols(&["BTC-USDT"]));
        assert_eq!(requests.on_frame(SNAPSHOT), []);
        assert_eq!(requests.on_frame(UPDATE), []);
        let resync = words(&requests.resync("BTC-USDT"));
        assert_eq!(resync, ["unsubscribe books BTC-USDT", "subscribe books BTC-USDT"]);
        assert_eq!(words(&requests.on_frame(UPDATE)), [BOOK], "this time without a snapshot");
    }

    #[test]
    fn a_poll_fetches_book_and_trades() {
        let poll = requests().poll(&symbols(&["BTC-USDT"])).unwrap();
        let trades = "https://www.okx.com/api/v5/market/trades?instId=BTC-USDT&limit=500";
        assert_eq!(words(&poll.requests), [BOOK, trades]);
    }

    #[test]
    fn the_volume_of_each_kind_is_asked_for_in_turn() {
        let (mut requests, both) = (requests(), symbols(&["BTC-USDT", "BTC-USDT-SWAP"]));
        let mut turn = || requests.figures(&both).map(|poll| (words(&poll.requests), poll.every));
        let url = "https://www.okx.com/api/v5/market/ticker?instId=BTC-USDT";
        assert_eq!(turn(), Some((vec![url.to_owned()], TICKER_GAP)));
        assert_eq!(turn(), Some((vec![format!("{url}-SWAP")], Duration::from_secs(30))));
    }

    #[test]
    fn the_ping_is_plain_text_in_time() {
        let keepalive = requests().keepalive().unwrap();
        assert_eq!((keepalive.frame.as_str(), keepalive.every < LIMITS.silence), ("ping", true));
    }
}
