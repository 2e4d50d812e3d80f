//! Keyframes change nothing but the time that a seek takes.

use std::path::Path;
use std::sync::Arc;

use engine::{
    Cadence, Cut, Engine, Input, Player, Tape, begin_near, lacks_keyframes, make_keyframes,
    state_digest,
};
use market::{Packet, Timestamp};
use session::{BulkItem, BulkOptions, DamageKind, FileHeader, ReadError, Recording};
use sim::generator::Generator;
use tokio_util::sync::CancellationToken;

const SECOND: i64 = 1_000_000_000;
const OFTEN: Cadence = Cadence { every_nanos: 10 * SECOND, weight: 0 };

fn options() -> BulkOptions {
    let header =
        FileHeader { program: "proof".to_owned(), endpoints: Vec::new(), is_simulated: true };
    BulkOptions { chunk_bytes: 1 << 18, header }
}

/// Half a minute of a busy market.
fn session() -> impl Iterator<Item = Packet> {
    let from = Timestamp::from_nanos(1_784_505_600_000_000_000);
    Generator::new(3, from)
        .take_while(move |packet| packet.received_at < from.plus_nanos(33 * SECOND))
}

fn with_keyframes(path: &Path) -> Arc<Recording> {
    session::write_items(path, engine::with_keyframes(session(), OFTEN), &options())
        .expect("a file");
    Arc::new(session::open(path).expect("a recording"))
}

pub fn state_after(
    mut engine: Engine,
    packets: impl Iterator<Item = Packet>,
    at: Timestamp,
) -> String {
    let mut asks = Vec::new();
    for packet in packets.take_while(|packet| packet.received_at <= at) {
        engine.step(Input::Packet(packet), &mut asks);
        asks.clear();
    }
    engine.step(Input::Tick(at), &mut asks);
    state_digest(&engine)
}

/// A packet; `None` is the missing end of a file that the disk refused to close.
fn whole(packet: Result<Packet, ReadError>) -> Option<Packet> {
    match packet {
        Ok(packet) => Some(packet),
        Err(ReadError::Damaged(damage)) if damage.kind == DamageKind::Tail => None,
        Err(error) => panic!("{error}"),
    }
}

fn all(parts: &[Arc<Recording>]) -> Vec<Packet> {
    parts.iter().flat_map(|part| part.packets()).filter_map(whole).collect()
}

/// How far before each moment its keyframe lies, having seen that the state there is the one from the beginning.
pub fn distances(parts: &[Arc<Recording>], seconds: &[i64]) -> Vec<i64> {
    let packets = all(parts);
    let from = packets[0].received_at;
    let moments = seconds.iter().map(|second| from.plus_nanos(second * SECOND + 77_000_000));
    let distances = moments.map(|at| {
        let expected = state_after(Engine::new(), packets.iter().cloned(), at);
        let beginning = begin_near(parts, at).expect("a keyframe before it");
        assert_eq!(
            packets[beginning.n_packets as usize - 1].received_at,
            beginning.at,
            "the packets before it are counted"
        );
        let later = parts[beginning.part_index + 1..].iter().flat_map(|part| part.packets());
        let rest = beginning.packets.into_iter().flatten().chain(later).filter_map(whole);
        assert_eq!(state_after(beginning.engine, rest, at), expected, "{at}");
        at.nanos_since(beginning.at) / SECOND
    });
    distances.collect()
}

#[test]
fn a_keyframe_leads_to_the_state_from_the_beginning_and_lies_near() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let recording = with_keyframes(&folder.path().join("tape.mcap"));
    assert!(!lacks_keyframes(&[&recording]));
    let distances = distances(&[Arc::clone(&recording)], &[12, 19, 25, 32]);
    assert!(distances.iter().all(|distance| *distance <= 11), "{distances:?}");
    assert!(
        begin_near(&[Arc::clone(&recording)], recording.info().from.expect("packets")).is_none()
    );
}

#[test]
fn keyframes_that_are_missing_are_made_again_beside_the_recording() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("tape.mcap");
    session::write_all(&path, session(), &options()).expect("a file");
    let plain = session::open(&path).expect("a recording");
    assert!(lacks_keyframes(&[&plain]));
    let cancel = CancellationToken::new();
    assert!(make_keyframes(&[&plain], OFTEN, &cancel).expect("a folder of our own"));
    let recording = Arc::new(session::open(&path).expect("a recording"));
    assert!(!lacks_keyframes(&[&recording]));
    let distances = distances(&[Arc::clone(&recording)], &[13, 31]);
    assert!(distances.iter().all(|distance| *distance <= 12), "{distances:?}");

    cancel.cancel();
    std::fs::remove_file(folder.path().join("tape.mcap.keyframes")).expect("it was made");
    assert!(!make_keyframes(&[&plain], OFTEN, &cancel).expect("a folder of our own"));
    assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 1);
}

#[test]
fn a_damaged_keyframe_is_passed_over() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("tape.mcap");
    let whole = with_keyframes(&path);
    let from = whole.info().from.expect("packets");
    let last =
        begin_near(&[Arc::clone(&whole)], from.plus_nanos(32 * SECOND)).expect("a keyframe").at;
    let mut bytes = std::fs::read(&path).expect("the file");
    let name = format!("tapedeck.keyframe.{}", engine::STATE_VERSION);
    let data_end = whole.info().chunks.last().expect("chunks").offset as usize;
    let places = bytes[..data_end].windows(name.len());
    let place = places.enumerate().rfind(|(_, window)| *window == name.as_bytes());
    let place = place.expect("a keyframe").0 + name.len() + 60;
    bytes[place] ^= 0xff;
    std::fs::write(&path, bytes).expect("the file");
    let recording = Arc::new(session::open(&path).expect("a recording"));
    let earlier = begin_near(&[Arc::clone(&recording)], from.plus_nanos(32 * SECOND))
        .expect("an earlier one");
    assert!(earlier.at < last);
    distances(&[Arc::clone(&recording)], &[32]);
}

#[test]
fn a_part_of_a_session_uses_keyframes_only_behind_the_parts_before_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut items = engine::with_keyframes(session(), OFTEN).peekable();
    let (mut first, mut n_keyframes) = (Vec::new(), 0);
    while n_keyframes < 2 {
        let item = items.next().expect("a session of three keyframes");
        n_keyframes += u32::from(matches!(item, BulkItem::Keyframe(..)));
        first.push(item);
    }
    let paths = [folder.path().join("a_p001.mcap"), folder.path().join("a_p002.mcap")];
    session::write_items(&paths[0], first, &options()).expect("a file");
    session::write_items(&paths[1], items, &options()).expect("a file");
    let [first, second] = paths.map(|path| Arc::new(session::open(&path).expect("a recording")));
    let distances = distances(&[first, Arc::clone(&second)], &[12, 24, 32]);
    assert!(distances.iter().all(|distance| *distance <= 11), "{distances:?}");
    let at = second.info().to.expect("packets");
    assert!(begin_near(&[Arc::clone(&second)], at).is_none());
}

fn settle(player: &mut Player) {
    while player.is_seeking() {
        player.advance(0);
    }
}

/// Damages the last block that is new with each of the keyframes from one on.
fn damage_blocks(path: &Path, first: usize) {
    let mut bytes = std::fs::read(path).expect("the file");
    let name = format!("tapedeck.keyframe.{}", engine::STATE_VERSION);
    let places = bytes.windows(name.len()).enumerate();
    let places: Vec<usize> =
        places.filter(|(_, window)| *window == name.as_bytes()).map(|(place, _)| place).collect();
    // Before each keyframe lies its pack, which ends with its last block and a checksum. The summary names them again.
    for place in &places[first..places.len() / 2] {
        bytes[place - 29 - 10] ^= 0xff;
    }
    std::fs::write(path, bytes).expect("the file");
}

/// Comes to a moment while the damage that is met is noticed; the state there.
fn gone_to(player: &mut Player, at: Timestamp) -> String {
    player.pause();
    player.seek(at);
    loop {
        settle(player);
        let state = state_digest(player.engine());
        if !player.is_seeking() {
            assert_eq!(player.at(), at);
            return state;
        }
    }
}

#[test]
fn only_what_is_damaged_is_left_aside_and_a_seek_goes_on_from_the_keyframe_before() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("tape.mcap");
    let from = with_keyframes(&path).info().from.expect("packets");
    damage_blocks(&path, 1);
    let tape = Tape::open(&[path], None).expect("a recording");
    let act = &tape.acts()[0];
    let mut player = Player::open(tape.clone());
    for millis in [32_000, 25_000, 31_000] {
        let at = from.plus_nanos(millis * SECOND / 1_000);
        let whole = state_after(Engine::new(), tape.packets(), at);
        assert_eq!(gone_to(&mut player, at), whole, "{millis} ms");
        let begun = act.begin_near(at).expect("the first keyframe is whole");
        assert!(begun.at > from.plus_nanos(9 * SECOND), "{}", begun.at);
        assert!(begun.at < from.plus_nanos(13 * SECOND), "the others are known to be damaged");
    }
}

#[test]
fn keyframes_are_made_anew_beside_a_recording_whose_own_are_damaged() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("tape.mcap");
    let at = with_keyframes(&path).info().from.expect("packets").plus_nanos(32 * SECOND);
    damage_blocks(&path, 0);
    let tape = Tape::open(&[path], None).expect("a recording");
    let act = &tape.acts()[0];
    let cancel = CancellationToken::new();
    assert!(!act.has_spoilt_keyframes() && !act.make_keyframes(OFTEN, &cancel), "nobody knows yet");
    let whole = state_after(Engine::new(), tape.packets(), at);
    let mut player = Player::open(tape.clone());
    assert_eq!(gone_to(&mut player, at), whole);
    assert!(act.has_spoilt_keyframes());
    assert!(act.make_keyframes(OFTEN, &cancel) && !act.has_spoilt_keyframes());
    let begun = act.begin_near(at).expect("a keyframe");
    assert!(at.nanos_since(begun.at) < 13 * SECOND, "{}", begun.at);
    assert_eq!(gone_to(&mut Player::open(tape.clone()), at), whole);
    assert!(!act.begin_near(at).expect("a keyframe").blocks.is_damaged());
}

#[test]
fn a_damaged_block_is_noticed_when_it_is_wanted_and_without_a_whole_keyframe_all_is_heard() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("tape.mcap");
    let at = with_keyframes(&path).info().from.expect("packets").plus_nanos(30 * SECOND);
    damage_blocks(&path, 0);
    let tape = Tape::open(&[path], None).expect("a recording");
    let mut player = Player::open(tape.clone());
    player.pause();
    player.seek(at);
    settle(&mut player);
    let (generation, whole) = (player.generation(), state_after(Engine::new(), tape.packets(), at));
    assert!(state_digest(player.engine()) != whole, "a block was damaged");
    assert!(player.is_seeking(), "what is shown is not believed");
    settle(&mut player);
    assert_eq!(state_digest(player.engine()), whole);
    assert!(player.generation() > generation && player.at() == at);
}

#[test]
fn a_seek_reads_of_the_past_what_is_looked_at() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("tape.mcap");
    let at = with_keyframes(&path).info().from.expect("packets").plus_nanos(30 * SECOND);
    let tape = Tape::open(std::slice::from_ref(&path), None).expect("a recording");
    let begun = tape.acts()[0].begin_near(at).expect("a keyframe");
    // Without the file nothing more can be read: the books are there, and what was long ago is not.
    std::fs::remove_file(&path).expect("the file");
    assert!(begun.engine.all_watched().all(|(_, watched)| watched.market.sync().is_synced()));
    assert!(!begun.blocks.is_damaged());
    state_digest(&begun.engine);
    assert!(begun.blocks.is_damaged());
}

#[test]
fn what_is_cut_out_or_joined_has_keyframes_of_its_own() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let names = ["plain.mcap", "cut.mcap", "joined.mcap", "first.mcap"];
    let paths = names.map(|name| folder.path().join(name));
    session::write_all(&paths[0], session(), &options()).expect("a file");
    let tape = Tape::open(&paths[..1], None).expect("a recording");
    let (from, middle) = (tape.from(), tape.from().plus_nanos(12 * SECOND));
    let cut = |from, to, out: &Path| {
        let cut = Cut { from, to, out, program: "proof" };
        engine::trim(&tape, &cut, |_| ()).expect("a range");
    };
    cut(from, middle, &paths[3]);
    cut(middle.plus_nanos(1), tape.to(), &paths[1]);
    let halves = [3, 1].map(|index| paths[index].clone());
    let halves = halves.map(|path| Tape::open(&[path], None).expect("a recording"));
    engine::merge(&halves, &paths[2], "proof", |_| ()).expect("they follow each other");
    for (path, moments) in [(&paths[1], [13, 20]), (&paths[2], [17, 32])] {
        let recording = Arc::new(session::open(path).expect("a recording"));
        assert!(!lacks_keyframes(&[&recording]), "{}", path.display());
        distances(&[recording], &moments);
    }
}
