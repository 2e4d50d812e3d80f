//! What was heard and not recorded is in no keyframe: those of a session's files know what a replay of the files knows.

use std::path::PathBuf;
use std::sync::Arc;

use engine::{Cut, Engine, Gap, Input, Mark, Past, Player, Tape, Why, state_digest};
use market::{Body, Cause, Packet, Timestamp, Venue};
use proof::stage::recordings_in;
use session::{Lost, Recording, Remark, WhyLost};
use sim::generator::Generator;
use view::Health;

use crate::keyframes::distances;
use crate::rewind::{Growing, arrive};
use crate::underneath::{FaultyDisk, preface, until};

const SECOND: i64 = 1_000_000_000;
const FROM: Timestamp = Timestamp::from_nanos(1_784_505_600_000_000_000);
/// The keyframes are as often, and a chunk later.
const NEAR_SECONDS: i64 = 12;

fn after(seconds: i64) -> Timestamp {
    FROM.plus_nanos(seconds * SECOND)
}

/// A busy market, which is recorded from 0 to 14 s and from 20 to 46 s.
struct Market {
    packets: std::iter::Peekable<Box<dyn Iterator<Item = Packet>>>,
}

impl Market {
    fn new(seed: u64) -> Self {
        let packets: Box<dyn Iterator<Item = Packet>> = Box::new(Generator::new(seed, FROM));
        Self { packets: packets.peekable() }
    }

    /// The packets up to a moment.
    fn until(&mut self, seconds: i64) -> Vec<Packet> {
        let mut heard = Vec::new();
        while let Some(packet) = self.packets.next_if(|one| one.received_at < after(seconds)) {
            heard.push(packet);
        }
        heard
    }

    /// All up to a moment is recorded, and on the disk every few seconds.
    fn record(&mut self, growing: &mut Growing, seconds: std::ops::Range<i64>) {
        for second in seconds.step_by(3) {
            self.until(second).into_iter().for_each(|packet| growing.hear(packet));
            growing.settle();
        }
    }
}

fn opened(folder: &tempfile::TempDir) -> Vec<Arc<Recording>> {
    let paths: Vec<PathBuf> = recordings_in(folder.path());
    paths.iter().map(|path| Arc::new(session::open(path).expect("a recording"))).collect()
}

fn assert_near(parts: &[Arc<Recording>], seconds: &[i64]) {
    let distances = distances(parts, seconds);
    assert!(distances.iter().all(|distance| *distance <= NEAR_SECONDS), "{distances:?}");
}

/// A rewind to a moment of the session that still grows: the state there, and how far before it a state was kept.
fn rewound(growing: &Growing, seconds: i64) -> (String, i64) {
    let act = growing.act();
    let at = after(seconds);
    let begun = act.begin_near(at).map_or(FROM, |begun| begun.at);
    let mut player = Player::rewind(Tape::of(vec![act]), growing.engine.now(), at);
    arrive(&mut player);
    (state_digest(player.engine()), at.nanos_since(begun) / SECOND)
}

#[test]
fn after_recording_was_off_and_on_keyframes_are_those_of_the_files() {
    let mut growing = Growing::with(|_| {});
    let mut market = Market::new(21);
    market.record(&mut growing, 2..15);
    growing.settle_at(false, growing.engine.now());
    market.until(20).into_iter().for_each(|packet| growing.hear_unrecorded(packet));
    let live = growing.engine.now();
    growing.record_anew();
    growing.recorder.roll(preface(&growing));
    growing.settle_at(true, live);
    market.record(&mut growing, 22..47);
    let live = state_digest(&growing.engine);
    let edge = growing.engine.now();
    // As long as memory holds what no file does, the past is what was live, whichever way it is gone to.
    let mut player = Player::rewind(Tape::of(vec![growing.act()]), edge, edge);
    arrive(&mut player);
    assert!(state_digest(player.engine()) == live, "what was live");
    assert!(growing.act().begin_near(edge).expect("a keyframe").at < after(14));
    let (_, distance) = rewound(&growing, 13);
    assert!(distance <= NEAR_SECONDS, "{distance}");
    // An hour later it is what the files say, and near.
    growing.settle_at(true, edge.plus_nanos(3_700 * SECOND));
    let (state, distance) = rewound(&growing, 44);
    assert!(distance <= NEAR_SECONDS, "{distance}");
    let folder = growing.finish();
    let parts = opened(&folder);
    assert_eq!(parts.len(), 2);
    assert!(!parts[1].keyframes(engine::STATE_VERSION).is_empty());
    assert_near(&parts, &[13, 33, 39, 44]);
    let tape =
        Tape::open(&parts.iter().map(|part| part.path().to_owned()).collect::<Vec<_>>(), None);
    assert!(state == crate::state_at(&tape.expect("recordings"), after(44)), "as in the files");
}

#[test]
fn after_a_fault_of_the_disk_a_seek_costs_the_distance_to_a_keyframe_again() {
    let disk = FaultyDisk::default();
    let mut growing = Growing::with(|config| disk.put_into(config));
    let mut market = Market::new(22);
    market.record(&mut growing, 2..15);
    disk.fail(true);
    market.until(20).into_iter().for_each(|packet| growing.hear(packet));
    until(&growing, "the disk is known to fail", |report| !report.is_on);
    disk.fail(false);
    until(&growing, "it can go on", |report| report.wants_roll);
    growing.recorder.roll(preface(&growing));
    until(&growing, "it goes on", |report| report.is_on);
    market.record(&mut growing, 22..47);
    let (_, distance) = rewound(&growing, 44);
    assert!(distance <= NEAR_SECONDS, "{distance}");
    assert!(growing.recorder.report().lost > 0);
    let folder = growing.finish();
    let parts = opened(&folder);
    assert_eq!(parts.len(), 2);
    assert_near(&parts, &[13, 33, 39, 44]);
}

/// What a file begins with that goes on with a session at a moment: instruments and the books that are right there.
fn known_at(packets: &[Packet], at: Timestamp) -> Vec<Packet> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let whole = folder.path().join("whole.mcap");
    crate::holes::write_plain(&whole, packets);
    let out = folder.path().join("rest.mcap");
    let cut = Cut { from: at, to: at.plus_nanos(60 * SECOND), out: &out, program: "proof" };
    engine::trim(&proof::tapes::tape(&[whole]), &cut, |_| ()).expect("a range");
    let rest = proof::tapes::packets(&[out]);
    rest.into_iter().take_while(|one| matches!(one.body, Body::Derived(_))).collect()
}

/// What a session heard, whose recording was off from 10 to 40 s, and its two files.
struct SwitchedOff {
    heard: Vec<Packet>,
    growing: Growing,
}

/// The last moment that is recorded before, and the one at which recording goes on.
const OFF: i64 = 10;
const ON: i64 = 40;

impl SwitchedOff {
    fn new(seed: u64) -> Self {
        let mut growing = Growing::with(|_| {});
        let mut market = Market::new(seed);
        let mut heard = market.until(OFF);
        heard.iter().for_each(|packet| growing.hear(packet.clone()));
        growing.settle();
        growing.settle_at(false, growing.engine.now());
        let unrecorded = market.until(ON);
        unrecorded.iter().for_each(|packet| growing.hear_unrecorded(packet.clone()));
        heard.extend(unrecorded);
        growing.record_anew();
        growing.settle_at(true, growing.engine.now());
        heard.extend(market.until(ON + 10));
        growing.recorder.roll(known_at(&heard, after(ON)));
        let rest: Vec<Packet> =
            heard.iter().filter(|one| one.received_at >= after(ON)).cloned().collect();
        rest.into_iter().for_each(|packet| growing.hear(packet));
        growing.settle();
        Self { heard, growing }
    }

    /// The first packet that was not recorded.
    fn lost_at(&self) -> Timestamp {
        let first = self.heard.iter().find(|one| one.received_at >= after(OFF));
        first.expect("a packet").received_at
    }

    fn n_lost(&self) -> u64 {
        let is_lost = |one: &&Packet| (after(OFF)..after(ON)).contains(&one.received_at);
        self.heard.iter().filter(is_lost).count() as u64
    }

    /// The recording, as it is opened once the session is over.
    fn tape(self) -> (tempfile::TempDir, Tape) {
        let folder = self.growing.finish();
        let first = folder.path().join("tape.mcap");
        let tape = Tape::open_sessions(&[first]).expect("a recording");
        (folder, tape)
    }
}

fn is_all(engine: &Engine, such: impl Fn(&engine::Watched) -> bool) -> bool {
    let mut all = engine.all_watched().peekable();
    all.peek().is_some() && all.all(|(_, watched)| such(watched))
}

fn is_unrecorded(watched: &engine::Watched) -> bool {
    (watched.health(), watched.cause()) == (Health::Stale, Some(Cause::NotRecorded))
}

#[test]
fn a_recording_that_was_switched_off_says_from_when_to_when_it_lacks_what_was_heard() {
    let off = SwitchedOff::new(31);
    let (lost_at, n_lost) = (off.lost_at(), off.n_lost());
    assert!(n_lost > 0);
    let (_folder, tape) = off.tape();
    let remarks = tape.packets().filter_map(|packet| match &packet.body {
        Body::Remark(json) => Some((packet.received_at, Remark::parse(json).expect("a known one"))),
        _ => None,
    });
    let lost =
        Lost { n_packets: n_lost, to: Some(after(ON)), why: WhyLost::Off, ..Lost::default() };
    assert_eq!(remarks.collect::<Vec<_>>(), [(lost_at, Remark::Lost(lost))]);
}

#[test]
fn what_was_not_recorded_is_no_silence_of_the_venue_and_ends_with_the_image() {
    let off = SwitchedOff::new(32);
    let (lost_at, heard) = (off.lost_at(), off.heard.clone());
    let (_folder, tape) = off.tape();
    let mut player = Player::open(tape.clone());
    player.pause();
    // Long behind the silence that a venue is allowed, and back again.
    for second in [12, 25, 39, 11] {
        player.seek(after(second));
        arrive(&mut player);
        let engine = player.engine();
        assert!(is_all(engine, is_unrecorded), "{second} s");
        let (id, watched) = engine.all_watched().next().expect("an instrument");
        let hole = engine.unrecorded(id.venue, watched.link).expect("it stands in one");
        let said = hole.sentence();
        let time = |at: Timestamp| at.to_string()[11..19].to_owned();
        let span = format!("from {} to {}", time(lost_at), time(after(ON)));
        assert_eq!(said, format!("Not recorded {span}: recording was off."));
    }
    for second in [40, 41, 45, 49] {
        player.seek(after(second));
        arrive(&mut player);
        let engine = player.engine();
        assert!(is_all(engine, |watched| watched.health().is_good()), "{second} s");
        assert_eq!(books(engine), books(&all_heard(&heard, after(second))), "{second} s");
        for (_, watched) in engine.all_watched() {
            let gap = *watched.view.as_ref().expect("a view").gaps().last().expect("a gap");
            let expected = (lost_at, Some(after(ON)), Cause::NotRecorded);
            assert_eq!((gap.from, gap.to, gap.cause), expected);
        }
    }
    // So it is on the timeline as well.
    for gaps in outlined(tape.packets()) {
        assert_eq!(gaps, [Gap { from: lost_at, to: after(ON), why: Why::Off }]);
    }
}

/// The gaps of each book on the timeline.
fn outlined(packets: impl Iterator<Item = Packet>) -> Vec<Vec<Gap>> {
    let mut outline = engine::Outline::default();
    let mut engine = Engine::new();
    for packet in packets {
        let mark = Mark::of(&packet);
        engine.step(Input::Packet(packet), &mut Vec::new());
        outline.observe(&engine, mark);
    }
    let of = |(id, watched): (market::InstrumentId, &engine::Watched)| {
        outline.gaps(id.venue, &watched.market.instrument().symbol).collect()
    };
    engine.all_watched().map(of).collect()
}

#[test]
fn a_link_that_was_down_before_recording_went_off_is_told_apart_from_what_was_not_recorded() {
    let off = SwitchedOff::new(36);
    let lost_at = off.lost_at();
    let (_folder, tape) = off.tape();
    let first = tape.packets().next().expect("a packet");
    let closed = Body::Closed("The venue closed the link.".into());
    let closed = Packet { received_at: after(8), number: 0, body: closed, ..first };
    let (before, behind): (Vec<_>, Vec<_>) =
        tape.packets().partition(|one| one.received_at < after(8));
    let heard_to = before.last().expect("a packet").received_at;
    let behind = behind.into_iter().filter(|one| one.received_at >= lost_at);
    let all = outlined(before.into_iter().chain([closed]).chain(behind));
    assert!(!all.is_empty());
    for gaps in all {
        let [down, unrecorded] = gaps[..] else { panic!("{gaps:?}") };
        assert!(down.from > after(7) && down.from <= heard_to, "the last that was heard: {down:?}");
        assert_eq!((down.to, down.why), (lost_at, Why::Of(Cause::LinkDown)));
        assert_eq!((unrecorded.from, unrecorded.why), (lost_at, Why::Off));
    }
}

#[test]
fn a_range_that_is_cut_out_within_what_was_not_recorded_says_so_as_well() {
    let (folder, tape) = SwitchedOff::new(34).tape();
    let out = folder.path().join("range.mcap");
    let cut = Cut { from: after(25), to: after(49), out: &out, program: "proof" };
    engine::trim(&tape, &cut, |_| ()).expect("a range");
    let mut player = Player::open(Tape::open_sessions(&[out]).expect("a recording"));
    player.pause();
    // There is no book yet, and that is why.
    let engine = player_at(&mut player, 33).engine();
    let (link, state) = engine.links().iter().next().expect("a link");
    let hole = engine.unrecorded(state.venue, link).expect("a hole");
    assert_eq!((hole.from, hole.to), (after(25), Some(after(40))));
    let venue = state.venue;
    let engine = player_at(&mut player, 41).engine();
    assert!(is_all(engine, |watched| watched.health().is_good()));
    assert!(engine.unrecorded(venue, link).is_none());
}

/// All that was heard by a moment, whether it was recorded or not.
fn all_heard(packets: &[Packet], at: Timestamp) -> Engine {
    let mut engine = Engine::new();
    for packet in packets.iter().take_while(|packet| packet.received_at <= at) {
        engine.step(Input::Packet(packet.clone()), &mut Vec::new());
    }
    engine.step(Input::Tick(at), &mut Vec::new());
    engine
}

/// The best levels of all books.
fn books(engine: &Engine) -> Vec<Vec<market::Level>> {
    let best = |watched: &engine::Watched| {
        let book = watched.market.book();
        book.bids().take(50).chain(book.asks().take(50)).collect()
    };
    engine.all_watched().map(|(_, watched)| best(watched)).collect()
}

#[test]
fn while_memory_holds_it_the_live_past_is_whole_and_then_it_is_told_where_it_is_not() {
    let off = SwitchedOff::new(33);
    let act = off.growing.act();
    let tape = Tape::of(vec![act]);
    let edge = off.growing.engine.now();
    let at = |player: &mut Player, second: i64| {
        player.seek(after(second));
        arrive(player);
        state_digest(player.engine())
    };
    let mut player = Player::rewind(tape.clone(), edge, edge);
    player.pause();
    for second in [25, 12, 45, 39] {
        assert!(at(&mut player, second) == state_digest(&all_heard(&off.heard, after(second))));
    }
    assert!(tape.packets().all(|packet| !matches!(packet.body, Body::Remark(_))));
    // A screen that stands in the hole while memory lets go of it goes on to where the files do.
    let mut standing = Player::rewind(tape.clone(), edge, after(25));
    standing.pause();
    arrive(&mut standing);
    off.growing.settle_at(true, edge.plus_nanos(3_700 * SECOND));
    assert!(is_all(player_at(&mut standing, 30).engine(), is_unrecorded));
    assert!(is_all(player_at(&mut standing, 45).engine(), |one| one.health().is_good()));
    let mut player = Player::rewind(tape, edge, edge);
    for second in [25, 12, 39] {
        assert!(is_all(player_at(&mut player, second).engine(), is_unrecorded), "{second} s");
    }
    let (_, tape) = off.tape();
    for second in [9, 25, 41] {
        let state = state_digest(player_at(&mut player, second).engine());
        assert!(state == crate::state_at(&tape, after(second)), "{second} s: as in the files");
    }
}

/// The past of a live session, as its run loop keeps it.
#[derive(Default)]
struct Live {
    engine: Engine,
    past: Past,
}

impl Live {
    fn hear<'a>(&mut self, packets: impl Iterator<Item = &'a Packet>) {
        for packet in packets {
            self.past.keep(packet);
            self.engine.step(Input::Packet(packet.clone()), &mut Vec::new());
            self.past.observe(&self.engine, Mark::of(packet));
        }
    }

    /// What the timeline draws of a book between two moments: gaps that begin there, and how many prices.
    fn drawn(
        &self,
        book: &(Venue, String),
        (from, to): (Timestamp, Timestamp),
    ) -> (Vec<Gap>, usize) {
        let is_within = |at: Timestamp| from <= at && at < to;
        let recent = self.past.recent().seconds(Some(book));
        let n_recent = recent.filter(|(at, _, price)| is_within(*at) && price.is_some()).count();
        self.past.act().with_outline(|outline| {
            let gaps = outline.gaps(book.0, &book.1).filter(|gap| is_within(gap.from));
            let prices = outline.prices(book.0, &book.1).filter(|(at, _)| is_within(*at));
            (gaps.collect(), prices.count() + n_recent)
        })
    }

    /// Packets that the timeline tells of, in its own steps and in those of the newest time.
    fn n_told(&self) -> [u64; 2] {
        let recent = self.past.recent().seconds(None).map(|(_, n, _)| u64::from(n)).sum();
        let act = self.past.act();
        [act.with_outline(|outline| outline.activity().map(|(.., n)| n).sum()), recent]
    }

    fn books(&self) -> Vec<(Venue, String)> {
        let all = self.engine.all_watched();
        all.map(|(id, watched)| (id.venue, watched.market.instrument().symbol.clone())).collect()
    }
}

#[test]
fn the_live_timeline_draws_what_was_not_recorded_until_nobody_can_go_there_and_then_a_gap() {
    let off = SwitchedOff::new(35);
    let parts = off.growing.parts();
    let between = |from: i64, to: i64| {
        off.heard.iter().filter(move |one| (after(from)..after(to)).contains(&one.received_at))
    };
    let mut live = Live::default();
    live.hear(between(0, OFF));
    live.past.settle(&live.engine, parts[..1].to_vec(), true);
    live.past.settle(&live.engine, parts[..1].to_vec(), false);
    live.hear(between(OFF, ON));
    live.past.settle(&live.engine, parts[..1].to_vec(), true);
    live.hear(between(ON, ON + 10));
    live.past.settle(&live.engine, parts.clone(), true);
    let n_heard = off.heard.len() as u64;
    assert_eq!(live.n_told(), [n_heard; 2], "all of it is told");
    let (lost_at, on_at) =
        (off.lost_at(), between(ON, ON + 10).next().expect("a packet").received_at);
    let books = live.books();
    assert!(books.len() > 1);
    // The silence behind the last packet is no matter here.
    let seen = (FROM, after(ON + 8));
    let before: Vec<_> = books.iter().map(|book| live.drawn(book, seen)).collect();
    assert!(before.iter().all(|(gaps, n_prices)| gaps.is_empty() && *n_prices > 80), "{before:?}");
    // An hour later.
    live.engine.step(Input::Tick(after(ON + 10).plus_nanos(3_700 * SECOND)), &mut Vec::new());
    live.past.settle(&live.engine, parts, true);
    assert_eq!(live.n_told(), [n_heard - off.n_lost(); 2]);
    let reach = live.past.take_gone();
    assert_eq!(reach, Some((lost_at, on_at)));
    let hole = Gap { from: lost_at, to: on_at, why: Why::Off };
    for (book, (_, n_before)) in books.iter().zip(before) {
        let (gaps, n_prices) = live.drawn(book, seen);
        assert_eq!(gaps, [hole]);
        // Once a second in both kinds of steps; those in which it begins and ends are not drawn either.
        assert!(n_prices >= n_before - 2 * 32, "{n_prices} of {n_before}: the rest stays");
        assert_eq!(live.drawn(book, (lost_at, on_at)), (vec![hole], 0));
    }
}

fn player_at(player: &mut Player, second: i64) -> &mut Player {
    player.seek(after(second));
    arrive(player);
    player
}

#[test]
fn a_hole_in_one_of_two_recordings_in_step_is_none_in_the_other() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let holed = crate::holes::Holed::new();
    let mut files = holed.parts("holed", crate::holes::write_plain);
    let other = crate::holes::heard(4, FROM, 26).into_iter();
    let other: Vec<Packet> = other.map(|one| Packet { venue: Venue::BinanceUs, ..one }).collect();
    files.push(folder.path().join("other.mcap"));
    crate::holes::write_plain(&files[2], &other);
    let tape = Tape::open_together(&files).expect("recordings");
    assert_eq!(tape.n_together(), 2);
    let mut player = Player::open(tape);
    player.pause();
    // The hole is from 12 to 15 s.
    for (second, is_in_hole) in [(11, false), (13, true), (14, true), (16, false)] {
        let engine = player_at(&mut player, second).engine();
        for (id, watched) in engine.all_watched() {
            let is_lost = is_in_hole && id.venue != Venue::BinanceUs;
            assert_eq!(is_unrecorded(watched), is_lost, "{} at {second} s", id.venue.id());
            assert!(is_lost || watched.health().is_good(), "{} at {second} s", id.venue.id());
            assert_eq!(engine.unrecorded(id.venue, watched.link).is_some(), is_lost);
        }
    }
}
