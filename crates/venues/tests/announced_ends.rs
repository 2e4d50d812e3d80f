//! What venues say before they close a link: heard alike by those who decode and by those who only listen.
#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

use market::{Body, Event, Events, LinkId, NoticeKind, Packet, Timestamp, Venue};
use venues::{Decoder, Endpoints, Protocol};

/// A venue, what it says before it closes a link, and what it says besides in much the same words.
const SAID: [(Venue, &[&str], &[&str]); 5] = [
    (
        Venue::Binance,
        &[
            r#"{"e":"serverShutdown","E":1770123456789}"#,
            r#"{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770123456789}}"#,
        ],
        &[r#"{"result":["!serverShutdown"],"id":3}"#, r#"{"result":null,"id":1}"#],
    ),
    (
        Venue::BinanceUsdM,
        &[r#"{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770123456789}}"#],
        &[],
    ),
    (
        Venue::Okx,
        &[
            r#"{"event":"notice","code":"64008","msg":"The connection will soon be closed.","connId":"a4d3ae55"}"#,
        ],
        &[
            r#"{"event":"error","code":"60012","msg":"64008 is no channel","connId":"a4d3ae55"}"#,
            "pong",
        ],
    ),
    (
        Venue::Bitstamp,
        &[r#"{"event":"bts:request_reconnect","channel":"","data":""}"#],
        &[
            r#"{"event":"bts:error","channel":"","data":{"code":null,"message":"bts:request_reconnect"}}"#,
        ],
    ),
    (
        Venue::Bitfinex,
        &[
            r#"{"event":"info","code":20051,"msg":"Stopping. Please try to reconnect"}"#,
            r#"{"event":"info","code":20061,"msg":"Maintenance ended"}"#,
        ],
        &[
            r#"{"event":"info","code":20060,"msg":"Entering maintenance"}"#,
            r#"{"event":"info","version":2,"platform":{"status":1}}"#,
        ],
    ),
];

fn is_told_by_decoder(venue: Venue, frame: &str) -> bool {
    let packet = Packet {
        venue,
        link: LinkId(0),
        number: 0,
        received_at: Timestamp::from_millis(1),
        body: Body::Text(frame.to_owned().into()),
    };
    let mut events = Events::default();
    Decoder::new(venue).decode(&packet, &mut events).unwrap();
    let is_end =
        |event: &Event| matches!(event, Event::Notice { kind: NoticeKind::ShuttingDown, .. });
    events.items.iter().any(is_end)
}

#[test]
fn an_announced_end_is_heard_alike_with_and_without_a_decoder() {
    for (venue, ends, others) in SAID {
        let protocol = Protocol::new(venue, Endpoints::of(venue)).unwrap();
        for (frames, is_end) in [(ends, true), (others, false)] {
            for frame in frames {
                assert_eq!(protocol.announces_end(frame), is_end, "{frame}");
                assert_eq!(is_told_by_decoder(venue, frame), is_end, "{frame}");
            }
        }
    }
}

#[test]
fn the_other_sockets_of_a_venue_hear_it_too() {
    let venue = Venue::BinanceUsdM;
    let protocol = Protocol::new(venue, Endpoints::of(venue)).unwrap();
    let beside = protocol.beside();
    assert!(!beside.is_empty());
    assert!(beside.iter().all(|other| other.announces_end(SAID[1].1[0])));
}
