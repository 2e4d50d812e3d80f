//! Both Socket.IO venues as their documents say: polled by HTTP, moved to a WebSocket, and in both versions.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use sim::{Fault, Sim, SimConfig, SimVenue};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

const PATIENCE: Duration = Duration::from_secs(30);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn venue(venue: SimVenue) -> (Sim, String) {
    let history = Duration::from_secs(2);
    let config = SimConfig { venues: vec![venue], history, ..SimConfig::default() };
    let sim = sim::start(config).await.expect("free ports");
    let rest = sim.endpoints().of(venue).expect("the venue").rest.clone();
    let place = rest.strip_prefix("http://").expect("HTTP").to_owned();
    (sim, place)
}

/// One request on a connection of its own: status and body.
async fn request(place: &str, method: &str, query: &str, body: &str) -> (u16, String) {
    let mut tcp = TcpStream::connect(place).await.expect("a connection");
    let head = format!(
        "{method} /socket.io/?{query} HTTP/1.1\r\nHost: {place}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    tcp.write_all((head + body).as_bytes()).await.expect("an open connection");
    let mut answer = String::new();
    let read = timeout(PATIENCE, tcp.read_to_string(&mut answer)).await;
    read.expect("an answer in time").expect("text");
    let status = answer.split(' ').nth(1).expect("a status").parse().expect("a number");
    (status, answer.split_once("\r\n\r\n").expect("a body").1.to_owned())
}

/// A session of bitbank that is polled.
struct Polled {
    sim: Sim,
    place: String,
    query: String,
}

impl Polled {
    async fn begin() -> Self {
        let (sim, place) = venue(SimVenue::Bitbank).await;
        let query = "EIO=4&transport=polling";
        let (status, opening) = request(&place, "GET", query, "").await;
        assert_eq!(status, 200);
        let opening: serde_json::Value =
            serde_json::from_str(opening.strip_prefix('0').expect("an opening")).expect("JSON");
        assert_eq!(opening["upgrades"][0], "websocket");
        let session = opening["sid"].as_str().expect("a session");
        let query = format!("{query}&sid={session}");
        Self { sim, place, query }
    }

    async fn says(&self, packets: &[&str]) -> (u16, String) {
        request(&self.place, "POST", &self.query, &packets.join("\u{1e}")).await
    }

    async fn polls(&self) -> Vec<String> {
        let (status, payload) = request(&self.place, "GET", &self.query, "").await;
        assert_eq!(status, 200, "{payload}");
        payload.split('\u{1e}').map(str::to_owned).collect()
    }

    /// Polls until a packet is such.
    async fn finds(&self, such: impl Fn(&str) -> bool) -> String {
        loop {
            if let Some(found) = self.polls().await.into_iter().find(|packet| such(packet)) {
                return found;
            }
        }
    }

    async fn joins(&self) {
        let rooms = ["whole", "diff"].map(|of| format!(r#"42["join-room","depth_{of}_btc_jpy"]"#));
        let said = self.says(&["40", &rooms[0], &rooms[1]]).await;
        assert_eq!(said, (200, "ok".to_owned()));
    }

    async fn upgrades(&self) -> Socket {
        let query = self.query.replace("polling", "websocket");
        let address = format!("ws://{}/socket.io/?{query}", self.place);
        connect_async(address).await.expect("a WebSocket").0
    }
}

async fn next(socket: &mut Socket) -> String {
    loop {
        let message = timeout(PATIENCE, socket.next()).await.expect("in time");
        if let Message::Text(text) = message.expect("an open link").expect("a message") {
            return text.to_string();
        }
    }
}

#[tokio::test]
async fn bitbank_is_polled() {
    let session = Polled::begin().await;
    session.joins().await;
    session.finds(|packet| packet.starts_with("40{")).await;
    session.finds(|packet| packet.contains("depth_whole_btc_jpy")).await;
    for _ in 0..3 {
        session.finds(|packet| packet.contains("depth_diff_btc_jpy")).await;
    }
}

#[tokio::test]
async fn a_polled_session_moves_to_a_websocket_and_goes_on() {
    let session = Polled::begin().await;
    session.joins().await;
    session.finds(|packet| packet.contains("depth_whole_btc_jpy")).await;
    let mut socket = session.upgrades().await;
    socket.send(Message::text("2probe")).await.expect("an open link");
    assert_eq!(next(&mut socket).await, "3probe");
    session.finds(|packet| packet == "6").await;
    socket.send(Message::text("5")).await.expect("an open link");
    assert!(next(&mut socket).await.contains("depth_diff_btc_jpy"));
    assert_eq!(session.sim.control().n_links(SimVenue::Bitbank), 1, "it is the same session");
    let (status, _) = request(&session.place, "GET", &session.query, "").await;
    assert_eq!(status, 400, "it is polled no more");
}

#[tokio::test]
async fn a_session_is_polled_where_websockets_are_blocked() {
    let session = Polled::begin().await;
    session.sim.control().fault(SimVenue::Bitbank, &Fault::BlockWebSockets { for_ms: 60_000 });
    let address = format!("ws://{}/socket.io/?EIO=4&transport=websocket", session.place);
    let refusal = connect_async(address).await.expect_err("it is blocked").to_string();
    assert!(refusal.contains("403"), "{refusal}");
    let (status, body) = request(&session.place, "GET", &session.query, "").await;
    assert!(status == 400 && body.contains("unknown"), "it was cut: {body}");
    let (status, _) = request(&session.place, "GET", "EIO=4&transport=polling", "").await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn bitflyer_speaks_engine_io_3_whose_clients_ping() {
    let (sim, place) = venue(SimVenue::BitFlyer).await;
    let address = format!("ws://{place}/socket.io/?EIO=3&transport=websocket");
    let (mut socket, _) = connect_async(address).await.expect("a WebSocket");
    assert!(next(&mut socket).await.starts_with(r#"0{"sid":""#));
    assert_eq!(next(&mut socket).await, "40");
    for text in ["2", r#"421["subscribe","lightning_board_FX_BTC_JPY"]"#] {
        socket.send(Message::text(text)).await.expect("an open link");
    }
    assert_eq!(next(&mut socket).await, "3");
    assert_eq!(next(&mut socket).await, "431[null]");
    assert!(next(&mut socket).await.starts_with(r#"42["lightning_board_FX_BTC_JPY",{"mid_price""#));
    sim.stop().await;
}

#[tokio::test]
async fn a_client_that_opens_too_many_links_is_refused() {
    let (sim, place) = venue(SimVenue::Okx).await;
    let address = format!("ws://{place}/ws/v5/public");
    let mut refusals = Vec::new();
    for _ in 0..4 {
        if let Err(error) = connect_async(&address).await {
            refusals.push(error.to_string());
        }
    }
    assert!(refusals.len() == 1 && refusals[0].contains("429"), "{refusals:?}");
    sim.stop().await;
}
