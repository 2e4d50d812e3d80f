//! Property: what the scanner takes, serde reads the same; what is written as Binance writes it, the scanner takes.

use market::{Event, Events, LinkId, Venue};
use proptest::prelude::*;

use super::Decode;
use super::scan::scan;
use crate::context::Context;
use crate::list::Language;
use crate::number::Scales;
use crate::table::{Listing, Table};

/// A table with a coarse and a fine instrument, so that numbers can be too precise.
fn table() -> Table {
    let mut table = Table::new(Venue::Binance);
    for (symbol, price, quantity) in [("BTCUSDT", 4, 8), ("ETHUSD_PERP", 2, 0)] {
        let listing = Listing {
            symbol: symbol.into(),
            base: String::new(),
            quote: String::new(),
            scales: Scales { price, quantity },
            price_decimals: 2,
            quantity_decimals: 0,
            tick_size: 1,
            lot_size: 1,
            terms: market::Terms::default(),
            is_trading: true,
        };
        table.list(listing).unwrap();
    }
    table
}

/// What a frame means by serde alone; `None` when it is refused.
fn by_serde(frame: &str) -> Option<Events> {
    let (mut table, mut events) = (table(), Events::default());
    let mut context = Context { link: LinkId(0), table: &mut table, events: &mut events };
    Decode::default().frame(frame, &mut context).ok()?;
    Some(events)
}

/// What a frame means when the scanner takes it; `None` when it gives up.
fn by_scanner(frame: &str) -> Option<Events> {
    let (mut table, mut events) = (table(), Events::default());
    let mut context = Context { link: LinkId(0), table: &mut table, events: &mut events };
    if scan(frame.as_bytes(), &mut context).is_none() {
        assert_eq!(events, Events::default(), "giving up leaves no trace");
        return None;
    }
    Decode::default().raw_frame(frame.as_bytes(), &mut context).unwrap();
    // The levels of the first scan stand before those of the second.
    let n_levels = events.levels.len() / 2;
    events.levels.drain(..n_levels);
    for event in &mut events.items {
        if let Event::Book(book) = event {
            book.bids = book.bids.start - n_levels..book.bids.end - n_levels;
            book.asks = book.asks.start - n_levels..book.asks.end - n_levels;
        }
    }
    Some(events)
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => (1_u32..200_000, 0_u32..100).prop_map(|(whole, cents)| format!("{whole}.{cents:02}")),
        8 => (0_u32..200_000, 0_u32..100).prop_map(|(whole, cents)| format!("{whole}.{cents:02}000000")),
        2 => (0_u64..u64::MAX).prop_map(|number| number.to_string()),
        1 => "[0-9]{0,20}\\.[0-9]{0,20}",
        1 => "[-+0-9.eE]{0,8}",
    ]
}

fn side() -> impl Strategy<Value = String> {
    let level = (number(), number()).prop_map(|(price, size)| format!(r#"["{price}","{size}"]"#));
    prop::collection::vec(level, 0..4).prop_map(|levels| format!("[{}]", levels.join(",")))
}

fn integer() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => (0_u64..2_000_000_000_000_000).prop_map(|number| number.to_string()),
        1 => "[0-9]{1,21}",
        1 => "-?0?[0-9]{1,3}(\\.0)?",
    ]
}

fn symbol() -> impl Strategy<Value = &'static str> {
    prop_oneof![4 => Just("BTCUSDT"), 4 => Just("ETHUSD_PERP"), 1 => Just("NEWUSDT")]
}

/// What stands beside a symbol: nothing, or what futures add.
fn beside() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just(""), Just(r#","ps":"ETHUSD""#), Just(r#","ps":"BTCUSDT","st":1"#)]
}

fn depth() -> impl Strategy<Value = String> {
    let times = (integer(), prop::option::of(integer()));
    let ids = (integer(), integer(), prop::option::of(integer()));
    (times, symbol(), beside(), ids, side(), side()).prop_map(
        |((sent_at, at), symbol, beside, (first, last, previous), bids, asks)| {
            let at = at.map_or(String::new(), |at| format!(r#","T":{at}"#));
            let previous = previous.map_or(String::new(), |id| format!(r#","pu":{id}"#));
            let head = format!(r#"{{"e":"depthUpdate","E":{sent_at}{at},"s":"{symbol}"{beside}"#);
            format!(r#"{head},"U":{first},"u":{last}{previous},"b":{bids},"a":{asks}}}"#)
        },
    )
}

fn trade() -> impl Strategy<Value = String> {
    let end = prop_oneof![Just(r#","M":true"#), Just("")];
    (integer(), integer(), symbol(), number(), number(), any::<(bool, bool)>(), end).prop_map(
        |(time, id, symbol, price, size, (is_maker, is_futures), end)| {
            let what = format!(r#""s":"{symbol}","t":{id},"p":"{price}","q":"{size}""#);
            let head = format!(r#"{{"e":"trade","E":{time}"#);
            if is_futures {
                format!(r#"{head},"T":{time},{what},"X":"MARKET","m":{is_maker}}}"#)
            } else {
                format!(r#"{head},{what},"T":{time},"m":{is_maker}{end}}}"#)
            }
        },
    )
}

fn quote() -> impl Strategy<Value = String> {
    let head = prop_oneof![
        Just((r#""u""#, "")),
        Just((r#""e":"bookTicker","u""#, "")),
        Just((r#""u""#, r#","e":"bookTicker""#)),
    ];
    let level = || (number(), number());
    (head, integer(), symbol(), beside(), level(), level(), prop::option::of(integer())).prop_map(
        |((before, after), id, symbol, beside, bid, ask, time)| {
            let end = time.map_or(String::new(), |time| format!(r#","T":{time},"E":{time}"#));
            let (bid, bid_size) = bid;
            let (ask, ask_size) = ask;
            let head = format!(r#"{{{before}:{id}{after},"s":"{symbol}"{beside}"#);
            format!(r#"{head},"b":"{bid}","B":"{bid_size}","a":"{ask}","A":"{ask_size}"{end}}}"#)
        },
    )
}

/// Bare or combined.
fn frame() -> impl Strategy<Value = String> {
    let stream = prop_oneof![
        3 => Just(""),
        3 => Just("btcusdt@depth@100ms"),
        1 => Just("btcusdt@depth20@100ms"),
        1 => Just("btcusdt@rpiDepth@500ms"),
        1 => Just("btcusdt"),
        1 => Just("btcusdt@trade"),
    ];
    (stream, prop_oneof![depth(), trade(), quote()]).prop_map(|(stream, data)| match stream {
        "" => data,
        stream => format!(r#"{{"stream":"{stream}","data":{data}}}"#),
    })
}

/// A frame into which a few bytes were put, or from which some were taken.
fn mutated() -> impl Strategy<Value = String> {
    let edit =
        (any::<prop::sample::Index>(), 0_usize..6, "[\"\\\\\\[\\]{},:0-9a-zA-Z.@ \u{1}é-]{0,3}");
    (frame(), prop::collection::vec(edit, 1..4)).prop_map(|(frame, edits)| {
        let mut frame: Vec<char> = frame.chars().collect();
        for (at, n_taken, put) in edits {
            let at = at.index(frame.len() + 1);
            let end = (at + n_taken).min(frame.len());
            frame.splice(at..end, put.chars());
        }
        frame.into_iter().collect()
    })
}

fn check(frame: &str) -> Result<(), TestCaseError> {
    if let Some(scanned) = by_scanner(frame) {
        prop_assert_eq!(Some(scanned), by_serde(frame), "{}", frame);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_the_scanner_takes_serde_reads_the_same(frame in frame()) {
        check(&frame)?;
    }

    #[test]
    fn a_mutated_frame_is_read_the_same_or_given_up(frame in mutated()) {
        check(&frame)?;
    }
}

#[test]
fn what_is_written_as_binance_writes_it_is_taken() {
    // The samples of futures are real; a table that knows their symbols takes all that are of the three kinds.
    let mut n_taken = 0;
    for line in include_str!("samples.txt").lines() {
        let Some(frame) = line.strip_prefix("> {\"stream\":\"ethusdt@") else { continue };
        let frame = format!("{{\"stream\":\"ethusdt@{frame}").replace("ETHUSDT", "BTCUSDT");
        let is_whole_book = !frame.contains("@depth20") && !frame.contains("rpiDepth");
        assert_eq!(by_scanner(&frame).is_some(), is_whole_book, "{frame}");
        check(&frame).unwrap();
        n_taken += usize::from(is_whole_book);
    }
    assert_eq!(n_taken, 3);
}

proptest! {
    #[test]
    fn plain_frames_are_taken(
        (price, size) in (1_u32..900_000, 0_u32..900_000),
        time in 1_000_000_000_000_u64..2_000_000_000_000,
    ) {
        let level = format!(r#"["{price}.25000000","{size}.00000000"]"#);
        let end = format!(r#""T":{time},"m":true,"M":true"#);
        for data in [
            format!(r#"{{"e":"depthUpdate","E":{time},"s":"BTCUSDT","U":1,"u":2,"b":[{level},{level}],"a":[]}}"#),
            format!(r#"{{"u":7,"s":"BTCUSDT","b":"{price}","B":"{size}","a":"{price}.1","A":"{size}"}}"#),
            format!(r#"{{"e":"trade","E":{time},"s":"BTCUSDT","t":1,"p":"{price}","q":"1{size}",{end}}}"#),
        ] {
            prop_assert!(by_scanner(&data).is_some(), "{}", data);
            check(&data)?;
            let combined = format!(r#"{{"stream":"btcusdt@depth@100ms","data":{data}}}"#);
            prop_assert!(by_scanner(&combined).is_some(), "{}", combined);
            check(&combined)?;
        }
    }
}
