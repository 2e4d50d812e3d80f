//! A history of which the newest part is in memory, and what is older is read when somebody looks that far back.

use std::collections::VecDeque;
use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use crate::load::{Reader, RestoreError};

/// Where blocks are read by their keys, at once or later.
#[derive(Clone)]
pub struct Blocks(Arc<Source>);

/// A block by its key.
type ReadBlock = dyn Fn(&str) -> Option<Vec<u8>> + Send + Sync;

struct Source {
    has: Box<dyn Fn(&str) -> bool + Send + Sync>,
    read: Box<ReadBlock>,
    is_damaged: AtomicBool,
}

impl Blocks {
    /// `has` says whether there is a block of a key, `read` reads it: `None` when it is damaged after all.
    pub fn new(
        has: impl Fn(&str) -> bool + Send + Sync + 'static,
        read: impl Fn(&str) -> Option<Vec<u8>> + Send + Sync + 'static,
    ) -> Self {
        let (has, read) = (Box::new(has), Box::new(read));
        Self(Arc::new(Source { has, read, is_damaged: AtomicBool::new(false) }))
    }

    /// Whether there is such a block.
    pub fn has(&self, key: &str) -> bool {
        (self.0.has)(key)
    }

    /// A block; `None` when it is missing or damaged.
    pub fn read(&self, key: &str) -> Option<Vec<u8>> {
        (self.0.read)(key)
    }

    /// Whether a block that was there could not be read when it was wanted: whatever was made of these blocks is not to
    /// be believed any longer.
    pub fn is_damaged(&self) -> bool {
        self.0.is_damaged.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for Blocks {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Blocks").field("is_damaged", &self.is_damaged()).finish()
    }
}

/// Reads the elements at some positions of a history.
pub(crate) type Read<T> =
    Arc<dyn Fn(&mut Reader<'_>, Range<u64>) -> Result<Vec<T>, RestoreError> + Send + Sync>;

/// A history of elements, oldest first.
#[derive(Clone)]
pub struct Archive<T> {
    /// Oldest first. None of them is empty.
    chapters: VecDeque<Chapter<T>>,
    /// Elements of all chapters.
    n_older: usize,
    /// What follows.
    recent: VecDeque<T>,
}

/// A block that is read when it is wanted.
#[derive(Clone)]
struct Chapter<T> {
    place: Place<T>,
    /// Elements of the block that are still kept.
    kept: Range<usize>,
    elements: OnceLock<Vec<T>>,
}

/// Where a block is, and what it holds.
#[derive(Clone)]
pub(crate) struct Place<T> {
    pub(crate) blocks: Blocks,
    pub(crate) key: String,
    /// The positions of its elements.
    pub(crate) positions: Range<u64>,
    pub(crate) read: Read<T>,
    /// What stands for each element where the block cannot be read.
    pub(crate) blank: T,
}

impl<T: Clone> Place<T> {
    fn elements(&self) -> Vec<T> {
        let n = self.positions.end.saturating_sub(self.positions.start) as usize;
        let read = self.blocks.read(&self.key).and_then(|bytes| {
            let mut reader = Reader::new(&bytes);
            let elements = (self.read)(&mut reader, self.positions.clone()).ok()?;
            (elements.len() == n && reader.is_at_end()).then_some(elements)
        });
        read.unwrap_or_else(|| {
            self.blocks.0.is_damaged.store(true, Ordering::Relaxed);
            vec![self.blank.clone(); n]
        })
    }
}

impl<T: Clone> Chapter<T> {
    fn elements(&self) -> &[T] {
        let elements = self.elements.get_or_init(|| self.place.elements());
        elements.get(self.kept.clone()).unwrap_or_default()
    }
}

impl<T> Default for Archive<T> {
    fn default() -> Self {
        Self { chapters: VecDeque::new(), n_older: 0, recent: VecDeque::new() }
    }
}

impl<T> Archive<T> {
    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.n_older + self.recent.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends the newest.
    pub fn push_back(&mut self, element: T) {
        self.recent.push_back(element);
    }

    /// Drops the oldest `n`, without reading them.
    pub fn drop_front(&mut self, n: usize) {
        let mut n_left = n;
        while n_left > 0
            && let Some(oldest) = self.chapters.front_mut()
        {
            let n_dropped = oldest.kept.len().min(n_left);
            oldest.kept.start += n_dropped;
            self.n_older -= n_dropped;
            n_left -= n_dropped;
            if oldest.kept.is_empty() {
                self.chapters.pop_front();
            }
        }
        self.recent.drain(..n_left.min(self.recent.len()));
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// What is in memory anyway: at least the newest, where there is one that ever changes.
    pub const fn recent(&self) -> &VecDeque<T> {
        &self.recent
    }

    /// See [`recent`](Self::recent).
    pub const fn recent_mut(&mut self) -> &mut VecDeque<T> {
        &mut self.recent
    }

    /// Puts a block behind all that was put there before, without reading it. Nothing may be in memory yet.
    pub(crate) fn push_chapter(&mut self, place: Place<T>) {
        let n = place.positions.end.saturating_sub(place.positions.start) as usize;
        if n > 0 {
            self.n_older += n;
            self.chapters.push_back(Chapter { place, kept: 0..n, elements: OnceLock::new() });
        }
    }
}

impl<T: Clone> Archive<T> {
    /// The newest.
    pub fn back(&self) -> Option<&T> {
        self.recent.back().or_else(|| self.chapters.back()?.elements().last())
    }

    /// The oldest.
    pub fn front(&self) -> Option<&T> {
        self.get(0)
    }

    /// The oldest, when that costs no reading.
    pub fn front_in_memory(&self) -> Option<&T> {
        match self.chapters.front() {
            Some(oldest) => oldest.elements.get()?.get(oldest.kept.start),
            None => self.recent.front(),
        }
    }

    /// The element at a place, counted from the oldest.
    pub fn get(&self, index: usize) -> Option<&T> {
        if let Some(index) = index.checked_sub(self.n_older) {
            return self.recent.get(index);
        }
        // Chapters are of one length, but for the first and where few have changed: from the end, a step or two.
        let mut end = self.n_older;
        let chapter = self.chapters.iter().rev().find(|chapter| {
            end -= chapter.kept.len();
            index >= end
        });
        chapter?.elements().get(index - end)
    }

    /// The elements at these places.
    pub fn range(
        &self,
        range: Range<usize>,
    ) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator {
        let end = range.end.min(self.len());
        let all = range.start.min(end)..end;
        all.map(|index| self.get(index).expect("a place below the length has an element"))
    }

    /// All elements.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator {
        self.range(0..self.len())
    }

    /// The first place at which something no longer holds that holds for all elements before it.
    pub fn partition_point(&self, mut holds: impl FnMut(&T) -> bool) -> usize {
        let (mut from, mut to) = (0, self.len());
        while from < to {
            let middle = from + (to - from) / 2;
            match self.get(middle) {
                Some(element) if holds(element) => from = middle + 1,
                Some(_) | None => to = middle,
            }
        }
        from
    }

    /// All elements in memory, to be changed anywhere.
    pub fn all_mut(&mut self) -> &mut VecDeque<T> {
        for chapter in std::mem::take(&mut self.chapters).iter().rev() {
            for element in chapter.elements().iter().rev() {
                self.recent.push_front(element.clone());
            }
        }
        self.n_older = 0;
        &mut self.recent
    }
}

impl<T: fmt::Debug> fmt::Debug for Archive<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut archive = formatter.debug_struct("Archive");
        archive.field("n_older", &self.n_older).field("recent", &self.recent).finish()
    }
}

impl<T: Clone + PartialEq> PartialEq for Archive<T> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl<T: Clone + Eq> Eq for Archive<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers 0..8 in two blocks, the second damaged if that is asked for, and 8..11 in memory.
    fn archive(is_damaged: bool) -> (Archive<u64>, Blocks, Arc<AtomicBool>) {
        let was_read = Arc::new(AtomicBool::new(false));
        let note = Arc::clone(&was_read);
        let blocks = Blocks::new(
            |_| true,
            move |key| {
                note.store(true, Ordering::Relaxed);
                (key == "first" || !is_damaged).then(Vec::new)
            },
        );
        let read: Read<u64> = Arc::new(|_, range| Ok(range.collect()));
        let mut archive = Archive::default();
        for (key, positions) in [("first", 0..5), ("second", 5..8)] {
            let (blocks, read) = (blocks.clone(), Arc::clone(&read));
            let place = Place { blocks, key: key.to_owned(), positions, read, blank: 99 };
            archive.push_chapter(place);
        }
        (8..11).for_each(|number| archive.push_back(number));
        (archive, blocks, was_read)
    }

    #[test]
    fn what_is_older_is_read_only_when_it_is_wanted() {
        let (mut archive, _, was_read) = archive(false);
        assert_eq!((archive.len(), archive.back()), (11, Some(&10)));
        assert_eq!((archive.get(9), archive.front_in_memory()), (Some(&9), None));
        archive.push_back(11);
        archive.drop_front(3);
        assert!(!was_read.load(Ordering::Relaxed));
        assert!(archive.iter().copied().eq(3..12));
        assert!(was_read.load(Ordering::Relaxed));
        assert!(archive.range(1..6).rev().copied().eq((4..9).rev()));
        assert_eq!(archive.partition_point(|number| *number < 7), 4);
        archive.drop_front(4);
        assert_eq!((archive.front(), archive.front_in_memory()), (Some(&7), Some(&7)));
        archive.drop_front(4);
        assert!(archive.iter().copied().eq(11..12));
    }

    #[test]
    fn all_of_it_can_be_changed() {
        let (mut archive, ..) = archive(false);
        archive.drop_front(1);
        archive.all_mut().insert(0, 100);
        assert!(archive.iter().copied().eq(std::iter::once(100).chain(1..11)));
        assert_eq!(archive.len(), 11);
    }

    #[test]
    fn a_block_that_cannot_be_read_is_told_and_leaves_the_places_of_the_others() {
        let (archive, blocks, _) = archive(true);
        assert_eq!(archive.get(4), Some(&4));
        assert!(!blocks.is_damaged());
        assert!(archive.iter().eq([0, 1, 2, 3, 4, 99, 99, 99, 8, 9, 10].iter()));
        assert!(blocks.is_damaged());
    }
}
