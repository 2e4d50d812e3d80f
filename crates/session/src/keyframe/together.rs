//! Keyframes of what several recordings show when they play together.

use std::path::PathBuf;

use super::{Doubts, KeyframeEntry, Keyframes, identity as identity_of};
use crate::recording::Recording;

/// What stands between the name of the first recording and that of a file of keyframes.
const TOGETHER: &str = ".together";

/// The keyframes of recordings that play together. They lie beside the first of the recordings; it has one such file,
/// for those with which it was played last.
pub struct KeptTogether {
    /// Of what the file is, as [`Keyframes`] wants it.
    of: PathBuf,
    keyframes: Keyframes,
    doubts: Doubts,
}

impl KeptTogether {
    /// The keyframes of these recordings in this order, each with its files in order, if there are any that tell of
    /// just these.
    pub fn open(recordings: &[Vec<&Recording>]) -> Option<Self> {
        let of = name_of(recordings.iter().flatten().next()?);
        let mut keyframes = Keyframes::default();
        keyframes.note_file(&super::path_beside(&of), &said(recordings));
        let doubts = Doubts::default();
        (!keyframes.is_empty()).then_some(Self { of, keyframes, doubts })
    }

    /// Those of a version, in order; without those that were found damaged.
    pub fn of_version(&self, version: u32) -> impl DoubleEndedIterator<Item = KeyframeEntry> {
        self.keyframes.of_version(version).filter(|entry| self.doubts.trusts(entry))
    }

    /// Which of its keyframes cannot be used, as far as that was found while it is open.
    pub const fn doubts(&self) -> &Doubts {
        &self.doubts
    }

    /// The bytes of a keyframe; `None` when they are damaged or gone.
    pub fn read(&self, entry: &KeyframeEntry) -> Option<Vec<u8>> {
        self.keyframes.read(&self.of, entry)
    }

    /// A block that belongs to a keyframe; `None` when there is none of this key, or it is damaged.
    pub fn read_block(&self, of: &KeyframeEntry, key: &str) -> Option<Vec<u8>> {
        self.keyframes.read_block(&self.of, of, key)
    }

    /// Whether there should be such a block; that it is not damaged, only reading it shows.
    pub fn names_block(&self, of: &KeyframeEntry, key: &str) -> bool {
        self.keyframes.has_pack(of, key)
    }
}

/// Beside what the file lies: a name that begins with the recording's, so that it goes where the recording goes.
pub(crate) fn name_of(first: &Recording) -> PathBuf {
    let mut name = first.path().file_name().unwrap_or_default().to_owned();
    name.push(TOGETHER);
    first.path().with_file_name(name)
}

/// What the file says of which recordings it is.
pub(super) fn said(recordings: &[Vec<&Recording>]) -> [(String, String); 1] {
    [("together".to_owned(), identity(recordings))]
}

/// What tells these recordings in this order from others, from one of them alone, and from the same files as parts of
/// other recordings.
pub(crate) fn identity(recordings: &[Vec<&Recording>]) -> String {
    let of_file = |file: &&Recording| {
        let info = file.info();
        identity_of(info.bytes, info.from).map(|(_, value)| value).join(" ")
    };
    let of = |files: &Vec<&Recording>| files.iter().map(of_file).collect::<Vec<_>>().join(", ");
    let all: Vec<String> = recordings.iter().map(of).collect();
    all.join("; ")
}
