//! A recording of answers served as its venue: questions that are posted, and a session that was polled.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::path::PathBuf;
use std::time::Duration;

use market::{Body, HttpExchange, LinkId, Packet, Timestamp, Venue};
use sim::replay::{self, Replay, ReplayConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Error;

const DEADLINE: Duration = Duration::from_secs(60);
const INFO: &str = "https://api.hyperliquid.xyz/info";
const BTC: &str = r#"{"coin":"BTC","type":"l2Book"}"#;
const ETH: &str = r#"{"coin":"ETH","type":"l2Book"}"#;
const META: &str = r#"{"type":"meta"}"#;

/// A recording of its own that is gone at the end.
struct File(PathBuf);

impl File {
    /// A session on one link, a packet every 100 ms.
    fn of(test: &str, venue: Venue, bodies: Vec<Body>) -> Self {
        let name = format!("tapedeck-answers-{test}-{}.mcap", std::process::id());
        let path = std::env::temp_dir().join(name);
        let packets = bodies.into_iter().zip(0..).map(|(body, number)| {
            let received_at = Timestamp::from_millis(1_790_000_000_000 + number * 100);
            let number = u64::try_from(number).unwrap();
            Packet { venue, link: LinkId(0), number, received_at, body }
        });
        let (program, endpoints) = ("test".to_owned(), Vec::new());
        let header = session::FileHeader { program, endpoints, is_simulated: false };
        session::write_all(&path, packets, &session::BulkOptions::new(header)).unwrap();
        Self(path)
    }

    async fn serve(&self, speed: f64) -> Replay {
        let config = ReplayConfig { speed, ..ReplayConfig::new(vec![self.0.clone()]) };
        replay::start(config).await.unwrap()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).unwrap();
    }
}

fn answered(url: &str, body: &str) -> Body {
    let exchange =
        HttpExchange { url: url.to_owned().into(), status: 200, body: body.to_owned().into() };
    Body::Answered(exchange)
}

/// The status and the body of an answer.
async fn ask(rest: &str, method: &str, path: &str, posted: &str) -> (u16, String) {
    let host = rest.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let length = posted.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{posted}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    timeout(DEADLINE, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

/// Hyperliquid, polled: its list, and twice a book of each coin.
fn polled() -> Vec<Body> {
    let book = |question: &str, body: &str| answered(&venues::posted(INFO, question), body);
    vec![
        Body::Opened("https://api.hyperliquid.xyz".into()),
        book(META, "the list"),
        book(BTC, "the first of BTC"),
        book(ETH, "the first of ETH"),
        book(BTC, "the second of BTC"),
        book(ETH, "the second of ETH"),
    ]
}

#[tokio::test]
async fn what_is_posted_is_answered_by_what_was_asked_and_not_by_how_it_was_spaced() {
    let file = File::of("posts", Venue::Hyperliquid, polled());
    let replay = file.serve(0.000_1).await;
    let rest = replay.endpoints()["hyperliquid"].rest.clone();
    let post = async |posted: &str| ask(&rest, "POST", "/info", posted).await;
    assert_eq!(post(META).await, (200, "the list".to_owned()));
    assert_eq!(post(BTC).await, (200, "the first of BTC".to_owned()));
    let spaced = r#"{ "type": "l2Book", "coin": "ETH" }"#;
    assert_eq!(post(spaced).await, (200, "the first of ETH".to_owned()));
    let (status, words) = post(r#"{"coin":"SOL","type":"l2Book"}"#).await;
    assert!(status == 404 && words.contains("no answer to this question"), "{status} {words}");
    replay.stop().await;
}

#[tokio::test]
async fn answers_follow_the_time_of_the_recording() {
    let file = File::of("time", Venue::Hyperliquid, polled());
    let replay = file.serve(10.0).await;
    let rest = replay.endpoints()["hyperliquid"].rest.clone();
    let asked = timeout(DEADLINE, async {
        while ask(&rest, "POST", "/info", BTC).await.1 != "the second of BTC" {}
    });
    asked.await.unwrap();
    replay.stop().await;
}

#[tokio::test]
async fn the_websocket_of_a_session_that_was_polled_is_blocked_here_too() {
    let file = File::of("blocked", Venue::Hyperliquid, polled());
    let replay = file.serve(1.0).await;
    let address = replay.endpoints()["hyperliquid"].ws.clone();
    match tokio_tungstenite::connect_async(address).await {
        Err(Error::Http(answer)) => assert_eq!(answer.status(), 403),
        other => panic!("{other:?}"),
    }
    replay.stop().await;
}

#[tokio::test]
async fn a_venue_is_served_its_own_answers_beside_its_frames() {
    let bodies = vec![
        Body::Opened("wss://ws.bitstamp.net".into()),
        answered("https://www.bitstamp.net/api/v2/markets/", "the markets"),
        Body::Text(r#"{"event":"bts:heartbeat","channel":"","data":{"status":"success"}}"#.into()),
        answered("https://www.bitstamp.net/api/v2/order_book/btcusd/?group=1", "the book"),
    ];
    let file = File::of("frames", Venue::Bitstamp, bodies);
    let replay = file.serve(1.0).await;
    let rest = replay.endpoints()["bitstamp"].rest.clone();
    let get = async |path: &str| ask(&rest, "GET", path, "").await;
    assert_eq!(get("/api/v2/markets/").await, (200, "the markets".to_owned()));
    assert_eq!(get("/api/v2/order_book/btcusd/?group=1").await, (200, "the book".to_owned()));
    assert_eq!(get("/api/v2/order_book/btcusd?group=2").await, (200, "the book".to_owned()));
    assert_eq!(get("/api/v2/order_book/ethusd/?group=1").await.0, 404);
    let address = replay.endpoints()["bitstamp"].ws.clone();
    assert!(tokio_tungstenite::connect_async(address).await.is_ok());
    replay.stop().await;
}
