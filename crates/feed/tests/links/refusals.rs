//! Venues that say no to the upgrade: told in words, and obeyed.

use std::time::Duration;

use feed::{LinkCause, LinkReport, LinkState};
use market::{Timestamp, Venue};

use crate::stage::{Listener, Stage, response};

/// How the link of a venue that answers the upgrade with `status` and `headers` ends: its last words and its report.
async fn refused(status: &str, headers: &str) -> (String, LinkReport) {
    let stage = Stage::set(Venue::Kraken).await;
    let mut listener = Listener::start(stage.config());
    stage.answer_upgrade(&response(status, headers, "no")).await;
    let sentence = listener.closed().await;
    let report = listener.report(LinkState::Down, &sentence).await;
    listener.stop().await;
    (sentence, report)
}

/// Seconds from now until `report` says that another attempt is made.
fn seconds_left(report: &LinkReport) -> u64 {
    let told = report.told(now());
    let count = told.strip_suffix(" s.").and_then(|told| told.rsplit(' ').next());
    count.and_then(|count| count.parse().ok()).unwrap_or_else(|| panic!("no countdown: {told}"))
}

/// Our clock, as the feed's packets show it.
fn now() -> Timestamp {
    let now = nanos_now();
    Timestamp::from_nanos(i64::try_from(now).unwrap())
}

#[expect(clippy::disallowed_methods, reason = "a test plays the screen, which has a clock")]
fn nanos_now() -> u128 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos()
}

#[tokio::test]
async fn a_429_is_obeyed_for_as_long_as_it_says() {
    let (sentence, report) = refused("429 Too Many Requests", "Retry-After: 70\r\n").await;
    assert_eq!(sentence, "The simulated Kraken asks us to slow down.");
    assert!((60..=70).contains(&seconds_left(&report)), "{report:?}");
}

#[tokio::test]
async fn a_418_is_a_ban() {
    let (sentence, report) = refused("418 I'm a teapot", "").await;
    assert_eq!(sentence, "The simulated Kraken has banned this network for a while (418).");
    assert!((110..=120).contains(&seconds_left(&report)), "{report:?}");
}

#[tokio::test]
async fn a_pause_of_centuries_is_cut_to_days() {
    let headers = "Retry-After: 18446744073709551615\r\n";
    let (_, report) = refused("429 Too Many Requests", headers).await;
    assert!((250_000..=259_200).contains(&seconds_left(&report)), "{report:?}");
}

#[tokio::test]
async fn a_network_that_is_refused_is_told_what_to_do() {
    for (status, code) in [("451 Unavailable For Legal Reasons", "451"), ("403 Forbidden", "403")] {
        let (sentence, report) = refused(status, "").await;
        let words = "The simulated Kraken refuses connections from this network";
        let advice = "Choose another venue or set a proxy.";
        assert_eq!(sentence, format!("{words} ({code}). {advice}"));
        assert!((290..=300).contains(&seconds_left(&report)), "{report:?}");
    }
}

#[tokio::test]
async fn another_status_is_told_and_tried_again_soon() {
    for status in ["302 Found", "407 Proxy Authentication Required", "503 Service Unavailable"] {
        let (sentence, report) = refused(status, "Location: wss://elsewhere.example/\r\n").await;
        assert!(sentence.contains(&status[..3]), "{sentence}");
        assert!(seconds_left(&report) <= 1, "{report:?}");
    }
}

#[tokio::test]
async fn try_now_does_not_break_a_ban() {
    let stage = Stage::set(Venue::Kraken).await;
    let listener = Listener::start(stage.config());
    stage.answer_upgrade(&response("418 I'm a teapot", "Retry-After: 1\r\n", "")).await;
    listener.report(LinkState::Down, "banned").await;
    let start = tokio::time::Instant::now();
    listener.feed.try_now();
    let _line = stage.accept().await;
    assert!(start.elapsed() > Duration::from_millis(500), "after {:?}", start.elapsed());
    listener.stop().await;
}

#[tokio::test]
async fn a_ban_is_remembered_by_the_next_link_to_the_venue() {
    let stage = Stage::set(Venue::Kraken).await;
    let first = stage.config();
    let mut second = stage.config();
    second.budget = first.budget.clone();
    let listener = Listener::start(first);
    stage.answer_upgrade(&response("418 I'm a teapot", "Retry-After: 1\r\n", "")).await;
    listener.report(LinkState::Down, "banned").await;
    listener.stop().await;
    let start = tokio::time::Instant::now();
    let listener = Listener::start(second);
    let _line = stage.accept().await;
    assert!(start.elapsed() > Duration::from_millis(500), "after {:?}", start.elapsed());
    listener.stop().await;
}

#[tokio::test]
async fn a_refused_network_tries_the_venues_other_endpoint_first() {
    let [first, second] = [Stage::set(Venue::Kraken).await, Stage::set(Venue::Kraken).await];
    let listener = Listener::start(first.config().or_at(second.endpoints()).unwrap());
    first.answer_upgrade(&response("451 Unavailable For Legal Reasons", "", "")).await;
    second.answer_upgrade(&response("403 Forbidden", "", "")).await;
    let report = listener.report(LinkState::Down, "(403)").await;
    assert!(seconds_left(&report) > 200, "{report:?}");
    listener.stop().await;
}

#[tokio::test]
async fn what_a_refusal_is_about_is_told_beside_its_sentence() {
    for (status, cause) in [
        ("451 Unavailable For Legal Reasons", LinkCause::Refused),
        ("403 Forbidden", LinkCause::Refused),
        ("429 Too Many Requests", LinkCause::RateLimited),
        ("418 I'm a teapot", LinkCause::RateLimited),
        ("503 Service Unavailable", LinkCause::Maintenance),
        ("500 Internal Server Error", LinkCause::Status),
    ] {
        let (_, report) = refused(status, "").await;
        assert_eq!(report.cause, Some(cause), "{status}");
    }
    let stage = Stage::set(Venue::Kraken).await;
    let listener = Listener::start(stage.config());
    let line = stage.accept().await;
    assert_eq!(listener.report(LinkState::Up, "Connected").await.cause, None);
    drop(line);
    let report = listener.report(LinkState::Down, "Kraken").await;
    assert_eq!(report.cause, Some(LinkCause::Closed));
    listener.stop().await;
}
