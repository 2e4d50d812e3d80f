//! What is asked of Bitfinex. A channel is left by its number, which only the answer to its subscription tells.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use market::{HttpExchange, Stream, Timestamp};
use serde_json::{Value, json};

use super::http;
use super::message::{Message, announces_end};
use crate::endpoint::percent_encoded;
use crate::json::{integer, is_object, string};
use crate::limits::{Counted, Limits};
use crate::past;
use crate::past_bars::{Layout, Rows, Unit};
use crate::plea::Plea;
use crate::protocol::{self, Poll, Request};
use crate::turns::VOLUME_EVERY;

/// The limits of Bitfinex.
pub(super) const LIMITS: Limits = Limits {
    silence: Duration::from_secs(30),
    // Each channel says every 15 s that it is alive, where nothing changes.
    book_silence: Some(Duration::from_secs(25)),
    first_datum: Duration::from_secs(10),
    // Of frames no limit is told; this is as fast as a person types.
    frames_per_second: 10,
    frames_counted: Counted::ByLink,
    asks: None,
    // Channels: 25 or 30 by its documents; a 37th is refused.
    carried: Some(25),
    carried_counted: Counted::ByLink,
    // Between 10 and 90 a minute by endpoint, each of them counted apart; too many are punished by a minute of silence.
    rest_weight_per_minute: 30,
    rest_burst: None,
    // 20 a minute, then none for a minute: some are left for others of the same address.
    connects: 15,
    connects_window: Duration::from_secs(60),
    links: None,
    left_alone: Duration::ZERO,
    link_lifetime: None,
};

/// `TIMESTAMP`, `SEQ_ALL` and `OB_CHECKSUM`: times, numbers and sums, to be asked for before any channel.
const FLAGS: u32 = 32_768 + 65_536 + 131_072;

/// Levels a side of a book: the deepest on offer.
const LEVELS: &str = "250";

/// Levels a side of a polled book: the deepest on offer there.
const LEVELS_POLLED: u32 = 100;
const TRADES_POLLED: u32 = 120;

/// All channels of one kind of one instrument, as a subscription names them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Topic {
    Book(String),
    Trades(String),
    Derivative(String),
    Liquidations,
}

/// What became of a topic that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It was asked for.
    Asked,
    /// It has this channel.
    Open(u64),
    /// Its channel is being left.
    Leaving(u64),
}

/// Minutes of the past that are asked for: a tenth of the most.
const PAST_MINUTES: u32 = 1_000;

/// Trades of the past that are asked for: a tenth of the most.
const PAST_TRADES: u32 = 1_000;

/// A row: opening, open, close, high, low, volume; the newest first.
pub(super) static PAST_BARS: Layout =
    Layout { path: &[], rows: Rows::Lists([0, 1, 3, 4, 2, 5], None), time: Unit::Millis };

/// Knows the channels of the connection.
#[derive(Debug)]
pub(super) struct Requests {
    rest: String,
    topics: BTreeMap<Topic, State>,
    /// What is wanted, whatever has become of it.
    wanted: BTreeSet<Topic>,
}

impl protocol::Requests for Requests {
    /// The names of currencies first, which the list needs.
    fn on_open(&mut self) -> Vec<Request> {
        self.topics.clear();
        self.wanted.clear();
        vec![
            Request::Send(json!({ "event": "conf", "flags": FLAGS }).to_string()),
            self.get("conf/pub:map:currency:sym"),
            self.get("tickers?symbols=ALL"),
        ]
    }

    fn subscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        let topics = symbols.iter().flat_map(|symbol| topics_of(symbol));
        topics.flat_map(|topic| self.want(topic)).collect()
    }

    fn unsubscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        let topics: Vec<Topic> = symbols.iter().flat_map(|symbol| topics_of(symbol)).collect();
        let has_derivative = |topics: &BTreeSet<Topic>| {
            topics.iter().any(|topic| matches!(topic, Topic::Derivative(_)))
        };
        let mut requests: Vec<Request> = topics
            .into_iter()
            .filter(|topic| *topic != Topic::Liquidations)
            .flat_map(|topic| self.leave(&topic))
            .collect();
        if !has_derivative(&self.wanted) {
            requests.extend(self.leave(&Topic::Liquidations));
        }
        requests
    }

    fn brings(&self) -> &'static [Stream] {
        &[Stream::Book, Stream::Trades, Stream::Stated]
    }

    /// The channel is left, and asked for again once the venue says that it is closed: a second subscription before is
    /// refused as one that exists.
    fn resync(&mut self, symbol: &str) -> Vec<Request> {
        let topic = Topic::Book(symbol.to_owned());
        match self.topics.get(&topic) {
            Some(State::Open(id)) => {
                let id = *id;
                self.topics.insert(topic, State::Leaving(id));
                vec![unsubscribe(id)]
            }
            // Its snapshot is on the way.
            Some(State::Asked | State::Leaving(_)) | None => Vec::new(),
        }
    }

    fn on_frame(&mut self, frame: &str) -> Vec<Request> {
        if !is_object(frame) {
            return Vec::new();
        }
        let Ok(message) = serde_json::from_str::<Message<'_>>(frame) else { return Vec::new() };
        let id = integer(message.channel_id);
        match (string(message.event).as_deref(), id) {
            (Some("subscribed"), Some(id)) => self.subscribed(topic_of(&message), id),
            (Some("unsubscribed"), Some(id)) => self.unsubscribed(id),
            (Some("error"), _) => {
                // Refused: it may be asked for again.
                if let Some(topic) = topic_of(&message)
                    && self.topics.get(&topic) == Some(&State::Asked)
                {
                    self.topics.remove(&topic);
                }
                Vec::new()
            }
            (_, _) => Vec::new(),
        }
    }

    fn share_of(&self, symbol: &str) -> u32 {
        topics_of(symbol).len() as u32
    }

    /// Book and trades of one instrument after the other, within the requests of a minute.
    fn poll(&mut self, symbols: &[String]) -> Option<Poll> {
        let requests = symbols.iter().flat_map(|symbol| {
            let book = self.get(&format!("book/{symbol}/P0?len={LEVELS_POLLED}"));
            [book, self.trades(symbol)]
        });
        let requests: Vec<Request> = requests.collect();
        let millis = requests.len() as u64 * 60_000 / u64::from(LIMITS.rest_weight_per_minute);
        Some(Poll { every: Duration::from_millis(millis.max(1_000)), requests })
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

    /// The volume of 24 hours, of all pairs in one request.
    fn figures(&mut self, symbols: &[String]) -> Option<Poll> {
        let spot = symbols.iter().filter(|symbol| !is_derivative(symbol));
        let spot: Vec<String> = spot.map(|symbol| percent_encoded(symbol)).collect();
        let tickers = || self.get(&format!("tickers?symbols={}", spot.join(",")));
        let poll = || Poll { every: VOLUME_EVERY, requests: vec![tickers()] };
        (!spot.is_empty()).then(poll)
    }

    fn history(&self, symbol: &str, _now: Timestamp) -> Vec<Request> {
        let minutes = format!("candles/trade:1m:{symbol}/hist?limit={PAST_MINUTES}&sort=-1");
        let trades = format!("trades/{symbol}/hist?limit={PAST_TRADES}&sort=-1");
        vec![past::bars(self.get(&minutes), symbol), past::trades(self.get(&trades))]
    }
}

impl Requests {
    pub fn new(rest: &str) -> Self {
        Self { rest: rest.to_owned(), topics: BTreeMap::new(), wanted: BTreeSet::new() }
    }

    fn trades(&self, symbol: &str) -> Request {
        self.get(&format!("trades/{symbol}/hist?limit={TRADES_POLLED}"))
    }

    fn get(&self, what: &str) -> Request {
        Request::Get { url: format!("{}/v2/{what}", self.rest), weight: 1 }
    }

    fn want(&mut self, topic: Topic) -> Option<Request> {
        let is_new = !self.topics.contains_key(&topic);
        self.wanted.insert(topic.clone());
        is_new.then(|| self.ask(topic))
    }

    fn ask(&mut self, topic: Topic) -> Request {
        let frame = topic.frame();
        self.topics.insert(topic, State::Asked);
        Request::Send(frame.to_string())
    }

    fn leave(&mut self, topic: &Topic) -> Option<Request> {
        self.wanted.remove(topic);
        match self.topics.get_mut(topic) {
            Some(state) => match *state {
                State::Open(id) => {
                    *state = State::Leaving(id);
                    Some(unsubscribe(id))
                }
                // Left as soon as its number is known.
                State::Asked | State::Leaving(_) => None,
            },
            None => None,
        }
    }

    fn subscribed(&mut self, topic: Option<Topic>, id: u64) -> Vec<Request> {
        let Some(topic) = topic.filter(|topic| self.topics.contains_key(topic)) else {
            return Vec::new();
        };
        if self.wanted.contains(&topic) {
            self.topics.insert(topic, State::Open(id));
            return Vec::new();
        }
        self.topics.insert(topic, State::Leaving(id));
        vec![unsubscribe(id)]
    }

    fn unsubscribed(&mut self, id: u64) -> Vec<Request> {
        let is_it =
            |state: &State| matches!(state, State::Open(it) | State::Leaving(it) if *it == id);
        let found = self.topics.iter().find(|(_, state)| is_it(state));
        let Some(topic) = found.map(|(topic, _)| topic.clone()) else { return Vec::new() };
        self.topics.remove(&topic);
        if self.wanted.contains(&topic) { vec![self.ask(topic)] } else { Vec::new() }
    }
}

impl Topic {
    fn frame(&self) -> Value {
        match self {
            Self::Book(symbol) => json!({
                "event": "subscribe", "channel": "book", "symbol": symbol,
                "prec": "P0", "freq": "F0", "len": LEVELS,
            }),
            Self::Trades(symbol) => {
                json!({ "event": "subscribe", "channel": "trades", "symbol": symbol })
            }
            Self::Derivative(symbol) => {
                let key = format!("deriv:{symbol}");
                json!({ "event": "subscribe", "channel": "status", "key": key })
            }
            Self::Liquidations => {
                json!({ "event": "subscribe", "channel": "status", "key": "liq:global" })
            }
        }
    }
}

/// What is heard of an instrument; of derivatives (`tBTCF0:USTF0`) more.
fn topics_of(symbol: &str) -> Vec<Topic> {
    let mut topics = vec![Topic::Book(symbol.to_owned()), Topic::Trades(symbol.to_owned())];
    if is_derivative(symbol) {
        topics.push(Topic::Derivative(symbol.to_owned()));
        topics.push(Topic::Liquidations);
    }
    topics
}

/// Whether a symbol is that of a derivative: `tBTCF0:USTF0`.
pub(super) fn is_derivative(symbol: &str) -> bool {
    symbol.contains("F0:")
}

/// The topic that an answer names.
fn topic_of(message: &Message<'_>) -> Option<Topic> {
    let symbol = || string(message.symbol).map(std::borrow::Cow::into_owned);
    match string(message.channel)?.as_ref() {
        "book" => symbol().map(Topic::Book),
        "trades" => symbol().map(Topic::Trades),
        "status" => {
            let key = string(message.key)?;
            let derivative = key.strip_prefix("deriv:").map(|it| Topic::Derivative(it.to_owned()));
            derivative.or((key == "liq:global").then_some(Topic::Liquidations))
        }
        _ => None,
    }
}

fn unsubscribe(id: u64) -> Request {
    Request::Send(json!({ "event": "unsubscribe", "chanId": id }).to_string())
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

    fn opened() -> Requests {
        let mut requests = Requests::new("https://a");
        requests.on_open();
        requests
    }

    const BOOK_7: &str =
        r#"{"event":"subscribed","channel":"book","chanId":7,"symbol":"tBTCUSD","prec":"P0"}"#;
    const TRADES_8: &str =
        r#"{"event":"subscribed","channel":"trades","chanId":8,"symbol":"tBTCUSD"}"#;

    fn left(id: u64) -> Value {
        json!({ "event": "unsubscribe", "chanId": id })
    }

    #[test]
    fn flags_are_asked_for_before_channels_and_names_before_the_list() {
        let asked = Requests::new("https://a").on_open();
        assert_eq!(sent(&asked[..1]), [json!({ "event": "conf", "flags": 229_376 })]);
        let [_, Request::Get { url: names, .. }, Request::Get { url: list, .. }] = asked.as_slice()
        else {
            panic!("{asked:?}")
        };
        assert_eq!(names, "https://a/v2/conf/pub:map:currency:sym");
        assert_eq!(list, "https://a/v2/tickers?symbols=ALL");
    }

    #[test]
    fn spot_has_two_channels_and_a_derivative_three_and_one_for_all() {
        let mut requests = opened();
        let asked = sent(&requests.subscribe(&["tBTCUSD".into()]));
        let channels: Vec<&Value> = asked.iter().map(|frame| &frame["channel"]).collect();
        assert_eq!(channels, ["book", "trades"]);
        assert_eq!(asked[0]["len"], "250");
        let asked = requests.subscribe(&["tBTCF0:USTF0".into(), "tETHF0:USTF0".into()]);
        let keys: Vec<Value> = sent(&asked).iter().map(|frame| frame["key"].clone()).collect();
        let expected = ["deriv:tBTCF0:USTF0", "liq:global", "deriv:tETHF0:USTF0"];
        let keys: Vec<&str> = keys.iter().filter_map(Value::as_str).collect();
        assert_eq!(keys, expected);
        let asked = sent(&requests.subscribe(&["tBTCUSD".into()]));
        assert!(asked.is_empty(), "asked for twice, it is refused as a duplicate");
    }

    #[test]
    fn the_volume_of_all_pairs_is_one_request_a_minute() {
        let mut requests = opened();
        let symbols = ["tBTCUSD".to_owned(), "tBTCF0:USTF0".to_owned(), "tDUSK:USD".to_owned()];
        let poll = requests.figures(&symbols).unwrap();
        let url = "https://a/v2/tickers?symbols=tBTCUSD,tDUSK%3AUSD".to_owned();
        assert_eq!(poll.requests, [Request::Get { url, weight: 1 }]);
        assert_eq!(poll.every, Duration::from_secs(60));
        assert_eq!(requests.figures(&symbols[1..2]), None);
    }

    #[test]
    fn a_channel_is_left_by_its_number() {
        let mut requests = opened();
        requests.subscribe(&["tBTCUSD".into()]);
        assert!(requests.on_frame(BOOK_7).is_empty());
        assert!(requests.on_frame(TRADES_8).is_empty());
        assert!(requests.on_frame("[7,[[1,1,1]],1]").is_empty());
        assert_eq!(sent(&requests.unsubscribe(&["tBTCUSD".into()])), [left(7), left(8)]);
        let closed = r#"{"event":"unsubscribed","status":"OK","chanId":7}"#;
        assert!(requests.on_frame(closed).is_empty());
        assert_eq!(sent(&requests.subscribe(&["tBTCUSD".into()])).len(), 1, "the book alone");
        let closed = r#"{"event":"unsubscribed","status":"OK","chanId":8}"#;
        assert_eq!(sent(&requests.on_frame(closed))[0]["channel"], "trades", "wanted again");
    }

    #[test]
    fn what_is_not_wanted_any_longer_is_left_when_its_number_comes() {
        let mut requests = opened();
        requests.subscribe(&["tBTCUSD".into()]);
        assert!(requests.unsubscribe(&["tBTCUSD".into()]).is_empty());
        assert_eq!(sent(&requests.on_frame(BOOK_7)), [left(7)]);
    }

    #[test]
    fn a_resync_leaves_the_book_and_asks_again_once_it_is_closed() {
        let mut requests = opened();
        requests.subscribe(&["tBTCUSD".into()]);
        assert!(requests.resync("tBTCUSD").is_empty(), "its snapshot is on the way");
        requests.on_frame(BOOK_7);
        assert_eq!(sent(&requests.resync("tBTCUSD")), [left(7)]);
        assert!(requests.resync("tBTCUSD").is_empty(), "it is under way");
        let asked = requests.on_frame(r#"{"event":"unsubscribed","status":"OK","chanId":7}"#);
        assert_eq!(sent(&asked)[0]["channel"], "book");
        assert!(requests.resync("tETHUSD").is_empty());
    }

    #[test]
    fn what_was_refused_may_be_asked_for_again() {
        let mut requests = opened();
        requests.subscribe(&["tXUSD".into()]);
        let refusal = r#"{"event":"error","channel":"book","symbol":"tXUSD","code":10300}"#;
        assert!(requests.on_frame(refusal).is_empty());
        assert_eq!(sent(&requests.subscribe(&["tXUSD".into()])).len(), 1);
    }

    #[test]
    fn the_channels_of_a_connection_end_with_it() {
        let mut requests = opened();
        requests.subscribe(&["tBTCF0:USTF0".into()]);
        requests.on_frame(BOOK_7);
        requests.on_open();
        assert!(requests.unsubscribe(&["tBTCUSD".into()]).is_empty());
        assert_eq!(sent(&requests.subscribe(&["tBTCF0:USTF0".into()])).len(), 4);
    }

    #[test]
    fn the_liquidations_of_all_are_left_with_the_last_derivative() {
        let mut requests = opened();
        requests.subscribe(&["tBTCF0:USTF0".into(), "tETHF0:USTF0".into()]);
        let all = r#"{"event":"subscribed","channel":"status","chanId":9,"key":"liq:global"}"#;
        requests.on_frame(all);
        assert!(requests.unsubscribe(&["tBTCF0:USTF0".into()]).is_empty());
        assert_eq!(sent(&requests.unsubscribe(&["tETHF0:USTF0".into()])), [left(9)]);
    }

    #[test]
    fn a_poll_stays_within_the_requests_of_a_minute() {
        let symbols: Vec<String> = (0..10).map(|n| format!("tC{n}USD")).collect();
        let poll = Requests::new("https://a").poll(&symbols).unwrap();
        assert_eq!((poll.requests.len(), poll.every), (20, Duration::from_secs(40)));
        let url = "https://a/v2/book/tC0USD/P0?len=100".to_owned();
        assert_eq!(poll.requests[0], Request::Get { url, weight: 1 });
    }
}
