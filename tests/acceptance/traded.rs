//! What a simulated venue says itself that it has traded: what nobody who listens may miss.

use std::collections::BTreeSet;

use market::{Body, Event, Events, HttpExchange, LinkId, Packet, Timestamp, Venue};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use venues::{Decoder, Endpoints, Protocol, Request};

/// The ids of the newest trades of an instrument, as many as the venue tells at once.
pub async fn newest(venue: Venue, endpoints: &Endpoints, symbol: &str) -> BTreeSet<u64> {
    let protocol = Protocol::new(venue, endpoints.clone()).expect("a simulated venue");
    let asked = protocol.history(symbol, Timestamp::default()).pop();
    let Some(Request::Get { url, .. }) = asked else { panic!("{venue:?} tells no trades") };
    let body = get(url.split('#').next().unwrap_or_default()).await;
    let body = Body::Answered(HttpExchange { url: url.into(), status: 200, body: body.into() });
    let received_at = Timestamp::default();
    let packet = Packet { venue, link: LinkId(0), number: 0, received_at, body };
    let mut events = Events::default();
    Decoder::new(venue).decode(&packet, &mut events).expect("a page of trades");
    let told = events.items.iter().filter_map(|event| match event {
        Event::PastTrades(past) => Some(past.trades.iter().map(|trade| trade.trade_id)),
        _ => None,
    });
    told.flatten().collect()
}

/// The body of an answer over a connection of its own.
async fn get(url: &str) -> String {
    let (_, rest) = url.split_once("://").expect("a whole address");
    let (host, path) = rest.split_once('/').expect("a path");
    let mut tcp = TcpStream::connect(host).await.expect("the venue listens");
    let head = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    tcp.write_all(head.as_bytes()).await.expect("it reads");
    let mut answer = String::new();
    tcp.read_to_string(&mut answer).await.expect("it answers");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    body.to_owned()
}
