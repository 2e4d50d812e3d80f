//! A recording or capture, opened for reading.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use market::{Packet, Timestamp, Venue};

use crate::ahead::{Ahead, ahead};
use crate::capture::{self, CapturePackets};
use crate::chunks::Chunks;
use crate::damage::{Damage, DamageKind, OpenError, ReadError};
use crate::info::{Format, Info};
use crate::keyframe::{Doubts, KeyframeEntry, Keyframes, path_beside};
use crate::walk::{self, Known, McapPackets, Scan};

/// Opens a recording of ours or a capture; what it is, its content says.
pub fn open(path: &Path) -> Result<Recording, OpenError> {
    let refuse = |source| OpenError::Io { path: path.to_owned(), source };
    let metadata = std::fs::metadata(path).map_err(refuse)?;
    if metadata.is_dir() {
        return Err(refuse(io::Error::from(io::ErrorKind::IsADirectory)));
    }
    if !metadata.is_file() {
        return Err(refuse(io::Error::other("it is not a regular file")));
    }
    let mut start = Vec::new();
    let magic_length = mcap::MAGIC.len() as u64;
    File::open(path).map_err(refuse)?.take(magic_length).read_to_end(&mut start).map_err(refuse)?;
    if start.is_empty() {
        return Err(OpenError::Empty { path: path.to_owned() });
    }
    if mcap::MAGIC.starts_with(&start) {
        return open_mcap(path, metadata.len());
    }
    match capture::sniff(path) {
        Ok(Some(format)) => Ok(Recording::new(path, metadata.len(), format, None)),
        Ok(None) => Err(OpenError::NotARecording { path: path.to_owned(), hint: String::new() }),
        Err(error) => Err(OpenError::NotARecording {
            path: path.to_owned(),
            hint: format!(" It cannot be unpacked: {error}."),
        }),
    }
}

fn open_mcap(path: &Path, length: u64) -> Result<Recording, OpenError> {
    let refuse = |source| OpenError::Io { path: path.to_owned(), source };
    let mut scan = walk::scan(path, length).map_err(refuse)?;
    if !scan.known.is_ours && !scan.known.channels.has_ours() {
        // Not by our own hand: whether packets of ours are in it, only the chunks tell.
        scan = walk::read_through(&scan).map_err(refuse)?;
        let is_cut_at_once =
            scan.info.damage.first().is_some_and(|damage| damage.kind == DamageKind::Tail);
        if !scan.known.channels.has_ours() && !is_cut_at_once {
            return Err(OpenError::Foreign { path: path.to_owned() });
        }
    }
    Ok(Recording::new(path, length, Format::Mcap, Some(scan)))
}

/// An opened recording. Its packets are read from the file each time they are asked for.
pub struct Recording {
    path: PathBuf,
    bytes: u64,
    format: Format,
    /// What was found without reading the packets; captures have nothing of that kind.
    outline: Option<Scan>,
    whole: OnceLock<Whole>,
    keyframes: OnceLock<Arc<Keyframes>>,
    doubts: Arc<Doubts>,
}

/// What is known once all has been read, or was found written in the file.
struct Whole {
    info: Info,
    known: Known,
}

impl Recording {
    fn new(path: &Path, bytes: u64, format: Format, scan: Option<Scan>) -> Self {
        let whole = OnceLock::new();
        let outline = match scan {
            Some(mut scan) if scan.is_whole => {
                let (info, known) = (scan.info.clone(), scan.known.clone());
                whole.get_or_init(|| Whole { info, known });
                scan.info.chunks = Chunks::default();
                Some(scan)
            }
            other => other,
        };
        let keyframes = OnceLock::new();
        let doubts = Arc::default();
        Self { path: path.to_owned(), bytes, format, outline, whole, keyframes, doubts }
    }

    /// A recording whose content is known from the one who wrote it.
    pub(crate) fn of_known(
        info: Info,
        known: Known,
        keyframes: Arc<Keyframes>,
        doubts: Arc<Doubts>,
    ) -> Self {
        let outline = Info { chunks: Chunks::default(), ..info.clone() };
        let (path, bytes) = (info.path.clone(), info.bytes);
        let outline =
            Scan { info: outline, known: known.clone(), keyframes: Arc::default(), is_whole: true };
        let whole = OnceLock::from(Whole { info, known });
        let keyframes = OnceLock::from(keyframes);
        let (format, outline) = (Format::Mcap, Some(outline));
        Self { path, bytes, format, outline, whole, keyframes, doubts }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// In what form the packets lie in the file.
    pub fn format(&self) -> Format {
        self.format
    }

    /// What the file says about itself (format, program, endpoints) before its packets; empty for captures.
    pub fn about(&self) -> &BTreeMap<String, String> {
        static NOTHING: BTreeMap<String, String> = BTreeMap::new();
        self.outline.as_ref().map_or(&NOTHING, |outline| &outline.info.metadata)
    }

    /// The venues that it names outside of its chunks, as far as they are known without reading it through: those whose
    /// addresses stand at its start (`endpoint.<venue>.ws`), and those of its channels.
    pub fn venues(&self) -> BTreeSet<Venue> {
        let Some(outline) = &self.outline else { return BTreeSet::new() };
        let at_the_start = self
            .about()
            .keys()
            .filter_map(|key| Venue::from_id(key.strip_prefix("endpoint.")?.strip_suffix(".ws")?));
        let of_links = outline.info.links.iter().map(|link| link.venue);
        at_the_start.chain(of_links).chain(outline.known.channels.venues()).collect()
    }

    /// What the recording holds. A recording that was closed says so itself; any other is read through once, at the
    /// first call. Damage inside the chunks of a closed recording shows only when they are read:
    /// [`check`](Self::check) does so.
    pub fn info(&self) -> &Info {
        &self.whole().info
    }

    /// What the recording holds, after reading all of it and verifying every checksum.
    pub fn check(&self) -> Info {
        self.read_through().info
    }

    /// All packets, in file order.
    pub fn packets(&self) -> Packets {
        self.read(&Known::default(), 0, None)
    }

    /// The packets that were received at `at` or later, in file order.
    pub fn packets_from(&self, at: Timestamp) -> Packets {
        let Whole { info, known } = self.whole();
        let first = info.chunks.partition_point(|chunk| chunk.to < at);
        // Behind the last chunk nothing follows; what is damaged there is still told.
        let chunk = info.chunks.get(first).or_else(|| info.chunks.last());
        let offset = chunk.map_or(0, |chunk| chunk.offset);
        self.read(known, offset, Some(at))
    }

    /// The keyframes of a version, in order: those in the recording, and those beside it; without those that were found
    /// damaged.
    pub fn keyframes(&self, version: u32) -> Vec<KeyframeEntry> {
        let all = self.all_keyframes().of_version(version);
        all.filter(|entry| self.doubts.trusts(entry)).collect()
    }

    /// Which of its keyframes cannot be used, as far as that was found while it is open.
    pub fn doubts(&self) -> &Doubts {
        &self.doubts
    }

    /// The state in a keyframe; `None` when it is damaged.
    pub fn read_keyframe(&self, entry: &KeyframeEntry) -> Option<Vec<u8>> {
        self.all_keyframes().read(&self.path, entry)
    }

    /// A block that belongs to a keyframe of this recording or of another part of its session; `None` when this
    /// recording does not have it, or it is damaged.
    pub fn read_block(&self, of: &KeyframeEntry, key: &str) -> Option<Vec<u8>> {
        self.all_keyframes().read_block(&self.path, of, key)
    }

    /// Bytes that the keyframes of a version take with their blocks, in the recording and beside it.
    pub fn keyframe_bytes(&self, version: u32) -> u64 {
        self.all_keyframes().bytes_of_version(version)
    }

    /// Whether this recording says that it has a block; that it is not damaged, only reading it shows.
    pub fn names_block(&self, of: &KeyframeEntry, key: &str) -> bool {
        self.all_keyframes().has_pack(of, key)
    }

    /// The packets after a keyframe, in file order.
    pub fn packets_after(&self, entry: &KeyframeEntry) -> Packets {
        // A recording by another hand names its channels in its chunks alone: the whole of it knows them.
        self.read(&self.whole().known, entry.resume_offset, None)
    }

    /// The packets behind the first `n` of the file; `None` when there are fewer, or not all of them can be read.
    /// Cheap: what is before their chunk is passed over. A capture has no chunks, and `None`.
    pub fn packets_behind(&self, n: u64) -> Option<Packets> {
        let Whole { info, known } = self.whole();
        let (index, n_before) = info.chunks.holding(n)?;
        let chunk = info.chunks.get(index)?;
        let mut packets = self.read(known, chunk.offset, None);
        for _ in n_before..n {
            packets.next()?.ok()?;
        }
        Some(packets)
    }

    /// How many packets stand before a keyframe in this file.
    pub fn n_packets_before(&self, entry: &KeyframeEntry) -> u64 {
        let chunks = &self.info().chunks;
        let n_chunks = chunks.partition_point(|chunk| chunk.offset < entry.resume_offset);
        chunks.n_packets_before(n_chunks)
    }

    fn all_keyframes(&self) -> &Keyframes {
        self.keyframes.get_or_init(|| {
            let Some(outline) = &self.outline else { return Arc::default() };
            if !path_beside(&self.path).is_file() {
                return Arc::clone(&outline.keyframes);
            }
            let mut keyframes = Keyframes::clone(&outline.keyframes);
            keyframes.note_beside(&self.path, self.bytes, self.info().from);
            Arc::new(keyframes)
        })
    }

    fn read(&self, known: &Known, offset: u64, skip_before: Option<Timestamp>) -> Packets {
        let opened = match self.format {
            Format::Mcap => McapPackets::open(&self.path, self.bytes, known, offset, skip_before)
                .map(|packets| Source::Mcap(Box::new(packets))),
            Format::Jsonl | Format::Collector | Format::Ladders => {
                CapturePackets::open(&self.path, self.format, skip_before)
                    .map(|packets| Source::Capture(Box::new(packets)))
            }
        };
        let source = opened.unwrap_or_else(|source| {
            Source::Failed(Some(ReadError::Io { path: self.path.clone(), source }))
        });
        Packets { source }
    }

    fn whole(&self) -> &Whole {
        self.whole.get_or_init(|| self.read_through())
    }

    fn read_through(&self) -> Whole {
        let read = match &self.outline {
            Some(outline) => {
                walk::read_through(outline).map(|scan| Whole { info: scan.info, known: scan.known })
            }
            None => capture::read_through(&self.path, self.bytes, self.format)
                .map(|info| Whole { info, known: Known::default() }),
        };
        read.unwrap_or_else(|error| self.unreadable(&error))
    }

    /// The file was there when it was opened and cannot be read now.
    fn unreadable(&self, error: &io::Error) -> Whole {
        let mut info = Info::empty(self.path.clone(), self.bytes, self.format);
        info.add_damage(Damage {
            kind: DamageKind::Tail,
            offset: 0,
            line: None,
            from: None,
            to: None,
            what: format!("The file cannot be read any more: {error}."),
        });
        Whole { info, known: Known::default() }
    }
}

/// Packets in file order. An error that is [`ReadError::Damaged`] is followed by the packets after the damage.
pub struct Packets {
    source: Source,
}

enum Source {
    Mcap(Box<McapPackets>),
    Capture(Box<CapturePackets>),
    Ahead(Ahead<Result<Packet, ReadError>>),
    Failed(Option<ReadError>),
}

/// Packets handed over at once by who reads ahead: with the batches that wait, most of a chunk is unpacked before it is
/// asked for.
const PACKETS_A_BATCH: usize = 512;

impl Packets {
    /// The same, read and unpacked on a thread of its own a bounded way ahead: for who is about to take many of them.
    ///
    /// # Panics
    /// When the system has no room for a thread.
    #[must_use]
    pub fn read_ahead(self) -> Self {
        Self { source: Source::Ahead(ahead(PACKETS_A_BATCH, self)) }
    }
}

impl Iterator for Packets {
    type Item = Result<Packet, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.source {
            Source::Mcap(packets) => packets.next(),
            Source::Capture(packets) => packets.next(),
            Source::Ahead(packets) => packets.next(),
            Source::Failed(error) => error.take().map(Err),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bulk::{BulkOptions, write_all};
    use crate::tape::FileHeader;
    use bytes::Bytes;
    use market::{Body, LinkId, Venue};

    #[test]
    fn a_closed_recording_is_known_without_reading_its_chunks() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("tape.mcap");
        let header = FileHeader { program: String::new(), endpoints: vec![], is_simulated: true };
        let packet = |number: u64| Packet {
            venue: Venue::Binance,
            link: LinkId(0),
            number,
            received_at: Timestamp::from_nanos(number as i64 * 1_000),
            body: Body::Text(Bytes::from_static(b"{}")),
        };
        let options = BulkOptions { chunk_bytes: 300, header };
        write_all(&path, (0..100).map(packet), &options).unwrap();
        let recording = open(&path).unwrap();
        let outline = recording.outline.as_ref().unwrap();
        assert!(outline.is_whole && outline.info.is_simulated);
        assert_eq!(*recording.info(), recording.check());
    }
}
