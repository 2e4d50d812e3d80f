//! What is asked of Binance: streams over the socket, snapshots and the list of instruments over REST.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::time::Duration;

use market::{HttpExchange, Stream, Timestamp};
use serde::Deserialize;
use serde_json::json;

use super::markets::{DEEP_BOOKS, Market, SNAPSHOT_LEVELS};
use super::message::announces_end;
use crate::endpoint::{percent_encoded, query_value};
use crate::json::for_each;
use crate::past;
use crate::past_bars::{Layout, Rows, Unit};
use crate::protocol::{self, Poll, Request};
use crate::turns::{Turns, VOLUME_EVERY};

/// What is heard of each symbol. The trades of futures are not documented, yet they are sent: each print, where the
/// documented aggregates lump a tenth of a second.
const STREAMS: &[&str] = &["@trade", BOOK_STREAM, "@bookTicker"];

/// That of the book.
const BOOK_STREAM: &str = "@depth@100ms";

/// What is heard beside it of a future.
const STREAMS_BESIDE: &[&str] = &["@markPrice@1s", "@forceOrder"];

/// Symbols in one frame: its streams then stay under 4 KiB.
const SYMBOLS_PER_FRAME: usize = 30;

/// A poll of book and trades is no faster than this.
const POLL_EVERY: Duration = Duration::from_secs(2);

/// Open interest changes slowly, and is computed by the venue every few seconds at most.
const FIGURES_EVERY: Duration = Duration::from_secs(15);

/// Of so many requests for open interest, one is followed by that for the volume of 24 hours.
const FIGURES_PER_VOLUME: u64 = VOLUME_EVERY.as_secs() / FIGURES_EVERY.as_secs();

/// Tickers of spot are no closer together than this: 240 of the weight of a minute.
const TICKER_GAP: Duration = Duration::from_millis(500);

/// Trades of a poll, the most that there are.
const POLLED_TRADES: usize = 1_000;

/// Marks the first page of trades, which reaches back before we listened. It is not sent.
pub(super) const FIRST_PAGE: &str = "#first";

/// Minutes of the past that are asked for: a thousand is the most of spot.
const PAST_MINUTES: usize = 1_000;

/// A row: opening, open, high, low, close, volume, end, turnover, trades, what takers bought of the volume, …
pub(super) static PAST_BARS: Layout =
    Layout { path: &[], rows: Rows::Lists([0, 1, 2, 3, 4, 5], Some(9)), time: Unit::Millis };

/// Asks for book, trades and best prices.
#[derive(Debug)]
pub(super) struct Requests {
    market: &'static Market,
    rest: String,
    frames: Frames,
    beside: Option<Beside>,
    /// The symbols whose books this connection carries.
    carried: BTreeSet<String>,
    /// The newest trade of each symbol that was polled.
    newest: BTreeMap<String, u64>,
    /// Whose volume is asked for next.
    turns: Turns,
}

impl protocol::Requests for Requests {
    fn on_open(&mut self) -> Vec<Request> {
        self.carried.clear();
        let Market { base, list_query, list_weight, .. } = *self.market;
        let url = format!("{}{base}/exchangeInfo{list_query}", self.rest);
        vec![Request::Get { url, weight: list_weight }]
    }

    /// The streams first: a snapshot must be younger than the first update that was kept.
    fn subscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        let mut requests = self.frames.of("SUBSCRIBE", symbols, STREAMS);
        self.carried.extend(symbols.iter().cloned());
        requests.extend(symbols.iter().flat_map(|symbol| self.resync(symbol)));
        requests
    }

    fn unsubscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        self.carried.retain(|carried| !symbols.contains(carried));
        self.frames.of("UNSUBSCRIBE", symbols, STREAMS)
    }

    fn resync(&mut self, symbol: &str) -> Vec<Request> {
        let deep = self.market.deep.filter(|_| self.carried.len() <= DEEP_BOOKS);
        let (levels, weight) = deep.unwrap_or((SNAPSHOT_LEVELS, self.market.snapshot_weight));
        vec![self.get("depth", symbol, Some(levels), weight)]
    }

    /// A snapshot by HTTP says nothing of the stream.
    fn renew_book(&mut self, symbol: &str) -> Vec<Request> {
        let symbols = [symbol.to_owned()];
        let frames = ["UNSUBSCRIBE", "SUBSCRIBE"]
            .into_iter()
            .flat_map(|method| self.frames.of(method, &symbols, &[BOOK_STREAM]));
        let mut requests: Vec<Request> = frames.collect();
        requests.extend(self.resync(symbol));
        requests
    }

    fn share_of(&self, _symbol: &str) -> u32 {
        STREAMS.len().max(STREAMS_BESIDE.len()) as u32
    }

    /// At most half of the weight of a minute, however many symbols there are.
    fn poll(&mut self, symbols: &[String]) -> Option<Poll> {
        let (levels, weight) = self.market.polled;
        let trades_weight = self.market.trades_weight;
        let requests = symbols.iter().flat_map(|symbol| {
            [
                self.get("depth", symbol, Some(levels as usize), weight),
                self.trades(&symbol.to_uppercase()),
            ]
        });
        let requests = requests.collect();
        let weight = u64::from(weight + trades_weight) * symbols.len() as u64;
        let millis = weight * 60_000 / u64::from(self.market.weight_per_minute / 2);
        Some(Poll { every: POLL_EVERY.max(Duration::from_millis(millis)), requests })
    }

    fn poll_trades(&mut self, symbols: &[String]) -> Vec<Request> {
        symbols.iter().map(|symbol| self.trades(&symbol.to_uppercase())).collect()
    }

    /// The volume of 24 hours; of futures the open interest too, with at most a quarter of the weight of a minute.
    fn figures(&mut self, symbols: &[String]) -> Option<Poll> {
        if !self.market.has_positions {
            let (symbol, every) = self.turns.one(symbols, TICKER_GAP)?;
            return Some(Poll { every, requests: vec![self.ticker(symbol)] });
        }
        let volumes = self.turns.due(symbols, FIGURES_PER_VOLUME);
        let interests = symbols.iter().map(|symbol| self.get("openInterest", symbol, None, 1));
        let requests: Vec<Request> =
            interests.chain(volumes.into_iter().map(|symbol| self.ticker(symbol))).collect();
        let weight = symbols.len() as u64 * (1 + u64::from(self.market.ticker_weight));
        let millis = weight * 60_000 / u64::from(self.market.weight_per_minute / 4);
        Some(Poll { every: FIGURES_EVERY.max(Duration::from_millis(millis)), requests })
    }

    fn beside(&self) -> Vec<(String, Box<dyn protocol::Requests>)> {
        let beside = self.beside.iter();
        beside.map(|beside| (beside.address.clone(), Box::new(beside.clone()) as _)).collect()
    }

    /// When a page is new by more than half, the next one would begin too late at its time.
    fn on_answer(&mut self, exchange: &HttpExchange) -> Vec<Request> {
        #[derive(Deserialize)]
        struct Row {
            id: u64,
        }
        let url = String::from_utf8_lossy(&exchange.url);
        let Some(symbol) = query_value(&url, "symbol") else { return Vec::new() };
        let is_page = url.contains("/trades?") && exchange.status == 200;
        let (Ok(body), true) = (std::str::from_utf8(&exchange.body), is_page) else {
            return Vec::new();
        };
        let before = self.newest.get(&symbol).copied();
        let (mut newest, mut n_new) = (before, 0);
        let walked = for_each(body, |row: Row| {
            newest = newest.max(Some(row.id));
            n_new += usize::from(before.is_some_and(|before| row.id > before));
            Ok::<(), Infallible>(())
        });
        // What cannot be read the decoder tells.
        let Some(newest) = newest.filter(|_| walked.is_ok()) else { return Vec::new() };
        self.newest.insert(symbol.clone(), newest);
        if n_new * 2 > POLLED_TRADES { vec![self.trades(&symbol)] } else { Vec::new() }
    }

    fn announces_end(&self, frame: &str) -> bool {
        announces_end(frame)
    }

    fn history(&self, symbol: &str, _now: Timestamp) -> Vec<Request> {
        let minutes = format!("&interval=1m&limit={PAST_MINUTES}");
        let minutes = self.get_with("klines", symbol, &minutes, self.market.bars_weight);
        let trades = self.get("trades", symbol, Some(POLLED_TRADES), self.market.trades_weight);
        vec![past::bars(minutes, &symbol.to_uppercase()), past::trades(trades)]
    }
}

impl Requests {
    pub fn new(market: &'static Market, rest: &str) -> Self {
        let frames = Frames::default();
        let (carried, newest) = (BTreeSet::new(), BTreeMap::new());
        let turns = Turns::default();
        Self { market, rest: rest.to_owned(), frames, beside: None, carried, newest, turns }
    }

    /// The 24-hour ticker.
    fn ticker(&self, symbol: &str) -> Request {
        self.get("ticker/24hr", symbol, None, self.market.ticker_weight)
    }

    /// The newest trades.
    fn trades(&self, symbol: &str) -> Request {
        let mark = if self.newest.contains_key(symbol) { "" } else { FIRST_PAGE };
        match self.get("trades", symbol, Some(POLLED_TRADES), self.market.trades_weight) {
            Request::Get { url, weight } => Request::Get { url: format!("{url}{mark}"), weight },
            other @ (Request::Send(_) | Request::Post { .. }) => other,
        }
    }

    pub fn with(self, beside: Beside) -> Self {
        Self { beside: Some(beside), ..self }
    }

    fn get(&self, what: &str, symbol: &str, limit: Option<usize>, weight: u32) -> Request {
        let limit = limit.map_or(String::new(), |limit| format!("&limit={limit}"));
        self.get_with(what, symbol, &limit, weight)
    }

    fn get_with(&self, what: &str, symbol: &str, query: &str, weight: u32) -> Request {
        let symbol = percent_encoded(&symbol.to_uppercase());
        let base = self.market.base;
        let url = format!("{}{base}/{what}?symbol={symbol}{query}", self.rest);
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

    /// A mark comes each second; a forced order may never come.
    fn brings(&self) -> &'static [Stream] {
        &[Stream::Stated]
    }

    /// There is no book here.
    fn resync(&mut self, _symbol: &str) -> Vec<Request> {
        Vec::new()
    }

    fn announces_end(&self, frame: &str) -> bool {
        announces_end(frame)
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

    #[test]
    fn a_dead_book_is_subscribed_to_anew_and_fetched_while_trades_go_on() {
        let mut requests = Requests::new(&markets::SPOT, "https://a");
        let [leave, join, Request::Get { url, .. }] = &requests.renew_book("BTCUSDT")[..] else {
            panic!("two frames and a request")
        };
        let stream = r#""params":["btcusdt@depth@100ms"]"#;
        for (frame, method) in [(leave, "UNSUBSCRIBE"), (join, "SUBSCRIBE")] {
            let frame = send(frame);
            assert!(frame.contains(stream) && frame.contains(&format!("\"{method}\"")), "{frame}");
        }
        assert_eq!(url, "https://a/api/v3/depth?symbol=BTCUSDT&limit=5000");
    }

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
        for (market, rest, url, (levels, weight)) in [
            (&markets::SPOT, "https://data-api.binance.vision", "/api/v3/depth", (5_000, 250)),
            (&markets::US, "https://api.binance.us", "/api/v3/depth", (1_000, 50)),
            (&markets::USD_M, "https://fapi.binance.com", "/fapi/v1/depth", (1_000, 20)),
            (&markets::COIN_M, "https://dapi.binance.com", "/dapi/v1/depth", (1_000, 20)),
        ] {
            let mut requests = Requests::new(market, rest);
            let asked = requests.subscribe(&["BTCUSDT".into()]);
            let [streams, snapshot] = asked.as_slice() else { panic!("{asked:?}") };
            let frame: serde_json::Value = serde_json::from_str(send(streams)).unwrap();
            let params = ["btcusdt@trade", "btcusdt@depth@100ms", "btcusdt@bookTicker"];
            assert_eq!(frame, json!({ "method": "SUBSCRIBE", "params": params, "id": 1 }));
            let url = format!("{rest}{url}?symbol=BTCUSDT&limit={levels}");
            assert_eq!(get(snapshot), (url.as_str(), weight));
        }
    }

    #[test]
    fn a_few_books_of_spot_are_as_deep_as_there_are_and_many_are_not() {
        let mut requests = Requests::new(&markets::SPOT, "https://a");
        let symbols: Vec<String> = (0..=DEEP_BOOKS).map(|n| format!("C{n}USDT")).collect();
        let weights = |asked: Vec<Request>| -> Vec<u32> {
            let gets = asked.iter().filter(|one| matches!(one, Request::Get { .. }));
            gets.map(|one| get(one).1).collect()
        };
        assert_eq!(weights(requests.subscribe(&symbols[1..])), [250; DEEP_BOOKS]);
        assert_eq!(weights(requests.subscribe(&symbols[..1])), [50], "the ninth");
        requests.unsubscribe(&symbols[3..4]);
        assert_eq!(weights(requests.resync(&symbols[1])), [250]);
        requests.subscribe(&symbols);
        requests.on_open();
        assert_eq!(weights(requests.resync(&symbols[1])), [250], "another connection");
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
        let url = "https://a/api/v3/depth?symbol=%E5%B8%81USDT&limit=5000";
        assert_eq!(get(&requests.resync("币usdt")[0]), (url, 250));
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

    /// What is asked at so many turns, one after the other.
    fn turns(requests: &mut Requests, symbols: &[String], n: usize) -> Vec<Vec<(String, u32)>> {
        (0..n).map(|_| urls(requests.figures(symbols).unwrap().requests)).collect()
    }

    #[test]
    fn only_markets_of_positions_have_an_open_interest_beside_the_volume() {
        let symbols = ["BTCUSDT".to_owned()];
        for (market, base) in [(&markets::USD_M, "/fapi/v1"), (&markets::COIN_M, "/dapi/v1")] {
            let asked = turns(&mut Requests::new(market, "https://a"), &symbols, 5);
            let interest = (format!("https://a{base}/openInterest?symbol=BTCUSDT"), 1);
            let ticker = (format!("https://a{base}/ticker/24hr?symbol=BTCUSDT"), 1);
            let both = vec![interest.clone(), ticker];
            assert_eq!((&asked[0], &asked[4]), (&both, &both), "the volume each minute");
            assert!(asked[1..4].iter().all(|turn| *turn == [interest.clone()]));
        }
        for market in [&markets::SPOT, &markets::US] {
            let mut requests = Requests::new(market, "https://a");
            let ticker = ("https://a/api/v3/ticker/24hr?symbol=BTCUSDT".to_owned(), 2);
            assert_eq!(turns(&mut requests, &symbols, 2), [[ticker.clone()], [ticker]]);
            assert_eq!(requests.figures(&symbols).unwrap().every, VOLUME_EVERY);
        }
    }

    #[test]
    fn figures_spend_at_most_a_quarter_of_the_weight() {
        for market in [&markets::SPOT, &markets::US, &markets::USD_M, &markets::COIN_M] {
            for n_symbols in [1, 7, 300] {
                let symbols: Vec<String> = (0..n_symbols).map(|n| format!("C{n}")).collect();
                let mut requests = Requests::new(market, "https://a");
                for _ in 0..9 {
                    let poll = requests.figures(&symbols).unwrap();
                    let weight: u32 = poll.requests.iter().map(|request| get(request).1).sum();
                    let minute = f64::from(weight) * 60.0 / poll.every.as_secs_f64();
                    assert!(minute <= f64::from(market.weight_per_minute) / 4.0 + 1.0, "{minute}");
                }
            }
        }
    }

    fn page(symbol: &str, ids: std::ops::Range<u64>) -> HttpExchange {
        let rows: Vec<_> = ids.map(|id| json!({ "id": id, "price": "1" })).collect();
        HttpExchange {
            url: format!("https://a/api/v3/trades?symbol={symbol}&limit=1000").into(),
            status: 200,
            body: serde_json::to_vec(&rows).unwrap().into(),
        }
    }

    fn urls(requests: Vec<Request>) -> Vec<(String, u32)> {
        let get = |request| match request {
            Request::Get { url, weight } | Request::Post { url, weight, .. } => (url, weight),
            Request::Send(frame) => panic!("{frame}"),
        };
        requests.into_iter().map(get).collect()
    }

    #[test]
    fn a_poll_asks_for_book_and_trades_within_half_the_weight() {
        let mut requests = Requests::new(&markets::SPOT, "https://a");
        let poll = requests.poll(&["btcusdt".into()]).unwrap();
        let book = ("https://a/api/v3/depth?symbol=BTCUSDT&limit=100".to_owned(), 5);
        let trades = "https://a/api/v3/trades?symbol=BTCUSDT&limit=1000";
        assert_eq!(urls(poll.requests), [book.clone(), (format!("{trades}#first"), 25)]);
        assert_eq!(poll.every, Duration::from_secs(2));
        requests.on_answer(&page("BTCUSDT", 0..1_000));
        let poll = requests.poll(&["btcusdt".into()]).unwrap();
        assert_eq!(urls(poll.requests), [book, (trades.to_owned(), 25)]);
        for n_symbols in [4, 50] {
            let symbols: Vec<String> = (0..n_symbols).map(|n| format!("C{n}USDT")).collect();
            let poll = requests.poll(&symbols).unwrap();
            let weight: u32 = urls(poll.requests).into_iter().map(|(_, weight)| weight).sum();
            let granted = u128::from(markets::SPOT.weight_per_minute / 2) * poll.every.as_millis();
            assert!(u128::from(weight) * 60_000 <= granted, "{n_symbols}");
        }
    }

    #[test]
    fn a_page_that_is_new_by_more_than_half_is_followed_at_once() {
        let mut requests = Requests::new(&markets::SPOT, "https://a");
        assert_eq!(requests.on_answer(&page("BTCUSDT", 0..1_000)), [], "nothing to compare with");
        assert_eq!(requests.on_answer(&page("BTCUSDT", 500..1_500)), []);
        let more = urls(requests.on_answer(&page("BTCUSDT", 1_001..2_001)));
        let next = "https://a/api/v3/trades?symbol=BTCUSDT&limit=1000";
        assert_eq!(more, [(next.to_owned(), 25)]);
        let refused = HttpExchange { status: 429, ..page("BTCUSDT", 5_000..6_000) };
        assert_eq!(requests.on_answer(&refused), []);
    }
}
