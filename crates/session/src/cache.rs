//! What was found by reading recordings, kept beside them so that they need not be read again.
//!
//! ```text
//! "tapedeck" · u32 version · u32 CRC-32 of all that follows
//! u32 length of the text that says of which recordings it is · text · u32 unpacked length · one zstd frame
//! ```
//!
//! Numbers are little-endian. Whatever is wrong with such a file, it is as if it were not there.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use market::Timestamp;

use crate::keyframe::{identity, identity_together, name_together};
use crate::recording::Recording;
use crate::walk::Fields;

const MAGIC: &[u8; 8] = b"tapedeck";
/// A file is at most so large, and unpacks to at most as much.
const MAX_BYTES: usize = 64 << 20;

/// Where something found in a recording, or in several that play together, is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cache {
    /// The recording that it lies beside, or the first of several.
    recording: PathBuf,
    path: PathBuf,
    /// What tells the recordings from others and from themselves before they changed.
    of: String,
}

impl Cache {
    /// Of a recording of so many bytes whose first packet is of `from`: `<recording>.<what>`.
    pub fn beside(recording: &Path, what: &str, bytes: u64, from: Option<Timestamp>) -> Self {
        let of = identity(bytes, from).map(|(_, value)| value).join(" ");
        Self { recording: recording.to_owned(), path: with_ending(recording, what), of }
    }

    /// Of what recordings show together, each given with its files: `<first>.together.<what>`. `None`: there is none.
    pub fn beside_together(recordings: &[Vec<&Recording>], what: &str) -> Option<Self> {
        let first = recordings.iter().flatten().next()?;
        Some(Self {
            recording: first.path().to_owned(),
            path: with_ending(&name_together(first), what),
            of: identity_together(recordings),
        })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is kept in this version; `None` when there is nothing, or nothing that can be used.
    pub fn read(&self, version: u32) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let file = File::open(&self.path).ok()?;
        file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).ok()?;
        let fields = &mut Fields::of(&bytes);
        let is_ours = bytes.len() <= MAX_BYTES && fields.bytes(MAGIC.len())? == MAGIC;
        if !is_ours || fields.u32()? != version {
            return None;
        }
        let crc = fields.u32()?;
        let checked = fields.bytes(fields.len())?;
        if crc32fast::hash(checked) != crc {
            return None;
        }
        let fields = &mut Fields::of(checked);
        let n_of = fields.u32()? as usize;
        if fields.bytes(n_of)? != self.of.as_bytes() {
            return None;
        }
        let length = fields.u32()? as usize;
        let packed = fields.bytes(fields.len())?;
        if length > MAX_BYTES {
            return None;
        }
        let unpacked = zstd::bulk::decompress(packed, length).ok()?;
        (unpacked.len() == length).then_some(unpacked)
    }

    /// Keeps this, whole or not at all.
    ///
    /// # Errors
    /// When it cannot be written, as on a disk that is read only, when it is too large, or when the recording has gone
    /// meanwhile.
    pub fn write(&self, version: u32, data: &[u8]) -> io::Result<()> {
        let bytes = self.packed(version, data)?;
        let mut unfinished = self.path.clone().into_os_string();
        unfinished.push(unique_ending());
        let written = std::fs::write(&unfinished, bytes)
            // What lies beside a recording goes with it: nothing is put where none is any longer.
            .and_then(|()| std::fs::metadata(&self.recording))
            .and_then(|_| std::fs::rename(&unfinished, &self.path));
        if written.is_err()
            && let Err(error) = std::fs::remove_file(&unfinished)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::debug!(%error, "an unfinished file stays behind");
        }
        written
    }

    fn packed(&self, version: u32, data: &[u8]) -> io::Result<Vec<u8>> {
        let packed = zstd::bulk::compress(data, 1)?;
        let mut checked = Vec::with_capacity(packed.len() + self.of.len() + 8);
        checked.extend(length(self.of.len())?);
        checked.extend(self.of.as_bytes());
        checked.extend(length(data.len())?);
        checked.extend(packed);
        let mut bytes = Vec::with_capacity(checked.len() + 16);
        bytes.extend(MAGIC);
        bytes.extend(version.to_le_bytes());
        bytes.extend(crc32fast::hash(&checked).to_le_bytes());
        bytes.extend(checked);
        length(bytes.len())?;
        Ok(bytes)
    }
}

fn length(length: usize) -> io::Result<[u8; 4]> {
    let fits = u32::try_from(length).ok().filter(|_| length <= MAX_BYTES);
    fits.map(u32::to_le_bytes).ok_or_else(|| io::Error::other("it is too large to be kept"))
}

fn with_ending(recording: &Path, what: &str) -> PathBuf {
    let mut path = recording.as_os_str().to_owned();
    path.push(".");
    path.push(what);
    PathBuf::from(path)
}

/// Two programs, and two threads of one, never write into the same file.
fn unique_ending() -> OsString {
    static N_WRITTEN: AtomicU64 = AtomicU64::new(0);
    let number = N_WRITTEN.fetch_add(1, Ordering::Relaxed);
    OsString::from(format!(".{}-{number}", std::process::id()))
}
