//! A book as bytes, and back: its levels, not how they are kept.

use super::{Book, price};
use crate::changes::ChangeLog;
use crate::levels::Levels;
use crate::load::{Loader, Reader, RestoreError, require};
use crate::save::{Saver, put};
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
        saver.put(&(self.known_bid_low, self.known_ask_high, self.depth));
        for levels in [&self.bids, &self.asks] {
            saver.put(&levels.len());
            let out = saver.bytes();
            let mut before = 0_i64;
            levels.visit(i64::MIN, i64::MAX, |key, quantity| {
                put_steps(out, key.wrapping_sub(before) as u64, instrument.tick_size.0 as u64);
                put_steps(out, quantity as u64, instrument.lot_size.0 as u64);
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
        let mut book = Self::with_tick(instrument.tick_size);
        (book.known_bid_low, book.known_ask_high, book.depth) = loader.get(WHAT)?;
        for side in [Side::Buy, Side::Sell] {
            let n_levels: usize = loader.get(WHAT)?;
            require(n_levels <= LEVELS_MAX, WHAT)?;
            let mut before = None;
            let mut read = Vec::new();
            for _ in 0..n_levels {
                let step = steps(loader.reader(), instrument.tick_size.0 as u64, WHAT)?;
                let quantity = steps(loader.reader(), instrument.lot_size.0 as u64, WHAT)?;
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

/// A number as whole steps, which most are: twice their count, and 1 where a rest follows.
fn put_steps(out: &mut Vec<u8>, number: u64, step: u64) {
    if step == 1 {
        return put(out, &number);
    }
    let (n_steps, rest) = (number / step, number % step);
    put(out, &(n_steps << 1 | u64::from(rest != 0)));
    if rest != 0 {
        put(out, &rest);
    }
}

fn steps(reader: &mut Reader<'_>, step: u64, what: &'static str) -> Result<u64, RestoreError> {
    let number: u64 = reader.get(what)?;
    if step == 1 {
        return Ok(number);
    }
    let rest: u64 = if number & 1 == 1 { reader.get(what)? } else { 0 };
    let whole = (number >> 1).checked_mul(step).and_then(|whole| whole.checked_add(rest));
    whole.ok_or(RestoreError::Damaged { what })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_number_is_read_as_it_was_written(number: u64, step in 1_u64..1 << 62) {
            let mut out = Vec::new();
            put_steps(&mut out, number, step);
            prop_assert_eq!(steps(&mut Reader::new(&out), step, ""), Ok(number));
        }
    }
}
