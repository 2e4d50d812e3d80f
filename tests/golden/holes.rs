//! Keyframes change nothing where recordings play together, where packets were lost, and where a file is cut or
//! damaged.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use engine::{Cadence, Cut, Player, Tape, begin_near, make_keyframes, state_digest};
use market::{Packet, Timestamp, Venue};
use proof::tapes::tape;
use session::{BulkItem, BulkOptions, Recording, Remark};
use sim::generator::Generator;
use tokio_util::sync::CancellationToken;

use crate::{header, state_at};

const SECOND: i64 = 1_000_000_000;
pub const OFTEN: Cadence = Cadence { every_nanos: 5 * SECOND, weight: 0 };
pub const FROM: Timestamp = Timestamp::from_nanos(1_784_505_600_000_000_000);

/// So many seconds of a busy market.
pub fn heard(seed: u64, from: Timestamp, seconds: i64) -> Vec<Packet> {
    let to = from.plus_nanos(seconds * SECOND);
    Generator::new(seed, from).take_while(|packet| packet.received_at < to).collect()
}

fn write(path: &Path, items: impl IntoIterator<Item = BulkItem>) {
    let options = BulkOptions { chunk_bytes: 1 << 16, header: header() };
    session::write_items(path, items, &options).expect("a recording");
}

pub fn write_plain(path: &Path, packets: &[Packet]) {
    write(path, packets.iter().cloned().map(BulkItem::Packet));
}

fn write_keyed(path: &Path, packets: &[Packet]) {
    write(path, engine::with_keyframes(packets.to_vec(), OFTEN));
    assert!(!keyframes(path).is_empty(), "{}", path.display());
}

fn keyframes(path: &Path) -> Vec<session::KeyframeEntry> {
    session::open(path).expect("a recording").keyframes(engine::STATE_VERSION)
}

pub fn after(millis: i64) -> Timestamp {
    FROM.plus_nanos(millis * 1_000_000)
}

/// A player of the tape stands at each moment, whichever it comes from, in the state heard from the beginning of
/// `truth`.
pub fn assert_states(tape: &Tape, truth: &Tape, moments: &[i64]) {
    let mut player = Player::open(tape.clone());
    player.pause();
    for millis in moments {
        let at = after(*millis);
        player.seek(at);
        while player.is_seeking() {
            player.advance(0);
        }
        assert_eq!(player.at(), at);
        assert!(state_digest(player.engine()) == state_at(truth, at), "{millis} ms");
    }
}

#[test]
fn recordings_that_play_together_have_the_same_states_with_and_without_keyframes() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = |name: &str| folder.path().join(name);
    let of_other = |packet: Packet| Packet { venue: Venue::BinanceUs, ..packet };
    let one = heard(3, FROM, 16);
    let other: Vec<Packet> = heard(4, after(6_000), 16).into_iter().map(of_other).collect();
    let names = ["one.mcap", "other.mcap", "keyed.mcap", "other_keyed.mcap"].map(path);
    write_plain(&names[0], &one);
    write_plain(&names[1], &other);
    write_keyed(&names[2], &one);
    write_keyed(&names[3], &other);
    let together = |which: [usize; 2]| {
        Tape::open_together(&which.map(|index| names[index].clone())).expect("recordings")
    };
    let plain = together([0, 1]);
    assert_eq!(plain.n_packets() as usize, one.len() + other.len());
    // Before the second begins, while both go on, after the first has ended, and back again.
    let moments = [3_000, 21_500, 9_900, 15_990, 16_010, 700];
    for which in [[0, 1], [2, 3], [2, 1]] {
        assert_states(&together(which), &plain, &moments);
    }
}

/// A session in two parts that lost what was heard between 12 and 15 seconds, and whose program was killed at the end.
pub struct Holed {
    folder: tempfile::TempDir,
    first: Vec<Packet>,
    second: Vec<u8>,
}

impl Holed {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = |name: &str| folder.path().join(name);
        let packets = heard(5, FROM, 26);
        let whole = path("whole.mcap");
        write_plain(&whole, &packets);
        let is_before = |packet: &&Packet| packet.received_at < after(12_000);
        let first: Vec<Packet> = packets.iter().filter(is_before).cloned().collect();
        let body = Remark::lost(300).to_body();
        let remark = Packet { body, ..packets[first.len()].clone() };
        // What was known at 15 seconds, and what follows: as the recorder begins a file after a hole.
        let rest = path("rest.mcap");
        let cut = Cut { from: after(15_000), to: after(26_000), out: &rest, program: "proof" };
        engine::trim(&tape(&[whole]), &cut, |_| ()).expect("a range");
        let mut behind = vec![remark];
        behind.extend(tape(&[rest]).packets());
        let second = path("second.mcap");
        write_plain(&second, &behind);
        let mut second = std::fs::read(second).expect("the file");
        // In the middle of a chunk: neither summary nor index is left.
        second.truncate(second.len() * 4 / 5);
        Self { folder, first, second }
    }

    /// The parts, under a name of their own.
    pub fn parts(&self, name: &str, write_first: fn(&Path, &[Packet])) -> Vec<PathBuf> {
        let folder = self.folder.path();
        let parts = ["p001", "p002"].map(|part| folder.join(format!("{name}_{part}.mcap")));
        write_first(&parts[0], &self.first);
        std::fs::write(&parts[1], &self.second).expect("the file");
        parts.to_vec()
    }
}

fn opened(parts: &[PathBuf]) -> Vec<Arc<Recording>> {
    parts.iter().map(|part| Arc::new(session::open(part).expect("a recording"))).collect()
}

#[test]
fn a_hole_and_a_cut_tail_have_the_same_states_with_and_without_keyframes() {
    let holed = Holed::new();
    let plain = holed.parts("plain", write_plain);
    let keyed = holed.parts("keyed", write_keyed);
    let later = holed.parts("later", write_plain);
    let without = opened(&later);
    let without: Vec<&Recording> = without.iter().map(|part| &**part).collect();
    assert!(make_keyframes(&without, OFTEN, &CancellationToken::new()).expect("a folder"));
    assert!(keyframes(&keyed[1]).is_empty(), "the recorder writes none behind a hole");
    assert!(!keyframes(&later[1]).is_empty(), "those that are made later know of it");

    let truth = tape(&plain);
    let end = truth.to().nanos_since(FROM) / 1_000_000;
    assert!((18_000..25_900).contains(&end), "the tail is cut: {end} ms");
    // Before, inside and right behind the hole, far behind it, at the cut end, and back over it.
    let moments = [11_900, 12_000, 13_500, 14_990, 15_010, end - 1_500, end, 8_000, 17_000, 12_700];
    for parts in [&plain, &keyed, &later] {
        assert_states(&tape(parts), &truth, &moments);
    }
    let near = |parts: &[PathBuf], at| begin_near(&opened(parts), at).expect("a keyframe").at;
    assert!(near(&keyed, after(end)) < after(12_000), "the last one before the hole");
    assert!(near(&later, after(end)) > after(15_000), "one behind it");
}

#[test]
fn keyframes_that_are_made_before_damage_are_kept_and_lead_over_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("tape.mcap");
    write_plain(&path, &heard(6, FROM, 24));
    let whole = session::open(&path).expect("a recording");
    let is_late = |chunk: &session::ChunkSpan| chunk.from > after(18_000);
    let place = whole.info().chunks.iter().find(is_late).expect("a late chunk").offset as usize;
    let mut bytes = std::fs::read(&path).expect("the file");
    bytes[place + 2_000] ^= 0xff;
    std::fs::write(&path, bytes).expect("the file");
    let plain = folder.path().join("plain.mcap");
    std::fs::copy(&path, &plain).expect("the file");

    let damaged = session::open(&path).expect("a recording");
    assert!(make_keyframes(&[&damaged], OFTEN, &CancellationToken::new()).expect("a folder"));
    let kept = keyframes(&path);
    assert!(kept.len() >= 2, "{}", kept.len());
    assert!(kept.iter().all(|entry| entry.at < after(18_500)), "none behind it");
    assert_states(&tape(&[path]), &tape(&[plain]), &[17_000, 18_200, 23_000, 6_000]);
}
