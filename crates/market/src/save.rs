//! State as bytes: fields one after another, and history in blocks that are written once.
//!
//! A history grows at its end and loses its oldest. It is cut at fixed positions; a block that can change no more is
//! written once and then only named, so that to save again costs what is new.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Serialize;

use crate::Venue;

/// Elements of a history in a block.
pub const BLOCK: u64 = 256;

/// A piece of history. The same key always means the same bytes, within a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedBlock {
    /// Its name.
    pub key: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// A state that was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedState {
    /// All but the blocks, which it names.
    pub bytes: Vec<u8>,
    /// The blocks that this state names and no state before it, as far as the progress knows of them.
    pub blocks: Vec<SavedBlock>,
}

/// Which blocks were saved already, by earlier calls of one session.
#[derive(Clone, Debug, Default)]
pub struct SaveProgress {
    histories: BTreeMap<String, BTreeMap<i64, Variant>>,
    lists: BTreeMap<Venue, (u64, String)>,
}

/// What a block holds of its place: it may lack its beginning, and one that changed after all is another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Variant {
    /// Elements or intervals that were lost at its beginning when it was written.
    pub n_lost: u32,
    /// Number of the last change of an element in it; 0 where none ever changes.
    pub revision: u64,
}

/// A history of which nothing changes but at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Position of the oldest that is kept.
    pub first: u64,
    /// Position before which nothing changes any more.
    pub fixed: u64,
    /// Position behind the newest.
    pub end: u64,
}

impl Span {
    /// Of `n_kept` elements out of `n_pushed`, the last `n_open` of which still change.
    pub const fn of(n_pushed: u64, n_kept: usize, n_open: u64) -> Self {
        Self {
            first: n_pushed.saturating_sub(n_kept as u64),
            fixed: n_pushed.saturating_sub(n_open),
            end: n_pushed,
        }
    }
}

/// Writes a state.
#[derive(Debug)]
pub struct Saver<'p> {
    bytes: Vec<u8>,
    blocks: Vec<SavedBlock>,
    progress: &'p mut SaveProgress,
    scope: String,
}

impl<'p> Saver<'p> {
    /// A state of which nothing is written yet.
    pub fn new(progress: &'p mut SaveProgress) -> Self {
        Self { bytes: Vec::new(), blocks: Vec::new(), progress, scope: String::new() }
    }

    /// What was written.
    pub fn finish(self) -> SavedState {
        SavedState { bytes: self.bytes, blocks: self.blocks }
    }

    /// Writes a field.
    pub fn put<T: Serialize + ?Sized>(&mut self, value: &T) {
        put(&mut self.bytes, value);
    }

    /// Where the next field is appended, for those that write many small ones.
    pub const fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Whose histories follow: a name that no other owner of histories in this session has.
    pub fn set_scope(&mut self, scope: String) {
        self.scope = scope;
    }

    /// Forgets the histories of owners that are none of these any longer.
    pub fn keep_scopes(&mut self, is_kept: impl Fn(&str) -> bool) {
        let scope_of = |path: &str| path.rsplit_once('.').map_or(0, |(scope, _)| scope.len());
        self.progress.histories.retain(|path, _| is_kept(&path[..scope_of(path)]));
    }

    /// Writes a history whose elements at some positions `write` appends, so that they can be read by themselves.
    pub fn history(&mut self, name: &str, span: Span, write: impl Fn(Range<u64>, &mut Vec<u8>)) {
        let first = span.first / BLOCK;
        let end = (span.fixed / BLOCK).max(first);
        self.put(&(span.first, span.end, end - first));
        self.drop_before(name, first as i64);
        for index in first..end {
            let start = span.first.max(index * BLOCK);
            let n_lost = (start - index * BLOCK) as u32;
            self.block(name, index as i64, Variant { n_lost, revision: 0 }, |out| {
                write(start..(index + 1) * BLOCK, out);
            });
        }
        write(span.first.max(end * BLOCK)..span.end, &mut self.bytes);
    }

    /// Names a block, and writes it unless it was written already and nothing in it has changed since.
    pub fn block(
        &mut self,
        name: &str,
        index: i64,
        variant: Variant,
        write: impl FnOnce(&mut Vec<u8>),
    ) {
        let path = format!("{}.{name}", self.scope);
        let known = self.progress.histories.entry(path).or_default();
        let known = known.entry(index);
        let written = match &known {
            std::collections::btree_map::Entry::Occupied(entry) => Some(*entry.get()),
            std::collections::btree_map::Entry::Vacant(_) => None,
        };
        let written = written.filter(|written| written.revision >= variant.revision);
        let variant = written.unwrap_or(variant);
        known.insert_entry(variant);
        if written.is_none() {
            let mut bytes = Vec::new();
            write(&mut bytes);
            self.blocks.push(SavedBlock { key: key(&self.scope, name, index, variant), bytes });
        }
        self.put(&variant);
    }

    /// Writes the name of a list that changes seldom and as a whole, and the list when this revision of it is new.
    pub fn list(&mut self, venue: Venue, revision: u64, write: impl FnOnce() -> SavedBlock) {
        let known = self.progress.lists.get(&venue).filter(|(of, _)| *of == revision);
        let key = match known {
            Some((_, key)) => key.clone(),
            None => {
                let block = write();
                let key = block.key.clone();
                self.progress.lists.insert(venue, (revision, key.clone()));
                self.blocks.push(block);
                key
            }
        };
        self.put(&(revision, key));
    }

    /// Blocks that no state names any longer need not be remembered.
    pub fn drop_before(&mut self, name: &str, index: i64) {
        if let Some(known) = self.progress.histories.get_mut(&format!("{}.{name}", self.scope)) {
            while known.first_key_value().is_some_and(|(oldest, _)| *oldest < index) {
                known.pop_first();
            }
        }
    }
}

/// Appends a value.
pub fn put<T: Serialize + ?Sized>(bytes: &mut Vec<u8>, value: &T) {
    let taken = std::mem::take(bytes);
    *bytes = postcard::to_extend(value, taken)
        .expect("memory takes any value, and ours have known lengths");
}

/// The name of a block.
pub(crate) fn key(scope: &str, name: &str, index: i64, variant: Variant) -> String {
    let Variant { n_lost, revision } = variant;
    match (n_lost, revision) {
        (0, 0) => format!("{scope}.{name}.{index}"),
        (_, _) => format!("{scope}.{name}.{index}.{n_lost}.{revision}"),
    }
}
