//! Keyframes: the state of all panels at a moment, so that a seek need not begin at the first packet.
//!
//! They are a cache. What is in them the engine says; here they are bytes with a moment and a version, kept as MCAP
//! attachments: in the recording, where the recorder wrote them between two chunks, or in a file beside it
//! ([`KeyframeFile`]), where they were made later. Packets stay the truth: whatever is wrong with a keyframe, it is
//! as if it were not there.
//!
//! Most of a state is history that only grows. It lies in *blocks*, each kept once: under the same key always lie the
//! same bytes. The blocks that are new with a keyframe stand before it in one [`pack`], so that a long recording has
//! few attachments.

mod doubts;
mod list;
mod pack;
mod together;

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use market::Timestamp;

use crate::disk::{Disk, LocalDisk};
use crate::recording::Recording;
use crate::tape::{FileHeader, Tape};
use crate::walk::{AttachmentHead, Step, Walker, read_attachment};

pub use doubts::Doubts;
pub(crate) use list::Keyframes;
pub use together::KeptTogether;
pub(crate) use together::{identity as identity_together, name_of as name_together};

/// How the names of attachments with keyframes begin; the version follows, then `@` and where in the recording the
/// packets after it begin, unless that is where the keyframe stands.
const KEYFRAME_NAME: &str = "tapedeck.keyframe.";
/// How the names of attachments with blocks begin; version, `/` and the number of the pack follow.
const BLOCKS_NAME: &str = "tapedeck.blocks.";
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
    /// The number of its pack, `/`, and a name; unique within a session. All that are written with one keyframe have
    /// the same number, and no others have.
    pub key: String,
    /// What it holds.
    pub bytes: Bytes,
}

/// A keyframe on its way into a recording, made by who reads what the recorder has written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeKeyframe {
    /// The file whose packets it knows of, and those of the parts before it.
    pub path: PathBuf,
    /// The chunk with which the packets after it begin ([`ChunkSpan::offset`](crate::ChunkSpan::offset)).
    pub resume_offset: u64,
    /// The state.
    pub keyframe: Keyframe,
    /// The blocks that are new with it.
    pub blocks: Vec<Block>,
}

/// A keyframe that is there; its bytes are read on demand.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    is_beside: bool,
    offset: u64,
    length: u64,
}

/// A keyframe as attachment of an MCAP file.
pub(crate) fn attachment_of_keyframe(
    keyframe: &Keyframe,
    resume_offset: Option<u64>,
) -> io::Result<mcap::Attachment<'static>> {
    let place = resume_offset.map(|offset| format!("@{offset}")).unwrap_or_default();
    let name = format!("{KEYFRAME_NAME}{}{place}", keyframe.version);
    let data = zstd::bulk::compress(&keyframe.bytes, 1)?;
    Ok(attachment(name, (keyframe.at, keyframe.since), "application/zstd", data))
}

/// Blocks that are new with one keyframe as attachment of an MCAP file; `None` where there are none.
pub(crate) fn attachment_of_blocks(
    version: u32,
    blocks: &[Block],
) -> io::Result<Option<mcap::Attachment<'static>>> {
    let Some(first) = blocks.first() else { return Ok(None) };
    let number = first.key.split_once('/').map_or("", |(number, _)| number);
    let name = format!("{BLOCKS_NAME}{version}/{number}");
    let times = (Timestamp::default(), Timestamp::default());
    Ok(Some(attachment(name, times, "application/octet-stream", pack::write(blocks)?)))
}

fn attachment(
    name: String,
    (logged_at, created_at): (Timestamp, Timestamp),
    media_type: &str,
    data: Vec<u8>,
) -> mcap::Attachment<'static> {
    let nanos = |at: Timestamp| u64::try_from(at.nanos()).unwrap_or(0);
    mcap::Attachment {
        log_time: nanos(logged_at),
        create_time: nanos(created_at),
        name,
        media_type: media_type.to_owned(),
        data: data.into(),
    }
}

/// What the walk over a file of keyframes meets, when it says that it is of this.
fn walk_file(path: &Path, identity: &[(String, String)]) -> io::Result<Vec<AttachmentHead>> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut walker = Walker::new(file, length, 0)?;
    let (mut heads, mut is_of_it) = (Vec::new(), false);
    while let Some(step) = walker.next()? {
        match step {
            Step::Metadata(name, map) if name == FILE_METADATA => {
                is_of_it = identity.iter().all(|(key, value)| map.get(key) == Some(value));
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
    let record = read_at(&path_of(recording, place), place.offset, place.length).ok()?;
    unzipped(read_attachment(&record)?)
}

fn read_at(path: &Path, offset: u64, length: u64) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn unzipped(data: &[u8]) -> Option<Vec<u8>> {
    let bound = zstd::bulk::Decompressor::upper_bound(data).unwrap_or(MAX_BYTES);
    zstd::bulk::decompress(data, bound.min(MAX_BYTES)).ok()
}

fn path_of(recording: &Path, place: Place) -> PathBuf {
    if place.is_beside { path_beside(recording) } else { recording.to_owned() }
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
        Self::begin(path_beside(path), &identity(bytes, from))
    }

    /// Begins a file for what these recordings show together, beside the first of them; see [`KeptTogether`].
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn create_together(recordings: &[Vec<&Recording>]) -> io::Result<Self> {
        let first = recordings.iter().flatten().next().ok_or(io::ErrorKind::InvalidInput)?;
        Self::begin(path_beside(&together::name_of(first)), &together::said(recordings))
    }

    fn begin(path: PathBuf, identity: &[(String, String)]) -> io::Result<Self> {
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
        tape.say(FILE_METADATA, identity.iter().cloned().collect())?;
        Ok(Self { tape, unfinished, path })
    }

    /// Adds a keyframe, and the blocks that are new with it; the packets after it begin with the chunk at
    /// `resume_offset` of the recording ([`ChunkSpan::offset`](crate::ChunkSpan::offset)). Where they begin in
    /// recordings that play together, the keyframe's bytes must say.
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
