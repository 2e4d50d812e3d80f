//! A proxy that wants a login: the status asks for it, what a screen answers is tried on the link at once, and kept
//! when it is right.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use engine::wire::{Command, Only, ProxyLogin, Status};
use engine::{Deck, LoginTools, ProxyConfig};
use market::{Secret, Venue};
use proof::stage::{deck_config, live_config, simulated};
use proof::{Eye, eventually};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

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

/// What is behind the proxy.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Behind {
    /// All that is asked for.
    All,
    /// Nobody: this machine has no way out.
    Nobody,
}

/// A proxy that lets nobody through but with the login; counts who came with it, with another, and with none.
struct Guard {
    place: String,
    counts: Arc<[AtomicUsize; 3]>,
    task: JoinHandle<()>,
}

impl Guard {
    async fn before(behind: Behind) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let place = format!("127.0.0.1:{}", listener.local_addr().expect("a port").port());
        let counts: Arc<[AtomicUsize; 3]> = Arc::default();
        let counted = counts.clone();
        let task = tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                tokio::spawn(let_through(tcp, behind, counted.clone()));
            }
        });
        Self { place, counts, task }
    }

    /// The proxy's address, without a login.
    fn proxy(&self) -> ProxyConfig {
        ProxyConfig::parse(&format!("http://{}", self.place)).expect("an address")
    }

    /// How many came with the login, with another, and with none.
    fn counts(&self) -> [usize; 3] {
        self.counts.each_ref().map(|count| count.load(Ordering::Relaxed))
    }
}

async fn let_through(mut client: TcpStream, behind: Behind, counts: Arc<[AtomicUsize; 3]>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = client.read_u8().await else { return };
        head.push(byte);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let target = head.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next());
    let said = head.to_lowercase();
    let login = match said.contains(LOGIN) {
        true => 0,
        false => 1 + usize::from(!said.contains("proxy-authorization")),
    };
    counts[login].fetch_add(1, Ordering::Relaxed);
    let (status, target) = match target {
        _ if login > 0 => ("407 Proxy Authentication Required", None),
        _ if behind == Behind::Nobody => ("502 Bad Gateway", None),
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
    let guard = Guard::before(Behind::All).await;
    let place = guard.place.clone();
    let mut live = live_config(&sim, &of, folder.path());
    live.proxy = Some(guard.proxy().for_loopback_too());
    let mut config = deck_config(Some(live), None);
    config.logins = LoginTools { keep, find: |_| None };
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
    guard.task.abort();
    sim.stop().await;
    for file in proof::stage::recordings_in(folder.path()) {
        let packets = proof::tapes::packets(&[file]);
        assert!(!format!("{packets:?}").contains(MARK), "no recording holds it");
    }
}

/// How often a host was asked to keep a login that it had found.
static KEPT_AGAIN: AtomicUsize = AtomicUsize::new(0);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_that_was_kept_for_a_proxy_without_a_name_is_used_and_nobody_is_asked() {
    let of = [(Venue::Kraken, "BTC/USD")];
    let (sim, folder) = (simulated(&of).await, tempfile::tempdir().expect("a folder"));
    let guard = Guard::before(Behind::All).await;
    let mut live = live_config(&sim, &of, folder.path());
    live.proxy = Some(guard.proxy().for_loopback_too());
    let mut config = deck_config(Some(live), None);
    config.logins = LoginTools {
        keep: |_| {
            KEPT_AGAIN.fetch_add(1, Ordering::Relaxed);
            Ok(())
        },
        find: |proxy| {
            assert_eq!(proxy.user(), None);
            proxy.with_login("ann", Secret::new(MARK.to_owned())).ok()
        },
    };
    let (deck, task) = Deck::start(config);
    let mut eye = Eye::open(&deck).await;
    let mut other = Eye::open(&deck).await;
    let runs = async {
        eye.follow(Venue::Kraken, "BTC/USD").await;
        eye.until_running().await;
    };
    let is_asked = |status: &Arc<Status>| status.proxy_login.is_some();
    let was_asked = tokio::select! {
        () = runs => false,
        () = other.until_status("a login is asked for", is_asked) => true,
    };
    deck.shut_down();
    task.stopped().await;
    assert!(!was_asked, "the login was known");
    assert_eq!((guard.counts()[1], KEPT_AGAIN.load(Ordering::Relaxed)), (0, 0));
    guard.task.abort();
    sim.stop().await;
}

/// The demo market is on this machine: only a search for real venues meets the proxy.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_the_demo_market_a_search_that_meets_the_proxy_asks_for_the_login() {
    let of = [(Venue::Kraken, "BTC/USD")];
    let (sim, folder) = (simulated(&of).await, tempfile::tempdir().expect("a folder"));
    let guard = Guard::before(Behind::Nobody).await;
    let mut live = live_config(&sim, &of, folder.path());
    live.proxy = Some(guard.proxy());
    let (deck, task) = Deck::start(deck_config(Some(live), None));
    let mut eye = Eye::open(&deck).await;
    eye.follow(Venue::Kraken, "BTC/USD").await;
    eye.until_running().await;
    assert_eq!((eye.status().proxy_login.clone(), guard.counts()), (None, [0; 3]));

    eye.command(Command::Search { text: "btc".to_owned(), only: Only::default() }).await;
    let place = guard.place.clone();
    let wanted = ProxyLogin { place: place.clone(), user: String::new(), is_refused: false };
    eye.until_status("a login is asked for", |status| status.proxy_login == Some(wanted.clone()))
        .await;
    let refused = ProxyLogin { place, user: "ann".to_owned(), is_refused: true };
    eventually("all venues have been asked for", async || {
        eye.command(Command::Search { text: "btc".to_owned(), only: Only::default() }).await;
        guard.counts()[2] > 10
    })
    .await;
    log_in(&eye, "ann", "wrong").await.expect("it is tried");
    eye.until_status("it is refused", |status| status.proxy_login == Some(refused.clone())).await;
    eye.command(Command::Search { text: "btc".to_owned(), only: Only::default() }).await;
    assert_eq!(guard.counts()[1], 1, "a wrong login is said once: more would lock it");
    log_in(&eye, "ann", MARK).await.expect("it is tried");
    eventually("it is said", async || guard.counts()[0] > 0).await;
    eye.until_status("none is asked for", |status| status.proxy_login.is_none()).await;
    eye.until_running().await;
    deck.shut_down();
    task.stopped().await;
    guard.task.abort();
    sim.stop().await;
}
