//! What the simulated venues say over loopback, read as their documents say.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use sim::{Fault, Sim, SimConfig, SimVenue};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

const PATIENCE: Duration = Duration::from_secs(30);

/// A client of one venue.
struct Client {
    sim: Sim,
    venue: SimVenue,
    socket: WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>,
}

impl Client {
    async fn of(venue: SimVenue, path: &str, says: &[&str]) -> Self {
        let history = Duration::from_secs(2);
        let config = SimConfig { venues: vec![venue], history, ..SimConfig::default() };
        let sim = sim::start(config).await.expect("free ports");
        let address = format!("{}{path}", sim.endpoints().of(venue).expect("the venue").ws);
        let (mut socket, _) = connect_async(address).await.expect("a link");
        for text in says {
            socket.send(Message::text(*text)).await.expect("an open link");
        }
        Self { sim, venue, socket }
    }

    fn fault(&self, fault: &Fault) {
        self.sim.control().fault(self.venue, fault);
    }

    async fn text(&mut self) -> String {
        loop {
            let next = timeout(PATIENCE, self.socket.next()).await.expect("a frame in time");
            if let Message::Text(text) = next.expect("the link is open").expect("a frame") {
                return text.to_string();
            }
        }
    }

    /// The next frame for which `read` finds something.
    async fn find<T>(&mut self, read: impl Fn(&Value) -> Option<T>) -> T {
        loop {
            let text = self.text().await;
            // Socket.IO puts digits before its JSON.
            let json = text.trim_start_matches(|digit: char| digit.is_ascii_digit());
            let found = serde_json::from_str(json).ok().and_then(|frame| read(&frame));
            if let Some(found) = found {
                return found;
            }
        }
    }
}

/// `seqId` and `prevSeqId` of a book's frame.
fn okx_place(frame: &Value) -> Option<(i64, i64)> {
    let book = (frame.get("action")?.is_string()).then(|| &frame["data"][0])?;
    Some((book["seqId"].as_i64()?, book["prevSeqId"].as_i64()?))
}

async fn okx() -> Client {
    let says = r#"{"op":"subscribe","args":[{"channel":"books","instId":"BTC-USDT"}]}"#;
    Client::of(SimVenue::Okx, "", &["ping", says]).await
}

#[tokio::test]
async fn updates_of_okx_name_the_one_before_them() {
    let mut client = okx().await;
    assert_eq!(client.text().await, "pong");
    let ack = client.find(|frame| frame["event"].as_str().map(str::to_owned)).await;
    assert_eq!(ack, "subscribe");
    let (mut last, previous) = client.find(okx_place).await;
    assert_eq!(previous, -1);
    for _ in 0..10 {
        let (sequence, previous) = client.find(okx_place).await;
        assert!(previous == last && sequence > last, "{previous} after {last}");
        last = sequence;
    }
    client.fault(&Fault::DropBook { symbol: Some("BTC-USDT".to_owned()) });
    let mut is_gap = false;
    for _ in 0..5 {
        let (sequence, previous) = client.find(okx_place).await;
        is_gap |= previous != last;
        last = sequence;
    }
    assert!(is_gap, "a frame is missing");
}

#[tokio::test]
async fn frames_are_swapped_on_command() {
    let mut client = okx().await;
    let (mut last, _) = client.find(okx_place).await;
    client.fault(&Fault::ReorderBook { symbol: None });
    let mut n_backwards = 0;
    for _ in 0..6 {
        let (sequence, _) = client.find(okx_place).await;
        n_backwards += u32::from(sequence < last);
        last = sequence;
    }
    assert_eq!(n_backwards, 1);
}

#[tokio::test]
async fn okx_says_that_a_link_ends_soon() {
    let mut client = okx().await;
    client.find(okx_place).await;
    client.fault(&Fault::AnnounceEnd);
    let is_notice = |frame: &Value| (frame["event"] == "notice").then(|| frame["code"].clone());
    assert_eq!(client.find(is_notice).await, "64008");
}

#[tokio::test]
async fn okx_refuses_what_it_does_not_have() {
    let says = r#"{"op":"subscribe","args":[{"channel":"candle1m","instId":"BTC-USDT"}]}"#;
    let mut client = Client::of(SimVenue::Okx, "", &[says]).await;
    assert_eq!(client.find(|frame| frame.get("code").cloned()).await, "60018");
}

#[tokio::test]
async fn frames_of_a_bybit_book_are_counted_until_it_starts_anew() {
    for venue in [SimVenue::Bybit, SimVenue::BybitLinear] {
        let says = r#"{"op":"subscribe","args":["orderbook.50.BTCUSDT"]}"#;
        let mut client = Client::of(venue, "", &[says]).await;
        let place = |frame: &Value| {
            Some((frame["type"].as_str()?.to_owned(), frame["data"]["u"].as_u64()?))
        };
        let (kind, mut last) = client.find(place).await;
        assert_eq!(kind, "snapshot");
        for _ in 0..10 {
            let (kind, number) = client.find(place).await;
            assert_eq!((kind.as_str(), number), ("delta", last + 1));
            last = number;
        }
        client.fault(&Fault::AnnounceEnd);
        let restarted = |frame: &Value| place(frame).filter(|place| place.1 == 1);
        assert_eq!(client.find(restarted).await.0, "snapshot");
    }
}

#[tokio::test]
async fn a_ticker_of_bybit_linear_is_whole_once_and_then_what_changed() {
    let says = r#"{"op":"subscribe","args":["tickers.BTCUSDT"]}"#;
    let mut client = Client::of(SimVenue::BybitLinear, "", &[says]).await;
    let ticker =
        |frame: &Value| Some((frame["type"].as_str()?.to_owned(), frame.get("data")?.clone()));
    let (kind, whole) = client.find(ticker).await;
    assert_eq!(kind, "snapshot");
    let (kind, change) = client.find(ticker).await;
    assert_eq!(kind, "delta");
    let (whole, change) = (whole.as_object().unwrap(), change.as_object().unwrap());
    assert!(change.len() < whole.len() && change.contains_key("symbol"));
    assert!(whole.contains_key("fundingRate") && whole.contains_key("openInterest"));
}

#[tokio::test]
async fn a_whole_book_of_bitbank_is_followed_by_diffs() {
    let says = [
        "40",
        r#"42["join-room","depth_whole_btc_jpy"]"#,
        r#"42["join-room","depth_diff_btc_jpy"]"#,
    ];
    let path = "/socket.io/?EIO=4&transport=websocket";
    let mut client = Client::of(SimVenue::Bitbank, path, &says).await;
    assert!(client.text().await.starts_with(r#"0{"sid":""#));
    let number = |frame: &Value, name: &str| {
        frame[1]["message"]["data"].get(name)?.as_str()?.parse::<u64>().ok()
    };
    let whole = client.find(|frame| number(frame, "sequenceId")).await;
    let mut last = whole;
    for _ in 0..4 {
        let diff = client.find(|frame| number(frame, "s")).await;
        assert!(diff > last, "{diff} after {last}");
        last = diff;
    }
}

#[tokio::test]
async fn a_board_of_bitflyer_comes_by_itself_and_has_the_middle_of_its_best_prices() {
    let channel = "lightning_board_snapshot_FX_BTC_JPY";
    let says = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"subscribe","params":{{"channel":"{channel}"}}}}"#
    );
    let mut client = Client::of(SimVenue::BitFlyer, "", &[&says, &says]).await;
    assert_eq!(client.find(|frame| frame.get("result").cloned()).await, true);
    assert_eq!(client.find(|frame| frame["error"]["code"].as_i64()).await, -32009);
    let board = client.find(|frame| frame["params"].get("message").cloned()).await;
    let best = |side: &str| board[side][0]["price"].as_f64().unwrap();
    assert_eq!(board["mid_price"].as_f64().unwrap(), f64::midpoint(best("bids"), best("asks")));
}

#[tokio::test]
async fn a_refused_region_gets_no_link_and_is_let_in_again() {
    let client = okx().await;
    client.fault(&Fault::Status { code: 451, for_ms: 60_000 });
    let address = client.sim.endpoints().of(SimVenue::Okx).unwrap().ws.clone();
    let refusal = connect_async(&address).await.unwrap_err().to_string();
    assert!(refusal.contains("451"), "{refusal}");
    client.fault(&Fault::Status { code: 451, for_ms: 0 });
    connect_async(&address).await.unwrap();
}
