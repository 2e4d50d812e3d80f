//! What goes wrong on a session: nothing comes, too little comes, or it ends.

use std::time::Duration;

use feed::LinkState;
use futures_util::future::join_all;
use market::{Body, Venue};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::server::{CASES, Case, Server};
use crate::stage::Listener;

const INTERVAL: Duration = Duration::from_millis(600);
const TIMEOUT: Duration = Duration::from_millis(400);
/// For the machine, which is busy with other tests.
const ROOM: Duration = Duration::from_millis(1_500);

/// Plays a scene for all cases on both ways, with a short heartbeat, all at once.
async fn everywhere<F: Future<Output = ()>>(scene: impl Fn(Case, Value) -> F) {
    let way = |transport: &str| {
        json!({
            "transports": [transport],
            "pingInterval": INTERVAL.as_millis() as u64,
            "pingTimeout": TIMEOUT.as_millis() as u64,
        })
    };
    let scenes = CASES.map(|case| ["websocket", "polling"].map(|name| scene(case, way(name))));
    join_all(scenes.into_iter().flatten()).await;
}

fn and(mut options: Value, more: Value) -> Value {
    options.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    options
}

async fn listening(server: &mut Server, case: Case) -> Listener {
    let mut config = server.config();
    config.patience.upgrade = Duration::from_millis(800);
    config.patience.connect = Duration::from_millis(800);
    let mut listener = Listener::start(config);
    listener.subscribe(&[case.symbol()]);
    server.until(|line| line["room"] == case.room()).await;
    listener.until(|body| matches!(body, Body::Opened(_))).await;
    listener
}

#[tokio::test]
async fn a_quiet_session_lives_by_its_heartbeat() {
    everywhere(|case, options| async move {
        let Some(mut server) = Server::start(case, options).await else { return };
        let mut listener = listening(&mut server, case).await;
        let start = Instant::now();
        while start.elapsed() < (INTERVAL + TIMEOUT) * 3 {
            let packet = listener.until(|body| !matches!(body, Body::Requested(_))).await;
            assert!(!matches!(packet.body, Body::Closed(_)), "{case:?} {packet:?}");
        }
        listener.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_frozen_server_is_found_within_interval_and_timeout_and_joined_again() {
    everywhere(|case, options| async move {
        let Some(mut server) = Server::start(case, options).await else { return };
        let mut listener = listening(&mut server, case).await;
        let frozen_at = Instant::now();
        server.freeze();
        let sentence = listener.closed().await;
        let found = frozen_at.elapsed();
        assert!(sentence.contains("no heartbeat"), "{case:?} {sentence}");
        assert!(found < INTERVAL + TIMEOUT + ROOM, "{case:?} {found:?}");
        // Nor does any attempt hang while it is frozen.
        for _ in 0..2 {
            let start = Instant::now();
            listener.closed().await;
            assert!(start.elapsed() < Duration::from_millis(800) * 2 + ROOM, "{case:?}");
        }
        server.thaw();
        listener.until(|body| matches!(body, Body::Opened(_))).await;
        server.until(|line| line["room"] == case.room()).await;
        listener.stop().await;
    })
    .await;
}

#[tokio::test]
async fn without_its_heartbeat_a_session_ends_whatever_else_comes() {
    everywhere(|case, options| async move {
        let options = and(options, json!({ "mute": true, "tick": 20 }));
        let Some(mut server) = Server::start(case, options).await else { return };
        let mut listener = listening(&mut server, case).await;
        let start = Instant::now();
        let sentence = listener.closed().await;
        assert!(sentence.contains("no heartbeat"), "{case:?} {sentence}");
        assert!(start.elapsed() < INTERVAL + TIMEOUT + ROOM, "{case:?}");
        listener.report(LinkState::Up, "Connected").await;
        listener.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_killed_server_is_found_at_once_and_its_rooms_are_joined_again() {
    everywhere(|case, options| async move {
        let Some(mut server) = Server::start(case, options.clone()).await else { return };
        let mut listener = listening(&mut server, case).await;
        let port = server.port;
        let start = Instant::now();
        drop(server);
        listener.closed().await;
        assert!(start.elapsed() < ROOM, "{case:?}");
        let options = and(options, json!({ "port": port }));
        let mut server = Server::start(case, options).await.unwrap();
        for _ in 0..4 {
            let joined = server.until(|line| line["room"].is_string()).await;
            assert!(joined["room"].as_str().unwrap().ends_with(case.symbol()), "{joined}");
        }
        loop {
            if case.numbers(&listener.next().await) == [1] {
                break;
            }
        }
        listener.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_server_that_says_goodbye_is_come_back_to() {
    everywhere(|case, options| async move {
        for whole in [false, true] {
            let Some(mut server) = Server::start(case, options.clone()).await else { return };
            let mut listener = listening(&mut server, case).await;
            server.tell(json!({ "leave": whole }));
            let sentence = listener.closed().await;
            assert!(sentence.contains("closed the connection"), "{case:?} {sentence}");
            server.until(|line| line["room"] == case.room()).await;
            listener.stop().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_refused_namespace_is_told_and_tried_again() {
    everywhere(|case, options| async move {
        // A server of version 4 welcomes old clients before it asks whether they may.
        if case == (Case { venue: Venue::BitFlyer, server: 4 }) {
            return;
        }
        let options = and(options, json!({ "admit": false }));
        let Some(server) = Server::start(case, options).await else { return };
        let mut listener = Listener::start(server.config());
        for _ in 0..2 {
            let sentence = listener.closed().await;
            assert!(sentence.contains("does not let us in: not today"), "{case:?} {sentence}");
        }
        listener.stop().await;
    })
    .await;
}
