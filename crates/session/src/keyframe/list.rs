//! Which keyframes and blocks a recording has: a day of them is a megabyte, and is held as long as it is open.

use std::io;
use std::path::Path;

use market::Timestamp;

use super::{
    BLOCKS_NAME, KEYFRAME_NAME, KeyframeEntry, Place, identity, pack, path_beside, path_of,
    unpacked, walk_file,
};
use crate::walk::AttachmentHead;

/// All keyframes and blocks of a recording.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Keyframes {
    entries: Vec<Entry>,
    packs: Vec<Pack>,
    /// What is the same of many.
    kinds: Vec<Kind>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    at: Timestamp,
    resume_offset: u64,
    offset: u64,
    length: u32,
    kind: u32,
}

/// The blocks that are new with one keyframe, by their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pack {
    number: u64,
    offset: u64,
    length: u32,
    kind: u32,
}

/// Those beside a recording may be of a session that began elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Kind {
    version: u32,
    is_beside: bool,
    since: Timestamp,
}

impl Keyframes {
    /// Takes an attachment that the walk has met in the recording; [`settle`](Self::settle) follows.
    pub(crate) fn note(&mut self, head: &AttachmentHead) {
        self.add(head, false);
    }

    /// Takes those of the file beside the recording, when it is of this recording.
    pub(crate) fn note_beside(&mut self, recording: &Path, bytes: u64, from: Option<Timestamp>) {
        self.note_file(&path_beside(recording), &identity(bytes, from));
    }

    /// Takes those of a file that says that it is of this.
    pub(super) fn note_file(&mut self, file: &Path, identity: &[(String, String)]) {
        match walk_file(file, identity) {
            Ok(heads) => heads.iter().for_each(|head| self.add(head, true)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => tracing::debug!(%error, "the keyframes beside a recording are not read"),
        }
        self.entries.sort_by_key(|entry| (entry.at, entry.resume_offset));
        self.settle();
    }

    /// All are there for now: blocks are found by their number from here on.
    pub(crate) fn settle(&mut self) {
        let key = |pack: &Pack| (pack.kind, pack.number);
        if !self.packs.is_sorted_by(|one, other| key(one) < key(other)) {
            self.packs.sort_by_key(key);
            // Of two with one number the first counts.
            self.packs.dedup_by_key(|pack| key(pack));
        }
    }

    /// Lets go of room that nothing is in.
    pub(crate) fn shrink(&mut self) {
        self.entries.shrink_to_fit();
        self.packs.shrink_to_fit();
    }

    fn add(&mut self, head: &AttachmentHead, is_beside: bool) {
        // One of 4 GB is more than is ever unpacked.
        let (offset, Ok(length)) = (head.offset, u32::try_from(head.length)) else { return };
        if let Some(name) = head.name.strip_prefix(BLOCKS_NAME)
            && let Some((version, number)) = name.split_once('/')
            && let (Ok(version), Ok(number)) = (version.parse(), number.parse())
        {
            let kind = self.kind_of(Kind { version, is_beside, since: Timestamp::default() });
            self.packs.push(Pack { number, offset, length, kind });
        } else if let Some(name) = head.name.strip_prefix(KEYFRAME_NAME) {
            let (version, resume) = match name.split_once('@') {
                Some((version, offset)) => (version, offset.parse().ok()),
                None => (name, (!is_beside).then_some(head.offset)),
            };
            // In the recording it was written when the packets that it knows of were there already.
            let resume = resume.filter(|resume| is_beside || *resume <= head.offset);
            if let (Ok(version), Some(resume_offset)) = (version.parse(), resume) {
                let kind = self.kind_of(Kind { version, is_beside, since: head.created_at });
                let at = head.logged_at;
                self.entries.push(Entry { at, resume_offset, offset, length, kind });
            }
        }
    }

    /// The position of a kind: mostly one of the last that were met.
    fn kind_of(&mut self, kind: Kind) -> u32 {
        const LOOKED_AT: usize = 64;
        let known = self.kinds.iter().rev().take(LOOKED_AT).position(|known| *known == kind);
        let index = known.map_or(self.kinds.len(), |back| self.kinds.len() - 1 - back);
        if known.is_none() {
            self.kinds.push(kind);
        }
        u32::try_from(index).unwrap_or(u32::MAX)
    }

    fn kind(&self, index: u32) -> Option<Kind> {
        self.kinds.get(usize::try_from(index).ok()?).copied()
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Those of a version, in order.
    pub(crate) fn of_version(
        &self,
        version: u32,
    ) -> impl DoubleEndedIterator<Item = KeyframeEntry> {
        self.entries.iter().filter_map(move |entry| {
            let Entry { at, resume_offset, offset, length, kind } = *entry;
            let Kind { is_beside, since, .. } =
                self.kind(kind).filter(|of| of.version == version)?;
            let place = Place { is_beside, offset, length: length.into() };
            Some(KeyframeEntry { version, since, at, resume_offset, place })
        })
    }

    /// What those of a version take, their packs included.
    pub(crate) fn bytes_of_version(&self, version: u32) -> u64 {
        let is_of_it = |kind: u32| self.kind(kind).is_some_and(|kind| kind.version == version);
        let packs = self.packs.iter().filter(|pack| is_of_it(pack.kind));
        let entries = self.entries.iter().filter(|entry| is_of_it(entry.kind));
        let lengths = entries.map(|entry| entry.length).chain(packs.map(|pack| pack.length));
        lengths.map(u64::from).sum()
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
        let (place, name) = self.pack_of(of, key)?;
        pack::read(&path_of(recording, place), place, name)
    }

    /// Whether there is a pack for a block of such a keyframe; it may be damaged.
    pub(crate) fn has_pack(&self, of: &KeyframeEntry, key: &str) -> bool {
        self.pack_of(of, key).is_some()
    }

    /// Where the pack of a block lies, and what the block is called in it.
    fn pack_of<'k>(&self, of: &KeyframeEntry, key: &'k str) -> Option<(Place, &'k str)> {
        let (number, name) = key.split_once('/')?;
        let number: u64 = number.parse().ok()?;
        let (version, is_beside) = (of.version, of.place.is_beside);
        let is_of_it = |kind: &Kind| kind.version == version && kind.is_beside == is_beside;
        let kinds = (0..).zip(&self.kinds).filter(|(_, kind)| is_of_it(kind));
        let mut found = kinds.filter_map(|(kind, _)| {
            let key = |pack: &Pack| (pack.kind, pack.number);
            let index = self.packs.binary_search_by_key(&(kind, number), key).ok()?;
            self.packs.get(index)
        });
        let Pack { offset, length, .. } = *found.next()?;
        Some((Place { is_beside, offset, length: length.into() }, name))
    }
}
