//! The ways on which a session goes: over a WebSocket, by HTTP long-polling, and from the second to the first.

use std::time::Duration;

use feed::LinkState;
use futures_util::future::join_all;
use market::{Body, Packet};
use serde_json::json;
use tokio::time::timeout;
use venues::Limits;

use super::server::{CASES, Case, Server};
use crate::stage::{Listener, roomy};

/// Plays a scene for all cases at once.
async fn everywhere<F: Future<Output = ()>>(scene: impl Fn(Case) -> F) {
    join_all(CASES.map(scene)).await;
}

/// Passes packets on until a number of the room's events has come, in order and without a gap; gives the packets.
async fn hear(listener: &mut Listener, case: Case, up_to: u64) -> Vec<Packet> {
    let (mut packets, mut last) = (Vec::new(), 0);
    while last < up_to {
        let packet = listener.next().await;
        assert!(!matches!(packet.body, Body::Closed(_)), "{packet:?}");
        for number in case.numbers(&packet) {
            assert_eq!(number, last + 1, "{case:?}");
            last = number;
        }
        packets.push(packet);
    }
    packets
}

fn opened(packets: &[Packet]) -> &str {
    match &packets[0].body {
        Body::Opened(address) => std::str::from_utf8(address).unwrap(),
        other => panic!("not opened first: {other:?}"),
    }
}

fn sent(packets: &[Packet]) -> Vec<&str> {
    let sent = packets.iter().filter_map(|packet| match &packet.body {
        Body::Sent(text) => Some(std::str::from_utf8(text).unwrap()),
        _ => None,
    });
    sent.collect()
}

fn is_poll(packet: &Packet) -> bool {
    let url = match &packet.body {
        Body::Requested(url) => url,
        Body::Answered(answer) => &answer.url,
        _ => return false,
    };
    String::from_utf8_lossy(url).contains("transport=polling")
}

#[tokio::test]
async fn a_websocket_carries_a_session_alone() {
    everywhere(|case| async move {
        let options = json!({ "transports": ["websocket"], "tick": 5 });
        let Some(mut server) = Server::start(case, options).await else { return };
        let mut listener = Listener::start(server.config());
        listener.subscribe(&[case.symbol()]);
        let packets = hear(&mut listener, case, 20).await;
        assert!(opened(&packets).starts_with("ws://127.0.0.1:"), "{}", opened(&packets));
        assert!(opened(&packets).ends_with("&transport=websocket"), "{}", opened(&packets));
        assert!(!packets.iter().any(is_poll));
        let sent = sent(&packets);
        assert!(sent.iter().any(|frame| frame.starts_with("42[") && frame.contains(&case.room())));
        assert_eq!(server.until(|line| line["opened"].is_string()).await["opened"], "websocket");
        let report = listener.report(LinkState::Up, "Connected").await;
        assert!(!report.sentence.contains("polling"), "{}", report.sentence);
        listener.stop().await;
    })
    .await;
}

#[tokio::test]
async fn where_there_is_only_polling_a_session_polls() {
    everywhere(|case| async move {
        let options = json!({ "transports": ["polling"], "tick": 5 });
        let Some(mut server) = Server::start(case, options).await else { return };
        let mut listener = Listener::start(server.config());
        listener.subscribe(&[case.symbol()]);
        let packets = hear(&mut listener, case, 50).await;
        assert!(opened(&packets).starts_with("http://127.0.0.1:"), "{}", opened(&packets));
        assert!(!packets.iter().any(|packet| matches!(packet.body, Body::Text(_))));
        assert_eq!(server.until(|line| line["opened"].is_string()).await["opened"], "polling");
        listener.report(LinkState::Up, "by HTTP long-polling").await;
        listener.feed.unsubscribe(vec![case.symbol().to_owned()]);
        server.until(|line| line["room"] == case.room() && line["event"] != line["x"]).await;
        listener.stop().await;
        let goodbye = server.until(|line| line["closed"].is_string()).await;
        assert_eq!(goodbye["closed"], "transport close");
    })
    .await;
}

#[tokio::test]
async fn a_session_moves_to_the_websocket_without_losing_an_event() {
    everywhere(|case| async move {
        let options = json!({ "refuse": "direct", "tick": 2 });
        let Some(mut server) = Server::start(case, options).await else { return };
        let mut listener = Listener::start(server.config());
        listener.subscribe(&[case.symbol()]);
        let packets = hear(&mut listener, case, 300).await;
        assert!(opened(&packets).contains("transport=polling"));
        let sent = sent(&packets);
        let place = |frame| sent.iter().position(|sent| *sent == frame);
        assert!(place("2probe").unwrap() < place("5").unwrap(), "{sent:?}");
        let is_probed = |packet: &Packet| packet.body == Body::Text("3probe".into());
        let moved = packets.iter().position(is_probed).unwrap();
        assert!(packets[..moved].iter().any(is_poll));
        let behind = &packets[moved + 1..];
        assert!(behind.iter().any(|packet| matches!(packet.body, Body::Text(_))));
        assert_eq!(
            server.until(|line| line["upgraded"].is_string()).await["upgraded"],
            "websocket"
        );
        let report = listener.report(LinkState::Up, "Connected").await;
        assert!(!report.sentence.contains("polling"), "{}", report.sentence);
        listener.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_refused_websocket_is_polled_around_and_tried_again_until_it_is_allowed() {
    everywhere(|case| async move {
        let Some(mut server) = Server::start(case, json!({ "refuse": "all", "tick": 5 })).await
        else {
            return;
        };
        let mut listener = Listener::start(server.config());
        listener.subscribe(&[case.symbol()]);
        hear(&mut listener, case, 100).await;
        listener.report(LinkState::Up, "by HTTP long-polling").await;
        server.tell(json!({ "refuse": "none" }));
        server.until(|line| line["upgraded"] == "websocket").await;
        listener.until(|body| *body == Body::Sent("5".into())).await;
        listener.until(|body| matches!(body, Body::Text(_))).await;
        listener.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_session_that_cannot_move_ends_when_a_websocket_can_be_had() {
    everywhere(|case| async move {
        let options = json!({ "refuse": "all", "allowUpgrades": false });
        let Some(mut server) = Server::start(case, options).await else { return };
        let mut listener = Listener::start(server.config());
        listener.subscribe(&[case.symbol()]);
        listener.report(LinkState::Up, "by HTTP long-polling").await;
        server.tell(json!({ "refuse": "none" }));
        assert!(listener.closed().await.contains("can be opened again"));
        let again = listener.until(|body| matches!(body, Body::Opened(_))).await;
        assert!(opened(&[again]).starts_with("ws://"));
        listener.stop().await;
    })
    .await;
}

#[tokio::test]
async fn events_of_each_kind_arrive_as_they_were_sent() {
    everywhere(|case| async move {
        for transport in ["websocket", "polling"] {
            let options = json!({ "transports": [transport] });
            let Some(mut server) = Server::start(case, options).await else { return };
            let mut listener = Listener::start(server.config());
            listener.subscribe(&[case.symbol()]);
            server.until(|line| line["room"] == case.room()).await;
            server.tell(json!({ "kinds": true }));
            let (mut frames, mut bytes) = (Vec::new(), Vec::new());
            while frames.last().is_none_or(|frame| frame != "42[\"last\"]") {
                let packet = listener.next().await;
                assert!(!matches!(packet.body, Body::Closed(_)), "{packet:?}");
                frames.extend(case.frames(&packet));
                if let Body::Binary(binary) = packet.body {
                    bytes.push(binary);
                }
            }
            let has = |wanted: &str| frames.iter().any(|frame| frame == wanted);
            assert!(has("42[\"plain\",\"€😀\u{2028}\"]"), "{frames:?}");
            assert!(has("420[\"asking\",1]"), "{frames:?}");
            assert!(has("451-[\"bytes\",{\"_placeholder\":true,\"num\":0}]"), "{frames:?}");
            // By itself on a WebSocket (version 3 puts the type, 4, before it), in base64 by polling.
            let in_frames = has("bAQID") || has("b4AQID");
            let alone = bytes.iter().any(|it| [&[1, 2, 3][..], &[4, 1, 2, 3]].contains(&&it[..]));
            assert!(if transport == "polling" { in_frames } else { alone }, "{frames:?} {bytes:?}");
            listener.stop().await;
        }
    })
    .await;
}

#[tokio::test]
async fn trials_of_a_refused_websocket_are_connections_and_keep_within_their_limit() {
    everywhere(|case| async move {
        let Some(mut server) = Server::start(case, json!({ "refuse": "all" })).await else {
            return;
        };
        let patience = server.config().patience;
        let mut config = server.config().within(Limits { connects: 3, ..roomy() });
        config.patience = patience;
        let listener = Listener::start(config);
        listener.subscribe(&[case.symbol()]);
        // The first is the link's own; then two trials.
        for _ in 0..3 {
            server.until(|line| line["refused"].is_string()).await;
        }
        let fourth = server.until(|line| line["refused"].is_string());
        let fourth = timeout(Duration::from_secs(1), fourth).await;
        assert!(fourth.is_err(), "{case:?}: a fourth connection was made above the limit");
        listener.report(LinkState::Up, "by HTTP long-polling").await;
        listener.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_session_stays_with_the_server_that_a_cookie_names_and_takes_none_to_the_next() {
    everywhere(|case| async move {
        if case.server != 4 {
            return; // Version 2 lets nobody set headers of its first answer.
        }
        let options = json!({ "sticky": true, "refuse": "direct", "tick": 5 });
        let Some(mut server) = Server::start(case, options).await else { return };
        let mut listener = Listener::start(server.config());
        listener.subscribe(&[case.symbol()]);
        let packets = hear(&mut listener, case, 100).await;
        assert!(!format!("{packets:?}").contains("AWSALB"), "a cookie is recorded");
        server.until(|line| line["upgraded"] == "websocket").await;
        server.tell(json!({ "leave": true }));
        listener.closed().await;
        // The WebSocket is asked for first, then the new session by polling: both without a cookie.
        for _ in 0..2 {
            let line = server.until(|line| !line["begun"].is_null() || !line["lost"].is_null());
            assert_eq!(line.await["begun"], "", "{case:?}");
        }
        while case.numbers(&listener.next().await).is_empty() {}
        listener.stop().await;
    })
    .await;
}
