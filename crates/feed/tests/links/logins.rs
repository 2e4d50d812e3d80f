//! A login that is given while a link runs: it is tried at once, and shows nowhere.

use feed::{LinkCause, LinkState, ProxyConfig};
use market::{Body, Packet, Secret, Venue};

use crate::proxies::{Door, MARK, Proxy};
use crate::stage::{Listener, Stage, response};

fn wrong() -> Secret {
    Secret::new(format!("{MARK}-not"))
}

fn right() -> Secret {
    Secret::new(MARK.to_owned())
}

fn assert_no_secret(packets: &[Packet]) {
    assert!(!format!("{packets:?}").contains(MARK), "{packets:?}");
}

/// A link with `config` waits for a login, refuses a wrong one, and opens with the right one.
async fn waits_and_opens(config: ProxyConfig) {
    let stage = Stage::set(Venue::Kraken).await;
    let listener = Listener::start(stage.config().through(Some(config.clone())));
    listener.report(LinkState::Down, "asks for a password").await;
    assert_eq!(listener.feed.login_trouble(), Some(LinkCause::ProxyWantsPassword));

    listener.feed.use_proxy(config.with_login("ann", wrong()).unwrap());
    let refused = listener.report(LinkState::Down, "does not accept").await;
    assert_eq!(listener.feed.login_trouble(), Some(LinkCause::ProxyRefusesPassword));
    assert!(!format!("{refused:?}").contains(MARK), "{refused:?}");
    let told = refused.told(refused.retry_at.unwrap().plus_nanos(-200_000_000_000));
    assert!(told.ends_with("Trying again in 200 s."), "not said again soon: {told}");

    listener.feed.use_proxy(config.with_login("ann", right()).unwrap());
    let mut line = stage.accept().await;
    listener.report(LinkState::Up, "Connected").await;
    assert_eq!(listener.feed.login_trouble(), None);
    line.say("through").await;
    assert_no_secret(&listener.stop().await);
}

#[tokio::test]
async fn a_login_is_tried_at_once_though_the_last_one_was_refused() {
    for scheme in ["http", "socks5"] {
        let proxy = Proxy::open(Door::Locked).await;
        waits_and_opens(proxy.config(scheme, "")).await;
    }
}

#[tokio::test]
async fn a_login_that_waits_to_be_tried_is_not_blamed_for_the_one_before() {
    let proxy = Proxy::open(Door::Locked).await;
    let stage = Stage::set(Venue::Kraken).await;
    let config = proxy.config("http", "ann@").with_password(wrong());
    let listener = Listener::start(stage.config().through(Some(config.clone())));
    listener.report(LinkState::Down, "does not accept").await;
    // Nothing else runs between these lines: the runtime has one thread.
    listener.feed.use_proxy(config.with_login("ann", wrong()).unwrap());
    assert_eq!(listener.feed.login_trouble(), None);
    listener.stop().await;
}

#[tokio::test]
async fn requests_that_a_login_kept_back_are_made_with_the_next_one() {
    let proxy = Proxy::open_to(1, Door::Locked).await;
    let stage = Stage::set(Venue::Binance).await;
    let config = proxy.config("http", "ann@").with_password(wrong());
    let mut listener = Listener::start(stage.config().through(Some(config.clone())));
    let _line = stage.accept().await;
    let told = listener.report(LinkState::Up, "does not accept").await;
    assert!(told.retry_at.is_some(), "{told:?}");

    listener.feed.use_proxy(config.with_login("ann", right()).unwrap());
    stage.answer_request(&response("200 OK", "", "{}")).await;
    listener.until(|body| matches!(body, Body::Answered(_))).await;
    listener.report(LinkState::Up, "Connected").await;
    assert_eq!(listener.feed.login_trouble(), None);
    assert_no_secret(&listener.stop().await);
}
