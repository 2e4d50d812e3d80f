//! The packets of an MCAP file in order, and what is known of the file after the walk.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use market::{Packet, Timestamp};

use super::chunk::{ChunkPackets, Known, unpack};
use super::summary::scan_end;
use super::walker::{Missing, Step, Walker};
use crate::damage::{Damage, DamageKind, ReadError};
use crate::index::Index;
use crate::info::{Format, Info, Spans, any_is_simulated};
use crate::keyframe::Keyframes;
use crate::tape::{CHANNEL_METADATA, PROFILE, RECORDING_METADATA};

/// Damaged places that wait for the packet after them; more are told without it.
const MAX_PENDING: usize = 1_000;

/// A file whose chunks unpack to so much ...
const BUDGET_BYTES: u64 = 256 << 20;
/// ... and to more than so many times its size is a bomb; market data shrink to a tenth.
const BUDGET_RATIO: u64 = 200;

/// Packets out of an MCAP file.
pub(crate) struct McapPackets {
    path: PathBuf,
    walker: Walker,
    known: Known,
    chunk: Option<ChunkPackets>,
    chunk_offset: u64,
    skip_before: Option<Timestamp>,
    last_at: Option<Timestamp>,
    pending: VecDeque<Damage>,
    ready: VecDeque<Result<Packet, ReadError>>,
    /// How much may still be unpacked.
    budget_bytes: u64,
    is_done: bool,
}

impl McapPackets {
    /// All packets from the chunk or record at `offset` on; with `skip_before` only those not before it.
    pub(crate) fn open(
        path: &Path,
        length: u64,
        known: &Known,
        offset: u64,
        skip_before: Option<Timestamp>,
    ) -> io::Result<Self> {
        let walker = Walker::new(File::open(path)?, length, offset)?;
        Ok(Self {
            path: path.to_owned(),
            walker: if known.is_ours { walker.of_tapedeck() } else { walker },
            known: known.clone(),
            chunk: None,
            chunk_offset: offset,
            skip_before,
            last_at: None,
            pending: VecDeque::new(),
            ready: VecDeque::new(),
            budget_bytes: length.saturating_mul(BUDGET_RATIO).max(BUDGET_BYTES),
            is_done: false,
        })
    }

    /// Where the chunk of the last packet begins.
    pub(crate) fn chunk_offset(&self) -> u64 {
        self.chunk_offset
    }

    /// One step of the walk; what it brings is in `ready`, or in `chunk`.
    fn advance(&mut self) -> io::Result<()> {
        let Some(step) = self.walker.next()? else {
            self.end();
            return Ok(());
        };
        match step {
            Step::Chunk(head) => {
                self.chunk_offset = head.offset;
                let Some(left) = self.budget_bytes.checked_sub(head.bytes as u64) else {
                    let what = "the file unpacks to absurdly much; it is not read further";
                    self.damaged(DamageKind::Middle, head.offset, what.to_owned());
                    self.end();
                    return Ok(());
                };
                self.budget_bytes = left;
                let data = self.walker.read_data(&head)?;
                match unpack(&head, data, &self.known) {
                    Ok(content) => self.chunk = Some(ChunkPackets::of(content)),
                    Err(what) => self.damaged(DamageKind::Middle, head.offset, what),
                }
            }
            Step::Profile(profile) => self.known.is_ours |= profile == PROFILE,
            Step::Metadata(name, map) if name == CHANNEL_METADATA => {
                self.known.channels.learn_sealed(&map)
            }
            Step::Metadata(..) | Step::Index(_) | Step::Attached(_) => {}
            Step::Broken { offset, what } => self.damaged(DamageKind::Middle, offset, what),
            Step::Cut { offset, missing } => {
                let what = cut_sentence(self.last_at, missing);
                self.damaged(DamageKind::Tail, offset, what);
                self.end();
            }
            Step::Closed => self.end(),
        }
        Ok(())
    }

    fn damaged(&mut self, kind: DamageKind, offset: u64, what: String) {
        if self.pending.back().is_some_and(|damage| damage.offset == offset) {
            return;
        }
        let damage = Damage { kind, offset, line: None, from: self.last_at, to: None, what };
        self.pending.push_back(damage);
        if self.pending.len() > MAX_PENDING {
            self.tell_damage(None);
        }
    }

    /// The damage before a packet is told before the packet.
    fn tell_damage(&mut self, to: Option<Timestamp>) {
        for damage in self.pending.drain(..) {
            self.ready.push_back(Err(ReadError::Damaged(Damage { to, ..damage })));
        }
    }

    fn end(&mut self) {
        self.tell_damage(None);
        self.is_done = true;
    }

    /// Stamps never run backwards, whoever wrote the file.
    fn take(&mut self, mut packet: Packet) -> Option<Packet> {
        let at = self.last_at.map_or(packet.received_at, |last| last.max(packet.received_at));
        self.last_at = Some(at);
        packet.received_at = at;
        self.skip_before.is_none_or(|before| at >= before).then_some(packet)
    }
}

impl Iterator for McapPackets {
    type Item = Result<Packet, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(ready) = self.ready.pop_front() {
                return Some(ready);
            }
            if let Some(chunk) = &mut self.chunk {
                match chunk.next(&mut self.known.channels) {
                    Some(Ok(packet)) => {
                        let Some(packet) = self.take(packet) else { continue };
                        if self.pending.is_empty() {
                            return Some(Ok(packet));
                        }
                        self.tell_damage(Some(packet.received_at));
                        self.ready.push_back(Ok(packet));
                    }
                    Some(Err(what)) => {
                        self.damaged(DamageKind::Middle, self.chunk_offset, what);
                    }
                    None => self.chunk = None,
                }
            } else if self.is_done {
                return None;
            } else if let Err(source) = self.advance() {
                self.end();
                self.ready.push_back(Err(ReadError::Io { path: self.path.clone(), source }));
            }
        }
    }
}

/// Why the end is missing, and what that means.
fn cut_sentence(last_at: Option<Timestamp>, missing: Missing) -> String {
    if missing == Missing::Summary {
        return "This recording was not closed. All of its packets are there.".to_owned();
    }
    let text = last_at.map(|at| at.to_string()).unwrap_or_default();
    match text.get(11..19) {
        Some(time) => format!("This recording was not closed. It plays up to {time}."),
        None => "This recording was not closed. It holds no packets.".to_owned(),
    }
}

/// What the records outside of the chunks say.
pub(crate) struct Scan {
    /// What is known of the file; without packets counted unless `is_whole`.
    pub(crate) info: Info,
    /// What must be known in order to begin in the middle.
    pub(crate) known: Known,
    /// The keyframes in it.
    pub(crate) keyframes: Arc<Keyframes>,
    /// Whether the file carries an index that fits it: then `info` is whole, and the chunks were not read.
    pub(crate) is_whole: bool,
}

/// A file of at most so much is walked over even when its end says all: it takes a few milliseconds, and damage between
/// the chunks is found at once. In a longer one it is found when it is read, as damage inside of chunks is in any.
const WALKED_BYTES: u64 = 64 << 20;

/// Walks over the file without unpacking a chunk; of a long one that was closed only the end is read.
pub(crate) fn scan(path: &Path, length: u64) -> io::Result<Scan> {
    if length > WALKED_BYTES
        && let Some(scan) = scan_end(path, length)?
    {
        return Ok(scan);
    }
    walk_over(path, length)
}

fn walk_over(path: &Path, length: u64) -> io::Result<Scan> {
    let mut walker = Walker::new(File::open(path)?, length, 0)?;
    let mut info = Info::empty(path.to_owned(), length, Format::Mcap);
    let mut known = Known::default();
    let mut offsets = Vec::new();
    let mut index = None;
    let mut keyframes = Keyframes::default();
    let mut is_sound = true;
    while let Some(step) = walker.next()? {
        match step {
            Step::Chunk(head) => offsets.push(head.offset),
            Step::Profile(profile) => known.is_ours |= profile == PROFILE,
            Step::Metadata(name, map) if name == CHANNEL_METADATA => {
                known.channels.learn_sealed(&map)
            }
            Step::Metadata(name, map) if name == RECORDING_METADATA => info.metadata = map,
            Step::Metadata(..) => {}
            Step::Index(bytes) => index = Index::decode(&bytes),
            Step::Attached(head) => keyframes.note(&head),
            Step::Broken { .. } | Step::Cut { .. } => is_sound = false,
            Step::Closed => {}
        }
        if offsets.len() > Spans::MAX {
            break;
        }
    }
    let fits =
        |index: &Index| offsets.iter().copied().eq(index.chunks.iter().map(|chunk| chunk.offset));
    let index = index.filter(|index| is_sound && fits(index));
    let is_whole = index.is_some();
    if let Some(index) = index {
        fill(&mut info, index);
    }
    keyframes.settle();
    keyframes.shrink();
    Ok(Scan { info, known, keyframes: Arc::new(keyframes), is_whole })
}

pub(super) fn fill(info: &mut Info, index: Index) {
    info.from = index.chunks.first().map(|chunk| chunk.from);
    info.to = index.chunks.last().map(|chunk| chunk.to);
    info.n_packets = index.chunks.n_packets();
    info.chunks = index.chunks;
    info.links = index.links;
    info.is_simulated = is_simulated(info);
}

/// Reads all chunks: what `scan` found, made whole.
pub(crate) fn read_through(outline: &Scan) -> io::Result<Scan> {
    let Info { path, bytes, .. } = &outline.info;
    let mut packets = McapPackets::open(path, *bytes, &Known::default(), 0, None)?;
    let mut info = Info::empty(path.clone(), *bytes, Format::Mcap);
    info.metadata.clone_from(&outline.info.metadata);
    let mut spans = Spans::new(1);
    let mut links = crate::info::Links::default();
    while let Some(result) = packets.next() {
        match result {
            Ok(packet) => {
                spans.add(packets.chunk_offset(), packet.received_at);
                links.note(&packet);
                info.n_packets += 1;
            }
            Err(ReadError::Damaged(damage)) => info.add_damage(damage),
            Err(ReadError::Io { source, .. }) => return Err(source),
        }
    }
    let known = packets.known;
    info.chunks = spans.finish();
    info.from = info.chunks.first().map(|chunk| chunk.from);
    info.to = info.chunks.last().map(|chunk| chunk.to);
    info.links = links.finish();
    info.is_simulated = is_simulated(&info);
    Ok(Scan { info, known, keyframes: Arc::clone(&outline.keyframes), is_whole: true })
}

fn is_simulated(info: &Info) -> bool {
    let is_said = info.metadata.get("simulated").is_some_and(|value| value == "true");
    is_said || any_is_simulated(&info.links)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bulk::{BulkOptions, write_all};
    use crate::keyframe::{Block, Keyframe};
    use crate::tape::FileHeader;
    use crate::{Recorder, RecorderConfig, Target};
    use bytes::Bytes;
    use market::{Body, LinkId, Venue};

    fn header() -> FileHeader {
        let endpoints = vec![("ws".to_owned(), "wss://ws.kraken.com/v2".to_owned())];
        FileHeader { program: "tapedeck test".to_owned(), endpoints, is_simulated: false }
    }

    fn packet(number: u64) -> Packet {
        Packet {
            venue: Venue::Kraken,
            link: LinkId((number % 3) as u16),
            number: number / 3,
            received_at: Timestamp::from_nanos(number as i64 * 1_000),
            body: Body::Text(Bytes::from(format!("{{\"n\":{number}}}"))),
        }
    }

    #[test]
    fn the_end_of_a_closed_recording_says_what_a_walk_over_it_finds() {
        let directory = tempfile::tempdir().unwrap();
        let bulk = directory.path().join("bulk.mcap");
        let options = BulkOptions { chunk_bytes: 500, header: header() };
        write_all(&bulk, (0..200).map(packet), &options).unwrap();
        let live = directory.path().join("live.mcap");
        let config = RecorderConfig::new(Target::File(live.clone()), header());
        let recorder = Recorder::start(config).unwrap();
        for number in 0..200 {
            recorder.record(packet(number));
            if number % 50 == 49 {
                let at = packet(number).received_at;
                let bytes = Bytes::from_static(b"state");
                let block = Block { key: format!("{number}/b"), bytes: bytes.clone() };
                recorder.keyframe(Keyframe { version: 3, since: at, at, bytes }, vec![block]);
            }
        }
        recorder.finish();
        for path in [bulk, live] {
            let length = std::fs::metadata(&path).unwrap().len();
            let (walked, end) = (walk_over(&path, length).unwrap(), scan_end(&path, length));
            let end = end.unwrap().expect("it was closed");
            assert_eq!(end.info, walked.info);
            assert_eq!(end.keyframes, walked.keyframes);
            let from = |scan: &Scan| {
                let offset = scan.info.chunks.last().unwrap().offset;
                let packets = McapPackets::open(&path, length, &scan.known, offset, None);
                packets.unwrap().map(Result::unwrap).collect::<Vec<_>>()
            };
            assert_eq!(from(&end), from(&walked));
        }
    }

    #[test]
    fn a_damaged_end_is_not_believed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("tape.mcap");
        let options = BulkOptions { chunk_bytes: 2_000, header: header() };
        write_all(&path, (0..100).map(packet), &options).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        let name = crate::index::INDEX_NAME.as_bytes();
        let index = bytes.windows(name.len()).position(|window| window == name).unwrap();
        let whole = scan_end(&path, bytes.len() as u64).unwrap().expect("it was closed");
        let mut n_refused = 0;
        for position in index..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[position] ^= 0x10;
            std::fs::write(&path, &damaged).unwrap();
            match scan_end(&path, damaged.len() as u64).unwrap() {
                Some(end) => assert_eq!(end.info, whole.info, "byte {position}"),
                None => n_refused += 1,
            }
        }
        // Of what follows the index' name only the checksum of the data section is not looked at.
        assert!(n_refused + 13 >= bytes.len() - index, "{n_refused} of {}", bytes.len() - index);
    }
}
