//! Questions that are posted: Hyperliquid, whose WebSocket is blocked.

use std::time::Duration;

use feed::{LinkCause, LinkState, Transport};
use market::{Body, HttpExchange, Venue};
use tokio::time::{Instant, timeout};
use venues::{Limits, posted};

use crate::stage::{Listener, Stage, response, roomy};

const BOOK: &str = r#"{"coin":"BTC","type":"l2Book"}"#;

/// A link to BTC whose WebSocket is refused.
async fn blocked(stage: &Stage, limits: Limits) -> Listener {
    let mut config = stage.config().within(limits);
    config.patience.socket_again = Duration::from_secs(3_600); // The upgrade is not tried again soon.
    config.patience.first_poll = Duration::from_secs(20);
    let mut listener = Listener::start(config);
    listener.subscribe(&["BTC"]);
    stage.answer_upgrade(&response("403 Forbidden", "", "")).await;
    listener.closed().await;
    listener
}

#[tokio::test]
async fn a_venue_that_is_asked_by_post_is_polled_and_the_exchange_is_recorded_whole() {
    let stage = Stage::set(Venue::Hyperliquid).await;
    let mut listener = blocked(&stage, roomy()).await;
    let info = format!("{}/info", stage.endpoints().rest);
    for question in [
        BOOK,
        r#"{"coin":"BTC","type":"recentTrades"}"#,
        r#"{"type":"meta"}"#,
        r#"{"type":"spotMeta"}"#,
        r#"{"type":"metaAndAssetCtxs"}"#,
    ] {
        let (head, body) = stage.answer_post(&response("200 OK", "", "{}")).await;
        assert!(head.starts_with("POST /info HTTP/1.1\r\n"), "{head}");
        assert!(head.to_lowercase().contains("content-type: application/json"), "{head}");
        assert_eq!(body, question);
        let asked = listener.until(|body| matches!(body, Body::Requested(_))).await;
        assert_eq!(asked.body, Body::Requested(posted(&info, question).into()));
        let answered = listener.next().await;
        let url = posted(&info, question).into();
        let exchange = HttpExchange { url, status: 200, body: "{}".into() };
        assert_eq!(answered.body, Body::Answered(exchange));
    }
    // Before the next round nothing waits, so that the time before is asked for.
    let mut past = Vec::new();
    loop {
        let (_, body) = stage.answer_post(&response("200 OK", "", "[]")).await;
        if body == BOOK {
            break;
        }
        past.push(body);
    }
    assert_eq!(past.len(), 2, "{past:?}");
    assert!(past[0].contains(r#""type":"candleSnapshot""#), "{past:?}");
    assert_eq!(past[1], r#"{"coin":"BTC","type":"recentTrades"}"#);
    let report = listener.report(LinkState::Up, "Polling").await;
    assert_eq!(report.transport, Transport::Polling { every: Duration::from_secs(2) });
    listener.stop().await;
}

#[tokio::test]
async fn polls_that_must_pause_for_longer_than_they_are_true_end_at_once_and_say_why() {
    let stage = Stage::set(Venue::Hyperliquid).await;
    let mut listener = blocked(&stage, roomy()).await;
    stage.answer_post(&response("200 OK", "", "{}")).await;
    stage.answer_post(&response("429 Too Many Requests", "Retry-After: 90\r\n", "")).await;
    let sentence = listener.closed().await;
    assert_eq!(sentence, "The simulated Hyperliquid asks us to slow down.");
    let report = listener.report(LinkState::Down, "asks us to slow down.").await;
    assert_eq!(report.cause, Some(LinkCause::RateLimited));
    assert!(report.retry_at.is_some());
    listener.stop().await;
}

#[tokio::test]
async fn where_neither_the_socket_nor_requests_are_let_through_requests_are_left_alone() {
    let stage = Stage::set(Venue::Hyperliquid).await;
    let mut config = stage.config();
    config.patience.first_poll = Duration::from_secs(20);
    let mut listener = Listener::start(config);
    listener.subscribe(&["BTC"]);
    drop(stage.accept_raw().await);
    stage.answer_post(&response("451 Unavailable For Legal Reasons", "", "")).await;
    for _ in 0..5 {
        listener.closed().await;
        drop(stage.accept_raw().await);
    }
    let asked = timeout(Duration::from_millis(1), stage.requests.accept()).await;
    assert!(asked.is_err(), "it was asked again");
    listener.stop().await;
}

#[tokio::test]
async fn a_redirect_of_a_post_is_not_followed() {
    let stage = Stage::set(Venue::Hyperliquid).await;
    let elsewhere = Stage::set(Venue::Hyperliquid).await;
    let mut listener = blocked(&stage, roomy()).await;
    let location = format!("Location: {}/info\r\n", elsewhere.endpoints().rest);
    for status in ["307 Temporary Redirect", "302 Found"] {
        stage.answer_post(&response(status, &location, "")).await;
        let answered = listener.until(|body| matches!(body, Body::Answered(_))).await;
        let Body::Answered(exchange) = answered.body else { panic!("{answered:?}") };
        assert_eq!(exchange.status.to_string(), status[..3]);
    }
    let led_away = timeout(Duration::from_millis(1), elsewhere.requests.accept()).await;
    assert!(led_away.is_err(), "it was followed");
    listener.stop().await;
}

#[tokio::test]
async fn a_post_that_is_told_to_slow_down_is_made_again_with_its_body() {
    let stage = Stage::set(Venue::Hyperliquid).await;
    let listener = blocked(&stage, roomy()).await;
    stage.answer_post(&response("200 OK", "", "{}")).await;
    let slow = response("429 Too Many Requests", "Retry-After: 1\r\n", "");
    let (_, first) = stage.answer_post(&slow).await;
    let start = Instant::now();
    listener.report(LinkState::Up, "asks us to slow down").await;
    assert_eq!(first, r#"{"coin":"BTC","type":"recentTrades"}"#);
    while stage.answer_post(&response("200 OK", "", "[]")).await.1 != first {}
    assert!(start.elapsed() > Duration::from_millis(900), "after {:?}", start.elapsed());
    listener.stop().await;
}

#[tokio::test]
async fn posts_keep_within_the_venues_weight() {
    let stage = Stage::set(Venue::Hyperliquid).await;
    let limits = Limits { rest_weight_per_minute: 30, ..roomy() };
    let listener = blocked(&stage, limits).await;
    for _ in 0..2 {
        stage.answer_post(&response("200 OK", "", "{}")).await; // 2 and 20 of the 30.
    }
    let third = timeout(Duration::from_secs(1), stage.requests.accept()).await;
    assert!(third.is_err(), "a third request was made above the weight");
    listener.stop().await;
}
