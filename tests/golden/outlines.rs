//! What the timeline and jumps need of a session is found once and kept beside its files, and changes nothing.

use std::path::{Path, PathBuf};

use engine::{Act, Engine, Gap, Input, Mark, Outline, Tape};
use market::{Packet, Timestamp, Venue};
use proof::stage::recordings_in;
use proof::tapes::tape;
use sim::generator::Generator;
use tempfile::TempDir;

use crate::holes::{FROM, Holed, after, heard, write_plain};
use crate::rewind::Growing;
use crate::underneath::{FaultyDisk, preface, until};

/// All that an outline tells.
#[derive(Debug, PartialEq)]
struct Told {
    is_whole: bool,
    to: Option<Timestamp>,
    activity: Vec<(Timestamp, Timestamp, u64)>,
    instruments: Vec<Instrument>,
}

/// What it tells of an instrument.
#[derive(Debug, PartialEq)]
struct Instrument {
    symbol: String,
    gaps: Vec<Gap>,
    prices: Vec<(Timestamp, f64)>,
    large: Vec<Mark>,
    all: Vec<Mark>,
}

fn told(act: &Act, instruments: &[(Venue, String)]) -> Told {
    act.with_outline(|outline| {
        let of = |(venue, symbol): &(Venue, String)| Instrument {
            symbol: symbol.clone(),
            gaps: outline.gaps(*venue, symbol).collect(),
            prices: outline.prices(*venue, symbol).collect(),
            large: outline.large_trades(*venue, symbol, None),
            all: outline.large_trades(*venue, symbol, Some(0.0)),
        };
        Told {
            is_whole: outline.is_whole(),
            to: outline.to(),
            activity: outline.activity().collect(),
            instruments: instruments.iter().map(of).collect(),
        }
    })
}

fn instruments(tape: &Tape) -> Vec<(Venue, String)> {
    let mut engine = Engine::without_views();
    for packet in tape.packets() {
        engine.step(Input::Packet(packet), &mut Vec::new());
    }
    let all = engine.all_watched();
    all.map(|(id, watched)| (id.venue, watched.market.instrument().symbol.clone())).collect()
}

/// A session that somebody opens.
struct Session {
    open: Box<dyn Fn() -> Tape>,
    instruments: Vec<(Venue, String)>,
}

impl Session {
    fn of(paths: Vec<PathBuf>) -> Self {
        Self::opened_by(move || tape(&paths))
    }

    fn opened_by(open: impl Fn() -> Tape + 'static) -> Self {
        let instruments = instruments(&open());
        assert!(instruments.len() > 1);
        Self { open: Box::new(open), instruments }
    }

    /// What is there at once when it is opened.
    fn at_once(&self) -> Told {
        let tape = (self.open)();
        Outline::load(&tape.acts()[0]);
        told(&tape.acts()[0], &self.instruments)
    }

    /// What is there after it was gone through, and how many packets were heard for it.
    fn gone_through(&self) -> (Told, u64) {
        let tape = (self.open)();
        let n_heard = Outline::read(&tape.acts()[0], || true);
        (told(&tape.acts()[0], &self.instruments), n_heard)
    }

    fn n_packets(&self) -> u64 {
        (self.open)().n_packets()
    }
}

fn beside(recording: &Path) -> PathBuf {
    recording.with_extension("mcap.outline")
}

/// A live session in three files, which leaves out what came in its sixth and fifteenth second.
fn live() -> (TempDir, Vec<PathBuf>) {
    let mut growing = Growing::with(|_| {});
    let mut market = Generator::new(31, FROM).peekable();
    let mut hear = |growing: &mut Growing, seconds: std::ops::Range<i64>, is_heard: bool| {
        for second in seconds {
            let until = after((second + 1) * 1_000);
            while let Some(packet) = market.next_if(|one: &Packet| one.received_at < until) {
                if is_heard {
                    growing.hear(packet);
                }
            }
        }
        growing.settle();
    };
    hear(&mut growing, 0..6, true);
    hear(&mut growing, 6..7, false);
    hear(&mut growing, 7..9, true);
    growing.recorder.roll(preface(&growing));
    hear(&mut growing, 9..15, true);
    hear(&mut growing, 15..16, false);
    hear(&mut growing, 16..20, true);
    growing.recorder.roll(preface(&growing));
    hear(&mut growing, 20..25, true);
    let folder = growing.finish();
    let parts = recordings_in(folder.path());
    assert_eq!(parts.len(), 3);
    (folder, parts)
}

#[test]
fn a_live_session_leaves_what_going_through_its_files_finds_and_a_second_opening_hears_nothing() {
    let (_folder, parts) = live();
    let session = Session::of(parts.clone());
    let left = session.at_once();
    assert!(left.is_whole, "each file has its own");
    let kept: Vec<Vec<u8>> =
        parts.iter().map(|part| std::fs::read(beside(part)).unwrap()).collect();
    for part in &parts {
        std::fs::remove_file(beside(part)).unwrap();
    }
    assert!(!session.at_once().is_whole);
    let (found, n_heard) = session.gone_through();
    assert_eq!(n_heard, session.n_packets());
    assert_eq!(left, found);
    let again: Vec<Vec<u8>> =
        parts.iter().map(|part| std::fs::read(beside(part)).unwrap()).collect();
    assert!(kept == again, "to the byte");
    let (told, n_heard) = session.gone_through();
    assert_eq!(n_heard, 0, "packets that a second opening hears");
    assert_eq!(told, found);
    assert_eq!(session.at_once(), found);
    // It is not about nothing.
    assert_eq!(found.activity.iter().map(|(.., count)| count).sum::<u64>(), session.n_packets());
    for of in &found.instruments {
        assert!(!of.gaps.is_empty() && of.prices.len() > 5, "{of:?}");
        assert!(!of.large.is_empty() && of.all.len() > of.large.len(), "{of:?}");
    }
}

#[test]
fn what_was_found_file_by_file_is_what_one_file_of_all_tells() {
    let (folder, parts) = live();
    let whole = folder.path().join("whole.mcap");
    write_plain(&whole, &tape(&parts).packets().collect::<Vec<_>>());
    let (told, _) = Session::of(parts).gone_through();
    let (whole, _) = Session::of(vec![whole]).gone_through();
    let count = |told: &Told| told.activity.iter().map(|(.., count)| count).sum::<u64>();
    assert_eq!((told.to, count(&told)), (whole.to, count(&whole)));
    for (of, whole) in told.instruments.iter().zip(&whole.instruments) {
        assert_eq!(of.gaps, whole.gaps, "{}: one that goes on in the next file is one", of.symbol);
        assert!(of.gaps.iter().any(|gap| gap.to.nanos_since(gap.from) > 1_000_000_000));
        // A print may be cut where a file ends.
        let n_apart = of.all.len().abs_diff(whole.all.len());
        assert!(n_apart <= 2, "{}: {n_apart} prints", of.symbol);
        assert!(of.prices.len().abs_diff(whole.prices.len()) <= 2, "{}", of.symbol);
    }
}

#[test]
fn whatever_is_wrong_with_what_is_kept_it_is_found_again_and_the_same() {
    let (_folder, parts) = live();
    let session = Session::of(parts.clone());
    let found = session.at_once();
    let whole: Vec<Vec<u8>> =
        parts.iter().map(|part| std::fs::read(beside(part)).unwrap()).collect();
    let of_next = |index: usize| whole[(index + 1) % whole.len()].clone();
    let changed = |index: usize, place: usize| {
        let mut bytes = whole[index].clone();
        bytes[place] ^= 1;
        bytes
    };
    let length = |index: usize| whole[index].len();
    for (index, part) in parts.iter().enumerate() {
        let harms = [
            ("empty", Vec::new()),
            ("cut", whole[index][..length(index) / 2].to_vec()),
            ("of another version", changed(index, 8)),
            ("damaged at its end", changed(index, length(index) - 1)),
            ("of another file", of_next(index)),
        ];
        for (what, bytes) in harms {
            std::fs::write(beside(part), bytes).unwrap();
            assert!(!session.at_once().is_whole, "{what}");
            let (told, n_heard) = session.gone_through();
            assert!(told == found, "part {index}, {what}");
            assert!(n_heard > 0 && n_heard < session.n_packets(), "{n_heard}: not all of it");
            let again = std::fs::read(beside(part)).unwrap();
            assert!(again == whole[index], "part {index}, {what}: kept to the byte");
        }
    }
}

#[test]
fn where_nothing_can_be_kept_all_is_found_as_well() {
    let (_folder, parts) = live();
    let session = Session::of(parts.clone());
    let found = session.at_once();
    for part in &parts {
        std::fs::remove_file(beside(part)).unwrap();
        std::fs::create_dir(beside(part)).unwrap();
    }
    for _ in 0..2 {
        assert!(session.gone_through().0 == found);
    }
    let n_files = std::fs::read_dir(parts[0].parent().unwrap()).unwrap().count();
    assert_eq!(n_files, 2 * parts.len(), "nothing unfinished stays behind");
}

#[test]
fn what_was_lost_at_a_fault_of_the_disk_is_a_gap_in_what_is_left() {
    let disk = FaultyDisk::default();
    let mut growing = Growing::with(|config| disk.put_into(config));
    let mut market = Generator::new(32, FROM).peekable();
    let mut hear = |growing: &mut Growing, seconds: i64| {
        while let Some(packet) = market.next_if(|one| one.received_at < after(seconds * 1_000)) {
            growing.hear(packet);
        }
    };
    hear(&mut growing, 9);
    growing.settle();
    disk.fail(true);
    hear(&mut growing, 12);
    until(&growing, "the disk is known to fail", |report| !report.is_on);
    disk.fail(false);
    until(&growing, "it can go on", |report| report.wants_roll);
    growing.recorder.roll(preface(&growing));
    until(&growing, "it goes on", |report| report.is_on);
    hear(&mut growing, 20);
    growing.settle();
    let folder = growing.finish();
    let parts = recordings_in(folder.path());
    let session = Session::of(parts.clone());
    let left = session.at_once();
    assert!(left.is_whole);
    parts.iter().for_each(|part| std::fs::remove_file(beside(part)).unwrap());
    assert_eq!(left, session.gone_through().0);
    for of in &left.instruments {
        let is_lost = |gap: &Gap| gap.from <= after(11_000) && gap.to >= after(11_900);
        assert!(of.gaps.iter().any(is_lost), "{of:?}");
    }
}

#[test]
fn a_part_whose_program_was_killed_is_gone_through_and_no_other() {
    let holed = Holed::new();
    let parts = holed.parts("holed", write_plain);
    let session = Session::of(parts.clone());
    let (found, n_heard) = session.gone_through();
    assert_eq!(n_heard, session.n_packets());
    assert!(session.gone_through() == (session.at_once(), 0));
    assert!(session.at_once() == found && parts.iter().all(|part| beside(part).is_file()));
    // Without keyframes what is before a file is heard from the beginning, and what is kept of it stays.
    std::fs::remove_file(beside(&parts[1])).unwrap();
    let kept = std::fs::metadata(beside(&parts[0])).unwrap().modified().unwrap();
    assert!(session.gone_through() == (found, session.n_packets()));
    assert_eq!(std::fs::metadata(beside(&parts[0])).unwrap().modified().unwrap(), kept);
}

#[test]
fn recordings_that_play_together_keep_what_they_show_together() {
    let folder = tempfile::tempdir().unwrap();
    let paths = ["one.mcap", "other.mcap"].map(|name| folder.path().join(name));
    let of_other = |packet: Packet| Packet { venue: Venue::BinanceUs, ..packet };
    write_plain(&paths[0], &heard(3, FROM, 12));
    let other: Vec<Packet> = heard(4, after(4_000), 12).into_iter().map(of_other).collect();
    write_plain(&paths[1], &other);
    let both = paths.to_vec();
    let session = Session::opened_by(move || Tape::open_together(&both).unwrap());
    let (found, n_heard) = session.gone_through();
    assert_eq!(n_heard, session.n_packets());
    assert_eq!(session.at_once(), found);
    assert_eq!(session.gone_through(), (found, 0));
    assert!(folder.path().join("one.mcap.together.outline").is_file());
    // The first alone is another matter.
    let alone = Session::of(vec![paths[0].clone()]);
    let (told, n_heard) = alone.gone_through();
    assert_eq!(n_heard, alone.n_packets());
    assert_eq!(told.instruments.len(), session.instruments.len() / 2);
    assert_eq!(session.gone_through().1, 0, "and does not touch it");
}

#[test]
fn going_through_can_be_stopped_and_keeps_what_is_whole() {
    let (_folder, parts) = live();
    let session = Session::of(parts.clone());
    let found = session.at_once();
    std::fs::remove_file(beside(&parts[1])).unwrap();
    let tape = tape(&parts);
    assert_eq!(Outline::read(&tape.acts()[0], || false), 0);
    let (told, n_left) = session.gone_through();
    assert!(told == found && n_left < session.n_packets(), "{n_left}: of one file");
}
