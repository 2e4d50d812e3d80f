//! A file made to do harm is refused with a sentence, in bounded memory; files of other writers are read as far as they
//! hold packets.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod common;

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use common::{all, header, plain_packets, readable};
use market::{Body, LinkId, Venue};
use session::{BulkOptions, DamageKind, Format, OpenError, open, write_all};

const MAGIC: &[u8] = b"\x89MCAP0\r\n";
const SCHEMA: &str = "tapedeck.packet.v1";

fn text(value: &str) -> Vec<u8> {
    let mut bytes = (value.len() as u32).to_le_bytes().to_vec();
    bytes.extend_from_slice(value.as_bytes());
    bytes
}

fn record(code: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![code];
    bytes.extend_from_slice(&(content.len() as u64).to_le_bytes());
    bytes.extend_from_slice(content);
    bytes
}

/// A chunk record whose fields need not be true.
struct Chunk<'a> {
    size: u64,
    crc: u32,
    compression: &'a str,
    data: &'a [u8],
}

impl Chunk<'_> {
    fn record(&self) -> Vec<u8> {
        let mut content = vec![0; 16];
        content.extend_from_slice(&self.size.to_le_bytes());
        content.extend_from_slice(&self.crc.to_le_bytes());
        content.extend_from_slice(&text(self.compression));
        content.extend_from_slice(&(self.data.len() as u64).to_le_bytes());
        content.extend_from_slice(self.data);
        record(6, &content)
    }

    /// The chunk as it should be.
    fn of(content: &[u8]) -> Vec<u8> {
        let size = content.len() as u64;
        Chunk { size, crc: crc32fast::hash(content), compression: "", data: content }.record()
    }
}

fn file_of(directory: &Path, records: &[Vec<u8>]) -> PathBuf {
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&record(1, &[text("tapedeck"), text("evil")].concat()));
    for record in records {
        bytes.extend_from_slice(record);
    }
    let path = directory.join("hostile.mcap");
    std::fs::write(&path, bytes).unwrap();
    path
}

/// The sentences about a file of these records behind a header.
fn damage_of(records: &[Vec<u8>]) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    let recording = open(&file_of(directory.path(), records)).unwrap();
    assert_eq!(readable(&recording), vec![]);
    recording.info().damage.iter().map(|damage| damage.what.clone()).collect()
}

#[test]
fn lengths_of_2_to_the_60_ask_for_no_memory() {
    let mut huge = record(6, &[0; 40]);
    huge[1..9].copy_from_slice(&(1_u64 << 60).to_le_bytes());
    assert!(damage_of(std::slice::from_ref(&huge))[0].contains("not closed"));
    for code in [3, 4, 5, 12] {
        let mut inner = record(code, &[0; 40]);
        inner[1..9].copy_from_slice(&(1_u64 << 60).to_le_bytes());
        assert!(damage_of(&[Chunk::of(&inner)])[0].contains("longer than the chunk"));
        inner[1..9].copy_from_slice(&u64::MAX.to_le_bytes());
        assert!(damage_of(&[Chunk::of(&inner)])[0].contains("longer than the chunk"));
    }
}

#[test]
fn lengths_of_texts_are_checked_against_their_record() {
    let mut content = vec![1, 0, 1, 0];
    content.extend_from_slice(&u32::MAX.to_le_bytes());
    content.extend_from_slice(b"short");
    for code in [3, 4] {
        let said = damage_of(&[Chunk::of(&record(code, &content))]);
        assert!(said[0].contains("makes no sense"), "{said:?}");
    }
    let said = damage_of(&[record(12, &u32::MAX.to_le_bytes())]);
    assert!(said[0].contains("not closed"), "{said:?}");
}

#[test]
fn a_chunk_that_claims_or_unpacks_to_gigabytes_is_not_unpacked() {
    let zeros = zstd::encode_all(std::io::repeat(0).take_bytes(1 << 30), 1).unwrap();
    for size in [1_u64 << 30, 16 << 30, 1 << 60, u64::MAX] {
        let chunk = Chunk { size, crc: 0, compression: "zstd", data: &zeros }.record();
        let said = damage_of(&[chunk]);
        assert!(said[0].contains("at most 33554432"), "{said:?}");
    }
    let lying = Chunk { size: 1 << 20, crc: 0, compression: "zstd", data: &zeros }.record();
    assert!(damage_of(&[lying])[0].contains("cannot be unpacked"));
    let zeros = vec![0; 30 << 20];
    let crc = crc32fast::hash(&zeros);
    let small = zstd::encode_all(&zeros[..], 1).unwrap();
    let bomb = Chunk { size: 30 << 20, crc, compression: "zstd", data: &small }.record();
    let said = damage_of(&vec![bomb; 1_000]);
    assert!(said.last().unwrap().contains("absurdly much"), "{said:?}");
}

#[test]
fn a_chunk_that_contradicts_itself_is_passed_over() {
    let plain = Chunk { size: 1 << 20, crc: 0, compression: "", data: b"short" }.record();
    assert!(damage_of(&[plain])[0].contains("unpacks to 5 bytes instead of 1048576"));
    let wrong = Chunk { size: 5, crc: 7, compression: "", data: b"short" }.record();
    assert!(damage_of(&[wrong])[0].contains("does not match its checksum"));
    let mut longer = Chunk::of(b"short");
    let compressed_size_at = longer.len() - 5 - 8;
    longer[compressed_size_at] = 200;
    assert!(damage_of(&[longer])[0].contains("not closed"));
}

#[test]
fn a_chunk_of_lz4_is_refused_by_name_and_the_rest_is_read() {
    let directory = tempfile::tempdir().unwrap();
    let whole = directory.path().join("whole.mcap");
    let packets = plain_packets(20);
    write_all(&whole, packets.clone(), &BulkOptions::new(header())).unwrap();
    let first = open(&whole).unwrap().info().chunks.first().unwrap().offset as usize;
    let mut bytes = std::fs::read(&whole).unwrap();
    let lz4 = Chunk { size: 9, crc: 0, compression: "lz4", data: b"whatever" }.record();
    bytes.splice(first..first, lz4);
    std::fs::write(&whole, bytes).unwrap();
    let recording = open(&whole).unwrap();
    assert_eq!(readable(&recording), packets);
    assert!(recording.info().damage[0].what.contains("lz4"));
}

#[test]
fn a_message_of_an_unknown_channel_or_kind_is_named() {
    let mut message = vec![9, 0];
    message.extend_from_slice(&[0; 20]);
    message.push(1);
    assert!(damage_of(&[Chunk::of(&record(5, &message))])[0].contains("channel 9"));
    assert!(damage_of(&[Chunk::of(&record(5, &message[..10]))])[0].contains("too short"));
}

trait TakeBytes: std::io::Read + Sized {
    fn take_bytes(self, n_bytes: u64) -> std::io::Take<Self> {
        std::io::Read::take(self, n_bytes)
    }
}

impl<R: std::io::Read> TakeBytes for R {}

/// An MCAP by the crate's own writer, with its defaults or other ones.
fn foreign(options: mcap::WriteOptions, schema_name: &str) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    let mut writer = options.create(&mut file).unwrap();
    let schema = writer.add_schema(schema_name, "text/plain", b"see elsewhere").unwrap();
    let metadata = [("venue", "kraken"), ("link", "3"), ("number_high", "0")];
    let metadata: BTreeMap<_, _> =
        metadata.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let channel = writer.add_channel(schema, "/any/topic", schema_name, &metadata).unwrap();
    for sequence in 0..1_000_u32 {
        let time = 1_784_483_679_000_000_000 + u64::from(sequence);
        let header = mcap::records::MessageHeader {
            channel_id: channel,
            sequence,
            log_time: time,
            publish_time: time,
        };
        writer.write_to_known_channel(&header, b"\x01{\"channel\":\"heartbeat\"}").unwrap();
    }
    writer.finish().unwrap();
    drop(writer);
    file.into_inner()
}

#[test]
fn files_of_other_writers_are_read_when_they_hold_packets() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("copy.mcap");
    let plain = || mcap::WriteOptions::new().compression(None);
    for options in [
        mcap::WriteOptions::new().chunk_size(Some(4_000)),
        plain().chunk_size(Some(4_000)),
        plain().chunk_size(Some(4_000)).calculate_chunk_crcs(false),
    ] {
        std::fs::write(&path, foreign(options, SCHEMA)).unwrap();
        let recording = open(&path).unwrap();
        let packets = all(&recording);
        assert_eq!((packets.len(), recording.info().n_packets), (1_000, 1_000));
        assert_eq!(
            (packets[7].venue, packets[7].link, packets[7].number),
            (Venue::Kraken, LinkId(3), 7)
        );
        assert_eq!(packets[7].body, Body::Text(Bytes::from_static(b"{\"channel\":\"heartbeat\"}")));
        let later = recording.packets_from(packets[900].received_at);
        assert_eq!(later.map(Result::unwrap).collect::<Vec<_>>(), packets[900..]);
    }
}

#[test]
fn an_mcap_without_packets_is_foreign() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("robot.mcap");
    std::fs::write(&path, foreign(mcap::WriteOptions::new(), "sensor_msgs/Image")).unwrap();
    let Err(error) = open(&path) else { panic!("it was opened") };
    assert!(matches!(error, OpenError::Foreign { .. }));
    assert!(error.to_string().contains("robot.mcap is an MCAP file of another program"));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the crate's reader is the oracle for whole files")]
fn the_crate_reads_the_same_messages_and_a_summary() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ours.mcap");
    let packets = plain_packets(500);
    let options = BulkOptions { chunk_bytes: 3_000, ..BulkOptions::new(header()) };
    write_all(&path, packets.clone(), &options).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let messages: Vec<_> = mcap::MessageStream::new(&bytes).unwrap().map(Result::unwrap).collect();
    assert_eq!(messages.len(), packets.len());
    for (message, packet) in messages.iter().zip(&packets) {
        assert_eq!(message.log_time, packet.received_at.nanos() as u64);
        assert_eq!(u64::from(message.sequence), packet.number);
        assert_eq!(message.channel.topic, format!("/kraken/{}", packet.link.0));
        let (kind, payload) = match &packet.body {
            Body::Opened(bytes) => (0, bytes),
            Body::Text(bytes) => (1, bytes),
            other => panic!("{other:?} is not among the packets"),
        };
        assert_eq!((message.data[0], &message.data[1..]), (kind, &payload[..]));
    }
    let summary = mcap::Summary::read(&bytes).unwrap().unwrap();
    let chunks = open(&path).unwrap().info().chunks.clone();
    assert_eq!(summary.stats.unwrap().message_count, 500);
    let theirs = summary.chunk_indexes.iter().map(|index| index.chunk_start_offset);
    assert!(theirs.eq(chunks.iter().map(|span| span.offset)));
}

#[test]
fn bombs_among_captures_are_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("bomb.gz");
    let zeros = zstd::encode_all(std::io::repeat(b'0').take_bytes(4 << 30), 1).unwrap();
    std::fs::write(&path, &zeros).unwrap();
    assert!(matches!(open(&path), Err(OpenError::NotARecording { .. })));
    let line = b"{\"t\":\"recv\",\"ts\":1.5,\"conn\":\"a\",\"data\":\"hello\"}\n";
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
    encoder.write_all(line).unwrap();
    std::io::copy(&mut std::io::repeat(b'0').take_bytes(1 << 30), &mut encoder).unwrap();
    std::fs::write(&path, encoder.finish().unwrap()).unwrap();
    let recording = open(&path).unwrap();
    assert_eq!((recording.format(), readable(&recording).len()), (Format::Jsonl, 1));
    let info = recording.info();
    assert_eq!(info.damage[0].kind, DamageKind::Line);
    assert!(info.damage[1].what.contains("absurdly much"), "{:?}", info.damage);
}
