//! A recording served as its venue: what a plain client receives of it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use market::Body;
use sim::replay::{self, Replay, ReplayConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::Message;

const DEADLINE: Duration = Duration::from_secs(60);
const SUBSCRIBE: &str = r#"{"method":"SUBSCRIBE","params":["btcusdt@depth@100ms"],"id":1}"#;
const BOOK: &str =
    r#"{"method":"subscribe","params":{"channel":"book","symbol":["BTC/USD"]},"req_id":1}"#;
const LIST: &str = r#"{"method":"subscribe","params":{"channel":"instrument"},"req_id":7}"#;

/// A capture: three frames in 450 ms, and among them the snapshot that came over REST.
const CAPTURE: [&str; 4] = [
    r#"{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1,"s":"BTCUSDT","U":1,"u":2,"b":[["100.25000000","1.50000000"]],"a":[]}}"#,
    r#"{"lastUpdateId":2,"bids":[["100.25000000","1.50000000"]],"asks":[]}"#,
    r#"{"stream":"btcusdt@depth@100ms","data": {"e":"depthUpdate","E":2,"s":"BTCUSDT","U":3,"u":3,"b":[],"a":[["100.50000000","0.00100000"]]}}"#,
    r#"{"stream":"btcusdt@trade","data":{"e":"trade","E":3,"s":"BTCUSDT","t":1,"p":"100.50000000","q":"0.00010000","T":3,"m":true,"M":true}}"#,
];

/// A file of its own that is gone at the end.
struct Capture(PathBuf);

impl Capture {
    fn new(test: &str) -> Self {
        let name = format!("tapedeck-from-{test}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let line = |(index, frame): (usize, &&str)| {
            format!("{} {frame}\n", 1_700_000_000_000_000_000_u64 + index as u64 * 150_000_000)
        };
        let lines: String = CAPTURE.iter().enumerate().map(line).collect();
        std::fs::write(&path, lines).unwrap();
        Self(path)
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).unwrap();
    }
}

async fn serve(file: &Path, speed: f64) -> Replay {
    replay::start(ReplayConfig { speed, ..ReplayConfig::new(vec![file.to_owned()]) }).await.unwrap()
}

/// Where Binance takes subscriptions.
fn stream(replay: &Replay) -> String {
    format!("{}/ws", replay.endpoints()["binance"].ws)
}

/// What a client receives that says `words` and waits for `n_frames`, and how long it took.
async fn hear(address: &str, words: &[&str], n_frames: usize) -> (Vec<Vec<u8>>, Duration) {
    let began_at = Instant::now();
    let (mut socket, _) = tokio_tungstenite::connect_async(address).await.unwrap();
    for words in words {
        socket.send(Message::text(*words)).await.unwrap();
    }
    let mut frames = Vec::new();
    while frames.len() < n_frames {
        match timeout(DEADLINE, socket.next()).await.unwrap().unwrap().unwrap() {
            Message::Text(text) => frames.push(text.as_bytes().to_vec()),
            Message::Binary(bytes) => frames.push(bytes.to_vec()),
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            Message::Close(_) => panic!("closed after {} frames", frames.len()),
        }
    }
    (frames, began_at.elapsed())
}

/// The status line and the body of an answer.
async fn get(rest: &str, path: &str) -> (String, String) {
    let host = rest.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    timeout(DEADLINE, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.lines().next().unwrap().to_owned(), body.to_owned())
}

#[tokio::test]
async fn a_client_receives_the_recorded_frames_byte_for_byte_at_their_pace() {
    let capture = Capture::new("pace");
    let replay = serve(&capture.0, 1.0).await;
    let (frames, took) = hear(&stream(&replay), &[SUBSCRIBE], 3).await;
    let expected = [CAPTURE[0], CAPTURE[2], CAPTURE[3]].map(|frame| frame.as_bytes().to_vec());
    assert_eq!(frames, expected);
    assert!(took >= Duration::from_millis(450), "450 ms were recorded, {took:?} heard");
    replay.stop().await;
}

#[tokio::test]
async fn streams_named_in_the_address_start_a_recording() {
    let capture = Capture::new("streams");
    let replay = serve(&capture.0, 4.0).await;
    let address = format!("{}/stream?streams=btcusdt@trade", replay.endpoints()["binance"].ws);
    let (frames, took) = hear(&address, &[], 3).await;
    assert_eq!(frames.len(), 3);
    assert!(
        took >= Duration::from_millis(112),
        "112 ms are left at 4 times the pace, not {took:?}"
    );
    replay.stop().await;
}

#[tokio::test]
async fn a_snapshot_waits_for_the_client_that_starts_the_clock_and_is_no_frame() {
    let capture = Capture::new("rest");
    let replay = serve(&capture.0, 10.0).await;
    let rest = replay.endpoints()["binance"].rest.clone();
    let mut asked =
        tokio::spawn(async move { get(&rest, "/api/v3/depth?symbol=BTCUSDT&limit=1000").await });
    assert!(timeout(Duration::from_millis(100), &mut asked).await.is_err(), "nobody subscribed");
    hear(&stream(&replay), &[SUBSCRIBE], 3).await;
    let (status, body) = asked.await.unwrap();
    assert_eq!((status.as_str(), body.as_str()), ("HTTP/1.1 200 OK", CAPTURE[1]));
    replay.stop().await;
}

#[tokio::test]
async fn instruments_that_the_file_does_not_list_are_derived_and_marked() {
    let capture = Capture::new("list");
    let replay = serve(&capture.0, 1.0).await;
    let rest = &replay.endpoints()["binance"].rest;
    let (_, body) = get(rest, "/api/v3/exchangeInfo").await;
    let list: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(list["tapedeckDerived"], true);
    let filters = &list["symbols"][0]["filters"];
    assert_eq!(filters[0]["tickSize"], "0.01");
    assert_eq!(filters[1]["stepSize"], "0.0001");
    let (status, body) = get(rest, "/api/v3/depth?symbol=NOSUCH").await;
    assert!(status.contains("400") && body.contains("-1121"), "{status} {body}");
    assert!(get(rest, "/api/v3/account").await.0.contains("404"));
    replay.stop().await;
}

#[tokio::test]
async fn a_file_of_no_venue_that_we_know_is_refused_with_a_sentence() {
    let path = std::env::temp_dir().join(format!("tapedeck-from-unknown-{}", std::process::id()));
    std::fs::write(&path, "1700000000000000000 {\"hello\":1}\n").unwrap();
    let refused = replay::start(ReplayConfig::new(vec![path.clone()])).await.err().unwrap();
    std::fs::remove_file(path).unwrap();
    assert!(refused.to_string().contains("no frames of a venue"), "{refused}");
}

#[tokio::test]
async fn a_real_recording_of_kraken_is_received_byte_for_byte() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/recordings");
    let path = folder.join("2026-07-19T1754_KRAKEN_V2.jsonl.zst");
    if !path.exists() {
        println!("the real recordings are not here; nothing is proven");
        return;
    }
    let packets = session::open(&path).unwrap().packets();
    let recorded: Vec<Vec<u8>> = packets
        .filter_map(|packet| match packet.unwrap().body {
            Body::Text(frame) | Body::Binary(frame) => Some(frame.to_vec()),
            Body::Opened(_)
            | Body::Ping
            | Body::Sent(_)
            | Body::Requested(_)
            | Body::Answered(_)
            | Body::Closed(_)
            | Body::Derived(_)
            | Body::Remark(_) => None,
        })
        .collect();
    assert!(recorded.len() > 1_254);
    let replay = serve(&path, 100.0).await;
    let address = &replay.endpoints()["kraken"].ws;
    let (frames, _) = hear(address, &[BOOK], recorded.len()).await;
    assert!(frames == recorded, "the frames differ");
    // Only who asks for the list that the file lacks hears more than was recorded, and it is marked.
    let (said, _) = hear(address, &[LIST], 2).await;
    let list: serde_json::Value = serde_json::from_slice(&said[1]).unwrap();
    assert_eq!(list["derived"], true);
    assert_eq!(list["data"]["pairs"][0]["price_precision"], 1);
    replay.stop().await;
}
