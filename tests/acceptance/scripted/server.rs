//! A server over real sockets that says what a script says: answers to what is asked, and frames on command.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use engine::Endpoints;
use futures_util::{SinkExt, StreamExt};
use market::{Timestamp, Venue};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, watch};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use super::printed::{Printed, Tape};

/// What a venue is to say next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The best bid becomes this whole price.
    Bid(u32),
    /// The same, and frames before it were never sent.
    BidBehindGap(u32),
    /// What the book sums to, where the venue says it.
    Sum(i32),
    /// A message of a kind that there is not.
    Unknown,
    /// What the venue says before it ends a link, or what it demands an answer to.
    Notice,
}

/// What the server is to do next, whatever its language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// It says this.
    Say(Step),
    /// It tells of a trade.
    Print(Printed),
    /// It says this twice, to the letter.
    SayTwice(Step),
    /// It says the second before the first, to the letter.
    SaySwapped(Step, Step),
    /// It says a text that is not JSON.
    Noise,
    /// The link is cut without a word.
    Cut,
    /// The link is closed with this code.
    Close(u16),
}

/// What one venue says. `n` counts on per link.
#[derive(Clone, Copy)]
pub struct Script {
    pub venue: Venue,
    pub symbol: &'static str,
    /// The bodies of its HTTP answers, by how the paths of their addresses end; `$MOMENT` stands for the book's.
    pub http: &'static [(&'static str, &'static str)],
    /// What it answers to a frame.
    pub reply: fn(&Value, n: &mut u64) -> Vec<String>,
    /// What it says on command.
    pub say: fn(Step, n: &mut u64) -> Vec<String>,
    /// How it tells its trades, and what it tells by HTTP where its socket is blocked.
    pub tape: Tape,
    /// Whether this frame or body is a whole book that was asked for.
    pub is_book: fn(&str) -> bool,
}

/// The best ask of all books.
pub const ASK: u32 = 150;

/// A moment in microseconds that is later than all before it, whoever asks.
pub fn moment() -> u64 {
    static MOMENTS: AtomicU64 = AtomicU64::new(1_641_343_695_000_000);
    MOMENTS.fetch_add(1, Ordering::Relaxed)
}

/// The server; it stops with the test's runtime.
pub struct Server {
    ws: String,
    rest: String,
    acts: broadcast::Sender<Act>,
    state: Arc<State>,
}

/// What all its connections share.
struct State {
    script: Script,
    asked: Mutex<Vec<String>>,
    n_links: AtomicUsize,
    /// Whether whole books are held back, and what comes behind them on their link.
    holds_books: watch::Sender<bool>,
    /// As of when the book is that is fetched.
    book_at: AtomicU64,
    /// How many books were held back.
    n_held: AtomicUsize,
    /// The status with which all is refused; 0 for none.
    refusal: AtomicU64,
    /// Whether something on the way refuses WebSockets.
    is_blocked: AtomicBool,
    /// What was traded, oldest first.
    printed: Mutex<Vec<Printed>>,
    /// The most trades that an answer by HTTP held.
    n_told: AtomicUsize,
}

impl Server {
    pub async fn listen(script: Script) -> Self {
        let sockets = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let requests = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let at = |listener: &TcpListener| listener.local_addr().expect("it is bound");
        let (ws, rest) = (format!("ws://{}", at(&sockets)), format!("http://{}", at(&requests)));
        let (acts, _) = broadcast::channel(64);
        let state = Arc::new(State {
            script,
            asked: Mutex::default(),
            n_links: AtomicUsize::new(0),
            holds_books: watch::Sender::new(false),
            book_at: AtomicU64::new(moment()),
            n_held: AtomicUsize::new(0),
            refusal: AtomicU64::new(0),
            is_blocked: AtomicBool::new(false),
            printed: Mutex::default(),
            n_told: AtomicUsize::new(0),
        });
        let (told, of_sockets, of_requests) = (acts.clone(), state.clone(), state.clone());
        tokio::spawn(async move {
            while let Ok((tcp, _)) = sockets.accept().await {
                tokio::spawn(talk(tcp, of_sockets.clone(), told.subscribe()));
            }
        });
        tokio::spawn(async move {
            while let Ok((tcp, _)) = requests.accept().await {
                tokio::spawn(answer(tcp, of_requests.clone()));
            }
        });
        Self { ws, rest, acts, state }
    }

    pub fn endpoints(&self) -> Endpoints {
        Endpoints { ws: self.ws.clone(), rest: self.rest.clone() }
    }

    /// Lets all links say something.
    pub fn tell(&self, step: Step) {
        self.act(Act::Say(step));
    }

    /// Lets all links do something.
    pub fn act(&self, act: Act) {
        // Nobody listens while there is no link.
        drop(self.acts.send(act));
    }

    /// Whole books are held back until they are let go.
    pub fn hold_books(&self, is_held: bool) {
        self.state.holds_books.send_replace(is_held);
    }

    /// Whether a book is held back or was.
    pub fn has_held_books(&self) -> bool {
        self.state.n_held.load(Ordering::Relaxed) > 0
    }

    /// All requests, also those for a WebSocket, are refused with this status; 0 ends it.
    pub fn refuse(&self, status: u16) {
        self.state.refusal.store(u64::from(status), Ordering::Relaxed);
    }

    /// From now on something on the way refuses WebSockets, or lets them through again.
    pub fn block(&self, is_blocked: bool) {
        self.state.is_blocked.store(is_blocked, Ordering::Relaxed);
    }

    /// The next trade: all links hear of it, or it is told to who asks by HTTP alone.
    pub fn print(&self, is_said: bool) {
        let at = SystemTime::UNIX_EPOCH.elapsed().expect("after 1970").as_millis();
        let at = Timestamp::from_millis(i64::try_from(at).expect("this century"));
        let mut printed = self.state.printed.lock().expect("nobody panicked");
        let trade = Printed { id: printed.len() as u64 + 1, at };
        printed.push(trade);
        if is_said {
            self.act(Act::Print(trade));
        }
    }

    /// The most trades that an answer by HTTP held.
    pub fn n_told(&self) -> usize {
        self.state.n_told.load(Ordering::Relaxed)
    }

    /// How many frames that clients sent contain this.
    pub fn n_asked(&self, part: &str) -> usize {
        let asked = self.state.asked.lock().expect("nobody panicked");
        asked.iter().filter(|one| one.contains(part)).count()
    }

    /// How many links were opened so far.
    pub fn n_links(&self) -> usize {
        self.state.n_links.load(Ordering::Relaxed)
    }
}

impl State {
    fn refusal(&self) -> Option<u16> {
        let status = u16::try_from(self.refusal.load(Ordering::Relaxed)).expect("a status");
        (status != 0).then_some(status)
    }

    /// What is told by HTTP of book and trades.
    fn polled(&self, path: &str, posted: &Value) -> Option<String> {
        let printed = self.printed.lock().expect("nobody panicked");
        let body = (self.script.tape.by_http)(path, posted, &printed)?.to_string();
        if body.contains("120") {
            self.n_told.fetch_max(printed.len(), Ordering::Relaxed);
        }
        Some(body)
    }

    /// From now on the book that is fetched is a newer one, without what was told before.
    fn renew_book(&self) {
        self.book_at.store(moment(), Ordering::Relaxed);
    }

    /// Waits until books are let go.
    async fn lets_go(&self) {
        let mut holds = self.holds_books.subscribe();
        drop(holds.wait_for(|holds| !holds).await);
    }
}

async fn talk(tcp: TcpStream, state: Arc<State>, mut acts: broadcast::Receiver<Act>) {
    let is_blocked = state.is_blocked.load(Ordering::Relaxed);
    let refusal = state.refusal().or(is_blocked.then_some(400));
    #[expect(clippy::result_large_err, reason = "the library's own type")]
    let shake = |_: &Request, response: Response| -> Result<Response, ErrorResponse> {
        let Some(status) = refusal else { return Ok(response) };
        let mut refused = ErrorResponse::new(None);
        *refused.status_mut() = status.try_into().expect("a status");
        Err(refused)
    };
    let Ok(mut socket) = tokio_tungstenite::accept_hdr_async(tcp, shake).await else { return };
    state.n_links.fetch_add(1, Ordering::Relaxed);
    let (script, mut n) = (state.script, 0);
    let mut held: Vec<String> = Vec::new();
    loop {
        let frames = tokio::select! {
            act = acts.recv() => match act {
                Ok(Act::Cut) | Err(_) => return,
                Ok(Act::Close(code)) => {
                    let frame = CloseFrame { code: code.into(), reason: "".into() };
                    drop(socket.close(Some(frame)).await);
                    return;
                }
                Ok(Act::Noise) => vec!["hello, world".to_owned()],
                Ok(Act::Say(step)) => {
                    let frames = (script.say)(step, &mut n);
                    if matches!(step, Step::Bid(price) if price > ASK) {
                        state.renew_book();
                    }
                    frames
                }
                Ok(Act::Print(trade)) => (script.tape.said)(trade, &mut n),
                Ok(Act::SayTwice(step)) => {
                    let said = (script.say)(step, &mut n);
                    said.iter().chain(&said).cloned().collect()
                }
                Ok(Act::SaySwapped(first, second)) => {
                    let first = (script.say)(first, &mut n);
                    let second = (script.say)(second, &mut n);
                    second.into_iter().chain(first).collect()
                }
            },
            () = state.lets_go(), if !held.is_empty() => std::mem::take(&mut held),
            message = socket.next() => match message {
                Some(Ok(Message::Text(text))) => {
                    state.asked.lock().expect("nobody panicked").push(text.to_string());
                    let frames = (script.reply)(&serde_json::from_str(&text).expect("JSON"), &mut n);
                    if !frames.is_empty() {
                        state.renew_book();
                    }
                    frames
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => Vec::new(),
            },
        };
        for frame in frames {
            let is_book = (script.is_book)(&frame) && *state.holds_books.borrow();
            if is_book || !held.is_empty() {
                state.n_held.fetch_add(1, Ordering::Relaxed);
                held.push(frame);
            } else if socket.send(Message::text(frame)).await.is_err() {
                return;
            }
        }
    }
}

/// The JSON that was posted behind a head.
async fn posted(tcp: &mut TcpStream, head: &str) -> Value {
    let lower = head.to_ascii_lowercase();
    let length = lower.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length = length.and_then(|length| length.trim().parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    match tcp.read_exact(&mut body).await {
        Ok(_) => serde_json::from_slice(&body).unwrap_or_default(),
        Err(_) => Value::Null,
    }
}

async fn answer(mut tcp: TcpStream, state: Arc<State>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = tcp.read_u8().await else { return };
        head.push(byte);
    }
    let head = String::from_utf8_lossy(&head);
    let posted = posted(&mut tcp, &head).await;
    let path = head.split([' ', '?']).nth(1).unwrap_or_default().trim_end_matches('/');
    let book_at = state.book_at.load(Ordering::Relaxed);
    let found = state.script.http.iter().find(|(end, _)| path.ends_with(end));
    let body = found.map(|(_, body)| body.replace("$MOMENT", &book_at.to_string()));
    let body = body.or_else(|| state.polled(path, &posted));
    let (status, body) = match (state.refusal(), body) {
        (Some(status), _) => (format!("{status} No"), "{}".to_owned()),
        (None, None) => ("404 Not Found".to_owned(), "{}".to_owned()),
        (None, Some(body)) => ("200 OK".to_owned(), body),
    };
    if (state.script.is_book)(&body) && *state.holds_books.borrow() {
        state.n_held.fetch_add(1, Ordering::Relaxed);
        state.lets_go().await;
    }
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    // The client may have gone.
    drop(tcp.write_all((head + &body).as_bytes()).await);
}
