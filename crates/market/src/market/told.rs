//! What a venue tells of the time in which a market was not heard.

use super::Market;
use crate::history::{FromTheFuture, PastBars, PastTrades};
use crate::{Timestamp, Trade};

impl Market {
    /// Takes minutes of the past that were told at `at`.
    ///
    /// # Errors
    ///
    /// [`FromTheFuture`], and nothing is taken.
    pub fn take_past_bars(&mut self, past: &PastBars, at: Timestamp) -> Result<(), FromTheFuture> {
        self.history.take_bars(&past.bars, at)
    }

    /// The link of the trades is closed, so that from here on some may be missed, up to the first that is heard again.
    pub fn lose_trades(&mut self) {
        self.holes.begin();
        if let Some(at) = self.heard_at {
            self.bars.end_filled_gap(at);
        }
    }

    /// Takes trades of the past that were told at `at`, but for those that were heard: those before hearing began are
    /// the [`history`](Self::history) of the time before, and those that were missed later stand in the bars as well,
    /// counted there as told.
    ///
    /// # Errors
    ///
    /// [`FromTheFuture`], and nothing is taken.
    pub fn take_past_trades(
        &mut self,
        past: &PastTrades,
        at: Timestamp,
    ) -> Result<(), FromTheFuture> {
        self.history.take_trades((&past.trades, &self.seen), at)?;
        let mut missed = self.holes.tell(&past.trades, &self.seen);
        missed.retain(|trade| !self.history.is_before_first(trade));
        self.fill(&missed);
        Ok(())
    }

    /// Takes what was missed, and judges which gaps are whole by now.
    pub(super) fn fill(&mut self, missed: &[Trade]) {
        let is_new = |trade: &&Trade| self.seen.is_new(trade.trade_id);
        let missed: Vec<Trade> = missed.iter().filter(is_new).copied().collect();
        missed.iter().for_each(|trade| self.bars.add_told(trade));
        if !missed.is_empty() {
            self.history.take_missed(&missed);
        }
        let Self { bars, holes, .. } = self;
        bars.fill_gaps(|from, to| holes.has_filled(from, to));
    }
}
