//! A damaged or hostile file never delivers a wrong packet, and all that is whole is read.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod common;

use std::path::Path;

use common::{all, header, plain_packets, readable};
use market::Packet;
use session::{BulkOptions, DamageKind, OpenError, ReadError, open, write_all};

/// A recording of several chunks: its bytes and its packets.
fn example(directory: &Path) -> (Vec<u8>, Vec<Packet>) {
    let path = directory.join("whole.mcap");
    let packets = plain_packets(60);
    let options = BulkOptions { chunk_bytes: 400, ..BulkOptions::new(header()) };
    write_all(&path, packets.clone(), &options).unwrap();
    (std::fs::read(path).unwrap(), packets)
}

/// Writes a file that is not there, since some file systems sync one that is written over.
fn write_anew(path: &Path, bytes: &[u8]) {
    if path.exists() {
        std::fs::remove_file(path).unwrap();
    }
    std::fs::write(path, bytes).unwrap();
}

/// Numbers that look random, the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % bound as u64) as usize
    }
}

/// How many of `packets` are in `read`, which must hold nothing else and in the same order.
fn count_true(read: &[Packet], packets: &[Packet]) -> usize {
    let mut rest = packets.iter();
    for packet in read {
        assert!(rest.any(|original| original == packet), "not in the original: {packet:?}");
    }
    read.len()
}

#[test]
fn a_file_cut_at_any_byte_opens_to_an_exact_prefix() {
    let directory = tempfile::tempdir().unwrap();
    let (bytes, packets) = example(directory.path());
    let spans = open(&directory.path().join("whole.mcap")).unwrap().info().chunks.clone();
    assert!(spans.len() > 5);
    let path = directory.path().join("cut.mcap");
    for length in 1..bytes.len() {
        write_anew(&path, &bytes[..length]);
        let recording = open(&path).unwrap_or_else(|error| panic!("cut at {length}: {error}"));
        let read = readable(&recording);
        assert_eq!(read, packets[..read.len()], "cut at {length}");
        // A chunk is whole when the next one has begun.
        let n_whole =
            spans.iter().filter(|span| span.offset <= length as u64).count().saturating_sub(1);
        let n_least = spans.n_packets_before(n_whole);
        assert!(read.len() as u64 >= n_least, "cut at {length}");
        let info = recording.info();
        assert_eq!(info.n_packets, read.len() as u64, "cut at {length}");
        assert_eq!(info.damage.len(), 1, "cut at {length}: {:?}", info.damage);
        assert_eq!(info.damage[0].kind, DamageKind::Tail, "cut at {length}");
        assert!(info.damage[0].what.starts_with("This recording was not closed."));
    }
}

#[test]
fn a_cut_recording_says_until_when_it_plays() {
    let directory = tempfile::tempdir().unwrap();
    let (bytes, _) = example(directory.path());
    let path = directory.path().join("cut.mcap");
    std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let what = open(&path).unwrap().info().damage[0].what.clone();
    assert_eq!(what, "This recording was not closed. It plays up to 17:54:39.");
}

#[test]
fn a_tail_of_zeros_is_a_cut_tail() {
    let directory = tempfile::tempdir().unwrap();
    let (bytes, packets) = example(directory.path());
    let path = directory.path().join("zeros.mcap");
    for start in (8..bytes.len() - 200).step_by(7) {
        let mut damaged = bytes.clone();
        damaged[start..].fill(0);
        write_anew(&path, &damaged);
        let recording = open(&path).unwrap();
        let read = readable(&recording);
        assert_eq!(read, packets[..read.len()], "zeros from {start}");
        assert_eq!(
            recording.info().damage.last().unwrap().kind,
            DamageKind::Tail,
            "zeros from {start}"
        );
    }
}

#[test]
fn a_flipped_bit_never_delivers_a_wrong_packet_and_costs_a_chunk_at_most() {
    let directory = tempfile::tempdir().unwrap();
    let (bytes, packets) = example(directory.path());
    let largest = open(&directory.path().join("whole.mcap")).unwrap();
    let largest = largest.info().chunks.iter().map(|span| span.n_packets).max().unwrap() as usize;
    let path = directory.path().join("flipped.mcap");
    let mut dice = Dice(7);
    for round in 0..1_000 {
        let (position, bit) = (dice.below(bytes.len()), dice.below(8));
        let mut damaged = bytes.clone();
        damaged[position] ^= 1 << bit;
        write_anew(&path, &damaged);
        let recording = match open(&path) {
            Ok(recording) => recording,
            Err(error) => {
                // Only the magic tells what the file is.
                assert!(position < 8, "round {round}, byte {position}: {error}");
                continue;
            }
        };
        let n_read = count_true(&readable(&recording), &packets);
        assert!(
            n_read + largest >= packets.len(),
            "round {round}, byte {position}, bit {bit}: {n_read}"
        );
        let damage = recording.check().damage;
        assert!(n_read == packets.len() || !damage.is_empty(), "round {round}: a silent loss");
        let later: Vec<_> =
            recording.packets_from(packets[30].received_at).filter_map(Result::ok).collect();
        assert!(count_true(&later, &packets[30..]) <= 30);
    }
}

#[test]
fn a_chunk_whose_code_is_damaged_is_not_passed_over_in_silence() {
    let directory = tempfile::tempdir().unwrap();
    let (bytes, packets) = example(directory.path());
    let path = directory.path().join("whole.mcap");
    let span = open(&path).unwrap().info().chunks.get(3).unwrap();
    for code in (0..=255).filter(|code| *code != 6) {
        let mut damaged = bytes.clone();
        damaged[span.offset as usize] = code;
        write_anew(&path, &damaged);
        let recording = open(&path).unwrap();
        let n_read = count_true(&readable(&recording), &packets);
        assert_eq!(n_read as u64 + span.n_packets, packets.len() as u64, "code {code}");
        assert_eq!(recording.info().damage.len(), 1, "code {code}");
        assert_eq!(recording.info().damage[0].kind, DamageKind::Middle, "code {code}");
    }
}

#[test]
fn overwritten_bytes_never_deliver_a_wrong_packet() {
    let directory = tempfile::tempdir().unwrap();
    let (bytes, packets) = example(directory.path());
    let path = directory.path().join("overwritten.mcap");
    let mut dice = Dice(11);
    for _ in 0..500 {
        let mut damaged = bytes.clone();
        let length = 1 + dice.below(600);
        let start = 8 + dice.below(bytes.len() - 8 - length);
        for byte in &mut damaged[start..start + length] {
            *byte = dice.below(256) as u8;
        }
        write_anew(&path, &damaged);
        let recording = open(&path).unwrap();
        count_true(&readable(&recording), &packets);
    }
}

#[test]
fn a_bad_chunk_in_the_middle_is_skipped_and_named() {
    let directory = tempfile::tempdir().unwrap();
    let (mut bytes, packets) = example(directory.path());
    let path = directory.path().join("whole.mcap");
    let span = open(&path).unwrap().info().chunks.get(3).unwrap();
    bytes[span.offset as usize + 60] ^= 0xff;
    std::fs::write(&path, &bytes).unwrap();
    let recording = open(&path).unwrap();
    assert_eq!(readable(&recording).len() as u64 + span.n_packets, packets.len() as u64);
    let damage = recording.check().damage;
    assert_eq!(damage.len(), 1);
    assert_eq!((damage[0].kind, damage[0].offset), (DamageKind::Middle, span.offset));
    assert!(damage[0].from.unwrap() < span.from && damage[0].to.unwrap() > span.to);
    let told = recording.packets().filter(|result| matches!(result, Err(ReadError::Damaged(_))));
    assert_eq!(told.count(), 1);
}

#[test]
fn what_is_read_ahead_comes_in_turn_with_what_is_damaged_between() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("long.mcap");
    let options = BulkOptions { chunk_bytes: 4_000, ..BulkOptions::new(header()) };
    write_all(&path, plain_packets(5_000), &options).unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    let chunks = open(&path).unwrap().info().chunks.clone();
    for index in [2, chunks.len() / 2] {
        bytes[chunks.get(index).unwrap().offset as usize + 60] ^= 0xff;
    }
    write_anew(&path, &bytes);
    let recording = open(&path).unwrap();
    let told = |result: Result<Packet, ReadError>| result.map_err(|error| error.to_string());
    let in_turn: Vec<_> = recording.packets().map(told).collect();
    assert_eq!(in_turn.iter().filter(|one| one.is_err()).count(), 2);
    assert!(recording.packets().read_ahead().map(told).eq(in_turn));
}

#[test]
fn the_loss_of_the_first_chunk_loses_no_channel() {
    let directory = tempfile::tempdir().unwrap();
    let (mut bytes, packets) = example(directory.path());
    let path = directory.path().join("whole.mcap");
    let spans = open(&path).unwrap().info().chunks.clone();
    for span in spans.iter().take(2) {
        bytes[span.offset as usize + 60] ^= 0xff;
    }
    std::fs::write(&path, &bytes).unwrap();
    let n_lost = spans.n_packets_before(2) as usize;
    assert_eq!(readable(&open(&path).unwrap()), packets[n_lost..]);
}

#[test]
fn what_is_no_recording_is_refused_with_its_name() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("thing.mcap");
    for (content, word) in [
        (&b""[..], "is empty"),
        (b"hello\nworld\n", "is not a recording"),
        (b"\x28\xb5\x2f\xfd\xff\xff\xff", "is not a recording"),
        (b"\x1f\x8b\xff\xff\xff\xff", "is not a recording"),
        (b"{\"a\":1}", "is not a recording"),
    ] {
        std::fs::write(&path, content).unwrap();
        let Err(error) = open(&path) else { panic!("{content:?} was opened") };
        let sentence = error.to_string();
        assert!(sentence.contains(word) && sentence.contains("thing.mcap"), "{sentence}");
    }
    assert!(matches!(open(&directory.path().join("absent")), Err(OpenError::Io { .. })));
    assert!(matches!(open(directory.path()), Err(OpenError::Io { .. })));
    #[cfg(unix)]
    assert!(matches!(open(Path::new("/dev/zero")), Err(OpenError::Io { .. })));
}

#[test]
fn an_empty_recording_opens_to_no_packets() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("empty.mcap");
    write_all(&path, [], &BulkOptions::new(header())).unwrap();
    let recording = open(&path).unwrap();
    assert_eq!(all(&recording), vec![]);
    assert_eq!((recording.info().from, recording.info().damage.len()), (None, 0));
}
