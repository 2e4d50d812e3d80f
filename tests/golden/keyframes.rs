//! Keyframes change nothing but the time that a seek takes.

use std::path::Path;

use engine::{Cadence, Engine, Input, begin_near, lacks_keyframes, make_keyframes, state_digest};
use market::{Packet, Timestamp};
use session::{BulkItem, BulkOptions, FileHeader, Recording};
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

fn with_keyframes(path: &Path) -> Recording {
    session::write_items(path, engine::with_keyframes(session(), OFTEN), &options())
        .expect("a file");
    session::open(path).expect("a recording")
}

fn state_after(mut engine: Engine, packets: impl Iterator<Item = Packet>, at: Timestamp) -> String {
    let mut asks = Vec::new();
    for packet in packets.take_while(|packet| packet.received_at <= at) {
        engine.step(Input::Packet(packet), &mut asks);
        asks.clear();
    }
    engine.step(Input::Tick(at), &mut asks);
    state_digest(&engine)
}

fn all(parts: &[&Recording]) -> Vec<Packet> {
    parts.iter().flat_map(|part| part.packets()).map(|packet| packet.expect("whole")).collect()
}

/// How far before each moment its keyframe lies, having seen that the state there is the one from the beginning.
fn distances(parts: &[&Recording], seconds: &[i64]) -> Vec<i64> {
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
        let rest = beginning
            .packets
            .into_iter()
            .flatten()
            .chain(later)
            .map(|packet| packet.expect("whole"));
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
    let distances = distances(&[&recording], &[12, 19, 25, 32]);
    assert!(distances.iter().all(|distance| *distance <= 11), "{distances:?}");
    assert!(begin_near(&[&recording], recording.info().from.expect("packets")).is_none());
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
    let recording = session::open(&path).expect("a recording");
    assert!(!lacks_keyframes(&[&recording]));
    let distances = distances(&[&recording], &[13, 31]);
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
    let last = begin_near(&[&whole], from.plus_nanos(32 * SECOND)).expect("a keyframe").at;
    let mut bytes = std::fs::read(&path).expect("the file");
    let name = format!("tapedeck.keyframe.{}", engine::STATE_VERSION);
    let data_end = whole.info().chunks.last().expect("chunks").offset as usize;
    let places = bytes[..data_end].windows(name.len());
    let place = places.enumerate().rfind(|(_, window)| *window == name.as_bytes());
    let place = place.expect("a keyframe").0 + name.len() + 60;
    bytes[place] ^= 0xff;
    std::fs::write(&path, bytes).expect("the file");
    let recording = session::open(&path).expect("a recording");
    let earlier = begin_near(&[&recording], from.plus_nanos(32 * SECOND)).expect("an earlier one");
    assert!(earlier.at < last);
    distances(&[&recording], &[32]);
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
    let [first, second] = paths.map(|path| session::open(&path).expect("a recording"));
    let distances = distances(&[&first, &second], &[12, 24, 32]);
    assert!(distances.iter().all(|distance| *distance <= 11), "{distances:?}");
    let at = second.info().to.expect("packets");
    assert!(begin_near(&[&second], at).is_none());
}
