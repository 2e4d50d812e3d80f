//! Venues that number the frames of a connection, whatever they tell (Coinbase, Bitfinex): a hole is a loss that any
//! book of the link may have suffered.

use std::collections::BTreeMap;

use market::LinkId;
use serde::{Deserialize, Serialize};

/// Links that are remembered; a session that opened more forgets all of them once.
const LINKS_MAX: usize = 1_024;

/// The number of the last frame of each link that was understood.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct LinkNumbers {
    last: BTreeMap<LinkId, u64>,
}

/// What a frame's number says of the frames before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// It follows, or it is the first that was heard.
    Next,
    /// It is the frame before once more: it tells nothing.
    Repeated,
    /// Frames are missing, or the count fell back, so that none can tell what is missing.
    Hole {
        /// The number that should have come.
        expected: u64,
    },
}

impl LinkNumbers {
    /// Where a frame of this number stands. Nothing is remembered until [`note`](Self::note): a frame that cannot be
    /// understood is a frame that is missing, and the next one shows it.
    pub fn place(&self, link: LinkId, number: u64) -> Place {
        match self.last.get(&link) {
            None => Place::Next,
            Some(last) if *last == number => Place::Repeated,
            Some(last) if last.checked_add(1) == Some(number) => Place::Next,
            Some(last) => Place::Hole { expected: last.saturating_add(1) },
        }
    }

    /// The frame of this number was understood.
    pub fn note(&mut self, link: LinkId, number: u64) {
        if self.last.len() >= LINKS_MAX && !self.last.contains_key(&link) {
            self.last.clear();
        }
        self.last.insert(link, number);
    }

    /// The link was opened or closed: its numbers begin anew.
    pub fn forget(&mut self, link: LinkId) {
        self.last.remove(&link);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hole_a_repetition_and_a_fall_are_told_from_the_next() {
        let (mut numbers, link) = (LinkNumbers::default(), LinkId(1));
        assert_eq!(numbers.place(link, 7), Place::Next);
        numbers.note(link, 7);
        assert_eq!(numbers.place(link, 7), Place::Repeated);
        assert_eq!(numbers.place(link, 8), Place::Next);
        assert_eq!(numbers.place(link, 9), Place::Hole { expected: 8 });
        assert_eq!(numbers.place(link, 0), Place::Hole { expected: 8 });
        assert_eq!(numbers.place(LinkId(2), 9), Place::Next);
        numbers.forget(link);
        assert_eq!(numbers.place(link, 100), Place::Next);
        numbers.note(link, u64::MAX);
        assert_eq!(numbers.place(link, 0), Place::Hole { expected: u64::MAX });
    }
}
