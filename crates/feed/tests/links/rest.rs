//! Requests beside the socket: when they are made, what is taken of the answers, and what becomes of a no.

use std::time::Duration;

use feed::{BODY_BYTES_MAX, FeedConfig, LinkCause, LinkState};
use market::{Body, Venue};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::stage::{Line, Listener, Stage, response, roomy, soon};
use venues::Limits;

/// A feed on a venue that has answered its list of instruments.
async fn open(stage: &Stage, config: FeedConfig) -> (Listener, Line) {
    let mut listener = Listener::start(config);
    let line = stage.accept().await;
    answer(stage, &mut listener, &response("200 OK", "", "{}")).await;
    (listener, line)
}

/// Answers the next request; gives the path that was asked and the packet that the answer became.
async fn answer(stage: &Stage, listener: &mut Listener, answer: &str) -> (String, Body) {
    let path = stage.answer_request(answer).await;
    (path, listener.until(|body| matches!(body, Body::Answered(_))).await.body)
}

fn status(body: &Body) -> u16 {
    match body {
        Body::Answered(exchange) => exchange.status,
        other => panic!("no answer: {other:?}"),
    }
}

#[tokio::test]
async fn a_request_and_its_answer_are_packets() {
    let stage = Stage::set(Venue::Binance).await;
    let mut listener = Listener::start(stage.config());
    let _line = stage.accept().await;
    let url = stage.asked(&[]).1.remove(0);
    let path = stage.answer_request(&response("200 OK", "", "{\"symbols\":[]}")).await;
    assert!(url.ends_with(&path));
    let asked = listener.until(|body| matches!(body, Body::Requested(_))).await;
    assert_eq!(asked.body, Body::Requested(url.clone().into()));
    let answered = listener.next().await;
    assert_eq!(answered.number, asked.number + 1);
    let Body::Answered(exchange) = answered.body else { panic!("{answered:?}") };
    assert_eq!((exchange.url, exchange.status), (url.into(), 200));
    assert_eq!(exchange.body, "{\"symbols\":[]}");
    listener.stop().await;
}

#[tokio::test]
async fn a_snapshot_is_asked_for_after_its_stream() {
    let stage = Stage::set(Venue::Binance).await;
    let (mut listener, mut line) = open(&stage, stage.config()).await;
    listener.subscribe(&["BTCUSDT"]);
    let said = listener.until(|body| matches!(body, Body::Sent(_) | Body::Requested(_))).await;
    assert!(matches!(said.body, Body::Sent(_)), "{said:?}");
    line.hear().await;
    let (path, body) = answer(&stage, &mut listener, &response("200 OK", "", "book")).await;
    assert!(path.contains("depth") && path.contains("BTCUSDT"), "{path}");
    assert_eq!(status(&body), 200);
    listener.stop().await;
}

#[tokio::test]
async fn a_list_that_goes_on_is_asked_for_page_by_page() {
    let stage = Stage::set(Venue::Bybit).await;
    let mut listener = Listener::start(stage.config());
    let _line = stage.accept().await;
    let page = |cursor: &str| {
        let body = format!(r#"{{"retCode":0,"result":{{"list":[],"nextPageCursor":"{cursor}"}}}}"#);
        response("200 OK", "", &body)
    };
    let (first, _) = answer(&stage, &mut listener, &page("first%3DA%26last%3DB")).await;
    assert!(first.ends_with("instruments-info?category=spot&limit=1000"), "{first}");
    let (second, _) = answer(&stage, &mut listener, &page("")).await;
    assert_eq!(second, format!("{first}&cursor=first%3DA%26last%3DB"), "the mark is not sent");
    listener.stop().await;
}

#[tokio::test]
async fn a_429_is_recorded_told_waited_for_and_asked_again() {
    let stage = Stage::set(Venue::Binance).await;
    let (mut listener, _line) = open(&stage, stage.config()).await;
    listener.subscribe(&["BTCUSDT"]);
    let refusal = response("429 Too Many Requests", "Retry-After: 1\r\n", "{}");
    let (first, body) = answer(&stage, &mut listener, &refusal).await;
    let start = Instant::now();
    assert_eq!(status(&body), 429);
    let report =
        listener.report(LinkState::Up, "The simulated Binance asks us to slow down.").await;
    assert!(report.retry_at.is_some());
    let (second, body) = answer(&stage, &mut listener, &response("200 OK", "", "book")).await;
    assert_eq!((first, status(&body)), (second, 200));
    assert!(start.elapsed() > Duration::from_millis(900), "after {:?}", start.elapsed());
    listener.report(LinkState::Up, "Connected").await;
    listener.stop().await;
}

#[tokio::test]
async fn a_link_that_waits_for_the_end_of_a_ban_says_so_where_a_request_has_met_it() {
    let stage = Stage::set(Venue::Binance).await;
    let (mut listener, line) = open(&stage, stage.config()).await;
    listener.subscribe(&["BTCUSDT"]);
    answer(&stage, &mut listener, &response("418 I'm a teapot", "", "{}")).await;
    let words = "The simulated Binance has banned this network for a while (418).";
    listener.report(LinkState::Up, words).await;
    drop(line);
    let report = listener.report(LinkState::Down, words).await;
    assert_eq!(report.cause, Some(LinkCause::RateLimited));
    listener.stop().await;
}

#[tokio::test]
async fn a_plea_with_a_status_of_200_is_recorded_told_waited_for_and_asked_again() {
    let stage = Stage::set(Venue::Bybit).await;
    let mut listener = Listener::start(stage.config());
    let _line = stage.accept().await;
    let hasty = r#"{"retCode":10006,"retMsg":"Too many visits!","result":{}}"#;
    let hasty = response("200 OK", "Retry-After: 1\r\n", hasty);
    let (first, body) = answer(&stage, &mut listener, &hasty).await;
    let start = Instant::now();
    assert_eq!(status(&body), 200);
    let words = "The simulated Bybit asks us to slow down.";
    let report = listener.report(LinkState::Up, words).await;
    assert_eq!(report.cause, Some(LinkCause::RateLimited));
    assert!(report.retry_at.is_some());
    let busy = response("200 OK", "", r#"{"retCode":10016,"retMsg":"Internal system error."}"#);
    let (second, _) = answer(&stage, &mut listener, &busy).await;
    assert_eq!(first, second);
    assert!(start.elapsed() > Duration::from_millis(900), "after {:?}", start.elapsed());
    let words = "The simulated Bybit is in maintenance, or has too much to do.";
    assert_eq!(listener.report(LinkState::Up, words).await.cause, Some(LinkCause::Maintenance));
    let (third, _) = answer(&stage, &mut listener, &response("200 OK", "", "{}")).await;
    assert_eq!(first, third);
    let report = listener.report(LinkState::Up, "Connected").await;
    assert_eq!(report.cause, None);
    listener.stop().await;
}

#[tokio::test]
async fn a_network_that_is_refused_a_request_is_told_so() {
    let stage = Stage::set(Venue::Binance).await;
    let mut listener = Listener::start(stage.config());
    let _line = stage.accept().await;
    answer(&stage, &mut listener, &response("451 Unavailable", "", "")).await;
    let words = "The simulated Binance refuses connections from this network (451).";
    listener.report(LinkState::Up, words).await;
    listener.stop().await;
}

#[tokio::test]
async fn a_refused_request_turns_to_the_venues_other_endpoint() {
    let [first, second] = [Stage::set(Venue::Binance).await, Stage::set(Venue::Binance).await];
    let mut listener = Listener::start(first.config().or_at(second.endpoints()).unwrap());
    let _line = first.accept().await;
    first.answer_request(&response("403 Forbidden", "", "")).await;
    assert!(listener.closed().await.contains("(403)"));
    let _line = second.accept().await;
    answer(&second, &mut listener, &response("200 OK", "", "{}")).await;
    listener.stop().await;
}

#[tokio::test]
async fn where_all_endpoints_refuse_requests_the_socket_of_the_last_goes_on() {
    let [first, second] = [Stage::set(Venue::Binance).await, Stage::set(Venue::Binance).await];
    let mut listener = Listener::start(first.config().or_at(second.endpoints()).unwrap());
    let mut line = first.accept().await;
    line.say("{}").await;
    listener.until(|body| matches!(body, Body::Text(_))).await;
    first.answer_request(&response("451 Unavailable", "", "")).await;
    assert!(listener.closed().await.contains("(451)"));
    let mut line = second.accept().await;
    line.say("{}").await;
    listener.until(|body| matches!(body, Body::Text(_))).await;
    answer(&second, &mut listener, &response("451 Unavailable", "", "")).await;
    let report = listener.report(LinkState::Up, "refuses connections from this network").await;
    assert!(report.retry_at.is_some());
    line.say("{\"still\":1}").await;
    let heard = listener.until(|body| !matches!(body, Body::Sent(_))).await;
    assert_eq!(heard.body, Body::Text("{\"still\":1}".into()));
    listener.stop().await;
}

#[tokio::test]
async fn what_failed_is_asked_again_and_what_was_denied_is_not() {
    let stage = Stage::set(Venue::Binance).await;
    let (mut listener, _line) = open(&stage, stage.config()).await;
    listener.subscribe(&["BTCUSDT"]);
    drop(soon(stage.requests.accept()).await.unwrap());
    let (_, body) = answer(&stage, &mut listener, &response("502 Bad Gateway", "", "")).await;
    assert_eq!(status(&body), 502);
    let no = response("400 Bad Request", "", "{\"code\":-1121}");
    let (path, body) = answer(&stage, &mut listener, &no).await;
    assert!(path.contains("BTCUSDT"));
    assert_eq!(status(&body), 400);
    let (path, _) = answer(&stage, &mut listener, &response("200 OK", "", "{}")).await;
    assert!(path.contains("ticker"), "{path} was asked again");
    listener.subscribe(&["ETHUSDT"]);
    let (path, _) = answer(&stage, &mut listener, &response("200 OK", "", "")).await;
    assert!(path.contains("ETHUSDT"), "{path} was asked again");
    listener.stop().await;
}

/// A link of Binance's whose next request is for a figure.
async fn before_a_figure(first: &Stage, second: &Stage) -> (Listener, Line) {
    let config = first.config().or_at(second.endpoints()).unwrap();
    let (mut listener, line) = open(first, config).await;
    listener.subscribe(&["BTCUSDT"]);
    let (path, _) = answer(first, &mut listener, &response("200 OK", "", "{}")).await;
    assert!(path.contains("/depth?"), "{path}");
    (listener, line)
}

#[tokio::test]
async fn a_figure_that_does_not_come_is_asked_for_again_and_troubles_nobody() {
    let [first, second] = [Stage::set(Venue::Binance).await, Stage::set(Venue::Binance).await];
    let (mut listener, _line) = before_a_figure(&first, &second).await;
    let (ticker, body) = answer(&first, &mut listener, &response("502 Bad Gateway", "", "")).await;
    assert!(ticker.contains("/ticker/24hr?"), "{ticker}");
    assert_eq!(status(&body), 502);
    let asked_again = soon(first.requests.accept()).await.unwrap();
    let report = listener.feed.link().borrow().clone();
    assert!(report.sentence.contains("Connected"), "{report:?}");
    drop(asked_again);
    let (again, _) = answer(&first, &mut listener, &response("200 OK", "", "{}")).await;
    assert_eq!(again, ticker);
    listener.report(LinkState::Up, "Connected").await;
    listener.stop().await;
}

#[tokio::test]
async fn a_figure_that_is_refused_is_told_and_the_link_goes_on() {
    let [first, second] = [Stage::set(Venue::Binance).await, Stage::set(Venue::Binance).await];
    let (mut listener, mut line) = before_a_figure(&first, &second).await;
    let (ticker, _) = answer(&first, &mut listener, &response("403 Forbidden", "", "")).await;
    assert!(ticker.contains("/ticker/24hr?"), "{ticker}");
    let report = listener.report(LinkState::Up, "refuses connections from this network").await;
    assert!(report.retry_at.is_some());
    line.say("{\"still\":1}").await;
    let heard = listener.until(|body| matches!(body, Body::Text(_) | Body::Closed(_))).await;
    assert_eq!(heard.body, Body::Text("{\"still\":1}".into()));
    listener.stop().await;
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let [stage, elsewhere] = [Stage::set(Venue::Binance).await, Stage::set(Venue::Binance).await];
    let mut listener = Listener::start(stage.config());
    let _line = stage.accept().await;
    let location = format!("Location: {}/\r\n", elsewhere.endpoints().rest);
    let (_, body) = answer(&stage, &mut listener, &response("302 Found", &location, "")).await;
    assert_eq!(status(&body), 302);
    listener.stop().await;
}

/// Takes a request and begins an answer with these headers.
async fn begin_answer(stage: &Stage, headers: &str) -> TcpStream {
    let (mut tcp, _) = soon(stage.requests.accept()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(soon(tcp.read_u8()).await.unwrap());
    }
    tcp.write_all(format!("HTTP/1.1 200 OK\r\n{headers}\r\n").as_bytes()).await.unwrap();
    tcp
}

#[tokio::test]
async fn a_body_that_announces_more_than_the_cap_is_refused_unread() {
    let stage = Stage::set(Venue::Binance).await;
    let listener = Listener::start(stage.config());
    let _line = stage.accept().await;
    let headers = format!("Content-Length: {}\r\n", BODY_BYTES_MAX + 1);
    let _tcp = begin_answer(&stage, &headers).await;
    let words = "The simulated Binance sent a response larger than 64 MiB.";
    listener.report(LinkState::Up, words).await;
    listener.stop().await;
}

#[tokio::test]
async fn a_body_without_end_is_refused_at_the_cap() {
    let stage = Stage::set(Venue::Binance).await;
    let listener = Listener::start(stage.config());
    let _line = stage.accept().await;
    let mut tcp = begin_answer(&stage, "Connection: close\r\n").await;
    let piece = vec![b'x'; 1 << 20];
    let mut said = 0;
    while soon(tcp.write_all(&piece)).await.is_ok() {
        said += 1;
    }
    assert!(said <= (BODY_BYTES_MAX >> 20) + 16, "{said} MiB were taken");
    listener.report(LinkState::Up, "larger than 64 MiB").await;
    listener.stop().await;
}

#[tokio::test]
async fn an_answer_that_stalls_is_given_up_and_asked_again_while_the_socket_goes_on() {
    let stage = Stage::set(Venue::Binance).await;
    let mut config = stage.config();
    config.patience.answer_pause = Duration::from_millis(300);
    let mut listener = Listener::start(config);
    let mut line = stage.accept().await;
    let _tcp = begin_answer(&stage, "Content-Length: 10\r\n").await;
    line.say("meanwhile").await;
    listener.until(|body| *body == Body::Text("meanwhile".into())).await;
    answer(&stage, &mut listener, &response("200 OK", "", "{}")).await;
    listener.stop().await;
}

#[tokio::test]
async fn requests_keep_within_the_venues_weight_by_construction() {
    let stage = Stage::set(Venue::Binance).await;
    let config = stage.config().within(Limits { rest_weight_per_minute: 600, ..roomy() });
    let (mut listener, _line) = open(&stage, config).await; // Costs 20 of the 600.
    listener.subscribe(&["AUSDT", "BUSDT", "CUSDT"]); // 250 each.
    for _ in 0..2 {
        answer(&stage, &mut listener, &response("200 OK", "", "")).await;
    }
    let third = tokio::time::timeout(Duration::from_secs(1), stage.requests.accept()).await;
    assert!(third.is_err(), "a third request was made above the weight");
    listener.stop().await;
}

#[tokio::test]
async fn a_request_that_waits_twice_is_made_once() {
    let stage = Stage::set(Venue::Binance).await;
    let (mut listener, mut line) = open(&stage, stage.config()).await;
    listener.subscribe(&["BTCUSDT"]);
    line.hear().await;
    let tcp = begin_answer(&stage, "Content-Length: 4\r\n").await;
    for _ in 0..5 {
        listener.feed.resync("BTCUSDT".to_owned());
    }
    listener.subscribe(&["ETHUSDT"]);
    line.hear().await;
    let mut tcp = tcp;
    tcp.write_all(b"book").await.unwrap();
    drop(tcp);
    let mut paths = Vec::new();
    while !paths.last().is_some_and(|path: &String| path.contains("ETHUSDT")) {
        paths.push(stage.answer_request(&response("200 OK", "", "")).await);
    }
    let resyncs = paths.iter().filter(|path| path.contains("BTCUSDT")).count();
    assert_eq!(resyncs, 1, "{paths:?}");
    listener.until(|body| matches!(body, Body::Answered(_))).await;
    listener.stop().await;
}
