//! Hyperliquid where its socket is blocked: what its `POST /info` answers means the same as its frames.
#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

use market::{Body, Event, Events, HttpExchange, LinkId, Packet, Timestamp, Venue};
use venues::{Decoder, posted};

const INFO: &str = "https://api.hyperliquid.xyz/info";

/// A decoder that is told answers.
struct Answers(Decoder);

impl Answers {
    fn to(&mut self, question: &str, status: u16, body: &str) -> Vec<Event> {
        let url = posted(INFO, question).into();
        let exchange = HttpExchange { url, status, body: body.to_owned().into() };
        let packet = Packet {
            venue: Venue::Hyperliquid,
            link: LinkId(3),
            number: 0,
            received_at: Timestamp::from_millis(1),
            body: Body::Answered(exchange),
        };
        let mut events = Events::default();
        self.0.decode(&packet, &mut events).unwrap();
        events.items
    }

    /// With the perpetuals BTC and ETH.
    fn listed() -> Self {
        let mut answers = Self(Decoder::new(Venue::Hyperliquid));
        let universe =
            r#"{"universe":[{"name":"BTC","szDecimals":5},{"name":"ETH","szDecimals":4}]}"#;
        answers.to(r#"{"type":"meta"}"#, 200, universe);
        answers
    }
}

const BOOK: &str = r#"{"coin":"BTC","time":1703875200000,"levels":[[{"px":"98450.5","sz":"2.5","n":3}],[{"px":"98451.0","sz":"1.5","n":2}]]}"#;

#[test]
fn a_polled_book_is_a_whole_book() {
    let told = Answers::listed().to(r#"{"coin":"BTC","type":"l2Book"}"#, 200, BOOK);
    assert!(matches!(told[..], [Event::Book(_)]), "{told:?}");
}

#[test]
fn polled_trades_come_in_the_order_of_time_and_none_is_no_trouble() {
    let mut answers = Answers::listed();
    let question = r#"{"coin":"BTC","type":"recentTrades"}"#;
    let trade = |time: u64, id: u64| {
        format!(
            r#"{{"coin":"BTC","side":"B","px":"72581.0","sz":"0.1","time":{time},"hash":"0x","tid":{id}}}"#
        )
    };
    let newest_first =
        format!("[{},{}]", trade(1_787_259_217_020, 9), trade(1_787_259_217_000, 11));
    let told = answers.to(question, 200, &newest_first);
    let times: Vec<i64> = told
        .iter()
        .map(|event| match event {
            Event::Trade(trade) => trade.traded_at.nanos() / 1_000_000,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(times, [1_787_259_217_000, 1_787_259_217_020]);
    assert_eq!(answers.to(question, 200, "[]"), []);
}

#[test]
fn of_the_figures_of_all_perpetuals_those_are_taken_whose_books_are_polled() {
    let mut answers = Answers::listed();
    let question = r#"{"type":"metaAndAssetCtxs"}"#;
    let body = r#"[{"universe":[{"name":"BTC"},{"name":"ETH"}]},
        [{"funding":"0.0000125","openInterest":"25000.5","oraclePx":"98449.0","markPx":"98450.0"},{"markPx":"3400.1"}]]"#;
    assert_eq!(answers.to(question, 200, body), [], "nothing is polled yet");
    answers.to(r#"{"coin":"BTC","type":"l2Book"}"#, 200, BOOK);
    let told = answers.to(question, 200, body);
    let [Event::Reference(reference)] = &told[..] else { panic!("{told:?}") };
    assert_eq!(reference.instrument.index, 0);
    let figures = [reference.mark, reference.index, reference.open_interest];
    assert!(figures.iter().all(Option::is_some) && reference.funding_rate.is_some());
}

#[test]
fn a_coin_that_there_is_not_is_told_by_its_name() {
    let mut answers = Answers::listed();
    let question = r#"{"coin":"NOPE","type":"l2Book"}"#;
    for (status, body) in [(200, "null"), (422, "Failed to deserialize")] {
        let told = answers.to(question, status, body);
        assert!(
            matches!(&told[..], [Event::Refused { symbol, .. }] if symbol == "NOPE"),
            "{told:?}"
        );
    }
}
