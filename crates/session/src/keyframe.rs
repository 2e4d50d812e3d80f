//! Keyframes: the state of all panels at a moment, so that a seek need not begin at the first packet.
//!
//! They are a cache. What is in them the engine says; here they are bytes with a moment and a version, kept as MCAP
//! attachments: in the recording, where the recorder wrote them between two chunks, or in a file beside it
//! ([`KeyframeFile`]), where they were made later. Packets stay the truth: whatever is wrong with a keyframe, it is
//! as if it were not there.
//!
//! Most of a state is history that only grows. It lies in *blocks*, each kept once: under the same key always lie the
//! same bytes.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use market::Timestamp;

use crate::disk::{Disk, LocalDisk};
use crate::tape::{FileHeader, Tape};
use crate::walk::{AttachmentHead, Step, Walker, read_attachment};

/// How the names of attachments with keyframes begin; the version follows, in a file of keyframes alone also `@` and
/// where in the recording the packets after it begin.
const KEYFRAME_NAME: &str = "tapedeck.keyframe.";
/// How the names of attachments with blocks begin; version, `/` and key follow.
const BLOCK_NAME: &str = "tapedeck.block.";
/// What a file of keyframes is called: the recording's name and this.
const FILE_SUFFIX: &str = ".keyframes";
/// The metadata record that says of which recording a file of keyframes is.
pub(crate) const FILE_METADATA: &str = "tapedeck.keyframes";
/// A state or a block unpacks to at most this.
const MAX_BYTES: usize = 64 << 20;

/// A state at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keyframe {
    /// What its bytes mean; another version is not read.
    pub version: u32,
    /// `received_at` of the first packet that the state knows of: it is of use to who begins with the same packet.
    pub since: Timestamp,
    /// `received_at` of the last packet before it.
    pub at: Timestamp,
    /// The state, without what lies in blocks.
    pub bytes: Bytes,
}

/// A part of a state that never changes again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Unique within a session.
    pub key: String,
    /// What it holds.
    pub bytes: Bytes,
}

/// A keyframe that is there; its bytes are read on demand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyframeEntry {
    /// What its bytes mean.
    pub version: u32,
    /// See [`Keyframe::since`].
    pub since: Timestamp,
    /// See [`Keyframe::at`].
    pub at: Timestamp,
    /// Where in the recording the packets after it begin.
    pub(crate) resume_offset: u64,
    place: Place,
}

/// Where an attachment lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    is_beside: bool,
    offset: u64,
    length: u64,
}

/// All keyframes and blocks of a recording.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Keyframes {
    entries: Vec<KeyframeEntry>,
    /// By version, whether they lie beside the recording, and key. Those beside it may be of a session that began
    /// elsewhere.
    blocks: BTreeMap<(u32, bool, String), Place>,
}

impl Keyframes {
    /// Takes an attachment that the walk has met in the recording.
    pub(crate) fn note(&mut self, head: &AttachmentHead) {
        self.add(head, false);
    }

    /// Takes those of the file beside the recording, when it is of this recording.
    pub(crate) fn note_beside(&mut self, recording: &Path, bytes: u64, from: Option<Timestamp>) {
        match walk_beside(recording, bytes, from) {
            Ok(heads) => heads.iter().for_each(|head| self.add(head, true)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => tracing::debug!(%error, "the keyframes beside a recording are not read"),
        }
        self.entries.sort_by_key(|entry| (entry.at, entry.resume_offset));
    }

    fn add(&mut self, head: &AttachmentHead, is_beside: bool) {
        let place = Place { is_beside, offset: head.offset, length: head.length };
        if let Some(name) = head.name.strip_prefix(BLOCK_NAME)
            && let Some((version, key)) = name.split_once('/')
            && let Ok(version) = version.parse()
        {
            self.blocks.entry((version, is_beside, key.to_owned())).or_insert(place);
        } else if let Some(name) = head.name.strip_prefix(KEYFRAME_NAME) {
            let (version, resume) = match name.split_once('@') {
                Some((version, offset)) if is_beside => (version, offset.parse().ok()),
                Some(_) => return,
                None => (name, (!is_beside).then_some(head.offset)),
            };
            if let (Ok(version), Some(resume_offset)) = (version.parse(), resume) {
                let (since, at) = (head.created_at, head.logged_at);
                self.entries.push(KeyframeEntry { version, since, at, resume_offset, place });
            }
        }
    }

    /// Those of a version, in order.
    pub(crate) fn of_version(
        &self,
        version: u32,
    ) -> impl DoubleEndedIterator<Item = &KeyframeEntry> {
        self.entries.iter().filter(move |entry| entry.version == version)
    }

    /// The bytes of a keyframe; `None` when they are damaged or gone.
    pub(crate) fn read(&self, recording: &Path, entry: &KeyframeEntry) -> Option<Vec<u8>> {
        unpacked(recording, entry.place)
    }

    /// The bytes of a block of such a keyframe; `None` when there is none of this key, or it is damaged.
    pub(crate) fn read_block(
        &self,
        recording: &Path,
        of: &KeyframeEntry,
        key: &str,
    ) -> Option<Vec<u8>> {
        let place = self.blocks.get(&(of.version, of.place.is_beside, key.to_owned()))?;
        unpacked(recording, *place)
    }
}

/// A keyframe or block as attachment of an MCAP file.
pub(crate) fn attachment_of_keyframe(
    keyframe: &Keyframe,
    resume_offset: Option<u64>,
) -> io::Result<mcap::Attachment<'static>> {
    let place = resume_offset.map(|offset| format!("@{offset}")).unwrap_or_default();
    let name = format!("{KEYFRAME_NAME}{}{place}", keyframe.version);
    attachment(name, (keyframe.at, keyframe.since), &keyframe.bytes)
}

/// See [`attachment_of_keyframe`].
pub(crate) fn attachment_of_block(
    version: u32,
    block: &Block,
) -> io::Result<mcap::Attachment<'static>> {
    let name = format!("{BLOCK_NAME}{version}/{}", block.key);
    attachment(name, (Timestamp::default(), Timestamp::default()), &block.bytes)
}

fn attachment(
    name: String,
    (logged_at, created_at): (Timestamp, Timestamp),
    bytes: &[u8],
) -> io::Result<mcap::Attachment<'static>> {
    let nanos = |at: Timestamp| u64::try_from(at.nanos()).unwrap_or(0);
    Ok(mcap::Attachment {
        log_time: nanos(logged_at),
        create_time: nanos(created_at),
        name,
        media_type: "application/zstd".to_owned(),
        data: zstd::bulk::compress(bytes, 1)?.into(),
    })
}

/// What the walk over the file beside a recording meets, when it is of this recording.
fn walk_beside(
    recording: &Path,
    bytes: u64,
    from: Option<Timestamp>,
) -> io::Result<Vec<AttachmentHead>> {
    let path = path_beside(recording);
    let file = File::open(&path)?;
    let length = file.metadata()?.len();
    let mut walker = Walker::new(file, length, 0)?;
    let (mut heads, mut is_of_it) = (Vec::new(), false);
    while let Some(step) = walker.next()? {
        match step {
            Step::Metadata(name, map) if name == FILE_METADATA => {
                let [(_, size), (_, first)] = identity(bytes, from);
                is_of_it = map.get("bytes") == Some(&size) && map.get("from") == Some(&first);
            }
            Step::Attached(head) => heads.push(head),
            Step::Profile(_)
            | Step::Metadata(..)
            | Step::Index(_)
            | Step::Chunk(_)
            | Step::Broken { .. }
            | Step::Cut { .. }
            | Step::Closed => {}
        }
    }
    Ok(if is_of_it { heads } else { Vec::new() })
}

fn unpacked(recording: &Path, place: Place) -> Option<Vec<u8>> {
    let path = if place.is_beside { path_beside(recording) } else { recording.to_owned() };
    let read = || {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(place.offset))?;
        let mut record = Vec::new();
        file.take(place.length).read_to_end(&mut record)?;
        io::Result::Ok(record)
    };
    let record = read().ok()?;
    let data = read_attachment(&record)?;
    let bound = zstd::bulk::Decompressor::upper_bound(data).unwrap_or(MAX_BYTES);
    zstd::bulk::decompress(data, bound.min(MAX_BYTES)).ok()
}

/// Where keyframes lie that are not in the recording itself.
pub(crate) fn path_beside(recording: &Path) -> PathBuf {
    let mut name = recording.file_name().unwrap_or_default().to_owned();
    name.push(FILE_SUFFIX);
    recording.with_file_name(name)
}

/// What tells one recording from another: its length and its first moment.
pub(crate) fn identity(bytes: u64, from: Option<Timestamp>) -> [(String, String); 2] {
    let from = from.map(|from| from.nanos().to_string()).unwrap_or_default();
    [("bytes".to_owned(), bytes.to_string()), ("from".to_owned(), from)]
}

/// Keyframes being written into a file beside a recording that has none, or none that can be used.
pub struct KeyframeFile {
    tape: Tape,
    unfinished: PathBuf,
    path: PathBuf,
}

impl KeyframeFile {
    /// Begins a file for the recording at `path` of `bytes` bytes whose first packet is of `from`. Until
    /// [`finish`](Self::finish) it lies under another name.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn create(path: &Path, bytes: u64, from: Option<Timestamp>) -> io::Result<Self> {
        let path = path_beside(path);
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}", std::process::id()));
        let unfinished = path.with_file_name(name);
        match std::fs::remove_file(&unfinished) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let disk: &mut dyn Disk = &mut LocalDisk;
        let header = FileHeader {
            program: concat!("tapedeck ", env!("CARGO_PKG_VERSION")).to_owned(),
            endpoints: Vec::new(),
            is_simulated: false,
        };
        let mut tape = Tape::create(disk, &unfinished, &header, 1 << 20)?;
        tape.say(FILE_METADATA, identity(bytes, from).into())?;
        Ok(Self { tape, unfinished, path })
    }

    /// Adds a keyframe, and the blocks that are new with it; the packets after it begin with the chunk at
    /// `resume_offset` of the recording ([`ChunkSpan::offset`](crate::ChunkSpan::offset)).
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn add(
        &mut self,
        keyframe: &Keyframe,
        blocks: &[Block],
        resume_offset: u64,
    ) -> io::Result<()> {
        self.tape.attach_keyframe(keyframe, blocks, Some(resume_offset))
    }

    /// Closes the file and gives it its name.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn finish(mut self) -> io::Result<()> {
        self.tape.finish()?;
        std::fs::rename(&self.unfinished, &self.path)
    }
}

impl Drop for KeyframeFile {
    fn drop(&mut self) {
        // What was not finished is of no use; after `finish` it has another name.
        if let Err(error) = std::fs::remove_file(&self.unfinished)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::debug!(%error, "an unfinished file of keyframes stays behind");
        }
    }
}
