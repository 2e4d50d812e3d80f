//! What is asked of Coinbase Advanced Trade: channels over the socket, products over REST, all without a key.

use std::time::Duration;

use market::Timestamp;
use serde_json::{Value, json};

use crate::endpoint::percent_encoded;
use crate::limits::{Counted, Limits, Rate};
use crate::past;
use crate::past_bars::{Layout, Rows, Step, Unit};
use crate::protocol::{self, Poll, Request};
use crate::turns::{Turns, VOLUME_EVERY};

/// The limits of Advanced Trade, without a key.
pub(super) const LIMITS: Limits = Limits {
    // A heartbeat comes every second; a snapshot of 5 MB may take some to arrive.
    silence: Duration::from_secs(15),
    book_silence: None,
    first_datum: Duration::from_secs(10),
    // Eight a second of an address, whatever the number of its connections.
    frames_per_second: 6,
    frames_counted: Counted::ByAddress,
    asks: None,
    carried: None,
    carried_counted: Counted::ByLink,
    // As the next, a minute long.
    rest_weight_per_minute: 430,
    // Ten a second of an address.
    rest_burst: Some(Rate::within_ms(8, 1_100)),
    // Eight a second of an address.
    connects: 7,
    connects_window: Duration::from_millis(1_100),
    links: None,
    left_alone: Duration::ZERO,
    link_lifetime: None,
};

/// The channels of a product. What is asked of `level2` comes as `l2_data`.
const CHANNELS: [&str; 2] = ["level2", "market_trades"];

/// Products in one frame: a frame names one channel and several products.
const PRODUCTS_PER_FRAME: usize = 50;

/// Levels a side and trades of a poll. Responses are cached for a second.
const LEVELS_POLLED: u32 = 500;
const TRADES_POLLED: u32 = 100;
const POLL_EVERY: Duration = Duration::from_secs(1);

/// Requests of polls in a second, at most: half of what may be asked.
const POLLED_PER_SECOND: u64 = 5;

/// Funding and open interest of futures.
const FIGURES_EVERY: Duration = Duration::from_secs(30);

/// At one of so many turns the volume of 24 hours is asked for.
const FIGURES_PER_VOLUME: u64 = VOLUME_EVERY.as_secs() / FIGURES_EVERY.as_secs();

/// Requests for figures in a second, at most: a quarter of what may be asked.
const FIGURES_PER_SECOND: u64 = 2;

/// Minutes of the past that are asked for: the most that are surely sent.
const PAST_MINUTES: i64 = 299;

/// Trades of the past that are asked for: as many as a tape shows.
const PAST_TRADES: u32 = 500;

/// The newest first.
pub(super) static PAST_BARS: Layout = Layout {
    path: &[Step::Field("candles")],
    rows: Rows::Objects(["start", "open", "high", "low", "close", "volume"]),
    time: Unit::Seconds,
};

/// Asks are plain words: nothing is numbered.
#[derive(Debug)]
pub(super) struct Requests {
    rest: String,
    /// Whose volume is asked for next.
    turns: Turns,
}

impl protocol::Requests for Requests {
    /// Heartbeats first: a connection on which nothing is asked within 5 s is closed, and so is one whose products are
    /// quiet for a minute.
    fn on_open(&mut self) -> Vec<Request> {
        vec![send("subscribe", "heartbeats", &[]), self.get("products", 1)]
    }

    fn subscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        frames("subscribe", symbols)
    }

    /// Without products a frame would end the whole channel: `chunks` yields none for none.
    fn unsubscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        frames("unsubscribe", symbols)
    }

    /// A snapshot comes only with a subscription.
    fn resync(&mut self, symbol: &str) -> Vec<Request> {
        let products = [symbol.to_owned()];
        vec![send("unsubscribe", CHANNELS[0], &products), send("subscribe", CHANNELS[0], &products)]
    }

    fn poll(&mut self, symbols: &[String]) -> Option<Poll> {
        let requests = symbols.iter().flat_map(|symbol| {
            let of = percent_encoded(symbol);
            let book = format!("product_book?product_id={of}&limit={LEVELS_POLLED}");
            [self.get(&book, 1), self.trades(symbol)]
        });
        let requests: Vec<Request> = requests.collect();
        let every = Duration::from_millis(requests.len() as u64 * 1_000 / POLLED_PER_SECOND);
        Some(Poll { every: every.max(POLL_EVERY), requests })
    }

    fn poll_trades(&mut self, symbols: &[String]) -> Vec<Request> {
        symbols.iter().map(|symbol| self.trades(symbol)).collect()
    }

    /// The volume of spot, and more of futures: the name of spot has two parts, that of a future more
    /// (`BIT-26APR24-CDE`, `BTC-PERP-INTX`).
    fn figures(&mut self, symbols: &[String]) -> Option<Poll> {
        let is_future = |symbol: &String| symbol.split('-').count() > 2;
        let (futures, spot): (Vec<String>, Vec<String>) =
            symbols.iter().cloned().partition(is_future);
        let volumes = self.turns.due(&spot, FIGURES_PER_VOLUME);
        let of = |symbol: &String| self.get(&format!("products/{}", percent_encoded(symbol)), 1);
        let requests = futures.iter().chain(volumes).map(of).collect();
        let every = Duration::from_millis(symbols.len() as u64 * 1_000 / FIGURES_PER_SECOND);
        Some(Poll { every: every.max(FIGURES_EVERY), requests })
    }

    fn history(&self, symbol: &str, now: Timestamp) -> Vec<Request> {
        let of = percent_encoded(symbol);
        let end = now.nanos() / 1_000_000_000;
        let span = format!("start={}&end={end}", end - PAST_MINUTES * 60);
        let minutes = format!("products/{of}/candles?{span}&granularity=ONE_MINUTE");
        let trades = format!("products/{of}/ticker?limit={PAST_TRADES}");
        vec![past::bars(self.get(&minutes, 1), symbol), past::trades(self.get(&trades, 1))]
    }
}

impl Requests {
    pub fn new(rest: &str) -> Self {
        Self { rest: rest.to_owned(), turns: Turns::default() }
    }

    fn trades(&self, symbol: &str) -> Request {
        let of = percent_encoded(symbol);
        self.get(&format!("products/{of}/ticker?limit={TRADES_POLLED}"), 1)
    }

    fn get(&self, what: &str, weight: u32) -> Request {
        Request::Get { url: format!("{}/api/v3/brokerage/market/{what}", self.rest), weight }
    }
}

fn frames(kind: &str, symbols: &[String]) -> Vec<Request> {
    let chunks = symbols.chunks(PRODUCTS_PER_FRAME);
    chunks.flat_map(|symbols| CHANNELS.map(|channel| send(kind, channel, symbols))).collect()
}

fn send(kind: &str, channel: &str, products: &[String]) -> Request {
    let mut frame = json!({ "type": kind, "channel": channel });
    if !products.is_empty() {
        frame["product_ids"] = Value::from(products.to_vec());
    }
    Request::Send(frame.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Requests as _;

    fn sent(requests: &[Request]) -> Vec<Value> {
        let sent = requests.iter().filter_map(|request| match request {
            Request::Send(text) => Some(serde_json::from_str(text).unwrap()),
            Request::Get { .. } | Request::Post { .. } => None,
        });
        sent.collect()
    }

    fn got(requests: &[Request]) -> Vec<&str> {
        let got = requests.iter().filter_map(|request| match request {
            Request::Get { url, .. } | Request::Post { url, .. } => Some(url.as_str()),
            Request::Send(_) => None,
        });
        got.collect()
    }

    #[test]
    fn heartbeats_are_asked_for_before_anything_else() {
        let asked = Requests::new("https://a").on_open();
        assert_eq!(sent(&asked[..1]), [json!({ "type": "subscribe", "channel": "heartbeats" })]);
        assert_eq!(got(&asked), ["https://a/api/v3/brokerage/market/products"]);
    }

    #[test]
    fn a_frame_names_one_channel_and_several_products() {
        let symbols: Vec<String> = (0..51).map(|n| format!("C{n}-USD")).collect();
        let asked = sent(&Requests::new("https://a").subscribe(&symbols));
        let channels: Vec<_> = asked.iter().map(|frame| frame["channel"].clone()).collect();
        assert_eq!(channels, ["level2", "market_trades", "level2", "market_trades"]);
        assert_eq!(asked[0]["product_ids"].as_array().unwrap().len(), 50);
        assert_eq!(asked[3]["product_ids"], json!(["C50-USD"]));
    }

    #[test]
    fn a_resync_subscribes_to_the_book_anew_and_leaves_the_trades() {
        let asked = sent(&Requests::new("https://a").resync("BTC-USD"));
        let level2 =
            |kind| json!({ "type": kind, "channel": "level2", "product_ids": ["BTC-USD"] });
        assert_eq!(asked, [level2("unsubscribe"), level2("subscribe")]);
    }

    #[test]
    fn nothing_ends_a_whole_channel() {
        assert!(Requests::new("https://a").unsubscribe(&[]).is_empty());
    }

    #[test]
    fn a_poll_asks_for_book_and_trades_and_stays_within_five_a_second() {
        let mut requests = Requests::new("https://a");
        let poll = requests.poll(&["BTC-USD".into()]).unwrap();
        assert_eq!(
            got(&poll.requests),
            [
                "https://a/api/v3/brokerage/market/product_book?product_id=BTC-USD&limit=500",
                "https://a/api/v3/brokerage/market/products/BTC-USD/ticker?limit=100",
            ]
        );
        assert_eq!(poll.every, Duration::from_secs(1));
        let symbols: Vec<String> = (0..50).map(|n| format!("C{n}-USD")).collect();
        assert_eq!(requests.poll(&symbols).unwrap().every, Duration::from_secs(20));
    }

    #[test]
    fn futures_are_asked_about_each_half_minute_and_spot_each_minute() {
        let mut requests = Requests::new("https://a");
        let symbols = ["BTC-USD".to_owned(), "BTC-PERP-INTX".to_owned()];
        let url = |symbol: &str| format!("https://a/api/v3/brokerage/market/products/{symbol}");
        let both = [url("BTC-PERP-INTX"), url("BTC-USD")];
        for asked in [&both[..], &both[..1], &both, &both[..1]] {
            let poll = requests.figures(&symbols).unwrap();
            assert_eq!((got(&poll.requests), poll.every), (got_of(asked), FIGURES_EVERY));
        }
        let many: Vec<String> = (0..100).map(|n| format!("C{n}-USD")).collect();
        assert_eq!(requests.figures(&many).unwrap().every, Duration::from_secs(50));
    }

    fn got_of(urls: &[String]) -> Vec<&str> {
        urls.iter().map(String::as_str).collect()
    }
}
