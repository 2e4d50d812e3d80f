//! What is looked back for is what was told when it was new, to the byte: through states that were kept or made by
//! hearing again, over gaps, over nights, and from one session into the one before it.

use std::collections::BTreeMap;
use std::path::Path;

use engine::{Backward, Cadence, Engine, FineWant, Input, Keyframer, Tape};
use market::{Packet, Timestamp, Venue};
use proof::frame::{CANDLES, GAPS, HEATMAP, Section};
use proof::{Frame, script, tapes};
use session::{BulkItem, BulkOptions, FileHeader};
use view::heat::FineLengths;
use view::{Header, LookBack, OlderBars, OlderColumns, Screen, Shown};

const SECOND: i64 = 1_000_000_000;
pub const OFTEN: Cadence = Cadence { every_nanos: 10 * SECOND, weight: 0 };
pub const BOOK: (Venue, &str) = (Venue::Binance, "BTCUSDT");

/// A column or a bar by its number or time: all its bytes.
pub type Told = BTreeMap<i64, Vec<u8>>;

/// The columns of a section that are closed.
pub fn columns(section: Section<'_>, told: &mut Told) {
    let (n, m) = (section.n, section.m);
    let payload = section.payload();
    let (scale, column) = (&payload[..32], 32 + 48 * n);
    let marks = n.next_multiple_of(8);
    let codes = column + 2 * marks;
    for index in 0..n {
        let at = |field: usize| 32 + (field * n + index) * 8;
        if payload[column + marks + index] == 0 {
            continue;
        }
        let mut bytes = scale.to_vec();
        (0..6).for_each(|field| bytes.extend(&payload[at(field)..at(field) + 8]));
        bytes.push(payload[column + index]);
        bytes.extend(&payload[codes + index * m * 2..codes + (index + 1) * m * 2]);
        // A closed column never changes again.
        let number = section.f64(at(0)) as i64;
        let known = told.insert(number, bytes.clone());
        assert!(known.is_none_or(|known| known == bytes), "column {number}");
    }
}

/// The bars of a section as they are told last.
fn bars(section: Section<'_>, told: &mut Told) {
    let n = section.n;
    for index in 0..n {
        let at = |field: usize| 8 + (field * n + index) * 8;
        let mut bytes = Vec::new();
        (0..7).for_each(|field| bytes.extend(&section.payload()[at(field)..at(field) + 8]));
        bytes.push(section.payload()[8 + 56 * n + index]);
        told.insert(section.f64(at(0)) as i64, bytes);
    }
}

/// What a screen was told of the live session.
pub struct Live {
    pub columns: Told,
    bars: Told,
    pub end: Timestamp,
}

/// What a screen with columns of a length wants to be kept for it.
pub fn fine(column_ms: u32) -> Vec<FineWant> {
    let lengths = FineLengths::of(column_ms);
    let want = FineWant { named: (BOOK.0, BOOK.1.to_owned()), lengths };
    Vec::from_iter(Some(want).filter(|_| !lengths.is_empty()))
}

/// Hears packets, ticking ten times a second, with a screen that is told each second.
pub fn live(packets: &[Packet], column_ms: u32) -> Live {
    let (mut engine, mut asks) = (Engine::new(), Vec::new());
    let mut screen = Screen::new();
    screen.set_column_ms(column_ms).expect("a length");
    engine.set_fine(&fine(column_ms));
    let (mut told, mut told_bars, mut number) = (Told::new(), Told::new(), 0);
    let mut look = |engine: &Engine| {
        let Some(id) = engine.find(BOOK.0, BOOK.1).map(|instrument| instrument.id) else { return };
        let Some(watched) = engine.watched(id) else { return };
        let view = watched.view.as_ref().expect("a view");
        let shown = Shown { view, market: &watched.market };
        while screen.is_dirty(Some(shown), number) {
            let frame = Frame::read(screen.next_frame(Some(shown), &Header::default(), number));
            number = frame.number();
            frame.section(HEATMAP).into_iter().for_each(|section| columns(section, &mut told));
            frame.section(CANDLES).into_iter().for_each(|section| bars(section, &mut told_bars));
        }
    };
    let mut at = packets[0].received_at;
    for (index, packet) in packets.iter().enumerate() {
        while at.plus_nanos(SECOND / 10) < packet.received_at {
            at = at.plus_nanos(SECOND / 10);
            engine.step(Input::Tick(at), &mut asks);
            if at.nanos() % SECOND < SECOND / 10 {
                look(&engine);
            }
        }
        engine.step(Input::Packet(packet.clone()), &mut asks);
        if index % 50 == 0 {
            look(&engine);
        }
        asks.clear();
    }
    look(&engine);
    Live { columns: told, bars: told_bars, end: engine.now() }
}

fn header() -> FileHeader {
    FileHeader { program: "proof".to_owned(), endpoints: Vec::new(), is_simulated: true }
}

pub fn plain(path: &Path, packets: &[Packet]) -> Tape {
    session::write_all(path, packets.to_vec(), &BulkOptions::new(header())).expect("a recording");
    tapes::tape(&[path.to_owned()])
}

pub fn keyed(path: &Path, packets: &[Packet]) -> Tape {
    keyed_every(OFTEN, path, packets)
}

pub fn keyed_every(cadence: Cadence, path: &Path, packets: &[Packet]) -> Tape {
    let options = BulkOptions { chunk_bytes: 1 << 12, header: header() };
    // By hand: of themselves so short sessions get none.
    let (mut engine, mut keyframer) = (Engine::new(), Keyframer::new(cadence));
    let items = packets.iter().cloned().flat_map(|packet| {
        let at = packet.received_at;
        engine.step(Input::Packet(packet.clone()), &mut Vec::new());
        keyframer.note(at, 1);
        let made = keyframer.is_due(at).then(|| keyframer.make(&engine, at));
        let keyframe = made.map(|(keyframe, blocks)| BulkItem::Keyframe(keyframe, blocks));
        std::iter::once(BulkItem::Packet(packet)).chain(keyframe)
    });
    session::write_items(path, items, &options).expect("a recording");
    let keyframes = session::open(path).expect("a recording").keyframes(engine::STATE_VERSION);
    assert!(keyframes.len() >= 5, "{}", keyframes.len());
    tapes::tape(&[path.to_owned()])
}

fn ms(at: Timestamp) -> f64 {
    at.nanos() as f64 / 1e6
}

/// All columns and bars of a tape, asked for piece by piece from its end to its beginning.
pub struct Looked {
    pub columns: Told,
    bars: Told,
    pub gaps: Vec<proof::frame::Gap>,
}

pub fn answer(back: &Backward, mut gathered: impl LookBack) -> Frame {
    assert!(back.gather(&mut gathered).is_ok());
    let frame = Frame::read(gathered.bytes(&Header { source: 7, ..Header::default() }));
    let reach = frame.section(11).expect("what it covers");
    assert_eq!(reach.f64(0), 7.0);
    frame
}

pub fn look_back(tape: &Tape, column_ms: u32, span_nanos: i64) -> Looked {
    let edge = tape.to().max(tape.from());
    let back = Backward::new(tape.clone(), edge, (BOOK.0, BOOK.1.to_owned()));
    let (mut told, mut told_bars, mut gaps) = (Told::new(), Told::new(), Vec::new());
    let mut to = edge.plus_nanos(i64::from(column_ms) * 2_000_000);
    while ms(to) > ms(tape.from()) {
        let wanted =
            OlderColumns::new(column_ms, to.plus_nanos(-span_nanos), to).expect("a length");
        let frame = answer(&back, wanted);
        frame.section(HEATMAP).into_iter().for_each(|section| columns(section, &mut told));
        gaps.extend(frame.gaps());
        let from = Timestamp::from_millis(frame.section(11).expect("a reach").f64(8) as i64);
        assert!(from < to, "{from} {to}: it goes on");
        to = from;
    }
    let mut to = edge.plus_nanos(60 * SECOND);
    while ms(to) > ms(tape.from()) {
        let span = (to.plus_nanos(-600 * SECOND), to);
        let frame = answer(&back, OlderBars::new(60, span, usize::MAX).expect("a length"));
        frame.section(CANDLES).into_iter().for_each(|section| bars(section, &mut told_bars));
        to = Timestamp::from_millis(frame.section(11).expect("a reach").f64(8) as i64);
    }
    assert_eq!(frame_kinds(&back, tape), [GAPS, 11], "before the beginning there is nothing");
    Looked { columns: told, bars: told_bars, gaps }
}

fn frame_kinds(back: &Backward, tape: &Tape) -> Vec<u16> {
    let (from, to) =
        (tape.from().plus_nanos(-3_600 * SECOND), tape.from().plus_nanos(-60 * SECOND));
    let frame = answer(back, OlderColumns::new(1_000, from, to).expect("a length"));
    frame.sections().map(|section| section.kind).collect()
}

pub fn assert_same(looked: &Told, live: &Told) {
    for (number, bytes) in live {
        assert!(looked.get(number) == Some(bytes), "{number} is not what it was");
    }
}

#[test]
fn columns_and_bars_of_the_past_are_those_that_were_told_when_they_were_new() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let packets = script::session(9);
    let plain = plain(&folder.path().join("plain.mcap"), &packets);
    let keyed = keyed(&folder.path().join("keyed.mcap"), &packets);
    for (column_ms, span) in [(100, 90 * SECOND), (1_000, 1_000 * SECOND)] {
        let live = live(&packets, column_ms);
        assert!(
            live.columns.len() as i64
                > live.end.nanos_since(packets[0].received_at)
                    / 2
                    / (i64::from(column_ms) * 1_000_000)
        );
        for tape in [&plain, &keyed] {
            let looked = look_back(tape, column_ms, span);
            assert_same(&looked.columns, &live.columns);
            // The column in which the session ended is told as well.
            assert_eq!(looked.columns.len(), live.columns.len() + 1);
            assert_eq!(
                looked.bars.keys().collect::<Vec<_>>(),
                live.bars.keys().collect::<Vec<_>>()
            );
            let of_live: Vec<_> = live.bars.values().map(|bytes| bytes[..56].to_vec()).collect();
            let told: Vec<_> = looked.bars.values().map(|bytes| bytes[..56].to_vec()).collect();
            assert_eq!(told, of_live, "their prices and volumes");
            assert!(looked.gaps.iter().all(|gap| gap.cause > 0 && gap.to > gap.from));
            assert!(!looked.gaps.is_empty());
        }
    }
}

/// The script as it would have been heard some time later, and by another seed.
pub fn later(seed: u64, nanos: i64) -> Vec<Packet> {
    let shift =
        |packet: Packet| Packet { received_at: packet.received_at.plus_nanos(nanos), ..packet };
    script::session(seed).into_iter().map(shift).collect()
}

/// One session behind the other; only the first has keyframes.
pub fn two_sessions(folder: &Path, first: &[Packet], second: &[Packet]) -> Tape {
    let tapes =
        [keyed(&folder.join("first.mcap"), first), plain(&folder.join("second.mcap"), second)];
    Tape::of(tapes.iter().flat_map(|tape| tape.acts().iter().cloned()).collect())
}

#[test]
fn from_one_session_the_way_leads_into_the_one_before_it_and_the_time_between_was_not_heard() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let first = script::session(3);
    let length = first[first.len() - 1].received_at.nanos_since(first[0].received_at);
    let second = later(4, length + 755 * SECOND);
    let tape = two_sessions(folder.path(), &first, &second);
    let lives = [live(&first, 1_000), live(&second, 1_000)];
    let looked = look_back(&tape, 1_000, 700 * SECOND);
    lives.iter().for_each(|live| assert_same(&looked.columns, &live.columns));
    let n: usize = lives.iter().map(|live| live.columns.len() + 1).sum();
    assert_eq!(looked.columns.len(), n, "and nothing between");
    let (end, begin) = (lives[0].end, second[0].received_at);
    let between: Vec<_> = looked.gaps.iter().filter(|gap| gap.cause == 0).collect();
    assert!(!between.is_empty(), "each answer that reaches there says so");
    for gap in between {
        assert!((gap.from - ms(end)).abs() < 0.01 && (gap.to - ms(begin)).abs() < 0.01);
    }
    // Trades are of the venue's time, which was not shifted: only what each session heard counts.
    assert!(looked.bars.len() >= lives[0].bars.len());
}

#[test]
fn a_bar_that_two_sessions_heard_parts_of_is_one_bar() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let packets = script::session(5);
    let (one, other) = packets.split_at(packets.len() / 2);
    let reopened = script::session(5).into_iter().take(4).map(|packet| Packet {
        received_at: one[one.len() - 1].received_at.plus_nanos(1),
        ..packet
    });
    let other: Vec<Packet> = reopened.chain(other.iter().cloned()).collect();
    let tapes = [
        plain(&folder.path().join("one.mcap"), one),
        plain(&folder.path().join("other.mcap"), &other),
    ];
    let of_day = |tape: &Tape, shown: usize, to: i64| {
        let edge = tape.to();
        let back = Backward::new(tape.clone(), edge, (BOOK.0, BOOK.1.to_owned()));
        let to = edge.floor_to(3_600 * SECOND).plus_nanos(to * 3_600 * SECOND);
        let span = (edge.plus_nanos(-7_200 * SECOND), to);
        let frame = answer(&back, OlderBars::new(3_600, span, shown).expect("a length"));
        let mut told = Told::new();
        frame.section(CANDLES).into_iter().for_each(|section| bars(section, &mut told));
        let number = |bytes: &[u8], field: usize| {
            f64::from_le_bytes(bytes[field * 8..field * 8 + 8].try_into().expect("eight bytes"))
        };
        told.into_iter()
            .map(|(at, bytes)| (at, [2, 3, 5, 6].map(|field| number(&bytes, field)), bytes[56]))
            .collect::<Vec<_>>()
    };
    let acts = tapes.iter().flat_map(|tape| tape.acts().iter().cloned());
    let joined = of_day(&Tape::of(acts.clone().collect()), usize::MAX, 1);
    let alone: Vec<_> = tapes.iter().map(|tape| of_day(tape, usize::MAX, 1)).collect();
    let mut n_shared = 0;
    for (at, [high, low, volume, delta], flags) in joined {
        let parts: Vec<_> = alone.iter().flatten().filter(|part| part.0 == at).collect();
        let sum = |field: usize| parts.iter().map(|part| part.1[field]).sum::<f64>();
        assert!((volume - sum(2)).abs() < 1e-9 && (delta - sum(3)).abs() < 1e-9);
        assert_eq!(high, parts.iter().map(|part| part.1[0]).fold(f64::MIN, f64::max));
        assert_eq!(low, parts.iter().map(|part| part.1[1]).fold(f64::MAX, f64::min));
        if parts.len() == 2 {
            n_shared += 1;
            assert_eq!(flags & 2, 2, "nobody heard all of it");
        }
    }
    assert_eq!(n_shared, 1, "one bar lies on both sides of the border");
}
