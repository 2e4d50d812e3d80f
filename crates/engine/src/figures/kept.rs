//! Figures kept beside a recording, in `<recording>.figures`: a cache that is made again when the recording changes.

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use crate::wire::{RecordedInstrument, RecordingFigures};

/// Grows when figures mean something else or are found otherwise; others are made again.
const VERSION: u32 = 3;
/// A larger file is none of ours.
const BYTES_MAX: u64 = 4 << 20;

/// Figures, and of which state of the recording they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Kept {
    version: u32,
    /// Size of the recording.
    bytes: u64,
    /// When it was last changed, in ns of Unix time.
    modified_ns: i64,
    /// All instruments, the busiest first.
    pub(crate) instruments: Vec<RecordedInstrument>,
    /// The figures.
    pub(crate) figures: RecordingFigures,
}

/// Size of a file, and when it was last changed.
pub(crate) type Stamp = (u64, i64);

/// The stamp of a file; `None` when it is not there.
pub(crate) fn stamp(recording: &Path) -> Option<Stamp> {
    let metadata = std::fs::metadata(recording).ok()?;
    let modified = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some((metadata.len(), i64::try_from(modified.as_nanos()).ok()?))
}

impl Kept {
    /// Figures of a recording as it was at `stamp`.
    pub(crate) fn new(
        (bytes, modified_ns): Stamp,
        instruments: Vec<RecordedInstrument>,
        figures: RecordingFigures,
    ) -> Self {
        Self { version: VERSION, bytes, modified_ns, instruments, figures }
    }

    /// What lies beside a recording, if it is of the recording as it is now.
    pub(crate) fn beside(recording: &Path) -> Option<Self> {
        let path = path_beside(recording);
        if std::fs::metadata(&path).ok()?.len() > BYTES_MAX {
            return None;
        }
        let kept: Self = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
        kept.is_of(recording).then_some(kept)
    }

    /// Whether the recording is still as it was.
    pub(crate) fn is_of(&self, recording: &Path) -> bool {
        self.version == VERSION && stamp(recording) == Some((self.bytes, self.modified_ns))
    }

    /// Puts it beside the recording, whole or not at all.
    pub(crate) fn save(&self, recording: &Path) -> std::io::Result<()> {
        let path = path_beside(recording);
        let mut part = path.clone().into_os_string();
        part.push(".part");
        std::fs::write(&part, serde_json::to_vec(self)?)?;
        std::fs::rename(part, path)
    }
}

fn path_beside(recording: &Path) -> PathBuf {
    let mut path = recording.as_os_str().to_owned();
    path.push(".figures");
    PathBuf::from(path)
}
