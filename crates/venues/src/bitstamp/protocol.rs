//! What is asked of Bitstamp: channels over the socket, books and the list of instruments over REST.

use std::collections::HashMap;
use std::time::Duration;

use market::{HttpExchange, Timestamp};
use serde_json::json;

use super::http;
use super::message::announces_end;
use crate::endpoint::percent_encoded;
use crate::limits::{Counted, Limits, Rate};
use crate::past;
use crate::past_bars::{Layout, Rows, Step, Unit};
use crate::plea::Plea;
use crate::protocol::{self, Keepalive, Poll, Request};
use crate::turns::Turns;

/// The limits of Bitstamp.
pub(super) const LIMITS: Limits = Limits {
    // It answers our heartbeats.
    silence: Duration::from_secs(50),
    book_silence: None,
    first_datum: Duration::from_secs(30),
    // Its own limit is not published.
    frames_per_second: 10,
    frames_counted: Counted::ByLink,
    asks: None,
    // 1,024 channels, and one more ends the connection without a word.
    carried: Some(1_024),
    carried_counted: Counted::ByLink,
    // 10,000 in ten minutes.
    rest_weight_per_minute: 1_000,
    // 400 a second.
    rest_burst: Some(Rate::within_ms(300, 1_100)),
    connects: 20,
    connects_window: Duration::from_secs(60),
    links: None,
    left_alone: Duration::ZERO,
    link_lifetime: Some(Duration::from_secs(90 * 24 * 60 * 60)),
};

/// How often we say that we are there.
const HEARTBEAT_EVERY: Duration = Duration::from_secs(20);

/// The changes of a book after which it is fetched for the first time: REST is about a second behind the stream, in
/// which three come, and a book that is older than the first of them is of no use.
const CHANGES_BEFORE_BOOK: u32 = 6;

/// The changes of a book after which it is fetched once more: about a minute's. A lost change is not to be seen, and
/// books have been seen to cross for hours because of one; so each is replaced again and again.
const CHANGES_PER_BOOK: u32 = 200;

/// Pairs whose changes are counted; with more, counting begins anew.
const PAIRS_MAX: usize = 1_024;

/// What a channel of changes begins with.
const CHANGES: &str = "diff_order_book_";

/// Tickers are no closer together than this: 120 of the 1,000 requests of a minute.
const TICKER_GAP: Duration = Duration::from_millis(500);

/// Minutes of the past that are asked for: the most that there are.
const PAST_MINUTES: u32 = 1_000;

/// Ascending in time.
pub(super) static PAST_BARS: Layout = Layout {
    path: &[Step::Field("data"), Step::Field("ohlc")],
    rows: Rows::Objects(["timestamp", "open", "high", "low", "close", "volume"]),
    time: Unit::Seconds,
};

/// Counts the changes of each book.
#[derive(Debug)]
pub(super) struct Requests {
    rest: String,
    n_changes: HashMap<String, u32>,
    /// Whose volume is asked for next.
    turns: Turns,
}

impl protocol::Requests for Requests {
    fn on_open(&mut self) -> Vec<Request> {
        self.n_changes.clear();
        vec![self.get("markets/")]
    }

    /// The changes first: a book must be younger than the first change that was heard.
    fn subscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        let mut requests = frames("bts:subscribe", symbols);
        requests.extend(symbols.iter().map(|symbol| self.book(symbol)));
        requests
    }

    fn unsubscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        for symbol in symbols {
            self.n_changes.remove(symbol);
        }
        frames("bts:unsubscribe", symbols)
    }

    fn resync(&mut self, symbol: &str) -> Vec<Request> {
        vec![self.book(symbol)]
    }

    /// The book itself is fetched again once its changes come.
    fn renew_book(&mut self, symbol: &str) -> Vec<Request> {
        self.n_changes.remove(symbol);
        ["bts:unsubscribe", "bts:subscribe"]
            .map(|event| frame(event, &format!("{CHANGES}{symbol}")))
            .to_vec()
    }

    fn keepalive(&self) -> Option<Keepalive> {
        let frame = json!({ "event": "bts:heartbeat" }).to_string();
        Some(Keepalive { every: HEARTBEAT_EVERY, frame })
    }

    fn on_frame(&mut self, frame: &str) -> Vec<Request> {
        let Some(symbol) = changed(frame) else { return Vec::new() };
        if self.n_changes.len() >= PAIRS_MAX && !self.n_changes.contains_key(symbol) {
            self.n_changes.clear();
        }
        let n_changes = self.n_changes.entry(symbol.to_owned()).or_default();
        *n_changes = n_changes.wrapping_add(1);
        let is_due =
            *n_changes == CHANGES_BEFORE_BOOK || n_changes.is_multiple_of(CHANGES_PER_BOOK);
        if is_due { vec![self.book(symbol)] } else { Vec::new() }
    }

    fn share_of(&self, symbol: &str) -> u32 {
        frames("bts:subscribe", &[symbol.to_owned()]).len() as u32
    }

    fn poll(&mut self, symbols: &[String]) -> Option<Poll> {
        let of_symbol = |symbol: &String| [self.book(symbol), self.trades(symbol)];
        let requests = symbols.iter().flat_map(of_symbol).collect();
        Some(Poll { every: Duration::from_secs(2), requests })
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

    /// The volume of 24 hours.
    fn figures(&mut self, symbols: &[String]) -> Option<Poll> {
        let (symbol, every) = self.turns.one(symbols, TICKER_GAP)?;
        let ticker = self.get(&format!("ticker/{}/", percent_encoded(symbol)));
        Some(Poll { every, requests: vec![ticker] })
    }

    fn history(&self, symbol: &str, _now: Timestamp) -> Vec<Request> {
        let of = percent_encoded(symbol);
        let minutes = self.get(&format!("ohlc/{of}/?step=60&limit={PAST_MINUTES}"));
        let trades = self.get(&format!("transactions/{of}/?time=hour"));
        vec![past::bars(minutes, symbol), past::trades(trades)]
    }
}

impl Requests {
    pub fn new(rest: &str) -> Self {
        Self { rest: rest.to_owned(), n_changes: HashMap::new(), turns: Turns::default() }
    }

    fn book(&self, symbol: &str) -> Request {
        self.get(&format!("order_book/{}/?group=1", percent_encoded(symbol)))
    }

    fn trades(&self, symbol: &str) -> Request {
        self.get(&format!("transactions/{}/?time=minute", percent_encoded(symbol)))
    }

    fn get(&self, path: &str) -> Request {
        Request::Get { url: format!("{}/api/v2/{path}", self.rest), weight: 1 }
    }
}

/// One channel a frame, which may have 512 bytes at most.
fn frames(event: &str, symbols: &[String]) -> Vec<Request> {
    let of_symbol =
        |symbol: &String| [format!("{CHANGES}{symbol}"), format!("live_trades_{symbol}")];
    let channels = symbols.iter().flat_map(of_symbol);
    channels.map(|channel| frame(event, &channel)).collect()
}

fn frame(event: &str, channel: &str) -> Request {
    Request::Send(json!({ "event": event, "data": { "channel": channel } }).to_string())
}

/// The pair whose book a frame changes. The channel stands behind the data, or before it: only the ends are searched.
fn changed(frame: &str) -> Option<&str> {
    const END: usize = 96;
    let is_boundary = |at: &usize| frame.is_char_boundary(*at);
    let tail = (frame.len().saturating_sub(END)..=frame.len()).find(is_boundary)?;
    let head = (0..=END.min(frame.len())).rev().find(is_boundary)?;
    let pair = |part: &'_ str| {
        let at = part.find("\"channel\":\"diff_order_book_")?;
        Some(at + "\"channel\":\"diff_order_book_".len())
    };
    let start = pair(&frame[tail..]).map(|at| tail + at).or_else(|| pair(&frame[..head]))?;
    let end = start + frame[start..].find('"')?;
    let is_data = frame.contains("\"event\":\"data\"");
    (is_data && end > start).then(|| &frame[start..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Requests as _;

    const BOOK: &str = "https://www.bitstamp.net/api/v2/order_book/btcusd/?group=1";

    fn requests() -> Requests {
        Requests::new("https://www.bitstamp.net")
    }

    fn book() -> Request {
        Request::Get { url: BOOK.into(), weight: 1 }
    }

    #[test]
    fn a_subscription_asks_for_each_channel_by_itself_and_then_for_the_book() {
        let asked = requests().subscribe(&["btcusd".into()]);
        let frame = |channel: &str| {
            format!(r#"{{"data":{{"channel":"{channel}"}},"event":"bts:subscribe"}}"#)
        };
        let expected = [
            Request::Send(frame("diff_order_book_btcusd")),
            Request::Send(frame("live_trades_btcusd")),
            book(),
        ];
        assert_eq!(asked, expected);
    }

    #[test]
    fn no_frame_is_as_long_as_the_venue_refuses() {
        let long = "x".repeat(64);
        for request in requests().subscribe(&[long]) {
            assert!(!matches!(request, Request::Send(text) if text.len() >= 512));
        }
    }

    #[test]
    fn a_book_is_fetched_after_six_changes_and_after_every_two_hundred() {
        let mut requests = requests();
        let change =
            r#"{"data":{"bids":[],"asks":[]},"channel":"diff_order_book_btcusd","event":"data"}"#;
        let due: Vec<u32> = (1..=401).filter(|_| requests.on_frame(change) == [book()]).collect();
        assert_eq!(due, [6, 200, 400]);
        requests.on_open();
        assert_eq!((1..=6).filter(|_| requests.on_frame(change) == [book()]).last(), Some(6));
    }

    #[test]
    fn only_changes_are_counted() {
        for (frame, pair) in [
            (
                r#"{"event":"data","channel":"diff_order_book_btcusd-perp","data":{}}"#,
                Some("btcusd-perp"),
            ),
            (
                r#"{"event":"bts:subscription_succeeded","channel":"diff_order_book_btcusd","data":{}}"#,
                None,
            ),
            (r#"{"data":{},"channel":"order_book_btcusd","event":"data"}"#, None),
            ("é", None),
            ("", None),
        ] {
            assert_eq!(changed(frame), pair, "{frame}");
        }
    }

    #[test]
    fn the_volume_of_a_pair_is_fetched_each_minute() {
        let poll = requests().figures(&["btcusd".into()]).unwrap();
        let url = "https://www.bitstamp.net/api/v2/ticker/btcusd/".into();
        assert_eq!(poll.requests, [Request::Get { url, weight: 1 }]);
        assert_eq!(poll.every, Duration::from_secs(60));
    }

    #[test]
    fn a_book_and_its_trades_are_fetched_where_sockets_are_blocked() {
        let poll = requests().poll(&["btcusd".into()]).unwrap();
        let url = "https://www.bitstamp.net/api/v2/transactions/btcusd/?time=minute".into();
        assert_eq!(poll.requests, [book(), Request::Get { url, weight: 1 }]);
    }
}
