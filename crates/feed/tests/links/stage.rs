//! Both ends of a link: a venue that a test plays, and the feed that listens to it.

use std::time::Duration;

use feed::{Feed, FeedConfig, LinkReport, LinkState, PACKETS_QUEUED, Patience};
use futures_util::{SinkExt, StreamExt};
use market::{Body, LinkId, Packet, Venue};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, accept_async};
use tokio_util::sync::CancellationToken;
use venues::{Endpoints, Limits, Protocol, Request, posted};

/// How long anything may take on a busy machine before a test gives up.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// A venue: a port for its WebSocket and one for its requests.
pub struct Stage {
    pub venue: Venue,
    pub sockets: TcpListener,
    pub requests: TcpListener,
}

impl Stage {
    pub async fn set(venue: Venue) -> Self {
        let sockets = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let requests = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self { venue, sockets, requests }
    }

    pub fn endpoints(&self) -> Endpoints {
        let ws = self.sockets.local_addr().unwrap();
        let path = if self.venue == Venue::Kraken { "/v2" } else { "" };
        let rest = self.requests.local_addr().unwrap();
        Endpoints { ws: format!("ws://{ws}{path}"), rest: format!("http://{rest}") }
    }

    /// A feed that listens here, in haste and within limits that no test reaches by chance.
    pub fn config(&self) -> FeedConfig {
        let config = FeedConfig::at(self.venue, LinkId(7), self.endpoints()).unwrap();
        let mut config = config.within(roomy());
        config.patience = brisk();
        config
    }

    /// What the venue's language says on opening and to subscribe to `symbols`: frames and requests.
    pub fn asked(&self, symbols: &[&str]) -> (Vec<String>, Vec<String>) {
        let mut protocol = Protocol::new(self.venue, self.endpoints()).unwrap();
        let symbols: Vec<String> = symbols.iter().map(|&symbol| symbol.to_owned()).collect();
        let mut asked = protocol.on_open();
        if !symbols.is_empty() {
            asked.extend(protocol.subscribe(&symbols));
        }
        let (mut frames, mut gets) = (Vec::new(), Vec::new());
        for request in asked {
            match request {
                Request::Send(frame) => frames.push(frame),
                Request::Get { url, .. } => gets.push(url),
                Request::Post { url, body, .. } => gets.push(posted(&url, &body)),
            }
        }
        (frames, gets)
    }

    /// Takes the next connection as a WebSocket.
    pub async fn accept(&self) -> Line {
        let (tcp, _) = soon(self.sockets.accept()).await.unwrap();
        Line(soon(accept_async(tcp)).await.unwrap())
    }

    /// Takes the next connection and leaves the handshake to the test.
    pub async fn accept_raw(&self) -> TcpStream {
        soon(self.sockets.accept()).await.unwrap().0
    }

    /// Takes the next connection, reads the request to open a WebSocket and answers it with `answer`.
    pub async fn answer_upgrade(&self, answer: &str) {
        let mut tcp = self.accept_raw().await;
        read_head(&mut tcp).await;
        tcp.write_all(answer.as_bytes()).await.unwrap();
        tcp.shutdown().await.unwrap();
    }

    /// Takes the next request, which has a body, and answers it with `answer`; gives its head and its body.
    pub async fn answer_post(&self, answer: &str) -> (String, String) {
        let (mut tcp, _) = soon(self.requests.accept()).await.unwrap();
        let head = read_head(&mut tcp).await;
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length").then(|| value.parse().unwrap())
        });
        let mut body = vec![0; length.unwrap_or(0)];
        soon(tcp.read_exact(&mut body)).await.unwrap();
        tcp.write_all(answer.as_bytes()).await.unwrap();
        tcp.shutdown().await.unwrap();
        (head, String::from_utf8(body).unwrap())
    }

    /// Takes the next request and answers it with `answer`, head and body; gives the path that was asked.
    pub async fn answer_request(&self, answer: &str) -> String {
        let (mut tcp, _) = soon(self.requests.accept()).await.unwrap();
        let head = read_head(&mut tcp).await;
        tcp.write_all(answer.as_bytes()).await.unwrap();
        tcp.shutdown().await.unwrap();
        head.split(' ').nth(1).unwrap().to_owned()
    }
}

/// A response that closes its connection.
pub fn response(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n{body}"
    )
}

/// What a client says first, up to the empty line.
pub async fn read_head(tcp: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(soon(tcp.read_u8()).await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

/// The venue's end of an open WebSocket.
pub struct Line(pub WebSocketStream<TcpStream>);

impl Line {
    /// The next text frame that the feed sends.
    pub async fn hear(&mut self) -> String {
        loop {
            match soon(self.0.next()).await.unwrap().unwrap() {
                Message::Text(text) => return text.to_string(),
                Message::Pong(_) => {}
                other => panic!("instead of a text frame: {other:?}"),
            }
        }
    }

    /// The next `n` text frames.
    pub async fn hear_all(&mut self, n: usize) -> Vec<String> {
        let mut frames = Vec::new();
        while frames.len() < n {
            frames.push(self.hear().await);
        }
        frames
    }

    /// The code of the feed's goodbye.
    pub async fn goodbye(&mut self) -> Option<u16> {
        while let Some(Ok(message)) = soon(self.0.next()).await {
            if let Message::Close(frame) = message {
                return frame.map(|frame| u16::from(frame.code));
            }
        }
        None
    }

    /// What the feed echoes of our ping.
    pub async fn pong(&mut self) -> Vec<u8> {
        loop {
            if let Message::Pong(echo) = soon(self.0.next()).await.unwrap().unwrap() {
                return echo.to_vec();
            }
        }
    }

    /// Closes as a venue should, and waits until the feed has gone too.
    pub async fn goodbye_to(mut self) {
        self.0.close(None).await.unwrap();
        while let Some(Ok(_)) = soon(self.0.next()).await {}
    }

    pub async fn say(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.unwrap();
    }
}

/// A running feed and what comes out of it.
pub struct Listener {
    pub feed: Feed,
    pub packets: mpsc::Receiver<Packet>,
    pub shutdown: CancellationToken,
}

impl Listener {
    pub fn start(config: FeedConfig) -> Self {
        Self::queueing(config, PACKETS_QUEUED)
    }

    /// A feed whose queue holds only so many packets.
    pub fn queueing(config: FeedConfig, packets_queued: usize) -> Self {
        let (sender, packets) = mpsc::channel(packets_queued);
        let shutdown = CancellationToken::new();
        let feed = Feed::start(config, sender, shutdown.clone());
        Self { feed, packets, shutdown }
    }

    pub fn subscribe(&self, symbols: &[&str]) {
        self.feed.subscribe(symbols.iter().map(|&symbol| symbol.to_owned()).collect());
    }

    pub async fn next(&mut self) -> Packet {
        soon(self.packets.recv()).await.expect("the link is running")
    }

    /// The next packet for which `wanted` holds; those before it are passed over.
    pub async fn until(&mut self, wanted: impl Fn(&Body) -> bool) -> Packet {
        loop {
            let packet = self.next().await;
            if wanted(&packet.body) {
                return packet;
            }
        }
    }

    /// The sentence of the next `Closed`.
    pub async fn closed(&mut self) -> String {
        match self.until(|body| matches!(body, Body::Closed(_))).await.body {
            Body::Closed(sentence) => String::from_utf8(sentence.to_vec()).unwrap(),
            other => panic!("not closed: {other:?}"),
        }
    }

    /// Waits until the link says that it is in `state` with a sentence that contains `words`.
    pub async fn report(&self, state: LinkState, words: &str) -> LinkReport {
        let mut link = self.feed.link();
        let wanted = |report: &LinkReport| report.state == state && report.sentence.contains(words);
        match timeout(DEADLINE, link.wait_for(wanted)).await {
            Ok(report) => report.unwrap().clone(),
            Err(_) => panic!("{:?} instead of {words}", self.feed.link().borrow()),
        }
    }

    /// Stops the link and waits for it; gives what it still said.
    pub async fn stop(mut self) -> Vec<Packet> {
        self.shutdown.cancel();
        let mut rest = Vec::new();
        while let Some(packet) = soon(self.packets.recv()).await {
            rest.push(packet);
        }
        soon(self.feed.stopped()).await;
        rest
    }
}

/// Limits under which nothing waits that the test does not mean to wait.
pub fn roomy() -> Limits {
    Limits {
        silence: DEADLINE,
        book_silence: None,
        frames_per_second: 1_000,
        frames_counted: venues::Counted::ByLink,
        asks: None,
        carried: None,
        carried_counted: venues::Counted::ByLink,
        rest_weight_per_minute: 1_000_000,
        rest_burst: None,
        connects: 1_000,
        connects_window: DEADLINE,
        links: None,
        left_alone: Duration::ZERO,
        first_datum: DEADLINE,
        link_lifetime: None,
    }
}

/// Short waits between attempts and at the end.
pub fn brisk() -> Patience {
    Patience {
        backoff_min: Duration::from_millis(10),
        backoff_max: Duration::from_millis(50),
        close: Duration::from_millis(200),
        first_poll: Duration::from_millis(200),
        socket_again: Duration::from_millis(200),
        fall_back: Duration::from_millis(100),
        overlap: Duration::from_millis(100),
        ..Patience::default()
    }
}

/// Waits for what must happen.
pub async fn soon<T>(future: impl Future<Output = T>) -> T {
    timeout(DEADLINE, future).await.expect("it did not happen in time")
}
