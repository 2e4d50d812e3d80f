//! What a venue's word is held against: what its book sums to, and where its word on who took is in doubt, the book.

use super::Market;
use crate::{ChecksumRule, Side, Timestamp, Trade};

impl Market {
    /// By which rule the venue last said what the book sums to.
    pub const fn checksum_rule(&self) -> Option<ChecksumRule> {
        self.checksum_rule
    }

    /// Keeps the best prices to hold trades against from now on, as the venue's word on who took is in doubt.
    pub fn doubt_sides(&mut self) {
        self.tops.get_or_insert_default();
    }

    /// Who took in this trade, as the book just before it shows; `None` where that is not known, or not in doubt.
    pub fn taker_seen(&self, trade: &Trade) -> Option<Side> {
        self.tops.as_ref()?.taker_of(trade)
    }

    /// Another link's book is shown from now on.
    pub(super) fn forget_tops(&mut self) {
        if let Some(tops) = &mut self.tops {
            tops.forget();
        }
    }

    /// A book message was applied.
    pub(super) fn note_top(&mut self, stated_at: Option<Timestamp>) {
        let Some(tops) = &mut self.tops else { return };
        match stated_at.filter(|_| self.sync.is_synced()) {
            Some(at) => tops.note(at, (self.book.best_bid(), self.book.best_ask())),
            None => tops.forget(),
        }
    }
}
