//! The screen in a browser: who comes in, and the frames that it is given.

use futures_util::{SinkExt, StreamExt};
use market::Venue;
use proof::stage::PATIENCE;
use proof::{Frame, Stage};
use serve::Server;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::Request;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn served() -> (Stage, Server) {
    let stage = Stage::hearing(&[(Venue::Binance, "BTCUSDT")]).await;
    let server = Server::start(stage.deck.clone(), serve::any_port()).await.expect("a port");
    (stage, server)
}

fn request(server: &Server) -> Request<()> {
    format!("ws://{}/screen", server.address()).into_client_request().expect("an address")
}

fn token(server: &Server) -> String {
    server.url().split_once("#token=").expect("a token").1.to_owned()
}

async fn enter(server: &Server, token: &str) -> Socket {
    let (mut socket, _) = connect_async(request(server)).await.expect("an open door");
    let said = format!(r#"{{"token":"{token}"}}"#);
    socket.send(Message::text(said)).await.expect("a message");
    socket
}

async fn next(socket: &mut Socket) -> Message {
    let message = timeout(PATIENCE, socket.next()).await.expect("in time");
    message.expect("more to come").expect("a whole message")
}

/// Asks for the frame after `ack`; whatever is told meanwhile is passed over.
async fn next_frame(socket: &mut Socket, id: u64, ack: u64) -> Frame {
    let ask = format!(r#"{{"id":{id},"kind":"next_frame","ack":{ack}}}"#);
    socket.send(Message::text(ask)).await.expect("a message");
    loop {
        if let Message::Binary(bytes) = next(socket).await {
            let answered = f64::from_le_bytes(bytes[..8].try_into().expect("eight bytes"));
            assert_eq!(answered as u64, id);
            return Frame::read(bytes[8..].to_vec());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_with_the_token_is_told_the_state_and_given_frames() {
    let (stage, server) = served().await;
    let mut socket = enter(&server, &token(&server)).await;
    let first = next(&mut socket).await.into_text().expect("text");
    let told: serde_json::Value = serde_json::from_str(&first).expect("JSON");
    assert_eq!((&told["kind"], &told["status"]["mode"]), (&"status".into(), &"demo".into()));
    let (mut id, mut ack, mut n_good) = (0, 0, 0);
    while n_good < 5 {
        id += 1;
        let frame = next_frame(&mut socket, id, ack).await;
        assert_eq!(frame.is_whole(), ack == 0 || frame.number() != ack + 1, "{}", frame.number());
        ack = frame.number();
        n_good += u32::from(frame.is_good());
        assert!(id < 1_000, "no good frame");
    }
    socket.close(None).await.expect("an end");
    server.stop().await;
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_without_the_token_is_closed_with_1008() {
    let (stage, server) = served().await;
    for wrong in ["", "0123456789abcdef0123456789abcdef"] {
        let mut socket = enter(&server, wrong).await;
        let Message::Close(Some(frame)) = next(&mut socket).await else {
            panic!("nothing is said before the close")
        };
        assert_eq!(u16::from(frame.code), 1008);
    }
    server.stop().await;
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_page_or_name_does_not_get_to_the_token() {
    let (stage, server) = served().await;
    for (header, value) in
        [("origin", "http://evil.example"), ("origin", "null"), ("host", "evil.example")]
    {
        let mut request = request(&server);
        request.headers_mut().insert(header, value.parse().expect("a value"));
        match connect_async(request).await {
            Err(Error::Http(answer)) => assert_eq!(answer.status(), 403, "{header}: {value}"),
            Err(other) => panic!("{header}: {value}: {other}"),
            Ok(_) => panic!("{header}: {value} came in"),
        }
    }
    let mut own = request(&server);
    let origin = format!("http://{}", server.address());
    own.headers_mut().insert("origin", origin.parse().expect("a value"));
    assert!(connect_async(own).await.is_ok(), "our own page comes in");
    server.stop().await;
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_question_closes_that_screen_only() {
    let (stage, server) = served().await;
    let token = token(&server);
    let (mut first, mut second) = (enter(&server, &token).await, enter(&server, &token).await);
    first.send(Message::text(r#"{"id":1,"kind":"nonsense"}"#)).await.expect("a message");
    let code = loop {
        if let Message::Close(frame) = next(&mut first).await {
            break frame.map(|frame| u16::from(frame.code));
        }
    };
    assert_eq!(code, Some(1003));
    next_frame(&mut second, 1, 0).await;
    server.stop().await;
    stage.end().await;
}

#[tokio::test]
async fn only_loopback_is_served() {
    let (deck, task) = engine::Deck::start(proof::stage::deck_config(None, None));
    let everywhere = "0.0.0.0:0".parse().expect("an address");
    assert!(Server::start(deck.clone(), everywhere).await.is_err());
    deck.shut_down();
    task.stopped().await;
}
