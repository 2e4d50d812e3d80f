//! What is asked of bitbank: rooms as events of Socket.IO, which are not answered.

use std::time::Duration;

use market::history::PAST_BARS_KEPT;
use market::{HttpExchange, Timestamp};

use super::http;
use crate::endpoint::percent_encoded;
use crate::engineio::emit;
use crate::limits::{Counted, Limits, Rate};
use crate::past;
use crate::past_bars::{Layout, Rows, Step, Unit};
use crate::plea::Plea;
use crate::protocol::{self, Poll, Request};
use crate::turns::Turns;

/// The limits of bitbank.
pub(super) const LIMITS: Limits = Limits {
    // It pings every 25 s, and is given up 20 s later.
    silence: Duration::from_secs(45),
    // A room's whole book comes 0.2 s after joining.
    // The whole book comes by itself every 15 s.
    book_silence: Some(Duration::from_secs(60)),
    first_datum: Duration::from_secs(10),
    // Its own limit is not published; 124 rooms joined at once were taken.
    frames_per_second: 50,
    frames_counted: Counted::ByLink,
    asks: None,
    carried: None,
    carried_counted: Counted::ByLink,
    // Not published either: two a second.
    rest_weight_per_minute: 120,
    rest_burst: Some(Rate::within_ms(4, 1_100)),
    connects: 30,
    connects_window: Duration::from_secs(5 * 60),
    links: None,
    left_alone: Duration::ZERO,
    link_lifetime: None,
};

/// Tickers are no closer together than this: a quarter of the requests of a minute.
const TICKER_GAP: Duration = Duration::from_secs(2);

/// Where the pairs are listed …
pub(super) const LIST_HOST: &str = "https://api.bitbank.cc";

/// … and where their books and trades are fetched.
const PUBLIC_HOST: &str = "https://public.bitbank.cc";

const MINUTE_NANOS: i64 = 60_000_000_000;

/// The rooms of a pair; changes first, so that none is missed behind the whole book.
const ROOMS: [&str; 4] = ["depth_diff", "depth_whole", "transactions", "circuit_break_info"];

/// A row: open, high, low, close, volume, opening.
pub(super) static PAST_BARS: Layout = Layout {
    path: &[Step::Field("data"), Step::Field("candlestick"), Step::First, Step::Field("ohlcv")],
    rows: Rows::Lists([5, 0, 1, 2, 3, 4], None),
    time: Unit::Millis,
};

/// Asks.
#[derive(Debug)]
pub(super) struct Requests {
    rest: String,
    /// Whose volume is asked for next.
    turns: Turns,
}

impl Requests {
    pub fn new(rest: &str) -> Self {
        Self { rest: rest.to_owned(), turns: Turns::default() }
    }

    /// Elsewhere, as in tests, one host is both.
    fn public(&self, symbol: &str, what: &str) -> Request {
        let host = if self.rest == LIST_HOST { PUBLIC_HOST } else { self.rest.as_str() };
        Request::Get { url: format!("{host}/{}/{what}", percent_encoded(symbol)), weight: 1 }
    }
}

/// Leaves a room and joins it again.
fn anew(room: &str) -> [Request; 2] {
    ["leave-room", "join-room"].map(|event| Request::Send(emit(event, room)))
}

impl protocol::Requests for Requests {
    fn on_open(&mut self) -> Vec<Request> {
        vec![Request::Get { url: format!("{}/v1/spot/pairs", self.rest), weight: 1 }]
    }

    fn subscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        all("join-room", symbols)
    }

    fn unsubscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        all("leave-room", symbols)
    }

    /// The whole book comes by itself every 15 s, and at once to those who join.
    fn resync(&mut self, symbol: &str) -> Vec<Request> {
        anew(&format!("depth_whole_{symbol}")).into()
    }

    fn renew_book(&mut self, symbol: &str) -> Vec<Request> {
        ["depth_diff", "depth_whole"]
            .iter()
            .flat_map(|room| anew(&format!("{room}_{symbol}")))
            .collect()
    }

    fn poll(&mut self, symbols: &[String]) -> Option<Poll> {
        let of_symbol =
            |symbol: &String| [self.public(symbol, "depth"), self.public(symbol, "transactions")];
        let requests: Vec<Request> = symbols.iter().flat_map(of_symbol).collect();
        let n_requests = u32::try_from(requests.len()).unwrap_or(u32::MAX);
        let every = Duration::from_millis(500).saturating_mul(n_requests);
        Some(Poll { every: every.max(Duration::from_secs(1)), requests })
    }

    fn plea(&self, exchange: &HttpExchange) -> Option<Plea> {
        http::plea(exchange)
    }

    fn poll_trades(&mut self, symbols: &[String]) -> Vec<Request> {
        symbols.iter().map(|symbol| self.public(symbol, "transactions")).collect()
    }

    /// The volume of 24 hours.
    fn figures(&mut self, symbols: &[String]) -> Option<Poll> {
        let (symbol, every) = self.turns.one(symbols, TICKER_GAP)?;
        Some(Poll { every, requests: vec![self.public(symbol, "ticker")] })
    }

    /// Minutes come by the day of UTC, which begins at 09:00 in Japan: those of today, and of yesterday as well while
    /// today's are fewer than are kept.
    fn history(&self, symbol: &str, now: Timestamp) -> Vec<Request> {
        let kept_from = now.plus_nanos(-(PAST_BARS_KEPT as i64) * MINUTE_NANOS);
        let mut days = vec![day(now), day(kept_from)];
        days.dedup();
        let minutes = |day: &String| self.public(symbol, &format!("candlestick/1min/{day}"));
        let minutes = days.iter().map(|day| past::bars(minutes(day), symbol));
        minutes.chain([past::trades(self.public(symbol, "transactions"))]).collect()
    }
}

/// The day of UTC, `20261128`.
fn day(at: Timestamp) -> String {
    at.to_string().chars().take(10).filter(char::is_ascii_digit).collect()
}

fn all(event: &str, symbols: &[String]) -> Vec<Request> {
    let send =
        |symbol: &String| ROOMS.map(|room| Request::Send(emit(event, &format!("{room}_{symbol}"))));
    symbols.iter().flat_map(send).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Requests as _;

    #[test]
    fn changes_are_joined_before_the_whole_book() {
        let symbols = ["btc_jpy".to_owned()];
        let asked = Requests::new(LIST_HOST).subscribe(&symbols);
        let expected = [
            r#"42["join-room","depth_diff_btc_jpy"]"#,
            r#"42["join-room","depth_whole_btc_jpy"]"#,
            r#"42["join-room","transactions_btc_jpy"]"#,
            r#"42["join-room","circuit_break_info_btc_jpy"]"#,
        ];
        assert_eq!(asked, expected.map(|frame| Request::Send(frame.to_owned())));
    }

    #[test]
    fn a_whole_book_comes_to_those_who_join_anew() {
        let asked = Requests::new(LIST_HOST).resync("btc_jpy");
        let expected = [
            r#"42["leave-room","depth_whole_btc_jpy"]"#,
            r#"42["join-room","depth_whole_btc_jpy"]"#,
        ];
        assert_eq!(asked, expected.map(|frame| Request::Send(frame.to_owned())));
    }

    #[test]
    fn books_are_fetched_from_the_public_host_and_pairs_from_the_other() {
        let mut requests = Requests::new(LIST_HOST);
        let get = |url: &str| Request::Get { url: url.into(), weight: 1 };
        assert_eq!(requests.on_open(), [get("https://api.bitbank.cc/v1/spot/pairs")]);
        let poll = requests.poll(&["btc_jpy".into()]).unwrap();
        assert_eq!(poll.requests[0], get("https://public.bitbank.cc/btc_jpy/depth"));
        let poll = requests.figures(&["btc_jpy".into()]).unwrap();
        assert_eq!(poll.requests, [get("https://public.bitbank.cc/btc_jpy/ticker")]);
        assert_eq!(poll.every, Duration::from_secs(60));
        let poll = Requests::new("http://127.0.0.1:9").poll(&["btc_jpy".into()]).unwrap();
        assert_eq!(poll.requests[1], get("http://127.0.0.1:9/btc_jpy/transactions"));
    }
}
