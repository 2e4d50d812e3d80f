//! A book as bytes, and back: its levels, not how they are kept.

use super::{Book, price};
use crate::changes::ChangeLog;
use crate::levels::Levels;
use crate::load::{Loader, RestoreError, require};
use crate::save::{Saver, Steps, put_steps};
use crate::{Instrument, Side};

/// Levels of a side that are read at most; no venue keeps a hundredth of them.
const LEVELS_MAX: usize = 1 << 22;

impl Book {
    pub(crate) fn save(
        &self,
        instrument: &Instrument,
        n_followed: Option<u64>,
        saver: &mut Saver<'_>,
    ) {
        let Steps { tick, lot } = Steps::of(instrument);
        saver.put(&(self.known_bid_low, self.known_ask_high, self.depth));
        for levels in [&self.bids, &self.asks] {
            saver.put(&levels.len());
            let out = saver.bytes();
            let mut before = 0_i64;
            levels.visit(i64::MIN, i64::MAX, |key, quantity| {
                put_steps(out, key.wrapping_sub(before) as u64, tick);
                put_steps(out, quantity as u64, lot);
                before = key;
            });
        }
        self.changes.save(n_followed, saver);
    }

    pub(crate) fn load(
        instrument: &Instrument,
        loader: &mut Loader<'_>,
    ) -> Result<Self, RestoreError> {
        const WHAT: &str = "the levels of a book";
        let Steps { tick, lot } = Steps::of(instrument);
        let mut book = Self::with_tick(instrument.tick_size);
        (book.known_bid_low, book.known_ask_high, book.depth) = loader.get(WHAT)?;
        for side in [Side::Buy, Side::Sell] {
            let n_levels: usize = loader.get(WHAT)?;
            require(n_levels <= LEVELS_MAX, WHAT)?;
            let mut before = None;
            let mut read = Vec::new();
            for _ in 0..n_levels {
                let step = loader.reader().steps(tick, WHAT)?;
                let quantity = loader.reader().steps(lot, WHAT)?;
                let at = before.unwrap_or(0_i64).wrapping_add(step as i64);
                let is_sound = before.is_none_or(|before| at > before) && price(side, at).0 >= 0;
                require(is_sound && i64::try_from(quantity).is_ok_and(|it| it > 0), WHAT)?;
                read.push((at, quantity as i64));
                before = Some(at);
            }
            let levels = match side {
                Side::Buy => &mut book.bids,
                Side::Sell => &mut book.asks,
            };
            // The best first, so that the window is laid before the others come.
            for (place, (key, quantity)) in read.into_iter().enumerate() {
                levels.set(key, quantity);
                if place == 0 {
                    levels.settle();
                }
            }
        }
        book.changes = ChangeLog::load(loader)?;
        Ok(book)
    }
}
