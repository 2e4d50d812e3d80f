//! A bridge of `docs/feed.md` that is a server of Socket.IO, versions 2 and 4.

use feed::{FeedConfig, LinkState};
use futures_util::future::join_all;
use market::{Body, BookKind, Event, Events, LinkId, Venue};
use serde_json::json;
use venues::{Decoder, Endpoints};

use super::server::{Case, Server};
use crate::stage::{Listener, brisk, roomy};

const BRIDGES: [(u8, &str); 3] = [(4, ""), (4, "/socket.io/?EIO=4"), (2, "/?EIO=3")];

fn config(server: &Server, path: &str) -> FeedConfig {
    let ws = format!("http://127.0.0.1:{}{path}", server.port);
    let endpoints = Endpoints { ws, rest: String::new() };
    let mut config = FeedConfig::at(Venue::Bridge, LinkId(7), endpoints).unwrap().within(roomy());
    config.patience = brisk();
    config
}

/// What a link hears of ACME up to its third trade, in words.
async fn heard(listener: &mut Listener) -> Vec<String> {
    let (mut decoder, mut events) = (Decoder::new(Venue::Bridge), Events::default());
    let mut words = Vec::new();
    while !words.contains(&"trade 3".to_owned()) {
        let packet = listener.next().await;
        assert!(!matches!(packet.body, Body::Closed(_)), "{packet:?}");
        decoder.decode(&packet, &mut events).unwrap();
        words.extend(events.items.iter().filter_map(|event| match event {
            Event::InstrumentsListed { n_instruments } => Some(format!("{n_instruments} listed")),
            Event::Subscribed { topic } => Some(topic.clone()),
            Event::Book(book) if book.kind == BookKind::Snapshot => Some("snapshot".to_owned()),
            Event::Book(_) => Some("delta".to_owned()),
            Event::Trade(trade) => Some(format!("trade {}", trade.trade_id)),
            Event::Unknown { name } => Some(format!("unknown {name}")),
            _ => None,
        }));
    }
    words
}

#[tokio::test]
async fn a_bridge_on_socket_io_is_heard_as_one_on_a_websocket() {
    let scene = |(version, path), transports| async move {
        let case = Case { venue: Venue::Bridge, server: version };
        let options = json!({ "transports": [transports], "bridge": true, "tick": 5 });
        let Some(mut server) = Server::start(case, options).await else { return };
        let mut listener = Listener::start(config(&server, path));
        listener.subscribe(&["ACME"]);
        let words = heard(&mut listener).await;
        let expected = ["1 listed", "ACME", "snapshot", "delta", "trade 1", "trade 2", "trade 3"];
        assert_eq!(words, expected, "{path} {transports}");
        let subscribed = server.until(|line| line["subscribed"].is_array()).await;
        assert_eq!(subscribed["subscribed"], json!(["ACME"]));
        listener.report(LinkState::Up, "Connected").await;
        listener.stop().await;
    };
    join_all(
        BRIDGES.iter().flat_map(|bridge| {
            ["websocket", "polling"].map(|transports| scene(*bridge, transports))
        }),
    )
    .await;
}
