//! What turned out to be wrong with keyframes, as long as their file is open.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use super::KeyframeEntry;

/// Keyframes that are left aside.
#[derive(Debug, Default)]
pub struct Doubts(Mutex<Wrong>);

#[derive(Debug, Default)]
struct Wrong {
    entries: BTreeSet<KeyframeEntry>,
    has_blocks: bool,
}

impl Doubts {
    /// Leaves one aside.
    pub fn add(&self, entry: &KeyframeEntry) {
        self.with(|wrong| wrong.entries.insert(entry.clone()));
    }

    /// Blocks are damaged, which other keyframes may name as well.
    pub fn add_blocks(&self) {
        self.with(|wrong| wrong.has_blocks = true);
    }

    /// Whether blocks were found damaged.
    pub fn has_blocks(&self) -> bool {
        self.with(|wrong| wrong.has_blocks)
    }

    /// How many are left aside.
    pub fn n_entries(&self) -> usize {
        self.with(|wrong| wrong.entries.len())
    }

    /// Whether this one is not.
    pub fn trusts(&self, entry: &KeyframeEntry) -> bool {
        self.with(|wrong| !wrong.entries.contains(entry))
    }

    fn with<T>(&self, work: impl FnOnce(&mut Wrong) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
