//! What a venue told of the past as bytes, and back: one block, written again when it changed.

use super::{History, PAST_BARS_KEPT, PAST_TRADES_KEPT, PastBar, key};
use crate::Trade;
use crate::load::{COUNT_MAX, Loader, Reader, RestoreError, require};
use crate::save::{Block, Saver, Variant, put};

const NAME: &str = "past";
const WHAT: &str = "the past that a venue told";

impl History {
    pub(crate) fn save(&self, saver: &mut Saver<'_>) {
        saver.put(&(self.first_heard, self.lowest_id, self.revision, self.is_empty()));
        if !self.is_empty() {
            let variant = Variant { n_lost: 0, revision: self.revision };
            let block = Block { index: 0, variant, part: () };
            saver.blocks(NAME, std::iter::once(block), |(), out| {
                put(out, &(&self.bars, &self.trades, &self.missed));
            });
        }
    }

    pub(crate) fn load(loader: &mut Loader<'_>) -> Result<Self, RestoreError> {
        let (first_heard, lowest_id, revision, is_empty): (Option<Trade>, Option<u64>, u64, bool) =
            loader.get(WHAT)?;
        require(revision < COUNT_MAX, WHAT)?;
        let mut history = Self { first_heard, lowest_id, revision, ..Self::default() };
        if is_empty {
            return Ok(history);
        }
        let (_, block) = loader.block(NAME, 0)?;
        let mut reader = Reader::new(&block);
        (history.bars, history.trades, history.missed) = reader.get(WHAT)?;
        require(reader.is_at_end() && history.is_sound(), WHAT)?;
        Ok(history)
    }

    fn is_sound(&self) -> bool {
        let Self { bars, trades, missed, .. } = self;
        let is_true = |bar: &PastBar| {
            let most = i128::MAX / 1_000;
            let is_within = |price| bar.low <= price && price <= bar.high;
            bar.low.0 > 0
                && is_within(bar.open)
                && is_within(bar.close)
                && (0..most).contains(&bar.volume)
                && bar.buy_volume.is_none_or(|bought| (0..=bar.volume).contains(&bought))
        };
        bars.len() <= PAST_BARS_KEPT
            && trades.len().max(missed.len()) <= PAST_TRADES_KEPT
            && bars.iter().all(is_true)
            && bars.is_sorted_by(|one, next| one.opened_at < next.opened_at)
            && trades.is_sorted_by(|one, next| key(one) < key(next))
            && missed.is_sorted_by_key(key)
    }
}
