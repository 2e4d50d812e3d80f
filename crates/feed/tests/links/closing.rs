//! Links that end, and how they come back.

use std::time::Duration;

use feed::{FeedConfig, LinkState};
use futures_util::SinkExt;
use market::{Body, Venue};
use tokio::net::TcpListener;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use crate::stage::{Line, Listener, Stage, response, roomy, soon};
use venues::Limits;

/// A feed that carries BTC/USD, and the venue's end of its link.
async fn carrying(stage: &Stage, config: FeedConfig) -> (Listener, Line) {
    let listener = Listener::start(config);
    listener.subscribe(&["BTC/USD"]);
    let mut line = stage.accept().await;
    line.hear_all(stage.asked(&["BTC/USD"]).0.len()).await;
    line.say("data").await;
    (listener, line)
}

#[tokio::test]
async fn a_killed_venue_shows_within_a_second_and_all_is_restored_when_it_is_back() {
    let stage = Stage::set(Venue::Kraken).await;
    let (mut listener, line) = carrying(&stage, stage.config()).await;
    listener.subscribe(&["ETH/USD"]);
    let mut line = line;
    line.hear().await;

    let killed_at = Instant::now();
    drop(line);
    let closed = listener.until(|body| matches!(body, Body::Closed(_))).await;
    assert!(killed_at.elapsed() < Duration::from_secs(1));

    let mut line = stage.accept().await;
    let restored = stage.asked(&["BTC/USD", "ETH/USD"]).0;
    let heard = line.hear_all(restored.len()).await;
    let wanted = |frame: &String| frame.contains("BTC/USD") && frame.contains("ETH/USD");
    assert_eq!(heard.iter().filter(|frame| wanted(frame)).count(), 2, "{heard:?}");
    let opened = listener.until(|body| matches!(body, Body::Opened(_))).await;
    assert_eq!((opened.link, opened.number), (closed.link, closed.number + 1));
    listener.stop().await;
}

#[tokio::test]
async fn what_was_unsubscribed_while_the_link_was_down_stays_away() {
    let stage = Stage::set(Venue::Kraken).await;
    let (mut listener, line) = carrying(&stage, stage.config()).await;
    listener.subscribe(&["ETH/USD"]);
    listener.feed.unsubscribe(vec!["BTC/USD".to_owned()]);
    drop(line);
    listener.closed().await;
    let mut line = stage.accept().await;
    let heard = line.hear_all(stage.asked(&["ETH/USD"]).0.len()).await;
    assert!(!heard.iter().any(|frame| frame.contains("BTC/USD")), "{heard:?}");
    listener.stop().await;
}

#[tokio::test]
async fn a_close_is_told_with_the_venues_reason() {
    let stage = Stage::set(Venue::Kraken).await;
    let (mut listener, mut line) = carrying(&stage, stage.config()).await;
    let frame = CloseFrame { code: 1_001.into(), reason: "upgrade".into() };
    line.0.send(Message::Close(Some(frame))).await.unwrap();
    let sentence = listener.closed().await;
    assert_eq!(sentence, "The simulated Kraken closed the connection (1001: upgrade).");
    listener.stop().await;
}

#[tokio::test]
async fn a_silent_venue_is_closed_at_its_limit_and_tried_again() {
    let stage = Stage::set(Venue::Kraken).await;
    let limits = Limits { silence: Duration::from_millis(300), ..roomy() };
    let (mut listener, line) = carrying(&stage, stage.config().within(limits)).await;
    let start = Instant::now();
    let sentence = listener.closed().await;
    assert_eq!(sentence, "The simulated Kraken has said nothing for 300 ms.");
    assert!(start.elapsed() < Duration::from_millis(1_300));
    let _again = stage.accept().await;
    drop(line);
    listener.stop().await;
}

#[tokio::test]
async fn a_silent_link_is_reported_as_silent_until_it_is_tried_again() {
    let stage = Stage::set(Venue::Kraken).await;
    let limits = Limits { silence: Duration::from_millis(100), connects: 1, ..roomy() };
    let listener = Listener::start(stage.config().within(limits));
    let line = stage.accept().await;
    let report = listener.report(LinkState::Silent, "has said nothing").await;
    assert!(report.retry_at.is_some());
    drop(line);
    listener.stop().await;
}

#[tokio::test]
async fn pings_keep_a_quiet_link_but_are_no_data() {
    let stage = Stage::set(Venue::Kraken).await;
    let limits = Limits {
        silence: Duration::from_millis(500),
        first_datum: Duration::from_millis(1_500),
        ..roomy()
    };
    let mut listener = Listener::start(stage.config().within(limits));
    listener.subscribe(&["BTC/USD"]);
    let mut line = stage.accept().await;
    let pings = tokio::spawn(async move {
        let mut beat = tokio::time::interval(Duration::from_millis(100));
        loop {
            beat.tick().await;
            if line.0.send(Message::Ping("".into())).await.is_err() {
                return;
            }
        }
    });
    let sentence = listener.closed().await;
    assert_eq!(sentence, "The simulated Kraken has sent nothing within 1.5 s of being asked.");
    soon(pings).await.unwrap();
    listener.stop().await;
}

#[tokio::test]
async fn a_venue_that_announces_its_end_is_left_at_once() {
    for (venue, announcement) in [
        (Venue::Binance, r#"{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":17}}"#),
        (Venue::Okx, r#"{"event":"notice","code":"64008","msg":"The connection will be closed."}"#),
        (Venue::Bitstamp, r#"{"event":"bts:request_reconnect","channel":"","data":""}"#),
        (Venue::Bitfinex, r#"{"event":"info","code":20051,"msg":"Stopping"}"#),
    ] {
        let stage = Stage::set(venue).await;
        let mut config = stage.config();
        config.patience.backoff_min = Duration::from_secs(3_600); // Not to be waited for.
        config.patience.backoff_max = Duration::from_secs(3_600);
        config.patience.proof = Duration::ZERO;
        let mut listener = Listener::start(config);
        let mut line = stage.accept().await;
        line.say(announcement).await;
        assert!(listener.closed().await.contains("is about to close this connection"), "{venue:?}");
        stage.accept().await;
        listener.stop().await;
    }
}

#[tokio::test]
async fn a_venue_that_announces_its_end_is_heard_on_for_as_long_as_the_handover_takes() {
    let stage = Stage::set(Venue::Binance).await;
    let mut config = stage.config();
    config.handover = Duration::from_millis(500);
    let mut listener = Listener::start(config);
    let mut line = stage.accept().await;
    line.say(r#"{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770123456789}}"#)
        .await;
    line.say("heard all the same").await;
    listener.until(|body| *body == Body::Text("heard all the same".into())).await;
    assert!(listener.closed().await.contains("is about to close this connection"));
    stage.accept().await;
    listener.stop().await;
}

#[tokio::test]
async fn a_link_is_renewed_before_the_venue_ends_it_for_its_age() {
    let stage = Stage::set(Venue::Binance).await;
    let limits = Limits { link_lifetime: Some(Duration::from_secs(300)), ..roomy() };
    let mut listener = Listener::start(stage.config().within(limits));
    let _line = stage.accept().await;
    assert!(listener.closed().await.contains("is about to close this connection"));
    stage.accept().await;
    listener.stop().await;
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_told_and_tried_until_somebody_does() {
    let stage = Stage::set(Venue::Kraken).await;
    let config = stage.config();
    let port = stage.sockets.local_addr().unwrap();
    let Stage { sockets, venue, requests } = stage;
    drop(sockets);
    let mut listener = Listener::start(config);
    let sentence = listener.closed().await;
    assert_eq!(sentence, "The simulated Kraken is not answering: the connection was refused.");
    let sockets = TcpListener::bind(port).await.unwrap();
    let stage = Stage { venue, sockets, requests };
    let _line = stage.accept().await;
    listener.report(LinkState::Up, "Connected").await;
    listener.stop().await;
}

#[tokio::test]
async fn try_now_ends_the_back_off() {
    let stage = Stage::set(Venue::Kraken).await;
    let mut config = stage.config();
    config.patience.backoff_min = Duration::from_secs(36_000);
    config.patience.backoff_max = Duration::from_secs(36_000);
    let listener = Listener::start(config);
    drop(stage.accept_raw().await);
    let report = listener.report(LinkState::Down, "").await;
    assert!(report.retry_at.is_some());
    listener.feed.try_now();
    stage.accept().await;
    listener.stop().await;
}

#[tokio::test]
async fn after_repeated_failures_the_venues_other_endpoint_is_tried() {
    let [first, second] = [Stage::set(Venue::Kraken).await, Stage::set(Venue::Kraken).await];
    let mut listener = Listener::start(first.config().or_at(second.endpoints()).unwrap());
    for _ in 0..feed::FAILURES_BEFORE_ALTERNATIVE {
        first.answer_upgrade(&response("503 Service Unavailable", "", "")).await;
    }
    let _line = second.accept().await;
    let opened = listener.until(|body| matches!(body, Body::Opened(_))).await;
    assert_eq!(opened.body, Body::Opened(second.endpoints().ws.into()));
    listener.stop().await;
}

#[tokio::test]
async fn an_endpoint_without_failures_is_kept() {
    let [first, second] = [Stage::set(Venue::Kraken).await, Stage::set(Venue::Kraken).await];
    let listener = Listener::start(first.config().or_at(second.endpoints()).unwrap());
    for _ in 0..2 * feed::FAILURES_BEFORE_ALTERNATIVE {
        let mut line = first.accept().await;
        line.say("data").await;
        line.goodbye_to().await;
    }
    listener.stop().await;
}

#[tokio::test]
async fn a_budget_of_connections_is_kept_however_often_the_link_breaks() {
    let stage = Stage::set(Venue::Kraken).await;
    let span = Duration::from_millis(500);
    let limits = Limits { connects: 3, connects_window: span, ..roomy() };
    let mut config = stage.config().within(limits);
    config.patience.backoff_max = Duration::from_millis(1);
    let listener = Listener::start(config);
    let mut connects = Vec::new();
    for _ in 0..10 {
        drop(stage.accept_raw().await);
        connects.push(Instant::now());
    }
    // The accept may be late where the connect was not: a tenth of slack.
    for start in &connects {
        let within = connects.iter().filter(|at| *at >= start && **at - *start < span * 9 / 10);
        assert!(within.count() <= 3);
    }
    listener.stop().await;
}
