//! What an open recording takes in memory hardly grows with its length: a dozen bytes a chunk, some fifty a keyframe.
//!
//! A program of its own with one test, since it counts what the whole process holds.

use std::alloc::System;
use std::path::Path;

use bytes::Bytes;
use cap::Cap;
use market::{Body, LinkId, Packet, Timestamp, Venue};
use session::{Block, BulkItem, BulkOptions, FileHeader, Keyframe, Recording};

#[global_allocator]
static HELD: Cap<System> = Cap::new(System, usize::MAX);

/// Bytes that a thousand more chunks may take. Written out, one is 32 bytes, and was held twice.
const PER_THOUSAND_CHUNKS: usize = 16_000;
/// Bytes that a thousand more keyframes may take, each with its blocks. Written out, one is 56 bytes and its blocks as
/// many, and both were held twice.
const PER_THOUSAND_KEYFRAMES: usize = 64_000;
const VERSION: u32 = 1;
const FROM: i64 = 1_784_505_600_000_000_000;

/// Chunks as a live session has them: four a second.
fn at(chunk: u64) -> Timestamp {
    Timestamp::from_nanos(FROM + chunk as i64 * 250_031_777)
}

/// One chunk of three packets.
fn packets(chunk: u64) -> impl Iterator<Item = BulkItem> {
    (0..3).map(move |number| {
        BulkItem::Packet(Packet {
            venue: Venue::Kraken,
            link: LinkId(0),
            number: chunk * 3 + number,
            received_at: at(chunk).plus_nanos(number as i64 * 70_000_123),
            body: Body::Text(Bytes::from(vec![b'x'; 100])),
        })
    })
}

fn keyframe(chunk: u64) -> BulkItem {
    let bytes = Bytes::from_static(b"a state");
    let block = Block { key: format!("{chunk}/block"), bytes: bytes.clone() };
    let state = Keyframe { version: VERSION, since: at(0), at: at(chunk), bytes };
    BulkItem::Keyframe(state, vec![block])
}

/// A recording of so many chunks, with a keyframe after each `keyed`-th.
fn write(path: &Path, n_chunks: u64, keyed: u64) {
    let items = (0..n_chunks).flat_map(|chunk| {
        let has_keyframe = chunk % keyed == keyed - 1;
        packets(chunk).chain(has_keyframe.then(|| keyframe(chunk)))
    });
    let header = FileHeader { program: "proof".to_owned(), endpoints: vec![], is_simulated: true };
    let options = BulkOptions { chunk_bytes: 400, header };
    session::write_items(path, items, &options).expect("a recording");
}

/// Goes to a few places, as a playhead does.
fn look_around(recording: &Recording, n_chunks: u64) {
    for chunk in [n_chunks / 3, n_chunks - 2, 1, n_chunks / 2] {
        let first = recording.packets_from(at(chunk)).next().expect("it goes on there");
        assert_eq!(first.expect("a packet").number, chunk * 3);
        let behind = recording.packets_behind(chunk * 3).expect("so many").next();
        assert_eq!(behind.expect("it goes on").expect("a packet").number, chunk * 3);
    }
}

/// What a recording of so many chunks takes while it is open, and how many keyframes it has.
fn held(n_chunks: u64, keyed: u64) -> (usize, usize) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("tape.mcap");
    write(&path, n_chunks, keyed);
    let before = HELD.allocated();
    let recording = session::open(&path).expect("a recording");
    assert_eq!(recording.info().n_packets, n_chunks * 3);
    let n_keyframes = recording.keyframes(VERSION).len();
    look_around(&recording, n_chunks);
    (HELD.allocated() - before, n_keyframes)
}

#[test]
fn an_open_recording_hardly_grows_with_its_length() {
    let never = u64::MAX;
    // What is once in a program is there before anything is counted.
    held(1_000, 10);
    let (short, _) = held(4_000, never);
    let (long, _) = held(24_000, never);
    let per_thousand = (long - short) / 20;
    println!("{short} bytes for 4,000 chunks, {per_thousand} for each thousand more");
    assert!(per_thousand < PER_THOUSAND_CHUNKS, "{per_thousand} bytes for a thousand chunks");

    let (keyed, n_keyframes) = held(24_000, 4);
    assert_eq!(n_keyframes, 6_000);
    let per_thousand = (keyed - long) / 6;
    println!("{per_thousand} bytes for each thousand keyframes");
    assert!(per_thousand < PER_THOUSAND_KEYFRAMES, "{per_thousand} bytes for a thousand keyframes");
}
