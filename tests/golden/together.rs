//! Recordings that play together have keyframes together, which change nothing but the time that a seek takes.

use std::path::{Path, PathBuf};

use engine::{Act, Cadence, Cut, Engine, Input, Player, Tape, state_digest};
use market::{Packet, Timestamp, Venue};
use proof::tapes::tape;
use tokio_util::sync::CancellationToken;

use crate::holes::{FROM, Holed, OFTEN, after, assert_states, heard, write_plain};
use crate::keyframes::state_after;
use crate::look_back::{assert_same, live, look_back};
use crate::rewind::arrive;
use crate::saved::Draws;
use crate::state_at;

const SECOND: i64 = 1_000_000_000;
/// In each part of it, there and back: before the others begin, while all go on, after one has ended, at the end.
const MOMENTS: [i64; 9] = [3_000, 21_500, 9_900, 15_990, 7_777, 16_010, 700, 12_345, 21_990];

/// Three recordings: a market, another venue's that began later, and a second program's of the first market from its
/// fourth to its thirteenth second.
struct Heard {
    folder: tempfile::TempDir,
}

const NAMES: [&str; 3] = ["one.mcap", "other.mcap", "same.mcap"];

impl Heard {
    fn new() -> Self {
        let heard_now = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        let [one, other, same] = NAMES.map(|name| heard_now.path(name));
        write_plain(&one, &heard(3, FROM, 16));
        write_plain(&other, &of_other_venue(4));
        let cut = Cut { from: after(4_000), to: after(13_000), out: &same, program: "proof" };
        engine::trim(&tape(&[one]), &cut, |_| ()).expect("a range");
        heard_now
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn tape(&self, names: &[&str]) -> Tape {
        let paths: Vec<PathBuf> = names.iter().map(|name| self.path(name)).collect();
        Tape::open_together(&paths).expect("recordings")
    }

    fn kept(&self) -> PathBuf {
        self.path("one.mcap.together.keyframes")
    }
}

fn of_other_venue(seed: u64) -> Vec<Packet> {
    let of_other = |packet: Packet| Packet { venue: Venue::BinanceUs, ..packet };
    heard(seed, after(6_000), 16).into_iter().map(of_other).collect()
}

fn make(tape: &Tape) -> bool {
    act(tape).make_keyframes(OFTEN, &CancellationToken::new())
}

fn act(tape: &Tape) -> &Act {
    &tape.acts()[0]
}

/// How far before a moment a seek begins, s; `None`: at the first packet.
fn distance(tape: &Tape, millis: i64) -> Option<i64> {
    let begun = act(tape).begin_near(after(millis))?;
    let before = tape.packets().nth(begun.n_packets as usize - 1).expect("it was heard");
    assert_eq!(before.received_at, begun.at, "the packets before it are counted");
    let n_after = begun.packets.count() as u64;
    assert_eq!(begun.n_packets + n_after, tape.n_packets(), "and all others follow");
    Some(after(millis).nanos_since(begun.at) / SECOND)
}

#[test]
fn the_states_are_those_from_the_beginning_and_the_keyframes_lie_near() {
    let heard = Heard::new();
    for names in [&NAMES[..2], &[NAMES[0], NAMES[2]], &NAMES] {
        let plain = heard.tape(names);
        assert!(act(&plain).lacks_keyframes());
        assert_eq!(distance(&plain, 15_000), None);
        let keyed = heard.tape(names);
        assert!(make(&keyed) && !make(&keyed), "once is enough");
        assert!(!act(&keyed).lacks_keyframes());
        let moments: Vec<i64> =
            MOMENTS.into_iter().filter(|millis| after(*millis) <= plain.to()).collect();
        for millis in moments.iter().filter(|millis| **millis > 6_000) {
            let distance = distance(&keyed, *millis).expect("a keyframe");
            assert!(distance <= 6, "{names:?}: {distance} s before {millis} ms");
        }
        assert_states(&keyed, &plain, &moments);
        // And so it is for who opens them again.
        let again = heard.tape(names);
        assert!(!act(&again).lacks_keyframes());
        assert_states(&again, &plain, &moments);
    }
}

/// The states at these moments, heard once from the beginning.
fn states_in_order(tape: &Tape, moments: &[Timestamp]) -> Vec<String> {
    let (mut engine, mut asks) = (Engine::new(), Vec::new());
    let mut packets = tape.packets().peekable();
    let mut state = |at: &Timestamp| {
        while let Some(packet) = packets.next_if(|packet| packet.received_at <= *at) {
            engine.step(Input::Packet(packet), &mut asks);
            asks.clear();
        }
        engine.step(Input::Tick(*at), &mut asks);
        state_digest(&engine)
    };
    moments.iter().map(&mut state).collect()
}

/// Packets that seeks to some moments hear, in all.
fn n_to_hear(tape: &Tape) -> usize {
    let times: Vec<Timestamp> = tape.packets().map(|packet| packet.received_at).collect();
    let to_hear = |at: Timestamp| {
        let n_before = act(tape).begin_near(at).map_or(0, |begun| begun.n_packets as usize);
        times.partition_point(|time| *time <= at).saturating_sub(n_before)
    };
    (8_000..16_000).step_by(100).map(|millis| to_hear(after(millis))).sum()
}

#[test]
fn a_seek_into_two_hears_no_more_than_into_one_of_them() {
    let heard = Heard::new();
    let [one, all] = [&NAMES[..1], &NAMES[..2]].map(|names| heard.tape(names));
    let cadence = Cadence { every_nanos: 0, weight: 12 };
    for tape in [&one, &all] {
        assert!(act(tape).make_keyframes(cadence, &CancellationToken::new()));
    }
    let (alone, together) = (n_to_hear(&one), n_to_hear(&all));
    assert!(alone > 1_000, "keyframes are apart: {alone}");
    assert!(together < alone * 5 / 4, "{together} against {alone}");
}

#[test]
fn random_moments_forwards_and_backwards_have_the_states_from_the_beginning() {
    let heard = Heard::new();
    for (seed, names) in [(11, &NAMES[..2]), (12, &[NAMES[0], NAMES[2]]), (13, &NAMES)] {
        let (plain, keyed) = (heard.tape(names), heard.tape(names));
        assert!(make(&keyed));
        let n_millis = plain.to().nanos_since(FROM) as usize / 1_000_000;
        let mut draws = Draws(seed);
        let mut moments: Vec<_> = (0..40).map(|_| after(draws.below(n_millis) as i64)).collect();
        moments.sort_unstable();
        let states = states_in_order(&plain, &moments);
        let mut player = Player::open(keyed);
        player.pause();
        for _ in 0..60 {
            let index = draws.below(moments.len());
            player.seek(moments[index]);
            arrive(&mut player);
            let is_same = state_digest(player.engine()) == states[index];
            assert!(is_same, "seed {seed}, {names:?}: {}", moments[index]);
        }
    }
}

#[test]
fn a_hole_and_a_cut_tail_in_one_of_them_are_there_with_and_without_keyframes() {
    let (heard, holed) = (Heard::new(), Holed::new());
    let mut paths = holed.parts("holed", write_plain);
    paths.push(heard.path("other.mcap"));
    let open = || Tape::open_together(&paths).expect("recordings");
    let (plain, keyed) = (open(), open());
    assert!(make(&keyed));
    assert!(distance(&keyed, 21_000).expect("a keyframe behind the hole") <= 6);
    let end = plain.to().nanos_since(FROM) / 1_000_000;
    // Before, inside and behind the hole, at the cut end, and back over it.
    let moments = [11_900, 13_500, 14_990, 15_010, end - 1_500, end, 8_000, 17_000, 12_700];
    assert_states(&keyed, &plain, &moments);
}

#[test]
fn who_looks_back_is_told_what_was_told_when_it_was_new() {
    let heard = Heard::new();
    let names = [NAMES[0], NAMES[2]];
    let keyed = heard.tape(&names);
    assert!(make(&keyed));
    let packets: Vec<Packet> = heard.tape(&names).packets().collect();
    let live = live(&packets, 100);
    assert!(live.columns.len() > 100, "{}", live.columns.len());
    let looked = look_back(&keyed, 100, 7 * SECOND);
    assert_same(&looked.columns, &live.columns);
}

#[test]
fn files_of_one_session_play_together_with_another_recording() {
    let heard_now = Heard::new();
    let packets = heard(3, FROM, 16);
    let (first, second) = packets.split_at(packets.len() / 3);
    write_plain(&heard_now.path("one_p001.mcap"), first);
    write_plain(&heard_now.path("one_p002.mcap"), second);
    let names = ["one_p001.mcap", "one_p002.mcap", "other.mcap"];
    let (plain, keyed) = (heard_now.tape(&names), heard_now.tape(&names));
    assert!(make(&keyed));
    assert!(distance(&keyed, 15_000).expect("a keyframe") <= 6);
    assert_states(&keyed, &plain, &MOMENTS);
    // The same files as parts of other recordings are other recordings.
    let renamed = ["one_p001.mcap", "other_p001.mcap", "other_p002.mcap"];
    std::fs::rename(heard_now.path("other.mcap"), heard_now.path("other_p002.mcap")).expect("one");
    std::fs::rename(heard_now.path("one_p002.mcap"), heard_now.path("other_p001.mcap"))
        .expect("one");
    let others = heard_now.tape(&renamed);
    assert_eq!(distance(&others, 15_000), None);
}

#[test]
fn keyframes_of_other_recordings_are_not_used() {
    let heard = Heard::new();
    assert!(make(&heard.tape(&NAMES[..2])));
    assert!(distance(&heard.tape(&NAMES[..2]), 15_000).is_some());
    assert_eq!(distance(&heard.tape(&[NAMES[0], NAMES[2]]), 15_000), None);
    assert_eq!(distance(&heard.tape(&NAMES), 15_000), None);
    std::fs::remove_file(heard.path("other.mcap")).expect("the file");
    write_plain(&heard.path("other.mcap"), &of_other_venue(5));
    let replaced = heard.tape(&NAMES[..2]);
    assert_eq!(distance(&replaced, 15_000), None);
    assert!(make(&replaced));
    assert_states(&replaced, &heard.tape(&NAMES[..2]), &MOMENTS);
}

#[test]
fn making_them_can_be_ended_and_leaves_nothing() {
    let heard = Heard::new();
    let cancel = CancellationToken::new();
    cancel.cancel();
    let tape = heard.tape(&NAMES);
    assert!(!act(&tape).make_keyframes(OFTEN, &cancel));
    assert!(act(&tape).lacks_keyframes(), "they can be made another time");
    assert_eq!(std::fs::read_dir(heard.folder.path()).expect("the folder").count(), NAMES.len());
}

#[test]
fn where_they_cannot_be_kept_all_is_heard_from_the_beginning() {
    let heard = Heard::new();
    // A folder of that name: no file takes its place.
    std::fs::create_dir_all(heard.kept().join("full")).expect("a folder");
    let tape = heard.tape(&NAMES[..2]);
    assert!(!make(&tape));
    assert!(!act(&tape).lacks_keyframes(), "nobody tries again");
    assert_eq!(distance(&tape, 15_000), None);
    assert_states(&tape, &heard.tape(&NAMES[..2]), &[15_000, 7_000]);
    assert_eq!(std::fs::read_dir(heard.folder.path()).expect("it").count(), NAMES.len() + 1);
}

/// Other bytes in the middle of a file, from a share of its length on.
fn spoil(path: &Path, share: f64, n: usize) {
    let mut bytes = std::fs::read(path).expect("the file");
    let at = (bytes.len() as f64 * share) as usize;
    for byte in &mut bytes[at..at + n] {
        *byte ^= 0x5a;
    }
    std::fs::write(path, bytes).expect("the file");
}

#[test]
fn damaged_keyframes_change_nothing() {
    let heard = Heard::new();
    let plain = heard.tape(&NAMES);
    assert!(make(&heard.tape(&NAMES)));
    let whole = std::fs::read(heard.kept()).expect("the file of keyframes");
    for share in [0.05, 0.3, 0.55, 0.8] {
        std::fs::write(heard.kept(), &whole).expect("the file");
        spoil(&heard.kept(), share, 64);
        assert_states(&heard.tape(&NAMES), &plain, &MOMENTS);
    }
    std::fs::write(heard.kept(), &whole[..whole.len() / 2]).expect("the file");
    assert_states(&heard.tape(&NAMES), &plain, &MOMENTS);
}

#[test]
fn behind_damage_in_one_of_them_all_is_heard_from_before_it() {
    let heard = Heard::new();
    spoil(&heard.path("other.mcap"), 0.5, 64);
    let (plain, keyed) = (heard.tape(&NAMES), heard.tape(&NAMES));
    assert!(make(&keyed));
    let early = act(&keyed).begin_near(after(12_000)).expect("a keyframe before the damage");
    let late = act(&keyed).begin_near(after(21_990)).expect("the last one before the damage");
    assert!(early.at <= late.at && late.at < after(16_000), "{}", late.at);
    assert_states(&keyed, &plain, &MOMENTS);
}

/// A keyframe tells what was heard, whatever became of the packets before it.
#[test]
fn damage_that_came_later_hides_what_was_heard_only_up_to_the_next_keyframe() {
    let heard = Heard::new();
    assert!(make(&heard.tape(&NAMES)));
    let states =
        [12_000, 21_500].map(|millis| (millis, state_at(&heard.tape(&NAMES), after(millis))));
    spoil(&heard.path("other.mcap"), 0.5, 64);
    let spoilt = heard.tape(&NAMES);
    assert!(state_at(&spoilt, after(21_500)) != states[1].1, "packets are missing");
    for (millis, state) in states {
        let begun = act(&spoilt).begin_near(after(millis)).expect("a keyframe");
        assert!(state_after(begun.engine, begun.packets, after(millis)) == state, "{millis} ms");
    }
}
