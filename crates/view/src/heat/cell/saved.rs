//! A book in bins as bytes, and back: its sums, from which sizes and codes follow.

use market::load::{Loader, RestoreError, require};
use market::save::{Saver, put_signed};

use super::{BookBins, N_BINS, SIZE_MAX};
use crate::code::{CODE_UNKNOWN, code_from_size};
use crate::heat::scale::HeatScale;

const WHAT: &str = "the bins of a book";

/// No sum of levels comes near it.
const SUM_MAX: u128 = 1 << 100;

impl BookBins {
    pub(crate) fn save(&self, saver: &mut Saver<'_>) {
        saver.put(&(self.lowest_bin, self.touch, self.within, self.is_followed));
        for sum in self.bids.iter().chain(&self.asks) {
            // Few do not fit into 64 bits; those that do are read as any other.
            match i64::try_from(*sum) {
                Ok(sum) => put_signed(saver.bytes(), sum),
                Err(_) => saver.put(sum),
            }
        }
        // Only bins whose sums have changed since are told otherwise than their sums tell.
        saver.put(&self.changed.iter().count());
        for position in self.changed.iter() {
            saver.put(&(position, self.sizes[position], self.known[position]));
        }
    }

    pub(crate) fn load(scale: HeatScale, loader: &mut Loader<'_>) -> Result<Self, RestoreError> {
        let mut bins = Self::default();
        (bins.lowest_bin, bins.touch, bins.within, bins.is_followed) = loader.get(WHAT)?;
        let (from, to) = bins.within;
        require(from <= to && to <= N_BINS, WHAT)?;
        require(!bins.is_followed || bins.is_in_range(scale), WHAT)?;
        for position in 0..2 * N_BINS {
            let sum: i128 = loader.get(WHAT)?;
            require(sum.unsigned_abs() < SUM_MAX, WHAT)?;
            let sums = if position < N_BINS { &mut bins.bids } else { &mut bins.asks };
            sums[position % N_BINS] = sum;
        }
        (0..N_BINS).for_each(|position| bins.tell(position));
        let n_changed: usize = loader.get(WHAT)?;
        require(n_changed <= N_BINS, WHAT)?;
        for _ in 0..n_changed {
            let (position, size, known): (usize, u64, u16) = loader.get(WHAT)?;
            require(position < N_BINS && size <= SIZE_MAX && known <= 1, WHAT)?;
            bins.changed.add(position);
            (bins.sizes[position], bins.known[position]) = (size, known);
            bins.codes[position] =
                if known == 1 { code_from_size(size as f64) } else { CODE_UNKNOWN };
        }
        Ok(bins)
    }
}
