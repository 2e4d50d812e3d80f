//! Links whose WebSocket is blocked: HTTP is polled, and left again as soon as the WebSocket works.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use feed::{LinkReport, LinkState, Patience, Transport};
use futures_util::{SinkExt, StreamExt};
use market::{Body, Event, Events, Market, Packet, Venue};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;
use venues::{Decoder, Limits};

use crate::stage::{DEADLINE, Listener, Stage, brisk, read_head, response, roomy};

/// What stands between us and the venue's WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wall {
    /// The upgrade is answered with a status.
    Refuses,
    /// The connection is dropped.
    Drops,
    /// The upgrade is read and never answered.
    Buffers,
    /// The upgrade is let through, and nothing after it.
    Mutes,
    /// All is let through.
    Down,
}

/// Trades that are made while a subscription is on its way: no socket tells of them.
const MADE_MEANWHILE: u64 = 50;

/// Trades of an answer.
const PAGE: u64 = 100;

/// What the venue knows.
#[derive(Default)]
struct Known {
    /// Paths that were asked for.
    asked: Mutex<Vec<String>>,
    /// Trades that were made, by their ids from 0 on.
    n_trades: AtomicU64,
    /// Sockets that were let through.
    n_sockets: AtomicU64,
    /// Attempts at one that were refused.
    n_refused: AtomicU64,
}

impl Known {
    fn trade(&self, n: u64) -> u64 {
        self.n_trades.fetch_add(n, Ordering::Relaxed)
    }
}

/// A venue behind a wall, whose requests are answered all the time.
struct Walled {
    wall: watch::Sender<Wall>,
    known: Arc<Known>,
    tasks: [JoinHandle<()>; 2],
}

impl Drop for Walled {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Walled {
    /// The venue, and a feed that wants to hear `symbol` of it.
    async fn listen(venue: Venue, symbol: &str, wall: Wall) -> (Self, Listener) {
        let patience = Patience { upgrade: Duration::from_millis(300), ..brisk() };
        Self::heard_with(patience, (venue, symbol), wall).await
    }

    async fn heard_with(
        patience: Patience,
        (venue, symbol): (Venue, &str),
        wall: Wall,
    ) -> (Self, Listener) {
        let stage = Stage::set(venue).await;
        let limits = Limits { first_datum: Duration::from_millis(300), ..roomy() };
        let mut config = stage.config().within(limits);
        config.patience = patience;
        let (wall, seen) = watch::channel(wall);
        let known = Arc::new(Known::default());
        let sockets = tokio::spawn(let_through(stage.sockets, seen, known.clone()));
        let requests = tokio::spawn(answer_all(stage.requests, known.clone()));
        let listener = Listener::start(config);
        listener.subscribe(&[symbol]);
        (Self { wall, known, tasks: [sockets, requests] }, listener)
    }

    fn n_asked(&self, what: &str) -> usize {
        self.known.asked.lock().unwrap().iter().filter(|path| path.contains(what)).count()
    }
}

async fn let_through(listener: TcpListener, wall: watch::Receiver<Wall>, known: Arc<Known>) {
    while let Ok((tcp, _)) = listener.accept().await {
        tokio::spawn(serve_socket(tcp, wall.clone(), known.clone()));
    }
}

async fn serve_socket(mut tcp: TcpStream, mut wall: watch::Receiver<Wall>, known: Arc<Known>) {
    let is_such = *wall.borrow_and_update();
    match is_such {
        Wall::Drops => {
            known.n_refused.fetch_add(1, Ordering::Relaxed);
        }
        Wall::Refuses => {
            known.n_refused.fetch_add(1, Ordering::Relaxed);
            read_head(&mut tcp).await;
            drop(tcp.write_all(response("403 Forbidden", "", "").as_bytes()).await);
        }
        Wall::Buffers => {
            read_head(&mut tcp).await;
            std::future::pending::<()>().await;
        }
        Wall::Mutes => {
            let _socket = accept_async(tcp).await;
            std::future::pending::<()>().await;
        }
        Wall::Down => {
            let mut socket = accept_async(tcp).await.unwrap();
            known.n_sockets.fetch_add(1, Ordering::Relaxed);
            while let Some(Ok(frame)) = socket.next().await {
                if frame.to_text().is_ok_and(|frame| frame.to_lowercase().contains("trade")) {
                    break;
                }
            }
            // The subscription is taken now: of what was made before, the socket tells but the very last.
            let next = known.trade(MADE_MEANWHILE + 1) + MADE_MEANWHILE;
            for id in [next - 1, next] {
                drop(socket.send(Message::text(trade_of_socket(id))).await);
            }
            // It ends when a wall is put up again.
            tokio::select! {
                _ = wall.changed() => {}
                _ = async { while let Some(Ok(_)) = socket.next().await {} } => {}
            }
        }
    }
}

/// Answers all requests: books that stand still, and seven more trades each time.
async fn answer_all(listener: TcpListener, known: Arc<Known>) {
    while let Ok((tcp, _)) = listener.accept().await {
        // Each by itself: a link that is lost leaves its requests.
        tokio::spawn(answer_one(tcp, known.clone()));
    }
}

async fn answer_one(mut tcp: TcpStream, known: Arc<Known>) {
    let head = read_head(&mut tcp).await;
    let path = head.split(' ').nth(1).unwrap().to_owned();
    let n_more = 7 * u64::from(path.contains("rades"));
    let body = body(&path, known.trade(n_more) + n_more);
    known.asked.lock().unwrap().push(path);
    drop(tcp.write_all(response("200 OK", "", &body).as_bytes()).await);
}

fn body(path: &str, n_trades: u64) -> String {
    let price = |id: u64| format!("{}.5", 100 + id);
    let binance = |id: u64| {
        let time = 1_700_000_000_000 + id;
        let price = price(id);
        format!(r#"{{"id":{id},"price":"{price}","qty":"1","time":{time},"isBuyerMaker":true}}"#)
    };
    let kraken =
        |id: u64| format!(r#"["{}","1",170000000{}.5,"b","l","",{id}]"#, price(id), id % 10);
    // Pages overlap: each begins with trades that the last one had.
    let ids = n_trades.saturating_sub(PAGE)..n_trades;
    let rows = |row: &dyn Fn(u64) -> String| ids.clone().map(row).collect::<Vec<_>>().join(",");
    let result = match path.split('?').next().unwrap().rsplit('/').next().unwrap() {
        "depth" => {
            return format!(
                r#"{{"lastUpdateId":{},"bids":[["1","1"]],"asks":[["2","1"]]}}"#,
                n_trades + 1
            );
        }
        "klines" => return "[]".to_owned(),
        "trades" => return format!("[{}]", rows(&binance)),
        "exchangeInfo" => return r#"{"symbols":[]}"#.to_owned(),
        "Depth" => r#""XXBTZUSD":{"bids":[["1","1",1]],"asks":[["2","1",1]]}"#.to_owned(),
        "Trades" => format!(r#""XXBTZUSD":[{}],"last":"{n_trades}""#, rows(&kraken)),
        "AssetPairs" => String::new(),
        other => panic!("{other} was asked for"),
    };
    format!(r#"{{"error":[],"result":{{{result}}}}}"#)
}

fn trade_of_socket(id: u64) -> String {
    let (price, time) = (100 + id, 1_700_000_000_000 + id);
    format!(
        r#"{{"e":"trade","E":1,"s":"BTCUSDT","t":{id},"p":"{price}.5","q":"1","T":{time},"m":true}}"#
    )
}

async fn polling(listener: &Listener) -> LinkReport {
    let mut link = listener.feed.link();
    let polls = |report: &LinkReport| matches!(report.transport, Transport::Polling { .. });
    let report = timeout(DEADLINE, link.wait_for(polls)).await;
    report.expect("it polls").unwrap().clone()
}

/// Packets up to the first for which `last` holds.
async fn packets_until(listener: &mut Listener, last: impl Fn(&Body) -> bool) -> Vec<Packet> {
    let mut packets = Vec::new();
    while packets.last().is_none_or(|packet: &Packet| !last(&packet.body)) {
        packets.push(listener.next().await);
    }
    packets
}

fn is_opened(to: &str) -> impl Fn(&Body) -> bool {
    move |body| matches!(body, Body::Opened(address) if address.starts_with(to.as_bytes()))
}

/// Every trade that the packets tell of counts once in their market, and none is missing between them.
fn trades_heard(packets: &[Packet]) -> Vec<u64> {
    let mut decoder = Decoder::new(packets[0].venue);
    let (mut events, mut market) = (Events::default(), None);
    let (mut told, mut counted) = (BTreeSet::new(), 0);
    for packet in packets {
        decoder.decode(packet, &mut events).unwrap();
        for event in &events.items {
            if let Event::Trade(trade) = event {
                told.insert(trade.trade_id);
                let instrument = || decoder.instruments()[0].clone();
                let market = market.get_or_insert_with(|| Market::new(instrument()));
                counted += usize::from(market.apply_trade(trade, packet.received_at));
            }
        }
    }
    assert_eq!(counted, told.len(), "each id once");
    told.into_iter().collect()
}

/// The ids that a market hears, and those that it missed and was told of.
fn heard_and_missed(packets: &[Packet]) -> (Vec<u64>, Vec<u64>) {
    let mut decoder = Decoder::new(packets[0].venue);
    let (mut events, mut market, mut heard) = (Events::default(), None, Vec::new());
    for packet in packets {
        if let (Body::Closed(_), Some(market)) = (&packet.body, &mut market) {
            Market::lose_trades(market);
        }
        decoder.decode(packet, &mut events).unwrap();
        for event in &events.items {
            let instrument = || decoder.instruments()[0].clone();
            match event {
                Event::Trade(trade) => {
                    let market = market.get_or_insert_with(|| Market::new(instrument()));
                    if market.apply_trade(trade, packet.received_at) {
                        heard.push(trade.trade_id);
                    }
                }
                Event::PastTrades(past) => {
                    let market = market.get_or_insert_with(|| Market::new(instrument()));
                    market.take_past_trades(past, packet.received_at).unwrap();
                }
                _ => {}
            }
        }
    }
    let missed = market.iter().flat_map(|market| market.history().missed());
    let missed = missed.map(|trade| trade.trade_id).collect();
    (heard, missed)
}

#[tokio::test]
async fn a_refused_upgrade_is_polled_and_left_when_it_is_let_through() {
    let (venue, mut listener) = Walled::listen(Venue::Binance, "BTCUSDT", Wall::Refuses).await;
    let report = polling(&listener).await;
    assert_eq!(report.state, LinkState::Up);
    assert_eq!(report.transport, Transport::Polling { every: Duration::from_secs(2) });
    assert!(report.sentence.contains("every 2 s, since its WebSocket cannot be reached."));

    let mut packets = packets_until(&mut listener, is_opened("http://")).await;
    assert!(matches!(&packets[0].body, Body::Closed(_)), "first the WebSocket was refused");
    let is_trades = |body: &Body| matches!(body, Body::Answered(it) if it.url.ends_with(b"=1000"));
    packets.extend(packets_until(&mut listener, is_trades).await); // The second page.
    let asked = |body: &Body| matches!(body, Body::Requested(_));
    let answered = |body: &Body| matches!(body, Body::Answered(_));
    let count = |what: &dyn Fn(&Body) -> bool| packets.iter().filter(|it| what(&it.body)).count();
    assert_eq!(count(&asked), count(&answered));
    assert!(count(&answered) >= 5, "two books, two pages, one list");

    venue.wall.send_replace(Wall::Down);
    packets.extend(packets_until(&mut listener, is_opened("ws://")).await);
    let end = &packets[packets.len() - 2].body;
    let words = "The WebSocket of the simulated Binance works again.";
    assert_eq!(*end, Body::Closed(words.into()));
    let is_heard = |body: &Body| matches!(body, Body::Text(_));
    packets.extend(packets_until(&mut listener, is_heard).await);
    packets.extend(packets_until(&mut listener, is_heard).await);
    let heard = trades_heard(&packets);
    // Those too that were made while the subscription was on its way.
    assert_eq!(heard, (0..heard.len() as u64).collect::<Vec<_>>());
    assert!(heard.len() as u64 > MADE_MEANWHILE + 14);
    let report = listener.report(LinkState::Up, "Connected").await;
    assert_eq!(report.transport, Transport::WebSocket);
    listener.stop().await;
}

#[tokio::test]
async fn a_proxy_that_buffers_is_found_at_the_limit_of_the_upgrade_and_left() {
    let (venue, mut listener) = Walled::listen(Venue::Kraken, "BTC/USD", Wall::Buffers).await;
    polling(&listener).await;
    let is_second = |body: &Body| matches!(body, Body::Answered(it) if contains(&it.url, "since="));
    let packets = packets_until(&mut listener, is_second).await;
    let heard = trades_heard(&packets);
    assert_eq!(heard, (0..heard.len() as u64).collect::<Vec<_>>());
    assert_eq!(venue.n_asked("AssetPairs"), 1);
    venue.wall.send_replace(Wall::Down);
    listener.until(is_opened("ws://")).await;
    listener.stop().await;
}

#[tokio::test]
async fn a_killed_link_is_opened_again_without_a_poll_between() {
    // Longer than any reconnect takes.
    let patience = Patience { fall_back: DEADLINE, ..brisk() };
    let of = (Venue::Binance, "BTCUSDT");
    let (venue, mut listener) = Walled::heard_with(patience, of, Wall::Down).await;
    let is_heard = |body: &Body| matches!(body, Body::Text(_));
    listener.until(is_heard).await;
    venue.wall.send_replace(Wall::Drops);
    listener.closed().await;
    for _ in 0..5 {
        listener.closed().await;
    }
    venue.wall.send_replace(Wall::Down);
    let packets = packets_until(&mut listener, is_heard).await;
    assert!(!packets.iter().any(|packet| is_opened("http")(&packet.body)), "{packets:?}");
    assert!(venue.known.n_refused.load(Ordering::Relaxed) >= 5);
    assert_eq!(venue.known.n_sockets.load(Ordering::Relaxed), 2);
    listener.stop().await;
}

#[tokio::test]
async fn a_socket_that_is_blocked_after_it_was_heard_is_polled_and_no_trade_is_missing() {
    let of = (Venue::Binance, "BTCUSDT");
    let (venue, mut listener) = Walled::heard_with(brisk(), of, Wall::Down).await;
    let is_heard = |body: &Body| matches!(body, Body::Text(_));
    let mut packets = packets_until(&mut listener, is_heard).await;
    venue.wall.send_replace(Wall::Drops);
    // Made while nobody listens.
    venue.known.trade(20);
    packets.extend(packets_until(&mut listener, is_opened("http://")).await);
    assert!(venue.known.n_refused.load(Ordering::Relaxed) > 1, "it was tried again before");
    let is_trades = |body: &Body| matches!(body, Body::Answered(it) if contains(&it.url, "trades"));
    packets.extend(packets_until(&mut listener, is_trades).await);
    venue.wall.send_replace(Wall::Down);
    packets.extend(packets_until(&mut listener, is_opened("ws://")).await);
    packets.extend(packets_until(&mut listener, is_heard).await);
    packets.extend(packets_until(&mut listener, is_heard).await);
    let heard = trades_heard(&packets);
    let first = heard[0];
    assert_eq!(heard, (first..first + heard.len() as u64).collect::<Vec<_>>());
    assert!(heard.len() as u64 > 20 + MADE_MEANWHILE);
    listener.stop().await;
}

#[tokio::test]
async fn the_time_before_is_asked_for_while_only_polling_works() {
    let (venue, mut listener) = Walled::listen(Venue::Binance, "BTCUSDT", Wall::Refuses).await;
    let is_past = |body: &Body| matches!(body, Body::Answered(it) if it.url.ends_with(b"#past"));
    let packets = packets_until(&mut listener, is_past).await;
    let minutes = |body: &Body| matches!(body, Body::Answered(it) if contains(&it.url, "#past="));
    let minutes = packets.iter().position(|packet| minutes(&packet.body));
    let opened = packets.iter().position(|packet| is_opened("http://")(&packet.body));
    assert!(opened < minutes, "first it was polled, and then asked for minutes and trades");
    // It is told once, and the polls go on.
    let is_poll = |body: &Body| matches!(body, Body::Answered(it) if it.url.ends_with(b"=1000"));
    let packets = packets_until(&mut listener, is_poll).await;
    assert!(!packets.iter().any(|packet| is_past(&packet.body)));
    assert_eq!(venue.n_asked("klines"), 1);
    listener.stop().await;
}

#[tokio::test]
async fn what_may_have_been_missed_is_asked_for_after_a_reconnect() {
    let patience = Patience { fall_back: DEADLINE, ..brisk() };
    let of = (Venue::Binance, "BTCUSDT");
    let (venue, mut listener) = Walled::heard_with(patience, of, Wall::Down).await;
    let is_past = |body: &Body| matches!(body, Body::Answered(it) if it.url.ends_with(b"#past"));
    let mut packets = packets_until(&mut listener, is_past).await;
    venue.wall.send_replace(Wall::Drops);
    // Made while nobody listens.
    venue.known.trade(20);
    packets.extend(packets_until(&mut listener, |body| matches!(body, Body::Closed(_))).await);
    venue.wall.send_replace(Wall::Down);
    packets.extend(packets_until(&mut listener, is_past).await);
    assert_eq!(venue.n_asked("klines"), 1, "minutes are asked for once");
    let (heard, missed) = heard_and_missed(&packets);
    assert!(missed.len() as u64 >= 20, "{missed:?}");
    let all: Vec<u64> =
        heard.iter().chain(&missed).copied().collect::<BTreeSet<_>>().into_iter().collect();
    assert_eq!(all.len(), heard.len() + missed.len(), "each once");
    let first = all[0];
    assert_eq!(all, (first..first + all.len() as u64).collect::<Vec<_>>(), "none is missing");
    listener.stop().await;
}

#[tokio::test]
async fn a_socket_that_is_refused_in_so_many_words_is_polled_at_once() {
    let patience = Patience { fall_back: DEADLINE, ..brisk() };
    let of = (Venue::Binance, "BTCUSDT");
    let (venue, mut listener) = Walled::heard_with(patience, of, Wall::Down).await;
    listener.until(|body| matches!(body, Body::Text(_))).await;
    venue.wall.send_replace(Wall::Refuses);
    listener.until(is_opened("http://")).await;
    assert_eq!(venue.known.n_refused.load(Ordering::Relaxed), 1);
    listener.stop().await;
}

fn contains(bytes: &[u8], words: &str) -> bool {
    String::from_utf8_lossy(bytes).contains(words)
}

#[tokio::test]
async fn a_proxy_that_holds_back_what_follows_the_upgrade_is_not_taken_for_open() {
    let (venue, mut listener) = Walled::listen(Venue::Binance, "BTCUSDT", Wall::Mutes).await;
    listener.until(is_opened("ws://")).await;
    assert!(listener.closed().await.contains("has sent nothing within 300 ms of being asked"));
    listener.until(is_opened("http://")).await;
    // Attempts are made meanwhile, and none ends the polls.
    let is_trades = |body: &Body| matches!(body, Body::Answered(it) if it.url.ends_with(b"=1000"));
    for packet in packets_until(&mut listener, is_trades).await {
        assert!(!matches!(packet.body, Body::Closed(_) | Body::Sent(_)), "{packet:?}");
    }
    venue.wall.send_replace(Wall::Down);
    listener.closed().await;
    let packets = packets_until(&mut listener, |body| matches!(body, Body::Text(_))).await;
    assert!(is_opened("ws://")(&packets[0].body));
    let said = packets.iter().filter(|packet| matches!(packet.body, Body::Sent(_))).count();
    assert_eq!(said, 1, "what was said before the first data is told, once");
    listener.stop().await;
}

#[tokio::test]
async fn where_http_does_not_work_either_nothing_is_polled() {
    let stage = Stage::set(Venue::Binance).await;
    let mut listener = Listener::start(stage.config());
    for status in ["451 Unavailable", "502 Bad Gateway"] {
        stage.answer_upgrade(&response(status, "", "")).await;
        assert!(listener.closed().await.contains(&status[..3]));
        stage.answer_request(&response(status, "", "")).await;
        let report = listener.report(LinkState::Down, &status[..3]).await;
        assert_eq!(report.transport, Transport::WebSocket);
        listener.feed.try_now();
    }
    let rest = listener.stop().await;
    assert!(!rest.iter().any(|packet| is_opened("http")(&packet.body)), "{rest:?}");
}

#[tokio::test]
async fn polling_ends_when_the_venue_bans_us_by_http() {
    let stage = Stage::set(Venue::Binance).await;
    let mut listener = Listener::start(stage.config());
    listener.subscribe(&["BTCUSDT"]);
    stage.answer_upgrade(&response("403 Forbidden", "", "")).await;
    listener.closed().await;
    stage.answer_request(&response("200 OK", "", &body("/depth", 1))).await;
    listener.until(is_opened("http://")).await;
    stage.answer_request(&response("403 Forbidden", "", "")).await;
    assert!(listener.closed().await.contains("refuses connections from this network (403)"));
    let report = listener.report(LinkState::Down, "(403)").await;
    assert_eq!(report.transport, Transport::WebSocket);
    listener.stop().await;
}

#[test]
fn blocked_is_found_within_15_seconds_and_left_within_60() {
    let patience = Patience::default();
    let first_datum = Duration::from_secs(10);
    for found in [patience.upgrade, first_datum, patience.connect] {
        assert!(found + patience.first_poll <= Duration::from_secs(15));
    }
    assert!(patience.fall_back < Duration::from_secs(15));
    // An attempt that began just before, and hangs until its limits; a wait; and the one that is let through.
    let hangs = patience.connect + patience.upgrade + first_datum;
    let works = patience.overlap + patience.last_polls + Duration::from_secs(3);
    assert!(hangs + patience.socket_again + works <= Duration::from_secs(60));
}
