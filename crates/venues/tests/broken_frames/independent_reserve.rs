//! Independent Reserve: the events of a channel are counted, and follow a book of orders that was fetched without a
//! number.

use bytes::Bytes;
use market::{Applied, Body, Proof, Venue};

use crate::Ear;

const URL: &str = "https://api.independentreserve.com/Public/GetAllOrders?primaryCurrencyCode=dot&secondaryCurrencyCode=nzd";
const ADDRESS: &[u8] = b"wss://websockets.independentreserve.com";

fn order(id: &str, price: &str, volume: &str) -> String {
    format!(r#"{{"Guid":"{id}","Price":{price},"Volume":{volume}}}"#)
}

fn book(bids: &[String]) -> String {
    let (bids, ask) = (bids.join(","), order("z", "11", "1"));
    format!(
        r#"{{"BuyOrders":[{bids}],"SellOrders":[{ask}],"CreatedTimestampUtc":"2022-04-03T22:10:10.212029Z","PrimaryCurrencyCode":"Dot","SecondaryCurrencyCode":"Nzd"}}"#
    )
}

/// Two orders at 10, one at 11.
fn whole() -> String {
    book(&[order("a", "10", "1"), order("b", "10", "2")])
}

fn event(nonce: u64, event: &str, data: &str) -> String {
    format!(
        r#"{{"Channel":"orderbook-dot","Nonce":{nonce},"Data":{{{data}}},"Time":1649023809209,"Event":"{event}"}}"#
    )
}

fn bid(nonce: u64, id: &str, price: &str, volume: &str) -> String {
    let data = format!(
        r#""OrderType":"LimitBid","OrderGuid":"{id}","Price":{{"aud":1,"nzd":{price}}},"Volume":{volume}"#
    );
    event(nonce, "NewOrder", &data)
}

fn filled(nonce: u64, id: &str, volume: &str) -> String {
    let data = format!(r#""OrderType":"LimitBid","OrderGuid":"{id}","Volume":{volume}"#);
    event(nonce, "OrderChanged", &data)
}

fn canceled(nonce: u64, id: &str) -> String {
    event(nonce, "OrderCanceled", &format!(r#""OrderType":"LimitBid","OrderGuid":"{id}""#))
}

fn opened() -> Ear {
    let mut ear = Ear::new(Venue::IndependentReserve);
    ear.hear(Body::Opened(Bytes::from_static(ADDRESS)));
    ear
}

fn synced() -> Ear {
    let mut ear = opened();
    assert_eq!(ear.answer(URL, &whole()), [Applied::Changed]);
    assert_eq!(ear.text(&bid(101, "c", "9", "2")), [Applied::Changed]);
    assert_eq!((ear.book().as_str(), ear.is_synced()), ("10x3 9x2 | 11x1", true));
    ear
}

#[test]
fn a_lost_event_is_seen_at_the_next_one_and_healed_by_a_book_that_is_fetched_anew() {
    let mut ear = synced();
    let gap = ear.text(&canceled(103, "a"));
    assert_eq!(gap, [Applied::Gap { expected: 102, found: 103 }]);
    assert_eq!((ear.is_synced(), ear.n_gaps()), (false, 1));
    ear.text(&bid(104, "d", "8", "1"));
    assert_eq!((ear.is_synced(), ear.n_gaps()), (false, 1));
    assert_eq!(ear.answer(URL, &book(&[order("b", "10", "2")])), [Applied::Changed]);
    assert_eq!((ear.is_synced(), ear.book().as_str()), (true, "10x2 8x1 | 11x1"));
    assert_eq!(ear.text(&canceled(105, "b")), [Applied::Changed]);
    assert_eq!(ear.text(&canceled(107, "d")), [Applied::Gap { expected: 106, found: 107 }]);
}

#[test]
fn the_count_shows_what_is_lost_but_proves_no_book_that_was_told_without_a_number() {
    let mut ear = opened();
    ear.answer(URL, &whole());
    assert_eq!(ear.proof(), Proof::Unverified);
    ear.text(&bid(101, "c", "9", "2"));
    assert_eq!((ear.is_synced(), ear.proof()), (true, Proof::Unverified));
}

#[test]
fn what_was_heard_before_a_book_was_fetched_follows_it_once_more() {
    let mut ear = opened();
    ear.text(&bid(100, "c", "9", "2"));
    ear.text(&canceled(101, "a"));
    ear.text(&bid(102, "b", "10", "2"));
    assert_eq!(ear.answer(URL, &whole()), [Applied::Changed]);
    assert_eq!(ear.book(), "10x2 9x2 | 11x1", "it had not c yet, a still, and b already");
    let gap = ear.text(&bid(104, "d", "8", "1"));
    assert_eq!(gap, [Applied::Gap { expected: 103, found: 104 }], "103 follows them");
}

#[test]
fn what_was_heard_before_a_hole_carries_no_book_over_it() {
    let mut ear = opened();
    ear.text(&bid(100, "c", "9", "2"));
    ear.text(&bid(102, "d", "8", "1"));
    ear.answer(URL, &whole());
    assert_eq!(ear.book(), "10x3 8x1 | 11x1", "101 may have cancelled c");
}

#[test]
fn an_order_changes_the_sum_of_its_level_and_one_that_is_not_known_changes_nothing() {
    let mut ear = synced();
    ear.text(&filled(102, "b", "0.5"));
    assert_eq!(ear.book(), "10x1.5 9x2 | 11x1");
    ear.text(&filled(103, "b", "0"));
    ear.text(&canceled(104, "b"));
    assert_eq!(ear.book(), "10x1 9x2 | 11x1", "filled, then gone");
    ear.text(&canceled(105, "a"));
    assert_eq!(ear.text(&filled(106, "nobody", "7")), [Applied::Changed]);
    assert_eq!((ear.book().as_str(), ear.is_synced()), ("9x2 | 11x1", true));
}

#[test]
fn an_event_heard_twice_tells_nothing_and_a_channel_that_counts_anew_loses_the_book() {
    let mut ear = synced();
    assert_eq!(ear.text(&canceled(101, "a")), []);
    assert_eq!((ear.is_synced(), ear.book().as_str()), (true, "10x3 9x2 | 11x1"));
    ear.text(&canceled(5, "a"));
    assert_eq!((ear.is_synced(), ear.n_gaps()), (false, 1));
    assert_eq!(ear.answer(URL, &whole()), [Applied::Changed]);
    assert_eq!(ear.text(&canceled(6, "b")), [Applied::Changed]);
    assert_eq!((ear.is_synced(), ear.book().as_str()), (true, " | 11x1"));
}

#[test]
fn an_event_that_cannot_be_understood_is_missing_at_the_next_one() {
    let mut ear = synced();
    assert!(ear.refuses(&bid(102, "d", "-1", "1")));
    assert_eq!(ear.text(&canceled(103, "a")), [Applied::Gap { expected: 102, found: 103 }]);
    ear.answer(URL, &whole());
    assert_eq!(ear.book(), "10x2 | 11x1", "102 may have cancelled c");
}

#[test]
fn a_link_that_is_opened_anew_waits_for_its_book() {
    let mut ear = synced();
    ear.hear(Body::Closed(Bytes::new()));
    ear.hear(Body::Opened(Bytes::from_static(ADDRESS)));
    assert_eq!(ear.text(&canceled(102, "a")), []);
    assert_eq!(ear.answer(URL, &whole()), [Applied::Changed]);
    assert_eq!(ear.book(), "10x2 | 11x1");
}

#[test]
fn two_links_share_a_book_that_was_fetched() {
    let mut ear = synced();
    ear.link = 1;
    ear.hear(Body::Opened(Bytes::from_static(ADDRESS)));
    ear.text(&bid(100, "e", "7", "1"));
    // The book of the link that heard the most is told: without what the other alone heard.
    assert_eq!(ear.answer(URL, &whole()), [Applied::Changed]);
    assert_eq!(ear.book(), "10x3 9x2 | 11x1");
    assert_eq!(ear.text(&bid(101, "c", "9", "2")), [Applied::Old]);
    assert_eq!(ear.text(&canceled(102, "c")), [Applied::Changed]);
    assert_eq!((ear.is_synced(), ear.book().as_str()), (true, "10x3 | 11x1"));
}
