//! A server over real sockets that says what a script says: answers to what is asked, and frames on command.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use engine::Endpoints;
use futures_util::{SinkExt, StreamExt};
use market::Venue;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use tokio_tungstenite::tungstenite::Message;

/// What the server is to say or do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The best bid becomes this whole price.
    Bid(u32),
    /// The same, and frames before it were never sent.
    BidBehindGap(u32),
    /// A message of a kind that there is not.
    Unknown,
    /// A text that is not JSON.
    Noise,
    /// What the venue says before it ends a link, or what it demands an answer to.
    Notice,
    /// The link is cut without a word.
    Cut,
}

/// What one venue says. `n` counts on per link.
#[derive(Clone, Copy)]
pub struct Script {
    pub venue: Venue,
    pub symbol: &'static str,
    /// The bodies of its HTTP answers, by how the paths of their addresses end.
    pub http: &'static [(&'static str, &'static str)],
    /// What it answers to a frame.
    pub reply: fn(&Value, n: &mut u64) -> Vec<String>,
    /// What it says on command.
    pub say: fn(Step, n: &mut u64) -> Vec<String>,
}

/// The server; it stops with the test's runtime.
pub struct Server {
    ws: String,
    rest: String,
    steps: broadcast::Sender<Step>,
    asked: Arc<Mutex<Vec<String>>>,
    n_links: Arc<AtomicUsize>,
}

impl Server {
    pub async fn listen(script: Script) -> Self {
        let sockets = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let requests = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let at = |listener: &TcpListener| listener.local_addr().expect("it is bound");
        let (ws, rest) = (format!("ws://{}", at(&sockets)), format!("http://{}", at(&requests)));
        let (steps, _) = broadcast::channel(64);
        let (asked, n_links) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let (told, heard, count) = (steps.clone(), asked.clone(), n_links.clone());
        tokio::spawn(async move {
            while let Ok((tcp, _)) = sockets.accept().await {
                let (steps, heard, count) = (told.subscribe(), heard.clone(), count.clone());
                tokio::spawn(async move { talk(tcp, script, steps, (&heard, &count)).await });
            }
        });
        tokio::spawn(async move {
            while let Ok((tcp, _)) = requests.accept().await {
                tokio::spawn(answer(tcp, script.http));
            }
        });
        Self { ws, rest, steps, asked, n_links }
    }

    pub fn endpoints(&self) -> Endpoints {
        Endpoints { ws: self.ws.clone(), rest: self.rest.clone() }
    }

    /// Lets all links say or do something.
    pub fn tell(&self, step: Step) {
        // Nobody listens while there is no link.
        drop(self.steps.send(step));
    }

    /// How many frames that clients sent contain this.
    pub fn n_asked(&self, part: &str) -> usize {
        self.asked.lock().expect("nobody panicked").iter().filter(|one| one.contains(part)).count()
    }

    /// How many links were opened so far.
    pub fn n_links(&self) -> usize {
        self.n_links.load(Ordering::Relaxed)
    }
}

async fn talk(
    tcp: TcpStream,
    script: Script,
    mut steps: broadcast::Receiver<Step>,
    (asked, n_links): (&Mutex<Vec<String>>, &AtomicUsize),
) {
    let Ok(mut socket) = tokio_tungstenite::accept_async(tcp).await else { return };
    n_links.fetch_add(1, Ordering::Relaxed);
    let mut n = 0;
    loop {
        let frames = tokio::select! {
            step = steps.recv() => match step {
                Ok(Step::Cut) | Err(_) => return,
                Ok(Step::Noise) => vec!["hello, world".to_owned()],
                Ok(step) => (script.say)(step, &mut n),
            },
            message = socket.next() => match message {
                Some(Ok(Message::Text(text))) => {
                    asked.lock().expect("nobody panicked").push(text.to_string());
                    (script.reply)(&serde_json::from_str(&text).expect("JSON"), &mut n)
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => Vec::new(),
            },
        };
        for frame in frames {
            if socket.send(Message::text(frame)).await.is_err() {
                return;
            }
        }
    }
}

async fn answer(mut tcp: TcpStream, bodies: &[(&str, &str)]) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = tcp.read_u8().await else { return };
        head.push(byte);
    }
    let head = String::from_utf8_lossy(&head);
    let path = head.split([' ', '?']).nth(1).unwrap_or_default().trim_end_matches('/');
    let found = bodies.iter().find(|(end, _)| path.ends_with(end));
    let (status, body) = found.map_or(("404 Not Found", "{}"), |(_, body)| ("200 OK", *body));
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    // The client may have gone.
    drop(tcp.write_all((head + body).as_bytes()).await);
}
