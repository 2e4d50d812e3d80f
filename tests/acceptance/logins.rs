//! A proxy that wants a login: the status asks for it, what a screen answers is tried on the link at once, and kept
//! when it is right.

use std::sync::Mutex;

use engine::wire::{Command, ProxyLogin, Status};
use engine::{Deck, LoginTools, ProxyConfig};
use market::{Secret, Venue};
use proof::stage::{deck_config, live_config, simulated};
use proof::{Eye, eventually};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// The password, which must not be found in anything that is told or written.
const MARK: &str = "m4rked-p4ssword";

/// `ann` and the mark, in lower case.
const LOGIN: &str = "proxy-authorization: basic yw5uom00cmtlzc1wnhnzd29yza==";

/// Logins that the host was given to keep.
static KEPT: Mutex<Vec<(String, Secret)>> = Mutex::new(Vec::new());

fn keep(proxy: &ProxyConfig) -> Result<(), String> {
    let password = proxy.password().expect("a login has one").clone();
    KEPT.lock().expect("nobody panics here").push((proxy.to_string(), password));
    Err("It is not kept.".to_owned())
}

/// A proxy that lets nobody through but with the login.
async fn guard(listener: TcpListener) {
    while let Ok((tcp, _)) = listener.accept().await {
        tokio::spawn(let_through(tcp));
    }
}

async fn let_through(mut client: TcpStream) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = client.read_u8().await else { return };
        head.push(byte);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let target = head.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next());
    let (status, target) = match target {
        _ if !head.to_lowercase().contains(LOGIN) => ("407 Proxy Authentication Required", None),
        Some(target) => ("200 OK", TcpStream::connect(target).await.ok()),
        None => ("501 Not Implemented", None),
    };
    let length = if target.is_some() { "" } else { "Content-Length: 0\r\nConnection: close\r\n" };
    drop(client.write_all(format!("HTTP/1.1 {status}\r\n{length}\r\n").as_bytes()).await);
    if let Some(mut venue) = target {
        drop(copy_bidirectional(&mut client, &mut venue).await);
    }
}

async fn log_in(eye: &Eye, user: &str, password: &str) -> Result<(), String> {
    let command =
        Command::SetProxyLogin { user: user.to_owned(), password: Secret::new(password.into()) };
    let told = format!("{command:?} {}", serde_json::to_string(&command).expect("it is plain"));
    assert!(!told.contains(MARK), "{told}");
    eye.try_command(command).await.map(|_| ())
}

fn is_untold(status: &Status) -> bool {
    !format!("{status:?}").contains(MARK)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_that_wants_a_login_is_told_until_it_lets_us_in() {
    let of = [(Venue::Kraken, "BTC/USD")];
    let (sim, folder) = (simulated(&of).await, tempfile::tempdir().expect("a folder"));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let place = format!("127.0.0.1:{}", listener.local_addr().expect("a port").port());
    let guard = tokio::spawn(guard(listener));
    let mut live = live_config(&sim, &of, folder.path());
    let proxy = ProxyConfig::parse(&format!("http://{place}")).expect("an address");
    live.proxy = Some(proxy.for_loopback_too());
    let mut config = deck_config(Some(live), None);
    config.logins = LoginTools { keep };
    let (deck, task) = Deck::start(config);
    let mut eye = Eye::open(&deck).await;

    let wanted = ProxyLogin { place: place.clone(), user: String::new(), is_refused: false };
    let asks = |what: &ProxyLogin| {
        let what = Some(what.clone());
        move |status: &std::sync::Arc<Status>| is_untold(status) && status.proxy_login == what
    };
    eye.until_status("a login is asked for", asks(&wanted)).await;
    let refused = log_in(&eye, "", MARK).await.expect_err("nobody has no name");
    assert_eq!(refused, "This is no login: a login needs a name.");

    log_in(&eye, "ann", &format!("{MARK}-not")).await.expect("it is tried");
    let refused = ProxyLogin { place, user: "ann".to_owned(), is_refused: true };
    eye.until_status("it is refused", asks(&refused)).await;
    assert!(KEPT.lock().expect("nobody panics").is_empty(), "what is wrong is not kept");

    log_in(&eye, "ann", MARK).await.expect("it is tried");
    assert_eq!(eye.status().proxy_login, None, "while it is tried, none is asked for");
    eye.follow(Venue::Kraken, "BTC/USD").await;
    eye.until_running().await;
    eventually("the right one is kept", async || {
        let account = refused.place.as_str();
        let kept = KEPT.lock().expect("nobody panics").clone();
        kept == [(format!("http://ann@{account}"), Secret::new(MARK.to_owned()))]
    })
    .await;
    let told = |status: &std::sync::Arc<Status>| {
        status.notices.iter().any(|notice| notice.sentence == "It is not kept.")
    };
    eye.until_status("that it is not", told).await;
    assert!(is_untold(&eye.status()) && eye.status().proxy_login.is_none());

    deck.shut_down();
    task.stopped().await;
    guard.abort();
    sim.stop().await;
    for file in proof::stage::recordings_in(folder.path()) {
        let packets = proof::tapes::packets(&[file]);
        assert!(!format!("{packets:?}").contains(MARK), "no recording holds it");
    }
}
