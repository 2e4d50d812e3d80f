//! What a venue's word is held against: what its book sums to, and where its word on who took is in doubt, the book.

use super::Market;
use crate::tops::Tops;
use crate::{ChecksumRule, Side, Timestamp, Trade, Venue};

/// The tops to hold trades against, of a venue whose sources conflict on whose side it states: Coinbase.
pub(super) fn tops_of(venue: Venue) -> Option<Tops> {
    (venue == Venue::Coinbase).then(Tops::default)
}

impl Market {
    /// By which rule the venue last said what the book sums to.
    pub const fn checksum_rule(&self) -> Option<ChecksumRule> {
        self.checksum_rule
    }

    /// Who took in this trade, as the book just before it shows; `None` where that is not known, or not asked of this
    /// venue.
    pub fn taker_seen(&self, trade: &Trade) -> Option<Side> {
        self.tops.as_ref()?.taker_of(trade)
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
