//! An open link: what goes out, what comes in, and what is made of it.

use std::time::Duration;

use feed::LinkState;
use futures_util::SinkExt;
use market::{Body, LinkId, Venue};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::Message;

use crate::stage::{Listener, Stage, roomy, soon};
use venues::Limits;

#[tokio::test]
async fn all_that_is_heard_and_said_becomes_packets_in_order() {
    let stage = Stage::set(Venue::Kraken).await;
    let mut listener = Listener::start(stage.config());
    listener.subscribe(&["BTC/USD"]);
    let mut line = stage.accept().await;
    let asked = stage.asked(&["BTC/USD"]).0;
    assert_eq!(line.hear_all(asked.len()).await, asked);

    line.say("{\"channel\":\"heartbeat\"}").await;
    line.0.send(Message::binary(vec![0, 255])).await.unwrap();
    line.0.send(Message::Ping(vec![1, 2, 3].into())).await.unwrap();
    line.say("last").await;

    let (mut bodies, mut number) = (Vec::new(), 0);
    while bodies.len() < asked.len() + 5 {
        let packet = listener.next().await;
        assert_eq!((packet.number, packet.link, packet.venue), (number, LinkId(7), Venue::Kraken));
        number += 1;
        match packet.body {
            // Once data come, the time before is asked for beside them.
            Body::Requested(url) => assert!(url.ends_with(b"#past=BTC/USD"), "{url:?}"),
            other => bodies.push(other),
        }
    }
    let mut expected = vec![Body::Opened(stage.endpoints().ws.into())];
    expected.extend(asked.into_iter().map(|frame| Body::Sent(frame.into())));
    expected.push(Body::Text("{\"channel\":\"heartbeat\"}".into()));
    expected.push(Body::Binary(vec![0, 255].into()));
    expected.extend([Body::Ping, Body::Text("last".into())]);
    assert_eq!(bodies, expected);
    assert_eq!(line.pong().await, [1, 2, 3]);
    listener.stop().await;
}

#[tokio::test]
async fn packets_are_stamped_by_our_clock_and_in_order() {
    let stage = Stage::set(Venue::Kraken).await;
    let mut listener = Listener::start(stage.config());
    let mut line = stage.accept().await;
    for n in 0..100 {
        line.say(&n.to_string()).await;
    }
    let first = listener.next().await.received_at;
    let mut last = first;
    loop {
        let packet = listener.next().await;
        assert!(packet.received_at >= last);
        last = packet.received_at;
        if packet.body == Body::Text("99".into()) {
            break;
        }
    }
    let year_2020 = 1_577_836_800_000_000_000;
    assert!(first.nanos() > year_2020);
    listener.stop().await;
}

#[tokio::test]
async fn what_is_asked_for_anew_is_left_and_comes_back_on_the_same_link() {
    let stage = Stage::set(Venue::Kraken).await;
    let listener = Listener::start(stage.config());
    listener.subscribe(&["BTC/USD", "ETH/USD"]);
    let mut line = stage.accept().await;
    let asked = stage.asked(&["BTC/USD", "ETH/USD"]).0.len();
    line.hear_all(asked).await;
    listener.feed.renew("SOL/USD".to_owned()); // Nobody asked for it before.
    listener.feed.renew("ETH/USD".to_owned());
    let frames = line.hear_all(4).await;
    assert!(frames[..2].iter().all(|frame| frame.contains("unsubscribe")), "{frames:?}");
    assert!(frames[2..].iter().all(|frame| frame.contains("\"subscribe")), "{frames:?}");
    assert!(frames.iter().all(|frame| frame.contains("ETH/USD")), "{frames:?}");
    assert!(!listener.feed.is_stopped());
    listener.stop().await;
}

#[tokio::test]
async fn subscribing_on_a_live_link_says_just_that_and_does_not_reconnect() {
    let stage = Stage::set(Venue::Kraken).await;
    let mut listener = Listener::start(stage.config());
    let mut line = stage.accept().await;
    let opening = stage.asked(&[]).0.len();
    let all = stage.asked(&["ETH/USD"]).0.len();
    line.hear_all(opening).await;
    listener.report(LinkState::Up, "Connected").await;

    listener.subscribe(&["ETH/USD"]);
    for frame in line.hear_all(all - opening).await {
        assert!(frame.contains("ETH/USD"), "{frame}");
    }
    listener.subscribe(&["ETH/USD"]); // Already carried: nothing to say.
    listener.feed.unsubscribe(vec!["ETH/USD".to_owned()]);
    let frame = line.hear().await;
    assert!(frame.contains("unsubscribe") && frame.contains("ETH/USD"), "{frame}");

    line.say("still here").await;
    let closed_or_last = |body: &Body| matches!(body, Body::Closed(_) | Body::Text(_));
    assert_eq!(listener.until(closed_or_last).await.body, Body::Text("still here".into()));
    listener.stop().await;
}

#[tokio::test]
async fn wishes_made_before_the_link_is_open_are_said_together() {
    let stage = Stage::set(Venue::Kraken).await;
    let listener = Listener::start(stage.config());
    listener.subscribe(&["BTC/USD", "ETH/USD"]);
    listener.subscribe(&["SOL/USD"]);
    listener.feed.unsubscribe(vec!["ETH/USD".to_owned()]);
    let mut line = stage.accept().await;
    let asked = stage.asked(&["BTC/USD", "SOL/USD"]).0;
    assert_eq!(line.hear_all(asked.len()).await, asked);
    listener.stop().await;
}

#[tokio::test]
async fn one_instrument_is_resynced_without_touching_the_others() {
    let stage = Stage::set(Venue::Kraken).await;
    let listener = Listener::start(stage.config());
    listener.subscribe(&["BTC/USD", "ETH/USD"]);
    let mut line = stage.accept().await;
    line.hear_all(stage.asked(&["BTC/USD", "ETH/USD"]).0.len()).await;
    listener.feed.resync("DOGE/USD".to_owned()); // Not subscribed: nobody's book.
    listener.feed.resync("ETH/USD".to_owned());
    let [leave, join] = [line.hear().await, line.hear().await];
    assert!(leave.contains("unsubscribe") && leave.contains("ETH/USD"), "{leave}");
    assert!(join.contains("\"subscribe\"") && join.contains("ETH/USD"), "{join}");
    assert!(!leave.contains("BTC/USD") && !join.contains("BTC/USD"));
    listener.stop().await;
}

#[tokio::test]
async fn frames_keep_within_the_venues_limit_by_construction() {
    let stage = Stage::set(Venue::Kraken).await;
    let limits = Limits { frames_per_second: 20, ..roomy() };
    let listener = Listener::start(stage.config().within(limits));
    let symbols: Vec<String> = (0..20).map(|n| format!("C{n}/USD")).collect();
    listener.feed.subscribe(symbols.clone());
    let mut line = stage.accept().await;
    let opening = stage.asked(&["BTC/USD"]).0.len();
    line.hear_all(opening).await;
    let mut heard = Vec::new();
    symbols.into_iter().for_each(|symbol| listener.feed.resync(symbol));
    for _ in 0..40 {
        line.hear().await;
        heard.push(Instant::now());
    }
    let second = Duration::from_secs(1);
    for start in &heard {
        let within = heard.iter().filter(|at| *at >= start && **at - *start < second).count();
        assert!(within <= 20, "{within} frames in a second");
    }
    listener.stop().await;
}

#[tokio::test]
async fn a_full_queue_holds_the_venue_back_and_loses_nothing() {
    let stage = Stage::set(Venue::Kraken).await;
    // The wait of our own side is longer than the silence that the venue is allowed.
    let limits = Limits { silence: Duration::from_millis(400), ..roomy() };
    let mut listener = Listener::queueing(stage.config().within(limits), 4);
    let mut line = stage.accept().await;
    let text = "x".repeat(64 << 10);
    let n = 400;
    let (tell_held, held) = oneshot::channel();
    let venue = tokio::spawn(async move {
        let mut tell_held = Some(tell_held);
        for number in 0..n {
            let frame = format!("{number} {text}");
            let mut saying = Box::pin(line.say(&frame));
            if timeout(limits.silence * 2, &mut saying).await.is_err() {
                tell_held.take().map(|tell| tell.send(number));
                saying.await;
            }
        }
        line
    });
    let said = soon(held).await.expect("the venue was held back");
    assert!(said < n);
    let mut heard = 0;
    while heard < n {
        let packet = listener.next().await;
        match packet.body {
            Body::Text(text) => {
                assert!(text.starts_with(format!("{heard} ").as_bytes()));
                heard += 1;
            }
            Body::Closed(sentence) => panic!("{sentence:?} after {heard}"),
            _ => {}
        }
    }
    let _line = soon(venue).await.unwrap();
    listener.stop().await;
}

#[tokio::test]
async fn shutdown_says_goodbye_and_closes() {
    let stage = Stage::set(Venue::Kraken).await;
    let listener = Listener::start(stage.config());
    let mut line = stage.accept().await;
    listener.report(LinkState::Up, "Connected").await;
    let (rest, code) = tokio::join!(listener.stop(), line.goodbye());
    assert_eq!(code, Some(1_000));
    let Some(Body::Closed(sentence)) = rest.last().map(|packet| packet.body.clone()) else {
        panic!("no goodbye: {rest:?}")
    };
    assert_eq!(sentence, "The connection to the simulated Kraken was closed by us.");
}

#[tokio::test]
async fn shutdown_is_not_held_up_by_a_venue_that_does_not_answer() {
    let stage = Stage::set(Venue::Kraken).await;
    let config = stage.config();
    let listener = Listener::start(config);
    let line = stage.accept().await;
    listener.report(LinkState::Up, "Connected").await;
    let start = Instant::now();
    listener.stop().await;
    assert!(start.elapsed() < Duration::from_secs(5));
    drop(line);
}

#[tokio::test]
async fn a_link_to_which_nobody_listens_ends() {
    let stage = Stage::set(Venue::Kraken).await;
    let listener = Listener::start(stage.config());
    let mut line = stage.accept().await;
    listener.report(LinkState::Up, "Connected").await;
    let Listener { feed, packets, .. } = listener;
    drop(packets);
    line.say("anyone?").await;
    soon(feed.stopped()).await;
}
