//! What was heard and not recorded is in no keyframe: those of a session's files know what a replay of the files knows.

use std::path::PathBuf;
use std::sync::Arc;

use engine::{Player, Tape, state_digest};
use market::{Packet, Timestamp};
use proof::stage::recordings_in;
use session::Recording;
use sim::generator::Generator;

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
    growing.record_anew("tape_p002.mcap");
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
