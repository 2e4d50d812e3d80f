//! Venues that mean harm, or middle boxes that do it for them: given up at a limit, in words.

use std::time::Duration;

use feed::{FeedConfig, MESSAGE_BYTES_MAX, Patience};
use futures_util::SinkExt;
use market::{Body, LinkId, Venue};
use tokio::io::AsyncWriteExt;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::stage::{Line, Listener, Stage, soon};
use venues::Endpoints;

async fn open() -> (Stage, Listener, Line) {
    let stage = Stage::set(Venue::Kraken).await;
    let mut listener = Listener::start(stage.config());
    let line = stage.accept().await;
    listener.until(|body| matches!(body, Body::Opened(_))).await;
    (stage, listener, line)
}

/// Bytes on the bare connection below the venue's end of a WebSocket.
async fn raw(line: &mut Line, bytes: &[u8]) {
    line.0.get_mut().write_all(bytes).await.unwrap();
}

#[tokio::test]
async fn a_message_of_17_mib_is_refused_at_its_header() {
    let (stage, mut listener, mut line) = open().await;
    let mut header = vec![0x81, 127];
    header.extend((17_u64 << 20).to_be_bytes());
    raw(&mut line, &header).await; // Of the message itself not one byte comes.
    let sentence = listener.closed().await;
    assert_eq!(sentence, "The simulated Kraken sent a message larger than 16 MiB.");
    assert_eq!(line.goodbye().await, Some(1_009));
    let _again = stage.accept().await;
    listener.stop().await;
}

#[tokio::test]
async fn a_header_that_announces_2_to_the_62_bytes_is_refused() {
    let (_stage, mut listener, mut line) = open().await;
    let mut header = vec![0x82, 127];
    header.extend((1_u64 << 62).to_be_bytes());
    raw(&mut line, &header).await;
    assert!(listener.closed().await.contains("larger than 16 MiB"));
    listener.stop().await;
}

#[tokio::test]
async fn endless_fragments_are_refused_when_they_pass_the_limit() {
    let (_stage, mut listener, mut line) = open().await;
    let piece = vec![b'x'; 1 << 20];
    let venue = tokio::spawn(async move {
        let mut code = OpCode::Data(Data::Text);
        for said in 0.. {
            let frame = Frame::message(piece.clone(), code, false);
            if line.0.send(Message::Frame(frame)).await.is_err() {
                return said;
            }
            code = OpCode::Data(Data::Continue);
        }
        0
    });
    assert!(listener.closed().await.contains("larger than 16 MiB"));
    let said = soon(venue).await.unwrap();
    // What lies in the kernel's buffers on both sides is said too.
    assert!(said <= (MESSAGE_BYTES_MAX >> 20) + 16, "{said} MiB were taken");
    listener.stop().await;
}

#[tokio::test]
async fn a_message_of_16_mib_is_heard() {
    let (_stage, mut listener, mut line) = open().await;
    let venue = tokio::spawn(async move {
        line.say(&"x".repeat(MESSAGE_BYTES_MAX)).await;
        line
    });
    let packet = listener.until(|body| matches!(body, Body::Text(_) | Body::Closed(_))).await;
    let Body::Text(text) = packet.body else { panic!("{:?}", packet.body) };
    assert_eq!(text.len(), MESSAGE_BYTES_MAX);
    let _line = soon(venue).await.unwrap();
    listener.stop().await;
}

#[tokio::test]
async fn what_breaks_the_protocol_closes_the_link_in_words() {
    let broken: [(&str, &[u8]); 5] = [
        ("text that is not UTF-8", &[0x81, 2, 0xff, 0xfe]),
        ("a reserved bit", &[0xf1, 0]),
        ("a masked frame", &[0x81, 0x81, 1, 2, 3, 4, 5]),
        ("an opcode that is not known", &[0x83, 0]),
        ("a ping in two pieces", &[0x09, 0]),
    ];
    for (what, bytes) in broken {
        let (_stage, mut listener, mut line) = open().await;
        raw(&mut line, bytes).await;
        let sentence = listener.closed().await;
        let words = "The simulated Kraken does not speak WebSocket as it should: ";
        assert!(sentence.starts_with(words), "{what}: {sentence}");
        listener.stop().await;
    }
}

#[tokio::test]
async fn a_handshake_of_one_byte_at_a_time_is_given_up_at_the_limit() {
    let stage = Stage::set(Venue::Kraken).await;
    let mut config = stage.config();
    config.patience.upgrade = Duration::from_millis(400);
    let mut listener = Listener::start(config);
    let start = Instant::now();
    let mut tcp = stage.accept_raw().await;
    let drip = tokio::spawn(async move {
        let mut beat = tokio::time::interval(Duration::from_millis(20));
        for byte in
            b"HTTP/1.1 101 Switching Protocols\r\nX: ".iter().chain(std::iter::repeat(&b'x'))
        {
            beat.tick().await;
            if tcp.write_all(&[*byte]).await.is_err() {
                return;
            }
        }
    });
    let sentence = listener.closed().await;
    assert_eq!(
        sentence,
        "The simulated Kraken is not answering: the handshake was not done within 400 ms."
    );
    assert!(start.elapsed() < Duration::from_millis(1_400));
    soon(drip).await.unwrap();
    listener.stop().await;
}

#[tokio::test]
async fn headers_without_end_are_given_up() {
    let stage = Stage::set(Venue::Kraken).await;
    let mut listener = Listener::start(stage.config());
    let mut tcp = stage.accept_raw().await;
    let flood = tokio::spawn(async move {
        let line = format!("X-Filler: {}\r\n", "x".repeat(1_000));
        tcp.write_all(b"HTTP/1.1 101 Switching Protocols\r\n").await.unwrap();
        while tcp.write_all(line.as_bytes()).await.is_ok() {}
    });
    let start = Instant::now();
    listener.closed().await;
    assert!(start.elapsed() < Patience::default().upgrade);
    soon(flood).await.unwrap();
    listener.stop().await;
}

#[tokio::test]
async fn an_answer_that_is_no_websocket_is_told() {
    let stage = Stage::set(Venue::Kraken).await;
    let mut listener = Listener::start(stage.config());
    stage.answer_upgrade("SSH-2.0-OpenSSH_9.2\r\n").await;
    assert!(listener.closed().await.contains("does not speak WebSocket"));
    listener.stop().await;
}

#[test]
fn a_plain_address_to_another_machine_is_refused() {
    let endpoints =
        Endpoints { ws: "ws://192.0.2.1/v2".to_owned(), rest: "https://192.0.2.1".to_owned() };
    let error = FeedConfig::at(Venue::Kraken, LinkId(0), endpoints).unwrap_err();
    assert!(error.to_string().contains("not encrypted"), "{error}");
}
