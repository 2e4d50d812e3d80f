//! Coinbase Advanced Trade: the connection counts its frames.

use bytes::Bytes;
use market::{Applied, Body, Cause, Event, Events, LinkId, Packet, Proof, State, Timestamp, Venue};
use venues::Decoder;

use crate::Ear;

fn book(number: u64, kind: &str, updates: &[(&str, &str, &str)]) -> String {
    frame(number, &[event("BTC-USD", kind, updates)])
}

fn frame(number: u64, events: &[String]) -> String {
    let events = events.join(",");
    format!(r#"{{"channel":"l2_data","sequence_num":{number},"events":[{events}]}}"#)
}

fn event(product: &str, kind: &str, updates: &[(&str, &str, &str)]) -> String {
    let update = |(side, price, quantity): &(&str, &str, &str)| {
        format!(r#"{{"side":"{side}","price_level":"{price}","new_quantity":"{quantity}"}}"#)
    };
    let updates: Vec<String> = updates.iter().map(update).collect();
    let updates = updates.join(",");
    format!(r#"{{"type":"{kind}","product_id":"{product}","updates":[{updates}]}}"#)
}

fn heartbeat(number: u64) -> String {
    format!(r#"{{"channel":"heartbeats","sequence_num":{number},"events":[]}}"#)
}

fn synced() -> Ear {
    let mut ear = Ear::new(Venue::Coinbase);
    let snapshot = book(0, "snapshot", &[("bid", "10", "1"), ("offer", "11", "1")]);
    assert_eq!(ear.text(&snapshot), [Applied::Changed]);
    ear
}

#[test]
fn frames_of_any_kind_are_counted_and_the_book_goes_on() {
    let mut ear = synced();
    assert!(ear.text(&heartbeat(1)).is_empty());
    let update = book(2, "update", &[("bid", "10", "2e0"), ("offer", "99", "0.00")]);
    assert_eq!(ear.text(&update), [Applied::Changed], "a level that is not there is deleted");
    assert!(ear.text(&update).is_empty(), "repeated");
    assert_eq!(ear.text(&book(3, "update", &[])), [Applied::Changed]);
    assert_eq!((ear.book().as_str(), ear.n_gaps()), ("10x2 | 11x1", 0));
    assert!(ear.is_synced());
    assert_eq!(ear.proof(), Proof::Sequence);
}

#[test]
fn a_book_is_judged_at_the_end_of_a_frame_and_not_between_its_events() {
    let mut ear = synced();
    let higher = event("BTC-USD", "update", &[("bid", "11", "3")]);
    let taken = event("BTC-USD", "update", &[("offer", "11", "0"), ("offer", "12", "1")]);
    // As a sweep through the best ask looks where each change is an event of its own.
    assert_eq!(ear.text(&frame(1, &[higher.clone(), taken.clone()])), [Applied::Changed]);
    assert_eq!(ear.book(), "11x3 10x1 | 12x1");
    let whole = event("BTC-USD", "snapshot", &[("bid", "11", "1"), ("offer", "11", "1")]);
    assert_eq!(ear.text(&frame(2, &[whole.clone(), taken])), [Applied::Changed]);
    assert_eq!(ear.book(), "11x1 | 12x1");
    // Two snapshots are two books, and one that is crossed at the end is crossed.
    let applied = ear.text(&frame(3, &[whole.clone(), whole]));
    assert_eq!(applied, [Applied::Crossed, Applied::Crossed]);
    ear.text(&book(4, "snapshot", &[("bid", "10", "1"), ("offer", "11", "1")]));
    assert_eq!(ear.text(&frame(5, &[higher])), [Applied::Crossed]);
}

#[test]
fn the_events_of_a_frame_are_joined_product_by_product() {
    let of = |product, price| event(product, "update", &[("bid", price, "1")]);
    let interleaved = frame(0, &[of("B-USD", "1"), of("A-USD", "2"), of("B-USD", "3")]);
    let mut decoder = Decoder::new(Venue::Coinbase);
    let (body, mut events) = (Body::Text(interleaved.into()), Events::default());
    let (link, received_at) = (LinkId(0), Timestamp::default());
    let packet = Packet { venue: Venue::Coinbase, link, number: 0, received_at, body };
    decoder.decode(&packet, &mut events).unwrap();
    let books = events.items.iter().filter_map(|event| match event {
        Event::Book(book) => Some((book.instrument.index, events.bids(book).len())),
        _ => None,
    });
    assert_eq!(books.collect::<Vec<_>>(), [(0, 1), (1, 2)]);
}

#[test]
fn a_lost_frame_is_seen_at_the_next_one_even_where_that_is_a_heartbeat() {
    let mut ear = synced();
    ear.text(&heartbeat(2));
    assert!(!ear.is_synced());
    assert_eq!(ear.n_gaps(), 1);
    ear.text(&book(3, "update", &[("bid", "9", "1")]));
    assert!(!ear.is_synced(), "nothing but a snapshot heals it");
    ear.text(&book(4, "snapshot", &[("bid", "8", "1")]));
    assert!(ear.is_synced());
    assert_eq!((ear.book().as_str(), ear.n_gaps()), ("8x1 | ", 1));
}

#[test]
fn reordered_frames_are_holes() {
    let mut ear = synced();
    ear.text(&heartbeat(2));
    ear.text(&heartbeat(1));
    assert_eq!(ear.n_gaps(), 2);
    assert!(!ear.is_synced());
}

#[test]
fn an_update_without_a_snapshot_asks_for_one() {
    let mut ear = Ear::new(Venue::Coinbase);
    let update = book(5, "update", &[("bid", "10", "1")]);
    assert_eq!(ear.text(&update), [Applied::NeedsSnapshot]);
}

#[test]
fn a_link_that_is_opened_anew_counts_anew() {
    let mut ear = synced();
    let address = Bytes::from_static(b"wss://advanced-trade-ws.coinbase.com");
    ear.hear(Body::Opened(address));
    ear.text(&book(0, "snapshot", &[("bid", "7", "1")]));
    assert_eq!((ear.book().as_str(), ear.n_gaps()), ("7x1 | ", 0));
}

#[test]
fn a_snapshot_of_many_megabytes_is_one_book() {
    let prices: Vec<String> = (1..=50_000).map(|n| format!("{n}.5")).collect();
    let side = |n: usize| if n < 25_000 { "bid" } else { "offer" };
    let updates: Vec<(&str, &str, &str)> = prices
        .iter()
        .enumerate()
        .map(|(n, price)| (side(n), price.as_str(), "0.04761770"))
        .collect();
    let snapshot = book(0, "snapshot", &updates);
    let mut ear = Ear::new(Venue::Coinbase);
    assert_eq!(ear.text(&snapshot), [Applied::Changed]);
    assert_eq!(ear.book().split_whitespace().count(), 50_001);
}

#[test]
fn a_crossed_book_of_the_exchange_feed_is_lost_until_its_snapshot() {
    let mut ear = Ear::new(Venue::Coinbase);
    let snapshot =
        r#"{"type":"snapshot","product_id":"A-B","bids":[["10","1"]],"asks":[["11","1"]]}"#;
    assert_eq!(ear.text(snapshot), [Applied::Changed]);
    let update = r#"{"type":"l2update","product_id":"A-B","changes":[["buy","11","1"]]}"#;
    assert_eq!(ear.text(update), [Applied::Crossed]);
    assert_eq!(ear.state(), State::Lost { cause: Cause::Crossed });
    assert_eq!(ear.proof(), Proof::Unverified);
    ear.text(snapshot);
    assert!(ear.is_synced());
}
