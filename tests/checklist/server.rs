//! A venue on real sockets that a story plays, and the link that listens to it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use feed::{Feed, FeedConfig, LinkReport, LinkState, PACKETS_QUEUED, Patience};
use futures_util::{SinkExt, StreamExt};
use market::{Body, LinkId, Packet, Venue};
use proof::stage::PATIENCE;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_util::sync::CancellationToken;
use venues::{Endpoints, Limits, Protocol, Transport};

/// What an Engine.IO server says first, and what it answers when a client asks for the namespace.
const OPEN: &str =
    r#"0{"sid":"a","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;
const CONNECTED: &str = r#"40{"sid":"b"}"#;

/// Limits within which nothing is silent by chance.
pub fn roomy(limits: Limits) -> Limits {
    Limits { silence: PATIENCE, first_datum: PATIENCE, connects: 1_000, ..limits }
}

/// A venue: a port for its WebSocket, and one on which every request is answered with `{}`, unless it is refused.
pub struct Server {
    pub venue: Venue,
    sockets: TcpListener,
    rest: String,
    desk: Arc<Mutex<Desk>>,
}

/// Who answers requests.
#[derive(Default)]
struct Desk {
    /// What they are refused with: a status, after how many seconds to ask again, and words.
    refusal: Option<(u16, u32, &'static str)>,
    asked_at: Vec<Instant>,
}

impl Server {
    pub async fn listen(venue: Venue) -> Self {
        let sockets = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let requests = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let rest = format!("http://{}", requests.local_addr().expect("it is bound"));
        let desk = Arc::<Mutex<Desk>>::default();
        let desk_there = desk.clone();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = requests.accept().await {
                tokio::spawn(answer(tcp, desk_there.clone()));
            }
        });
        Self { venue, sockets, rest, desk }
    }

    pub fn endpoints(&self) -> Endpoints {
        let path = match self.venue {
            Venue::Kraken => "/v2",
            Venue::BitFlyer => "/json-rpc",
            _ => "",
        };
        let ws = format!("ws://{}{path}", self.sockets.local_addr().expect("it is bound"));
        Endpoints { ws, rest: self.rest.clone() }
    }

    pub fn protocol(&self) -> Protocol {
        Protocol::new(self.venue, self.endpoints()).expect("an address")
    }

    /// The next connection, whose transport is greeted as the venue does.
    pub async fn accept(&self) -> Line {
        self.accept_with(|_, response| response).await
    }

    /// The next connection, on which nothing is ever read or said.
    pub async fn accept_deaf(&self) -> TcpStream {
        soon(self.sockets.accept()).await.expect("a connection").0
    }

    /// Refuses the next connection with this status, and to be asked again after so many seconds. Where a session of
    /// HTTP is tried in its place, that is refused too.
    pub async fn refuse_next(&self, status: u16, after_s: u32) {
        let is_session = matches!(self.protocol().transport(), Transport::EngineIo { .. });
        let n = if is_session && matches!(status, 403 | 451) { 2 } else { 1 };
        for _ in 0..n {
            let mut tcp = self.accept_deaf().await;
            read_head(&mut tcp).await;
            let answer = format!(
                "HTTP/1.1 {status} No\r\nRetry-After: {after_s}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
            tcp.write_all(answer.as_bytes()).await.expect("an open connection");
        }
    }

    /// From now on each request is refused with this status, and to be asked again after so many seconds.
    pub fn refuse_requests(&self, status: u16, after_s: u32, words: &'static str) {
        self.desk.lock().expect("nobody panics").refusal = Some((status, after_s, words));
    }

    /// From now on each request is answered. Gives when each was made until now.
    pub fn answer_requests(&self) -> Vec<Instant> {
        let mut desk = self.desk.lock().expect("nobody panics");
        desk.refusal = None;
        std::mem::take(&mut desk.asked_at)
    }

    /// The same; `shake` sees the request to open it and may say more in the answer.
    pub async fn accept_with(&self, shake: impl Fn(&Request, Response) -> Response) -> Line {
        let (tcp, _) = soon(self.sockets.accept()).await.expect("a connection");
        #[expect(clippy::result_large_err, reason = "the library's own type")]
        let shake = |request: &Request, response: Response| Ok(shake(request, response));
        let socket = soon(tokio_tungstenite::accept_hdr_async(tcp, shake)).await;
        let mut line = Line(socket.expect("a handshake"));
        if let Transport::EngineIo { .. } = self.protocol().transport() {
            line.say(OPEN).await;
            assert_eq!(line.hear().await.0, "40");
            line.say(CONNECTED).await;
        }
        line
    }
}

/// The venue's end of a link.
pub struct Line(pub WebSocketStream<TcpStream>);

impl Line {
    pub async fn say(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.expect("an open link");
    }

    /// The next text frame and when it came.
    pub async fn hear(&mut self) -> (String, Instant) {
        loop {
            match soon(self.0.next()).await.expect("more to come").expect("a whole message") {
                Message::Text(text) => return (text.to_string(), Instant::now()),
                Message::Pong(_) | Message::Ping(_) => {}
                other => panic!("instead of a text frame: {other:?}"),
            }
        }
    }

    /// Closes the link with this code.
    pub async fn close(&mut self, code: u16) {
        let frame = CloseFrame { code: code.into(), reason: "".into() };
        self.0.close(Some(frame)).await.expect("an open link");
    }

    /// Reads what comes until the other end goes, and answers nothing.
    pub async fn swallow(&mut self) {
        let mut bytes = [0; 1_024];
        while let Ok(1..) = self.0.get_mut().read(&mut bytes).await {}
    }

    /// Bytes as they are, past the protocol.
    pub async fn raw(&mut self, bytes: &[u8]) {
        self.0.get_mut().write_all(bytes).await.expect("an open link");
    }
}

/// A running link and what comes out of it.
pub struct Listener {
    pub feed: Feed,
    packets: mpsc::Receiver<Packet>,
    shutdown: CancellationToken,
}

impl Listener {
    pub fn start(server: &Server, limits: impl FnOnce(Limits) -> Limits) -> Self {
        Self::start_with(server, limits, Patience::default())
    }

    /// The same with a patience of its own, but for its waits between attempts.
    pub fn start_with(
        server: &Server,
        limits: impl FnOnce(Limits) -> Limits,
        patience: Patience,
    ) -> Self {
        let config = FeedConfig::at(server.venue, LinkId(0), server.endpoints());
        let config = config.expect("an address");
        let limits = limits(config.limits);
        let mut config = config.within(limits);
        config.patience = Patience {
            backoff_min: Duration::from_millis(5),
            backoff_max: Duration::from_millis(20),
            ..patience
        };
        let (sender, packets) = mpsc::channel(PACKETS_QUEUED);
        let shutdown = CancellationToken::new();
        let feed = Feed::start(config, sender, shutdown.clone());
        Self { feed, packets, shutdown }
    }

    pub fn subscribe(&self, symbols: &[String]) {
        self.feed.subscribe(symbols.to_vec());
    }

    /// What is in the next packet that is such.
    pub async fn until(&mut self, such: impl Fn(&Body) -> bool) -> Body {
        self.until_packet(such).await.body
    }

    /// The next packet in which is such.
    pub async fn until_packet(&mut self, such: impl Fn(&Body) -> bool) -> Packet {
        loop {
            let packet = soon(self.packets.recv()).await.expect("the link runs");
            if such(&packet.body) {
                return packet;
            }
        }
    }

    /// The next text frame that the venue said, but for what belongs to its transport.
    pub async fn text(&mut self) -> String {
        let is_said = |body: &Body| match body {
            Body::Text(text) => &text[..] != OPEN.as_bytes() && &text[..] != CONNECTED.as_bytes(),
            _ => false,
        };
        match self.until(is_said).await {
            Body::Text(text) => String::from_utf8(text.to_vec()).expect("text"),
            other => panic!("{other:?}"),
        }
    }

    /// Why the link was closed.
    pub async fn closed(&mut self) -> String {
        match self.until(|body| matches!(body, Body::Closed(_))).await {
            Body::Closed(words) => String::from_utf8_lossy(&words).into_owned(),
            other => panic!("{other:?}"),
        }
    }

    pub async fn until_state(&self, state: LinkState) {
        self.until_report(|report| report.state == state).await;
    }

    /// What the link says of itself, once it is such.
    pub async fn until_report(&self, such: impl Fn(&LinkReport) -> bool) -> LinkReport {
        let mut link = self.feed.link();
        let found = soon(link.wait_for(|report| such(report))).await;
        found.expect("the link runs").clone()
    }

    pub async fn stop(mut self) {
        self.shutdown.cancel();
        while soon(self.packets.recv()).await.is_some() {}
        soon(self.feed.stopped()).await;
    }
}

/// Reads a request.
async fn read_head(tcp: &mut TcpStream) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = tcp.read_u8().await else { return };
        head.push(byte);
    }
}

async fn answer(mut tcp: TcpStream, desk: Arc<Mutex<Desk>>) {
    read_head(&mut tcp).await;
    let refusal = {
        let mut desk = desk.lock().expect("nobody panics");
        desk.asked_at.push(Instant::now());
        desk.refusal
    };
    let (status, more, body) = match refusal {
        Some((status, after_s, words)) => (status, format!("Retry-After: {after_s}\r\n"), words),
        None => (200, String::new(), "{}"),
    };
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 {status} It\r\n{more}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    // The client may have gone.
    drop(tcp.write_all(answer.as_bytes()).await);
}

/// Waits for what must happen.
pub async fn soon<T>(future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future).await.expect("it did not happen in time")
}

/// The same story at each venue, all of them at once.
pub async fn each<F: Future<Output = ()> + Send + 'static>(story: fn(Venue) -> F) {
    for told in Venue::LIVE.map(|venue| tokio::spawn(story(venue))) {
        told.await.expect("the story of each venue");
    }
}
