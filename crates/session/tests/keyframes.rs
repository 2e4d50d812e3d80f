//! Keyframes: where they stand, what follows them, and that nothing else depends on them.

mod common;

use std::path::Path;

use bytes::Bytes;
use common::{all, header, plain_packets};
use market::{Body, Packet, Timestamp};
use session::{
    Block, Keyframe, KeyframeFile, MadeKeyframe, Recorder, RecorderConfig, Recording, Target, open,
};

const VERSION: u32 = 7;

fn keyframe(packets: &[Packet], n_before: usize) -> Keyframe {
    Keyframe {
        version: VERSION,
        since: packets[0].received_at,
        at: packets[n_before - 1].received_at,
        bytes: Bytes::from(format!("state after {n_before}").repeat(100)),
    }
}

fn block(key: &str) -> Block {
    Block { key: key.to_owned(), bytes: Bytes::from(format!("history {key}")) }
}

/// Records the packets with a keyframe after every hundredth.
fn record(path: &Path, packets: &[Packet]) -> Recording {
    let recorder = Recorder::start(RecorderConfig::new(Target::File(path.to_owned()), header()));
    let recorder = recorder.expect("a fresh file");
    for (index, packet) in packets.iter().enumerate() {
        recorder.record(packet.clone());
        let n_before = index + 1;
        if n_before % 100 == 0 {
            recorder.keyframe(keyframe(packets, n_before), vec![block(&format!("{n_before}/b"))]);
        }
    }
    assert_eq!(recorder.finish().lost, 0);
    open(path).expect("it was closed")
}

fn bytes_of(recording: &Recording, index: usize) -> Option<Vec<u8>> {
    recording.read_keyframe(&recording.keyframes(VERSION)[index])
}

#[test]
fn a_keyframe_stands_between_the_packets_before_and_after_it() {
    let directory = tempfile::tempdir().unwrap();
    let packets = plain_packets(450);
    let recording = record(&directory.path().join("tape.mcap"), &packets);
    assert_eq!(all(&recording), packets);
    let entries = recording.keyframes(VERSION);
    assert_eq!(entries.len(), 4);
    for (index, entry) in entries.iter().enumerate() {
        let n_before = (index + 1) * 100;
        let expected = keyframe(&packets, n_before);
        assert_eq!((entry.since, entry.at), (expected.since, expected.at));
        assert_eq!(recording.read_keyframe(entry).unwrap(), expected.bytes);
        let after: Vec<Packet> = recording.packets_after(entry).map(Result::unwrap).collect();
        assert_eq!(after, packets[n_before..]);
        let key = format!("{n_before}/b");
        assert_eq!(recording.read_block(entry, &key).unwrap(), block(&key).bytes);
    }
    assert_eq!(recording.read_block(&entries[0], "500/b"), None);
    assert_eq!(recording.read_block(&entries[0], "100/c"), None);
    let named = ["100/c", "500/b", "b"].map(|key| recording.names_block(&entries[0], key));
    assert_eq!(named, [true, false, false]);
    assert_eq!(recording.keyframes(VERSION + 1), []);
}

#[test]
fn what_keyframes_take_is_told_of_one_version_with_their_blocks() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tape.mcap");
    let packets = plain_packets(100);
    let recorder = Recorder::start(RecorderConfig::new(Target::File(path.clone()), header()));
    let recorder = recorder.expect("a fresh file");
    for packet in &packets {
        recorder.record(packet.clone());
    }
    // Nothing can be left out of what has no pattern.
    let mut draw = 1_u64;
    let noise = std::iter::repeat_with(|| {
        draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (draw >> 56) as u8
    });
    let noise: Bytes = noise.take(20_000).collect();
    let block = Block { key: "100/b".to_owned(), bytes: noise };
    recorder.keyframe(keyframe(&packets, 100), vec![block]);
    assert_eq!(recorder.finish().lost, 0);
    let recording = open(&path).expect("it was closed");
    let bytes = recording.keyframe_bytes(VERSION);
    let file_bytes = std::fs::metadata(&path).unwrap().len();
    assert!((20_000..file_bytes).contains(&bytes), "{bytes} of {file_bytes}");
    assert_eq!(recording.keyframe_bytes(VERSION + 1), 0);
}

#[test]
fn a_recording_that_was_not_closed_has_its_keyframes() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tape.mcap");
    let packets = plain_packets(450);
    record(&path, &packets);
    let bytes = std::fs::read(&path).unwrap();
    let cut = directory.path().join("cut.mcap");
    let name = format!("tapedeck.blocks.{VERSION}/300");
    let third = bytes.windows(name.len()).position(|window| window == name.as_bytes()).unwrap();
    std::fs::write(&cut, &bytes[..third]).unwrap();
    let recording = open(&cut).unwrap();
    let entries = recording.keyframes(VERSION);
    assert_eq!(entries.len(), 2);
    let last = entries.last().unwrap();
    assert!(recording.read_keyframe(last).is_some());
    let readable: Vec<Packet> = recording.packets().filter_map(Result::ok).collect();
    assert_eq!(readable, packets[..300]);
    let after: Vec<Packet> = recording.packets_after(last).filter_map(Result::ok).collect();
    assert_eq!(after, packets[200..300]);
}

#[test]
fn a_damaged_keyframe_is_not_read_and_costs_no_packet() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tape.mcap");
    let packets = plain_packets(450);
    record(&path, &packets);
    let mut bytes = std::fs::read(&path).unwrap();
    let name = format!("tapedeck.keyframe.{VERSION}");
    let found = bytes.windows(name.len()).position(|window| window == name.as_bytes()).unwrap();
    bytes[found + name.len() + 40] ^= 0x55;
    std::fs::write(&path, bytes).unwrap();
    let recording = open(&path).unwrap();
    assert_eq!(bytes_of(&recording, 0), None);
    assert!(bytes_of(&recording, 1).is_some());
    assert_eq!(all(&recording), packets);
    assert_eq!(recording.check().damage, []);
}

#[test]
fn each_block_of_a_keyframe_is_read_by_itself_or_not_at_all() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tape.mcap");
    let packets = plain_packets(120);
    let recorder =
        Recorder::start(RecorderConfig::new(Target::File(path.clone()), header())).unwrap();
    packets.iter().for_each(|packet| recorder.record(packet.clone()));
    // A list that is longer than what is read of a pack at once.
    let keys: Vec<String> = (0..2_000).map(|index| format!("4/history.{index}")).collect();
    let blocks: Vec<Block> = keys.iter().map(|key| block(key)).collect();
    recorder.keyframe(keyframe(&packets, 120), blocks);
    recorder.finish();
    let mut bytes = std::fs::read(&path).unwrap();
    let read = |index: usize| {
        let recording = open(&path).unwrap();
        recording.read_block(&recording.keyframes(VERSION)[0], &keys[index])
    };
    for index in [0, 1, 977, 1_999] {
        assert_eq!(read(index).unwrap(), block(&keys[index]).bytes, "{index}");
    }
    // The blocks are of one length but for the digits of their keys: some place in the last of them.
    let keyframe_name = format!("tapedeck.keyframe.{VERSION}");
    let name = keyframe_name.as_bytes();
    let end = bytes.windows(name.len()).position(|window| window == name).unwrap() - 29;
    bytes[end - 8] ^= 0x40;
    std::fs::write(&path, bytes).unwrap();
    assert_eq!(read(1_999), None);
    assert_eq!(read(1_998).unwrap(), block(&keys[1_998]).bytes);
}

#[test]
fn keyframes_beside_a_recording_are_used_until_it_is_another() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tape.mcap");
    let packets = plain_packets(300);
    let options = session::BulkOptions { chunk_bytes: 3_000, header: header() };
    session::write_all(&path, packets.clone(), &options).unwrap();
    let recording = open(&path).unwrap();
    let info = recording.info();
    let chunk = info.chunks.get(2).unwrap();
    let n_before = info.chunks.n_packets_before(2) as usize;
    let mut file = KeyframeFile::create(&path, info.bytes, info.from).unwrap();
    file.add(&keyframe(&packets, n_before), &[block("0/x")], chunk.offset).unwrap();
    assert_eq!(open(&path).unwrap().keyframes(VERSION), []);
    file.finish().unwrap();

    let recording = open(&path).unwrap();
    let entries = recording.keyframes(VERSION);
    assert_eq!(entries.len(), 1);
    let expected = keyframe(&packets, n_before);
    assert_eq!(recording.read_keyframe(&entries[0]).unwrap(), expected.bytes);
    assert_eq!(recording.read_block(&entries[0], "0/x").unwrap(), block("0/x").bytes);
    let after: Vec<Packet> = recording.packets_after(&entries[0]).map(Result::unwrap).collect();
    assert_eq!(after, packets[n_before..]);

    std::fs::remove_file(&path).unwrap();
    session::write_all(&path, plain_packets(299), &options).unwrap();
    assert_eq!(open(&path).unwrap().keyframes(VERSION), []);
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 2);
}

/// A recording by another hand: it has none of the records that only this program writes.
fn foreign(path: &Path, packets: &[Packet]) {
    let options = mcap::WriteOptions::new().profile("tapedeck").chunk_size(Some(3_000));
    let mut writer =
        options.create(std::fs::File::create(path).expect("a file")).expect("a header");
    let schema = writer.add_schema("tapedeck.packet.v1", "text/plain", b"").expect("a schema");
    let channels = [0, 1].map(|link: u16| {
        let metadata = [("venue", "kraken"), ("link", &link.to_string()), ("number_high", "0")];
        let metadata = metadata.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        let topic = format!("/kraken/{link}");
        writer.add_channel(schema, &topic, "tapedeck.packet.v1", &metadata).expect("a channel")
    });
    for packet in packets {
        let (kind, payload) = match &packet.body {
            Body::Opened(address) => (0, address),
            Body::Text(text) => (1, text),
            other => panic!("{other:?} is no plain packet"),
        };
        let time = packet.received_at.nanos() as u64;
        let header = mcap::records::MessageHeader {
            channel_id: channels[usize::from(packet.link.0)],
            sequence: packet.number as u32,
            log_time: time,
            publish_time: time,
        };
        let data = [&[kind], payload.as_ref()].concat();
        writer.write_to_known_channel(&header, &data).expect("a message");
    }
    writer.finish().expect("a summary");
}

#[test]
fn behind_a_keyframe_of_a_recording_by_another_hand_stand_its_packets() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("foreign.mcap");
    let packets = plain_packets(300);
    foreign(&path, &packets);
    let recording = open(&path).unwrap();
    let info = recording.info();
    assert!(info.chunks.len() > 3, "{:?}", info.chunks);
    let mut file = KeyframeFile::create(&path, info.bytes, info.from).unwrap();
    let places = (1..info.chunks.len()).map(|n| info.chunks.n_packets_before(n) as usize);
    let places: Vec<usize> = places.collect();
    for (n_before, chunk) in places.iter().zip(info.chunks.iter_from(1)) {
        file.add(&keyframe(&packets, *n_before), &[], chunk.offset).unwrap();
    }
    file.finish().unwrap();

    for (index, n_before) in places.into_iter().enumerate() {
        let recording = open(&path).unwrap();
        let entry = &recording.keyframes(VERSION)[index];
        let after: Vec<Packet> = recording.packets_after(entry).map(Result::unwrap).collect();
        assert_eq!(after, packets[n_before..]);
    }
}

#[test]
fn a_keyframe_that_claims_gigabytes_is_not_read() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tape.mcap");
    let packets = plain_packets(100);
    let recorder =
        Recorder::start(RecorderConfig::new(Target::File(path.clone()), header())).unwrap();
    for packet in &packets {
        recorder.record(packet.clone());
    }
    let bytes = Bytes::from(vec![0; (64 << 20) + 1]);
    let at = Timestamp::from_nanos(5);
    recorder.keyframe(Keyframe { version: VERSION, since: at, at, bytes }, Vec::new());
    recorder.finish();
    let recording = open(&path).unwrap();
    assert_eq!(bytes_of(&recording, 0), None);
    assert_eq!(all(&recording), packets);
}

#[test]
fn the_keyframes_of_a_recording_are_there_while_it_is_written() {
    let directory = tempfile::tempdir().unwrap();
    let target = Target::File(directory.path().join("tape.mcap"));
    let packets = plain_packets(200);
    let recorder = Recorder::start(RecorderConfig::new(target, header())).unwrap();
    for packet in &packets[..100] {
        recorder.record(packet.clone());
    }
    recorder.keyframe(keyframe(&packets, 100), vec![block("0/x")]);
    for packet in &packets[100..] {
        recorder.record(packet.clone());
    }
    let last = Some(packets[199].received_at);
    common::wait_for(|| recorder.written_to() == last);
    let recording = recorder.written().pop().unwrap();
    let entry = &recording.keyframes(VERSION)[0];
    assert_eq!(recording.read_keyframe(entry).unwrap(), keyframe(&packets, 100).bytes);
    assert_eq!(recording.read_block(entry, "0/x").unwrap(), block("0/x").bytes);
    let after: Vec<Packet> = recording.packets_after(entry).filter_map(Result::ok).collect();
    assert_eq!(after, packets[100..]);
}

#[test]
fn a_keyframe_of_what_is_written_names_its_place_and_one_of_another_file_is_dropped() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tape.mcap");
    let packets = plain_packets(200);
    let recorder =
        Recorder::start(RecorderConfig::new(Target::File(path.clone()), header())).unwrap();
    for half in [&packets[..100], &packets[100..]] {
        half.iter().for_each(|packet| recorder.record(packet.clone()));
        let last = half.last().map(|packet| packet.received_at);
        common::wait_for(|| recorder.written_to() == last);
    }
    let written = recorder.written().pop().unwrap();
    let second = written.info().chunks.iter().find(|chunk| chunk.from == packets[100].received_at);
    let made = |path: &std::path::Path| MadeKeyframe {
        path: path.to_owned(),
        resume_offset: second.unwrap().offset,
        keyframe: keyframe(&packets, 100),
        blocks: vec![block("0/x")],
    };
    recorder.add_keyframe(made(&directory.path().join("tape_p002.mcap")));
    common::wait_for(|| recorder.n_keyframes_dropped() == 1);
    recorder.add_keyframe(made(&path));
    recorder.finish();
    let recording = open(&path).unwrap();
    let entries = recording.keyframes(VERSION);
    assert_eq!(entries.len(), 1);
    assert_eq!(recording.n_packets_before(&entries[0]), 100);
    assert_eq!(recording.read_block(&entries[0], "0/x").unwrap(), block("0/x").bytes);
    let after: Vec<Packet> = recording.packets_after(&entries[0]).map(Result::unwrap).collect();
    assert_eq!(after, packets[100..]);
}
