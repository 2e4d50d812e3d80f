//! What the last message changed in a book, for those who follow a book instead of reading it anew.

use serde::{Deserialize, Serialize};

use crate::load::{COUNT_MAX, Loader, RestoreError, require};
use crate::save::Saver;
use crate::{Price, Side};

/// Changes of a side for which room is kept from message to message; a snapshot's room is given back.
const CHANGES_KEPT: usize = 1_024;

/// How much more rests at a price than before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The price.
    pub price: Price,
    /// What rests there now less what rested there before, in units of the quantity's scale.
    pub by: i64,
}

/// The changes of one message in the order in which they were made; a price can stand in them more than once.
#[derive(Clone, Copy, Debug, Default)]
pub struct Changes<'a> {
    /// Those of the bids.
    pub bids: &'a [Change],
    /// Those of the asks.
    pub asks: &'a [Change],
}

impl<'a> Changes<'a> {
    /// Those of a side.
    pub const fn of(self, side: Side) -> &'a [Change] {
        match side {
            Side::Buy => self.bids,
            Side::Sell => self.asks,
        }
    }
}

/// The changes of the last message, and the count of messages that changed the book.
#[derive(Clone, Debug, Default)]
pub(crate) struct ChangeLog {
    pub(crate) is_kept: bool,
    n_messages: u64,
    bids: Vec<Change>,
    asks: Vec<Change>,
}

impl ChangeLog {
    /// A message begins: what the one before it changed is forgotten.
    pub(crate) fn begin(&mut self) {
        self.n_messages += 1;
        for changes in [&mut self.bids, &mut self.asks] {
            changes.clear();
            changes.shrink_to(CHANGES_KEPT);
        }
    }

    /// A book that holds something else goes on with this log: who has followed so far sees that a message is missing.
    pub(crate) fn interrupted(&self) -> Self {
        Self { is_kept: self.is_kept, n_messages: self.n_messages + 1, ..Self::default() }
    }

    /// Another book stands in the place of the one with the log `before`: its changes follow from nothing known there.
    pub(crate) const fn follow(&mut self, before: &Self) {
        self.is_kept = before.is_kept;
        self.n_messages = before.n_messages + 2;
    }

    #[inline]
    pub(crate) fn note(&mut self, side: Side, change: Change) {
        match side {
            Side::Buy => self.bids.push(change),
            Side::Sell => self.asks.push(change),
        }
    }

    /// Messages that changed the book so far.
    pub(crate) const fn n_messages(&self) -> u64 {
        self.n_messages
    }

    /// The changes themselves are of use only to one who followed up to the message before the last.
    pub(crate) fn save(&self, n_followed: Option<u64>, saver: &mut Saver<'_>) {
        let is_behind = n_followed.is_some_and(|n| n.checked_add(1) == Some(self.n_messages));
        let changes = |of| if is_behind { of } else { &[] as &[Change] };
        saver.put(&(self.is_kept, self.n_messages, changes(&self.bids), changes(&self.asks)));
    }

    pub(crate) fn load(loader: &mut Loader<'_>) -> Result<Self, RestoreError> {
        const WHAT: &str = "the changes of a book";
        let (is_kept, n_messages, bids, asks) = loader.get(WHAT)?;
        require(n_messages < COUNT_MAX, WHAT)?;
        Ok(Self { is_kept, n_messages, bids, asks })
    }

    /// What has changed since the message `n_seen`, when that is known.
    pub(crate) fn after(&self, n_seen: u64) -> Option<Changes<'_>> {
        match self.n_messages.checked_sub(n_seen) {
            Some(0) => Some(Changes::default()),
            Some(1) if self.is_kept => Some(Changes { bids: &self.bids, asks: &self.asks }),
            Some(_) | None => None,
        }
    }
}
