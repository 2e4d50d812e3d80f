//! A search asks all venues for their lists, and tells of how many the answer is still awaited.

use std::time::Duration;

use engine::wire::{Command, Only, Reply};
use engine::{About, Deck, DeckConfig, Endpoints, LiveConfig, ScreenId, VenueConfig};
use market::Venue;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{interval, timeout};

const DEADLINE: Duration = Duration::from_secs(60);

const LIST: &str = r#"{"symbols":[{"symbol":"BTCUSDT","status":"TRADING","baseAsset":"BTC","quoteAsset":"USDT","filters":[{"filterType":"PRICE_FILTER","tickSize":"0.01"},{"filterType":"LOT_SIZE","stepSize":"0.00001"}]}]}"#;

/// Takes requests: a list is answered once it may be, and no WebSocket is opened.
async fn serve(listener: TcpListener, may_list: watch::Receiver<bool>) {
    while let Ok((tcp, _)) = listener.accept().await {
        tokio::spawn(answer(tcp, may_list.clone()));
    }
}

async fn answer(mut tcp: TcpStream, mut may_list: watch::Receiver<bool>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = tcp.read_u8().await else { return };
        head.push(byte);
    }
    let is_list = String::from_utf8_lossy(&head).contains("exchangeInfo");
    if is_list {
        drop(may_list.wait_for(|may| *may).await);
    }
    let (status, body) = if is_list { ("200 OK", LIST) } else { ("403 Forbidden", "") };
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    drop(tcp.write_all(format!("{head}{body}").as_bytes()).await);
}

/// A deck that hears nothing, and knows all venues that are heard live at one place on this machine.
async fn deck(port: u16) -> (Deck, ScreenId) {
    let at = |scheme: &str| format!("{scheme}://127.0.0.1:{port}");
    let live = |venue: &Venue| !Endpoints::of(*venue).ws.is_empty();
    let place = |venue| {
        let endpoints = Some(Endpoints { ws: at("ws"), rest: at("http") });
        VenueConfig { venue, endpoints, lifetime: None, room: None }
    };
    let config = DeckConfig {
        live: Some(LiveConfig {
            venues: Vec::new(),
            elsewhere: Venue::KNOWN.into_iter().filter(live).map(place).collect(),
            instruments: Vec::new(),
            recording: None,
            proxy: None,
        }),
        recordings: Vec::new(),
        folders: Vec::new(),
        about: About::default(),
        notices: Vec::new(),
        take_trouble: || None,
        shelf: crate::NO_TOOLS,
        logins: crate::NO_LOGINS,
        skip_gaps: engine::SkipChoice::default(),
    };
    let (deck, _task) = Deck::start(config);
    let (screen, _) = deck.open_screen().await.unwrap();
    (deck, screen)
}

/// How many instruments fit, and from how many venues lists are awaited.
async fn search(deck: &Deck, screen: ScreenId) -> (usize, u32) {
    let command = Command::Search { text: "BTCUSDT".to_owned(), only: Only::default() };
    match deck.command(screen, command).await.unwrap() {
        Reply::Instruments { found, n_loading, .. } => (found.len(), n_loading),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_search_tells_from_how_many_venues_lists_are_awaited() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (may_list, seen) = watch::channel(false);
    let server = tokio::spawn(serve(listener, seen));
    let n_venues = Venue::KNOWN.into_iter().filter(|it| !Endpoints::of(*it).ws.is_empty()).count();
    let (deck, screen) = deck(port).await;
    let (n_found, n_loading) = search(&deck, screen).await;
    assert_eq!((n_found, n_loading as usize), (0, n_venues), "all are asked, none has answered");
    assert_eq!(search(&deck, screen).await.1 as usize, n_venues, "each is asked once");
    may_list.send_replace(true);
    let mut looks = interval(Duration::from_millis(20));
    let answered = async {
        loop {
            let (n_found, n_loading) = search(&deck, screen).await;
            if n_found > 0 {
                break n_loading;
            }
            looks.tick().await;
        }
    };
    let n_loading = timeout(DEADLINE, answered).await.unwrap();
    assert!((n_loading as usize) < n_venues, "{n_loading} are still awaited");
    deck.shut_down();
    server.abort();
}
