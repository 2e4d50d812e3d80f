//! Prints that are looked back for are those that were told when they were new: beyond what a state keeps, and from
//! one session into the one before it.

use std::collections::BTreeMap;

use engine::{Backward, Engine, Input, Tape};
use market::{Body, LinkId, Packet, Timestamp, Venue};
use proof::frame::{Section, TAPE};
use proof::{Frame, script};
use tokio_util::sync::CancellationToken;
use view::{Header, OlderPrints, PrintMark, Screen, Shown};

use crate::holes::{FROM, heard};
use crate::look_back::{BOOK, OFTEN, answer, keyed, later, plain, two_sessions};

const SECOND: i64 = 1_000_000_000;
const OLDER_PRINTS: u16 = 12;

/// Prints by their number: time, price, size, fills and side, as bytes.
type Prints = BTreeMap<i64, Vec<u8>>;

/// The prints of a section whose columns begin behind a head of so many bytes, with the column of numbers.
fn prints(section: Section<'_>, n_head: usize, told: &mut Prints) {
    let n = section.n;
    let payload = section.payload();
    let fills = n_head + 32 * n;
    let sides = fills + (4 * n).next_multiple_of(8);
    for index in 0..n {
        let at = |field: usize| n_head + (field * n + index) * 8;
        let mut bytes = Vec::new();
        (1..4).for_each(|field| bytes.extend(&payload[at(field)..at(field) + 8]));
        bytes.extend(&payload[fills + 4 * index..fills + 4 * (index + 1)]);
        bytes.push(payload[sides + index]);
        told.insert(section.f64(at(0)) as i64, bytes);
    }
}

/// What a screen was told while the session was live.
fn live(packets: &[Packet]) -> Prints {
    let (mut engine, mut asks, mut screen) = (Engine::new(), Vec::new(), Screen::new());
    let (mut told, mut number) = (Prints::new(), 0);
    for packet in packets {
        engine.step(Input::Packet(packet.clone()), &mut asks);
        asks.clear();
        let Some(id) = engine.find(BOOK.0, BOOK.1).map(|instrument| instrument.id) else {
            continue;
        };
        let Some(watched) = engine.watched(id).filter(|_| !engine.traded().is_empty()) else {
            continue;
        };
        let view = watched.view.as_ref().expect("a view");
        let shown = Shown { view, market: &watched.market };
        let frame = Frame::read(screen.next_frame(Some(shown), &Header::default(), number));
        number = frame.number();
        frame.section(TAPE).into_iter().for_each(|section| prints(section, 24, &mut told));
    }
    told
}

fn without_newest(prints: &Prints) -> Prints {
    let mut older = prints.clone();
    older.pop_last();
    older
}

/// All prints of a tape before the newest of its last session, asked for page by page, by session.
fn look_back(tape: &Tape, last: &Prints) -> Vec<Prints> {
    let edge = tape.to();
    let back = Backward::new(tape.clone(), edge, (BOOK.0, BOOK.1.to_owned()));
    let from = tape.from().plus_nanos(-SECOND);
    let (newest, bytes) = last.last_key_value().expect("prints");
    let mut before = PrintMark { session_from_ms: None, number: *newest as u64 };
    let made_ms = f64::from_le_bytes(bytes[..8].try_into().expect("eight bytes"));
    let mut to = Timestamp::from_micros((made_ms * 1_000.0) as i64);
    let mut sessions: Vec<Prints> = Vec::new();
    loop {
        let shown = tape.acts().len() - 1;
        let frame = answer(&back, OlderPrints::new(before, (from, to), shown));
        let Some(section) = frame.section(OLDER_PRINTS) else {
            let told_from = frame.section(11).expect("a reach").f64(8);
            assert_eq!(told_from as i64, from.nanos() / 1_000_000, "there is nothing older");
            return sessions;
        };
        assert!(section.n > 0 && section.n <= 1_000);
        let session_from_ms = Some(section.f64(0));
        if before.session_from_ms != session_from_ms {
            sessions.push(Prints::new());
        }
        let told = sessions.last_mut().expect("one");
        let n = told.len();
        to = Timestamp::from_micros((section.f64(8 + 8 * section.n) * 1_000.0) as i64);
        before = PrintMark { session_from_ms, number: section.f64(8) as u64 };
        let n_told = section.n;
        prints(section, 8, told);
        assert_eq!(told.len(), n + n_told, "each once");
    }
}

#[test]
fn prints_of_the_past_are_those_that_were_told_when_they_were_new() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, packets, n_least) in
        [("script", script::session(9), 20), ("busy", heard(8, FROM, 150), 1_100)]
    {
        let live = live(&packets);
        assert!(live.len() > n_least, "{name}: {} prints", live.len());
        for tape in [
            plain(&folder.path().join(format!("{name}.mcap")), &packets),
            keyed(&folder.path().join(format!("{name}_keyed.mcap")), &packets),
        ] {
            // A long session without keyframes is not heard again for each look.
            tape.acts()[0].make_keyframes(OFTEN, &CancellationToken::new());
            let looked = look_back(&tape, &live);
            assert_eq!(looked.len(), 1, "one session");
            let older = without_newest(&live);
            assert!(looked[0] == older, "{name}: {} of {}", looked[0].len(), older.len());
        }
    }
}

#[test]
fn behind_the_first_print_of_a_session_come_those_of_the_one_before_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let first = script::session(3);
    let length = first[first.len() - 1].received_at.nanos_since(first[0].received_at);
    let second = later(4, length + 755 * SECOND);
    let tape = two_sessions(folder.path(), &first, &second);
    assert_eq!(tape.acts().len(), 2);
    let (first, second) = (live(&first), live(&second));
    let looked = look_back(&tape, &second);
    assert!(looked == [without_newest(&second), first], "though the clocks differ by minutes");
}

/// A bridge whose link is down for 300 ms of each second, and that tells a print between two gaps.
fn gappy(n_seconds: i64) -> Vec<Packet> {
    const LISTED: &str = r#"{"type":"instruments","instruments":[{"symbol":"XP","base":"X","quote":"USD","tick":"0.5","lot":"0.001"}]}"#;
    const BOOK: &str = r#"{"type":"snapshot","symbol":"XP","sequence":1,"bids":[["100.0","3"]],"asks":[["101.5","1"]]}"#;
    let mut packets = Vec::new();
    let mut say = |at: Timestamp, body: Body| {
        let (venue, link, number) = (Venue::Bridge, LinkId(0), packets.len() as u64);
        packets.push(Packet { venue, link, number, received_at: at, body });
    };
    for second in 0..n_seconds {
        let at = |millis: i64| FROM.plus_nanos(second * SECOND + millis * 1_000_000);
        let made_at = at(600).nanos();
        let trade = format!(
            r#"{{"type":"trade","symbol":"XP","id":{second},"price":"100.5","quantity":"1","side":"buy","time":{made_at}}}"#
        );
        say(at(0), Body::Opened("ws://127.0.0.1:1/".into()));
        say(at(100), Body::Text(LISTED.into()));
        say(at(200), Body::Text(BOOK.into()));
        say(at(600), Body::Text(trade.into()));
        say(at(700), Body::Closed("gone".into()));
    }
    packets
}

#[test]
fn a_page_with_thousands_of_gaps_is_bounded_and_tells_each_gap_between_its_prints() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let n_prints = 2_400;
    let tape = plain(&folder.path().join("gappy.mcap"), &gappy(n_prints));
    tape.acts()[0].make_keyframes(OFTEN, &CancellationToken::new());
    let back = Backward::new(tape.clone(), tape.to(), (Venue::Bridge, "XP".to_owned()));
    let second_of = |ms: f64| (ms - FROM.nanos() as f64 / 1e6).div_euclid(1_000.0) as i64;
    let (mut next, mut n_pages) = (n_prints - 1, 0);
    while next > 0 {
        let before = PrintMark { session_from_ms: None, number: next as u64 };
        let to = FROM.plus_nanos(next * SECOND + 600_000_000);
        let frame = answer(&back, OlderPrints::new(before, (tape.from(), to), 0));
        let section = frame.section(OLDER_PRINTS).expect("prints");
        let gaps = frame.gaps();
        assert!(section.n <= 1_000 && gaps.len() <= 24 * 64, "{} and {}", section.n, gaps.len());
        let first = section.f64(8) as i64;
        assert_eq!(first + section.n as i64, next, "without a hole");
        let told: std::collections::BTreeSet<i64> =
            gaps.iter().map(|gap| second_of(gap.from)).collect();
        for second in first..next {
            assert!(told.contains(&second), "the gap behind print {second} is told");
        }
        (next, n_pages) = (first, n_pages + 1);
    }
    assert!(n_pages < 12, "few pages: {n_pages}");
}
