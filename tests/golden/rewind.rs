//! Any way to a moment gives its state: loops, several recordings, and a session that still grows.

use std::path::PathBuf;
use std::sync::Arc;

use engine::{
    Act, Cadence, Engine, Follower, Input, Outline, Player, Stride, Tail, Tape, state_digest,
};
use market::{LinkId, Packet, Timestamp, Venue};
use proof::{script, tapes};
use session::{BulkOptions, Continued, Missed, Recorder, RecorderConfig, Target, WhyLost};
use sim::generator::Generator;

use crate::{header, recorded, state_at};

const SECOND: i64 = 1_000_000_000;

pub fn arrive(player: &mut Player) {
    while player.is_seeking() {
        player.advance(0);
    }
}

#[test]
fn a_loop_plays_its_range_again_and_again() {
    let (_folder, path) = recorded();
    let tape = tapes::tape(&[path]);
    let (from, to) = (tape.from().plus_nanos(10 * SECOND), tape.from().plus_nanos(12 * SECOND));
    let mut player = Player::open(tape.clone());
    player.set_loop(Some((from, to)));
    player.seek(from);
    arrive(&mut player);
    let mut n_rounds = 0;
    for _ in 0..100 {
        player.advance(SECOND / 4);
        n_rounds += u32::from(player.is_seeking());
        arrive(&mut player);
        assert!(player.at() >= from && player.at() <= to && player.is_playing());
    }
    assert_eq!(n_rounds, 12, "a hundred quarters of a second in rounds of two seconds");
    assert_eq!(state_digest(player.engine()), state_at(&tape, player.at()));
    player.set_loop(None);
    player.advance(3 * SECOND);
    assert!(player.at() > to);
}

#[test]
fn behind_the_end_of_a_loop_playing_leads_into_it_at_any_speed() {
    let (_folder, path) = recorded();
    let tape = tapes::tape(&[path]);
    let (from, to) = (tape.from().plus_nanos(10 * SECOND), tape.from().plus_nanos(12 * SECOND));
    for speed in [Some(1.0), Some(1_000.0), None] {
        let mut player = Player::open(tape.clone());
        player.pause();
        player.seek(to.plus_nanos(3 * SECOND));
        arrive(&mut player);
        player.set_loop(Some((from, to)));
        player.set_speed(speed);
        player.play();
        for _ in 0..20 {
            player.advance(SECOND / 40);
            arrive(&mut player);
            assert!(player.at() >= from && player.at() <= to, "{speed:?}");
        }
        assert!(player.is_playing());
    }
}

#[test]
fn of_a_loop_only_what_can_be_played_is_looped() {
    let (_folder, path) = recorded();
    let tape = tapes::tape(&[path]);
    let (from, to) = (tape.from(), tape.to());
    let mut player = Player::open(tape);
    player.set_loop(Some((from.plus_nanos(-10 * SECOND), from)));
    assert_eq!(player.loop_range(), None, "nothing lies before the first packet");
    player.set_loop(Some((from.plus_nanos(-SECOND), from.plus_nanos(SECOND))));
    assert_eq!(player.loop_range(), Some((from, from.plus_nanos(SECOND))));
    player.set_loop(Some((to.plus_nanos(-SECOND), to.plus_nanos(SECOND))));
    assert_eq!(player.loop_range(), Some((to.plus_nanos(-SECOND), to)));
}

/// The script as another venue's link would have heard it, some time later.
fn shifted(packets: Vec<Packet>, nanos: i64) -> Vec<Packet> {
    let shift = |packet: Packet| Packet {
        venue: Venue::BinanceUs,
        received_at: packet.received_at.plus_nanos(nanos),
        ..packet
    };
    packets.into_iter().map(shift).collect()
}

#[test]
fn recordings_that_overlap_play_in_step_as_if_one_had_heard_both() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (script::session(1), shifted(script::session(2), 7 * SECOND));
    let paths: Vec<PathBuf> =
        ["one.mcap", "other.mcap"].iter().map(|name| folder.path().join(name)).collect();
    for (path, packets) in paths.iter().zip([&one, &other]) {
        session::write_all(path, packets.clone(), &BulkOptions::new(header())).unwrap();
    }
    let tape = Tape::open_together(&paths).unwrap();
    assert_eq!(tape.n_packets() as usize, one.len() + other.len());
    assert_eq!((tape.from(), tape.to().max(one.last().unwrap().received_at)), {
        (one[0].received_at, tape.to())
    });
    let told_apart =
        |packet: Packet, first| Packet { link: LinkId(packet.link.0 + first), ..packet };
    let mut both: Vec<Packet> = one.into_iter().map(|packet| told_apart(packet, 0)).collect();
    both.extend(other.into_iter().map(|packet| told_apart(packet, 1)));
    both.sort_by_key(|packet| packet.received_at);
    assert_eq!(tape.packets().collect::<Vec<_>>(), both);
    // And a seek into the middle of both gives the state that hearing them has.
    let at = tape.from().plus_nanos(30 * SECOND);
    let mut engine = Engine::new();
    let mut asks = Vec::new();
    for packet in both.into_iter().take_while(|packet| packet.received_at <= at) {
        engine.step(Input::Packet(packet), &mut asks);
    }
    engine.step(Input::Tick(at), &mut asks);
    let mut player = Player::open(tape);
    player.seek(at);
    arrive(&mut player);
    assert_eq!(player.engine().all_watched().count(), 4, "two books of each");
    assert_eq!(state_digest(player.engine()), state_digest(&engine));
}

const OFTEN: Cadence = Cadence { every_nanos: 10_000_000_000, weight: 0 };

/// A live session as its recorder and its memory have it, fed by hand.
pub struct Growing {
    pub recorder: Recorder,
    pub engine: Engine,
    /// The first packet that was heard.
    pub first: Option<Packet>,
    tail: Tail,
    follower: Follower,
    /// What earlier recorders wrote.
    earlier: Vec<Arc<session::Recording>>,
    /// What was heard since it was switched off.
    missed: Missed,
    n_heard: usize,
    folder: tempfile::TempDir,
}

impl Growing {
    fn new() -> Self {
        Self::with(|_| {})
    }

    /// With something else about its recorder.
    pub fn with(change: impl FnOnce(&mut RecorderConfig)) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let target = Target::File(folder.path().join("tape.mcap"));
        let mut config = RecorderConfig::new(target, header());
        change(&mut config);
        Self {
            recorder: Recorder::start(config).expect("a recorder"),
            engine: Engine::new(),
            first: None,
            tail: Tail::default(),
            follower: Follower::new(OFTEN),
            earlier: Vec::new(),
            missed: Missed::default(),
            n_heard: 0,
            folder,
        }
    }

    pub fn hear(&mut self, packet: Packet) {
        self.first.get_or_insert_with(|| packet.clone());
        self.recorder.record(packet.clone());
        self.take(packet);
    }

    /// While recording is switched off.
    pub fn hear_unrecorded(&mut self, packet: Packet) {
        self.missed.note(&packet, WhyLost::Off);
        self.take(packet);
    }

    fn take(&mut self, packet: Packet) {
        self.tail.push(packet.clone());
        self.engine.step(Input::Packet(packet), &mut Vec::new());
        self.n_heard += 1;
    }

    /// All that was heard is on the disk, and memory has let go of what it may.
    pub fn settle(&mut self) {
        while self.recorder.written_to() < Some(self.engine.now()) {
            std::thread::yield_now();
        }
        let (parts, n_dropped) = (self.parts(), self.recorder.n_keyframes_dropped());
        self.follower.follow(&parts, n_dropped, &mut |made| {
            made.into_iter().for_each(|made| self.recorder.add_keyframe(made));
            true
        });
        self.tail.settle(parts, true, self.engine.now());
    }

    /// The files so far, oldest first.
    pub fn parts(&self) -> Vec<Arc<session::Recording>> {
        self.earlier.iter().cloned().chain(self.recorder.written()).collect()
    }

    /// Memory is told whether recording is on, and of what time it is.
    pub fn settle_at(&self, is_recording: bool, now: Timestamp) {
        self.tail.settle(self.parts(), is_recording, now);
    }

    /// Recording is switched on again: another recorder goes on with the session in its next file.
    pub fn record_anew(&mut self) {
        let target = || Target::File(self.folder.path().join("tape.mcap"));
        let config = RecorderConfig::new(Target::File(self.folder.path().join("none")), header());
        let idle = Recorder::start(config).expect("a recorder");
        let before = std::mem::replace(&mut self.recorder, idle).finish_written();
        self.earlier.extend(before.written);
        let missed = std::mem::take(&mut self.missed);
        let continued = Some(Continued { missed, ..before.continued });
        let config = RecorderConfig { continued, ..RecorderConfig::new(target(), header()) };
        self.recorder = Recorder::start(config).expect("a recorder");
    }

    pub fn act(&self) -> Act {
        Act::live(self.tail.clone(), Outline::shared())
    }

    /// The session ends; the folder holds its files.
    pub fn finish(mut self) -> tempfile::TempDir {
        self.earlier.extend(self.recorder.finish_written().written);
        self.follower.finish(&self.earlier);
        self.folder
    }
}

#[test]
fn a_session_that_grows_is_read_without_a_hole_and_nothing_twice_at_any_lag() {
    let packets = script::session(4);
    let mut growing = Growing::new();
    let act = growing.act();
    // Readers that begin late and stop for a while: what they have not read has left memory meanwhile.
    let mut readers: Vec<(usize, _, Vec<Packet>)> =
        [1, 37, 400, 1_100].map(|every| (every, act.packets(), Vec::new())).into();
    for (index, packet) in packets.iter().enumerate() {
        growing.hear(packet.clone());
        if index % 250 == 249 {
            growing.settle();
        }
        for (every, reader, read) in &mut readers {
            if index % *every == 0 {
                read.extend(reader);
            }
        }
    }
    for (every, reader, mut read) in readers {
        read.extend(reader);
        assert_eq!(read.len(), packets.len(), "every {every}");
        assert!(read == packets, "every {every}: as they were heard");
    }
    let late: Vec<Packet> = act.packets().collect();
    assert!(late == packets, "from the beginning, once most is on the disk");
}

#[test]
fn the_newest_packet_of_a_session_that_grows_can_be_gone_back_from_at_once() {
    let packets = script::session(5);
    let mut growing = Growing::new();
    let tape = Tape::of(vec![growing.act()]);
    for (index, packet) in packets.into_iter().enumerate().take(900) {
        growing.hear(packet);
        if index % 300 == 299 {
            growing.settle();
        }
        if index < 3 || index % 60 != 0 {
            continue;
        }
        let edge = growing.engine.now();
        let mut player = Player::rewind(tape.clone(), edge, edge);
        arrive(&mut player);
        assert_eq!(player.packet_index() as usize, growing.n_heard, "all that was heard");
        assert_eq!(state_digest(player.engine()), state_digest(&growing.engine));
        let at = edge.plus_nanos(-SECOND / 10);
        player.seek(at);
        arrive(&mut player);
        assert_eq!(player.at(), at.max(tape.from()));
        assert_eq!(state_digest(player.engine()), state_of(&tape, player.at()));
    }
}

/// The state at a moment of a session, heard from its beginning.
fn state_of(tape: &Tape, at: Timestamp) -> String {
    let mut engine = Engine::new();
    let mut asks = Vec::new();
    for packet in tape.packets().take_while(|packet| packet.received_at <= at) {
        engine.step(Input::Packet(packet), &mut asks);
    }
    engine.step(Input::Tick(at), &mut asks);
    state_digest(&engine)
}

#[test]
fn playing_on_from_the_past_catches_up_only_when_faster_than_time() {
    let packets = script::session(6);
    let mut growing = Growing::new();
    let tape = Tape::of(vec![growing.act()]);
    let (first, rest) = packets.split_at(600);
    first.iter().for_each(|packet| growing.hear(packet.clone()));
    let edge = growing.engine.now();
    for (speed, catches_up) in [(1.0, false), (4.0, true)] {
        let mut growing_edge = edge;
        let mut player = Player::rewind(tape.clone(), edge, edge.plus_nanos(-3 * SECOND));
        player.set_speed(Some(speed));
        arrive(&mut player);
        for _ in 0..200 {
            growing_edge = growing_edge.plus_nanos(SECOND / 40);
            player.move_edge(growing_edge);
            player.advance(SECOND / 40);
            if player.has_caught_up() {
                break;
            }
        }
        assert_eq!(player.has_caught_up(), catches_up, "{speed}x");
        if !catches_up {
            assert_eq!(
                growing_edge.nanos_since(player.at()),
                3 * SECOND,
                "as far behind as it was"
            );
        }
    }
    assert!(!rest.is_empty());
}

#[test]
fn sessions_one_after_the_other_are_each_heard_by_an_engine_of_their_own() {
    let (_folder, path) = recorded();
    let earlier = tapes::tape(&[path]);
    let mut growing = Growing::new();
    let gap = earlier.to().nanos_since(earlier.from()) + 60 * SECOND;
    for packet in shifted(script::session(8), gap) {
        growing.hear(packet);
    }
    let own = Tape::of(vec![growing.act()]);
    let joined = Tape::of(earlier.acts().iter().cloned().chain([growing.act()]).collect());
    let edge = growing.engine.now();
    let mut player = Player::rewind(joined, edge, edge);
    arrive(&mut player);
    assert_eq!(state_digest(player.engine()), state_digest(&growing.engine));
    for (tape, at) in [
        (&earlier, earlier.from().plus_nanos(15 * SECOND)),
        (&own, own.from().plus_nanos(15 * SECOND)),
    ] {
        player.seek(at);
        arrive(&mut player);
        assert_eq!((player.at(), state_digest(player.engine())), (at, state_of(tape, at)));
    }
    // Between the two nothing was heard; playing on leads into the later one.
    player.set_speed(Some(100.0));
    player.advance(SECOND);
    assert_eq!(player.act(), 1);
    assert_eq!(state_digest(player.engine()), state_of(&own, player.at()));
    // And a step back from its first packet to the end of the earlier one.
    player.seek(own.from());
    arrive(&mut player);
    while player.act() == 1 {
        player.step_back(Stride::Packet);
        arrive(&mut player);
    }
    assert_eq!(player.at(), earlier.to());
}

#[test]
fn keyframes_lead_to_the_same_states_and_steps_and_loops_go_behind_them() {
    let from = Timestamp::from_nanos(1_784_505_600_000_000_000);
    let packets: Vec<Packet> = Generator::new(5, from)
        .take_while(|packet| packet.received_at < from.plus_nanos(34 * SECOND))
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let (plain, keyed) = (folder.path().join("plain.mcap"), folder.path().join("keyed.mcap"));
    let options = BulkOptions { chunk_bytes: 1 << 18, header: header() };
    session::write_all(&plain, packets.clone(), &options).unwrap();
    session::write_items(&keyed, engine::with_keyframes(packets.clone(), OFTEN), &options).unwrap();
    let [mut plain, mut keyed] = [plain, keyed].map(|path| Player::open(tapes::tape(&[path])));
    let mut both = |go: &dyn Fn(&mut Player)| {
        for player in [&mut plain, &mut keyed] {
            go(player);
            arrive(player);
        }
        assert_eq!((keyed.at(), keyed.packet_index()), (plain.at(), plain.packet_index()));
        assert_eq!(state_digest(keyed.engine()), state_digest(plain.engine()));
        keyed.generation()
    };
    let at = |millis: i64| from.plus_nanos(millis * 1_000_000);
    for millis in [33_000, 14_000, 33_500] {
        both(&|player| player.seek(at(millis)));
    }
    // The first packets behind each keyframe: what lies before them is not known there.
    let keyframes = session::open(&folder.path().join("keyed.mcap")).unwrap();
    let keyframes = keyframes.keyframes(engine::STATE_VERSION);
    assert!(keyframes.len() >= 2, "{}", keyframes.len());
    for entry in &keyframes {
        both(&|player| player.seek(entry.at.plus_nanos(1)));
        for _ in 0..4 {
            both(&|player| player.step_back(Stride::Packet));
        }
        both(&|player| player.step(Stride::Packet));
    }
    let entry = keyframes.last().expect("a keyframe");
    both(&|player| {
        player.seek(entry.at.plus_nanos(1));
        (0..700).for_each(|_| player.step_back(Stride::Packet));
    });
    let (id, watched) = plain.engine().all_watched().next().expect("an instrument");
    let traded = Stride::Trade(id.venue, watched.market.instrument().symbol.as_str().into());
    for entry in &keyframes {
        for player in [&mut plain, &mut keyed] {
            player.seek(entry.at.plus_nanos(1));
            arrive(player);
            (0..3).for_each(|_| {
                player.step_back(traded.clone());
                arrive(player);
            });
        }
        assert_eq!((keyed.at(), keyed.packet_index()), (plain.at(), plain.packet_index()));
        assert_eq!(state_digest(keyed.engine()), state_digest(plain.engine()));
    }
}

#[test]
fn a_session_that_grows_is_begun_near_any_moment_and_goes_on_into_memory() {
    let from = Timestamp::from_nanos(1_784_505_600_000_000_000);
    let packets = Generator::new(6, from)
        .take_while(|packet| packet.received_at < from.plus_nanos(27 * SECOND));
    let mut growing = Growing::new();
    let act = growing.act();
    let tape = Tape::of(vec![act.clone()]);
    let mut settled_at = from;
    for packet in packets {
        let at = packet.received_at;
        growing.hear(packet);
        if at.nanos_since(settled_at) > 8 * SECOND {
            growing.settle();
            settled_at = at;
        }
    }
    let edge = growing.engine.now();
    assert!(act.begin_near(edge).expect("a keyframe").at > from.plus_nanos(9 * SECOND));
    let mut player = Player::rewind(tape.clone(), edge, edge);
    arrive(&mut player);
    assert_eq!(player.packet_index() as usize, growing.n_heard);
    assert_eq!(state_digest(player.engine()), state_digest(&growing.engine), "the present");
    for millis in [21_300, 12_000, 500, 26_900] {
        let at = from.plus_nanos(millis * 1_000_000);
        player.seek(at);
        arrive(&mut player);
        assert_eq!(state_digest(player.engine()), state_of(&tape, at), "{millis} ms");
    }
}
