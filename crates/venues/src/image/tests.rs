//! What an image brings back, and what it does not.

use bytes::Bytes;
use market::{
    Body, BookKind, Checksum, ChecksumRule, Continuity, Event, Events, Instrument, InstrumentId,
    Level, LinkId, Origin, Packet, Price, Quantity, Terms, Timestamp, Venue,
};

use super::{BookImage, Image, Subscription, encode};
use crate::Decoder;

fn instrument(index: u32, symbol: &str, origin: Origin) -> Instrument {
    Instrument {
        id: InstrumentId { venue: Venue::Kraken, index },
        symbol: symbol.into(),
        base: "BTC".into(),
        quote: "USD".into(),
        price_scale: 10,
        quantity_scale: 9,
        price_decimals: 1,
        quantity_decimals: 8,
        tick_size: Price(1_000_000_000),
        lot_size: Quantity(10),
        terms: Terms::default(),
        is_trading: true,
        origin,
    }
}

fn level(price: i64, quantity: i64) -> Level {
    Level { price: Price(price), quantity: Quantity(quantity) }
}

fn image() -> Image {
    let book = |symbol: &str, fault: Option<&str>| BookImage {
        symbol: symbol.into(),
        link: LinkId(3),
        received_at: Timestamp::from_nanos(5),
        continuity: Continuity::Unnumbered,
        checksum: Some(Checksum { rule: ChecksumRule::Kraken, value: 17 }),
        depth: Some(25),
        fault: fault.map(str::to_owned),
        bids: vec![level(645_250_000_000_000, 538_070_660), level(645_242_000_000_001, 1)],
        asks: vec![level(645_253_000_000_000, i64::MAX)],
    };
    Image {
        made_at: Timestamp::from_nanos(7),
        instruments: vec![
            instrument(0, "BTC/USD", Origin::Derived),
            instrument(1, "ETH/USD", Origin::Listed),
        ],
        subscriptions: vec![Subscription { link: LinkId(3), symbol: "BTC/USD".into() }],
        books: vec![book("BTC/USD", None), book("ETH/USD", Some("a gap"))],
        memory: Vec::new(),
    }
}

fn packet(body: Body) -> Packet {
    let received_at = Timestamp::default();
    Packet { venue: Venue::Kraken, link: LinkId(3), number: 0, received_at, body }
}

fn decoded(decoder: &mut Decoder, body: Body) -> Events {
    let mut events = Events::default();
    decoder.decode(&packet(body), &mut events).unwrap();
    events
}

#[test]
fn instruments_and_right_books_come_back_to_the_last_digit() {
    let mut decoder = Decoder::new(Venue::Kraken);
    let events = decoded(&mut decoder, Body::Derived(encode(&image())));
    assert_eq!(decoder.instruments(), image().instruments);
    let books: Vec<_> = events
        .items
        .iter()
        .filter_map(|event| match event {
            Event::Book(book) => Some(book),
            _ => None,
        })
        .collect();
    let [book] = books.as_slice() else { panic!("{events:?}") };
    assert_eq!(book.instrument.index, 0);
    assert_eq!((book.kind, book.continuity), (BookKind::Snapshot, Continuity::Unnumbered));
    assert_eq!(book.depth, Some(25));
    assert_eq!(events.bids(book), image().books[0].bids);
    assert_eq!(events.asks(book), image().books[0].asks);
    assert!(events.items.contains(&Event::Subscribed { topic: "BTC/USD".into() }));
}

#[test]
fn the_depth_of_a_running_book_is_known_again() {
    let mut decoder = Decoder::new(Venue::Kraken);
    decoded(&mut decoder, Body::Derived(encode(&image())));
    let update = concat!(
        r#"{"channel":"book","type":"update","data":[{"symbol":"BTC/USD","#,
        r#""bids":[{"price":1.5,"qty":0.00000000}],"asks":[],"checksum":3}]}"#,
    );
    let events = decoded(&mut decoder, Body::Text(Bytes::from_static(update.as_bytes())));
    let [Event::Book(book)] = events.items.as_slice() else { panic!("{events:?}") };
    assert_eq!(book.depth, Some(25));
}

#[test]
fn the_channels_of_a_link_are_known_again() {
    let frame = |text: &'static str| Packet {
        venue: Venue::Bitfinex,
        ..packet(Body::Text(Bytes::from_static(text.as_bytes())))
    };
    let mut events = Events::default();
    let mut before = Decoder::new(Venue::Bitfinex);
    let subscribed =
        r#"{"event":"subscribed","channel":"book","chanId":7,"symbol":"tBTCUSD","prec":"P0"}"#;
    for text in [subscribed, "[7,[[6000,1,1],[6100,1,-1]],1]"] {
        before.decode(&frame(text), &mut events).unwrap();
    }
    let image = Image {
        instruments: before.instruments().to_vec(),
        memory: before.memory(),
        ..Image::default()
    };
    let mut after = Decoder::new(Venue::Bitfinex);
    let derived = Packet { body: Body::Derived(encode(&image)), ..frame("") };
    after.decode(&derived, &mut events).unwrap();
    after.decode(&frame("[7,[6000,2,1.5],2]"), &mut events).unwrap();
    let [.., Event::Book(book)] = events.items.as_slice() else { panic!("{events:?}") };
    assert_eq!((book.kind, book.continuity), (BookKind::Delta, Continuity::ByLink));
}

#[test]
fn an_image_that_cannot_be_read_is_refused_in_a_sentence() {
    let good = String::from_utf8(encode(&image()).to_vec()).unwrap();
    for (from, to, sentence) in [
        ("\"version\":1", "\"version\":2", "it has version 2"),
        ("\"tick_size\":\"0.1\"", "\"tick_size\":\"0\"", "not above zero"),
        ("\"price_scale\":10", "\"price_scale\":200", "a scale beyond 18"),
        ("\"64525.0\"", "\"-64525.0\"", "below zero"),
        ("\"books\":[{\"symbol\":\"BTC", "\"books\":[{\"symbol\":\"ADA", "does not list"),
        ("{", "", "cannot be read"),
    ] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good, "{from}");
        let mut decoder = Decoder::new(Venue::Kraken);
        let mut events = Events::default();
        let refused = decoder.decode(&packet(Body::Derived(Bytes::from(bad))), &mut events);
        assert!(refused.unwrap_err().to_string().contains(sentence), "{from}");
        assert_eq!((events.items.len(), decoder.instruments().len()), (0, 0));
    }
}
