//! Ways through proxies: HTTP CONNECT and SOCKS 5, with and without a password, and what is told when there is none.

use std::io::Write;
use std::sync::{Arc, Mutex};

use base64::prelude::{BASE64_STANDARD, Engine};
use feed::{FeedConfig, LinkState, ProxyConfig};
use market::{Body, LinkId, Secret, Venue};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::stage::{Listener, Stage, brisk, read_head, response};
use venues::Endpoints;

/// The password that must not be found anywhere.
pub const MARK: &str = "m4rked-p4ssword";

/// How a proxy greets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    Open,
    /// It wants the user `ann` and the mark.
    Locked,
    /// It lets nobody through.
    Shut,
}

/// A proxy on this machine.
pub struct Proxy {
    port: u16,
    /// To whom it was asked to go.
    asked: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Proxy {
    pub async fn open(door: Door) -> Self {
        Self::open_to(0, door).await
    }

    /// A proxy that lets the first `n` connections through, whatever its door.
    pub async fn open_to(n: usize, door: Door) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let notes = asked.clone();
        let task = tokio::spawn(async move {
            for turn in 0.. {
                let door = if turn < n { Door::Open } else { door };
                let Ok((tcp, _)) = listener.accept().await else { return };
                tokio::spawn(serve(tcp, door, notes.clone()));
            }
        });
        Self { port, asked, task }
    }

    pub fn config(&self, scheme: &str, login: &str) -> ProxyConfig {
        let address = format!("{scheme}://{login}localhost:{}", self.port);
        ProxyConfig::parse(&address).unwrap().for_loopback_too()
    }

    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// Speaks what the client begins with: version 5 of SOCKS, or HTTP.
async fn serve(mut client: TcpStream, door: Door, notes: Arc<Mutex<Vec<String>>>) {
    let mut first = [0];
    client.peek(&mut first).await.unwrap();
    let opened = match first[0] {
        5 => socks(&mut client, door).await.map(|target| (target, String::new())),
        _ => http(&mut client, door).await,
    };
    let Some((target, head)) = opened else { return };
    notes.lock().unwrap().push(target.clone());
    let Ok(mut venue) = TcpStream::connect(target).await else { return };
    venue.write_all(head.as_bytes()).await.unwrap();
    drop(copy_bidirectional(&mut client, &mut venue).await);
}

/// To whom the client is let through, and what is handed on of what it said.
async fn http(client: &mut TcpStream, door: Door) -> Option<(String, String)> {
    let head = read_head(client).await;
    let login = format!("Basic {}", BASE64_STANDARD.encode(format!("ann:{MARK}")));
    let is_known = head.lines().any(|line| {
        line.split_once(": ").is_some_and(|(name, value)| {
            name.eq_ignore_ascii_case("proxy-authorization") && value == login
        })
    });
    let refusal = match door {
        Door::Locked if !is_known => Some("407 Proxy Authentication Required"),
        Door::Shut => Some("403 Forbidden"),
        Door::Open | Door::Locked => None,
    };
    if let Some(status) = refusal {
        client.write_all(response(status, "", "no").as_bytes()).await.unwrap();
        return None;
    }
    let target = head.split(' ').nth(1)?.to_owned();
    if head.starts_with("CONNECT ") {
        client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        return Some((target, String::new()));
    }
    // A request without encryption names the whole address instead.
    let target = target.strip_prefix("http://")?.split('/').next()?.to_owned();
    Some((target, head))
}

async fn socks(client: &mut TcpStream, door: Door) -> Option<String> {
    let [_, n_methods] = read(client).await;
    let mut methods = vec![0; usize::from(n_methods)];
    client.read_exact(&mut methods).await.unwrap();
    let method = if door == Door::Locked { 2 } else { methods[0] };
    if !methods.contains(&method) {
        client.write_all(&[5, 0xff]).await.unwrap();
        return None;
    }
    client.write_all(&[5, method]).await.unwrap();
    if method == 2 {
        let [_version] = read(client).await;
        let (user, password) = (text(client).await, text(client).await);
        let is_known = door != Door::Locked || (user == "ann" && password == MARK);
        client.write_all(&[1, u8::from(!is_known)]).await.unwrap();
        if !is_known {
            return None;
        }
    }
    let [_, _, _, kind] = read(client).await;
    let host = match kind {
        1 => read::<4>(client).await.map(|part| part.to_string()).join("."),
        3 => text(client).await,
        kind => panic!("an address of kind {kind}"),
    };
    let port = u16::from_be_bytes(read(client).await);
    let status = if door == Door::Shut { 2 } else { 0 };
    client.write_all(&[5, status, 0, 1, 0, 0, 0, 0, 0, 0]).await.unwrap();
    (door != Door::Shut).then(|| format!("{host}:{port}"))
}

async fn read<const N: usize>(client: &mut TcpStream) -> [u8; N] {
    let mut bytes = [0; N];
    client.read_exact(&mut bytes).await.unwrap();
    bytes
}

async fn text(client: &mut TcpStream) -> String {
    let [length] = read(client).await;
    let mut bytes = vec![0; usize::from(length)];
    client.read_exact(&mut bytes).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

fn through(stage: &Stage, proxy: ProxyConfig) -> FeedConfig {
    stage.config().through(Some(proxy))
}

/// A link and its requests through `proxy` are open; whom it was asked for.
async fn heard_through(proxy: &Proxy, config: ProxyConfig) -> Vec<String> {
    let stage = Stage::set(Venue::Binance).await;
    let mut listener = Listener::start(through(&stage, config));
    let mut line = stage.accept().await;
    line.say("through").await;
    listener.until(|body| *body == Body::Text("through".into())).await;
    stage.answer_request(&response("200 OK", "", "{}")).await;
    listener.until(|body| matches!(body, Body::Answered(_))).await;
    listener.stop().await;
    proxy.asked()
}

/// The venue's ports under a name instead of a number.
fn by_name(stage: &Stage, proxy: ProxyConfig) -> FeedConfig {
    let named = |url: String| url.replace("127.0.0.1", "localhost");
    let endpoints = stage.endpoints();
    let endpoints = Endpoints { ws: named(endpoints.ws), rest: named(endpoints.rest) };
    let mut config = FeedConfig::at(stage.venue, LinkId(7), endpoints).unwrap();
    config.patience = brisk();
    config.through(Some(proxy))
}

/// The target that a proxy of this kind is asked for when the venue has a name.
async fn target_asked(scheme: &str) -> String {
    let proxy = Proxy::open(Door::Open).await;
    let stage = Stage::set(Venue::Kraken).await;
    let listener = Listener::start(by_name(&stage, proxy.config(scheme, "")));
    stage.accept().await;
    listener.stop().await;
    proxy.asked()[0].split(':').next().unwrap().to_owned()
}

#[tokio::test]
async fn names_are_looked_up_by_the_proxy_unless_it_is_plain_socks5() {
    assert_eq!(target_asked("http").await, "localhost");
    assert_eq!(target_asked("socks5h").await, "localhost");
    assert_eq!(target_asked("socks5").await, "127.0.0.1");
}

#[tokio::test]
async fn sockets_and_requests_go_through_the_proxy() {
    for scheme in ["http", "socks5", "socks5h"] {
        let proxy = Proxy::open(Door::Open).await;
        let asked = heard_through(&proxy, proxy.config(scheme, "")).await;
        assert_eq!(asked.len(), 2, "{scheme}: {asked:?}");
    }
}

#[tokio::test]
async fn a_password_opens_a_locked_proxy() {
    let login = format!("ann:{MARK}@");
    for scheme in ["http", "socks5"] {
        let proxy = Proxy::open(Door::Locked).await;
        let asked = heard_through(&proxy, proxy.config(scheme, &login)).await;
        assert_eq!(asked.len(), 2, "{scheme}: {asked:?}");
    }
    let proxy = Proxy::open(Door::Locked).await;
    let asked_for = proxy.config("socks5h", "ann@");
    assert!(asked_for.wants_password());
    heard_through(&proxy, asked_for.with_password(Secret::new(MARK.to_owned()))).await;
}

#[tokio::test]
async fn this_machine_is_reached_without_a_proxy() {
    let stage = Stage::set(Venue::Kraken).await;
    let nowhere = ProxyConfig::parse("socks5://127.0.0.1:1").unwrap();
    let listener = Listener::start(through(&stage, nowhere));
    stage.accept().await;
    listener.stop().await;
}

/// What is told of a link whose way to the WebSocket is not opened by `proxy`.
async fn told_of_socket(config: ProxyConfig) -> String {
    let stage = Stage::set(Venue::Kraken).await;
    let mut listener = Listener::start(through(&stage, config));
    let sentence = listener.closed().await;
    listener.report(LinkState::Down, &sentence).await;
    let rest = listener.stop().await;
    assert!(!format!("{rest:?}").contains(MARK), "{rest:?}");
    sentence
}

/// What is told when `proxy` opens the way to the WebSocket, and then not to requests of this scheme.
async fn told_of_request(config: ProxyConfig, scheme: &str) -> String {
    let stage = Stage::set(Venue::Binance).await;
    let mut endpoints = stage.endpoints();
    endpoints.rest = endpoints.rest.replace("http", scheme);
    let mut at = FeedConfig::at(stage.venue, LinkId(7), endpoints).unwrap();
    at.patience = brisk();
    let listener = Listener::start(at.through(Some(config)));
    let _line = stage.accept().await;
    let report = listener.report(LinkState::Up, "proxy").await;
    assert!(!format!("{report:?}").contains(MARK), "{report:?}");
    let rest = listener.stop().await;
    assert!(!format!("{rest:?}").contains(MARK), "{rest:?}");
    report.sentence
}

/// Everything that a proxy with this door leads to being told: of the socket, of plain and of encrypted requests.
async fn all_told(door: Door, scheme: &str, login: &str) -> Vec<String> {
    let proxy = Proxy::open(door).await;
    let mut told = vec![told_of_socket(proxy.config(scheme, login)).await];
    for request in ["http", "https"] {
        let proxy = Proxy::open_to(1, door).await;
        told.push(told_of_request(proxy.config(scheme, login), request).await);
    }
    let place = |sentence: String| {
        let (before, after) = sentence.split_once("localhost:").unwrap_or((&sentence, ""));
        format!("{before}X{}", after.trim_start_matches(|c: char| c.is_ascii_digit()))
    };
    told.into_iter().map(place).collect()
}

#[tokio::test]
async fn a_proxy_that_asks_for_a_password_is_told_as_itself() {
    for scheme in ["http", "socks5"] {
        for sentence in all_told(Door::Locked, scheme, "").await {
            let words = "The proxy X asks for a password. Put your name into its address,";
            assert!(sentence.starts_with(words), "{scheme}: {sentence}");
        }
    }
}

#[tokio::test]
async fn a_wrong_password_is_told_and_not_said_again_soon() {
    let login = format!("ann:{MARK}-not@");
    for scheme in ["http", "socks5"] {
        for sentence in all_told(Door::Locked, scheme, &login).await {
            let words = "The proxy X does not accept this name and password.";
            assert_eq!(sentence, words, "{scheme}");
        }
    }
    let proxy = Proxy::open(Door::Locked).await;
    let stage = Stage::set(Venue::Kraken).await;
    let listener = Listener::start(through(&stage, proxy.config("http", &login)));
    let report = listener.report(LinkState::Down, "does not accept").await;
    let told = report.told(report.retry_at.unwrap().plus_nanos(-200_000_000_000));
    assert!(told.ends_with("Trying again in 200 s."), "{told}");
    listener.stop().await;
}

#[tokio::test]
async fn a_proxy_that_lets_nobody_through_is_told() {
    let login = format!("ann:{MARK}@");
    for sentence in all_told(Door::Shut, "socks5", "").await {
        let words = "The proxy X does not let us through to the simulated";
        assert!(sentence.starts_with(words), "{sentence}");
    }
    let told = all_told(Door::Shut, "http", &login).await;
    for sentence in [&told[0], &told[2]] {
        let words = "The proxy X does not let us through to the simulated";
        assert!(sentence.starts_with(words), "{sentence}");
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_told() {
    for scheme in ["http", "socks5"] {
        let proxy = Proxy::open(Door::Open).await;
        let config = proxy.config(scheme, &format!("ann:{MARK}@"));
        drop(proxy);
        let sentence = told_of_socket(config).await;
        assert!(sentence.starts_with("The proxy localhost:"), "{sentence}");
        assert!(sentence.ends_with("is not answering: the connection was refused."), "{sentence}");
    }
}

/// A log of all tests of this program, in which passwords are looked for.
#[derive(Clone, Default)]
struct Journal(Arc<Mutex<Found>>);

/// What was found in it.
#[derive(Default)]
struct Found {
    n_lines: usize,
    secrets: Vec<String>,
}

impl Write for Journal {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let line = String::from_utf8_lossy(bytes);
        let coded = BASE64_STANDARD.encode(format!("ann:{MARK}"));
        let mut found = self.0.lock().unwrap();
        found.n_lines += usize::from(line.contains("link closed"));
        if line.contains(MARK) || line.contains(coded.trim_end_matches('=')) {
            found.secrets.push(line.into_owned());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_log_of_any_error_holds_the_password() {
    let journal = Journal::default();
    let writer = journal.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    for login in [format!("ann:{MARK}@"), format!("ann:{MARK}-not@")] {
        for scheme in ["http", "socks5", "socks5h"] {
            for door in [Door::Locked, Door::Shut] {
                let proxy = Proxy::open(door).await;
                let config = proxy.config(scheme, &login);
                if door == Door::Locked && !login.contains("not") {
                    heard_through(&proxy, config).await;
                } else {
                    all_told(door, scheme, &login).await;
                }
            }
        }
    }
    let found = journal.0.lock().unwrap();
    assert!(found.n_lines >= 6, "the log was heard");
    assert_eq!(found.secrets, Vec::<String>::new());
}
