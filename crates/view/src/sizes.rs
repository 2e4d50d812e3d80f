//! The 99th percentile of a session's sizes, to one per cent, in 16 KiB however long the session is.

use market::load::{COUNT_MAX, Loader, RestoreError, require};
use market::save::Saver;

use crate::code::{CODE_UNKNOWN, code_from_size, size_from_code};

/// Codes that share a counter: 16 steps of 0.067 % are 1 %.
const CODES_PER_COUNTER: usize = 16;
/// Counters of all codes.
const N_COUNTERS: usize = (CODE_UNKNOWN as usize + 1) / CODES_PER_COUNTER;
/// Sizes before which there is no percentile.
const SIZES_NEEDED: u64 = 100;

/// Counts sizes by their code.
#[derive(Clone, Debug)]
pub(crate) struct Sizes {
    counters: Vec<u32>,
    n_sizes: u64,
}

impl Sizes {
    /// Nothing counted.
    pub(crate) fn new() -> Self {
        Self { counters: vec![0; N_COUNTERS], n_sizes: 0 }
    }

    /// The counters that are not 0, by their place.
    pub(crate) fn save(&self, saver: &mut Saver<'_>) {
        let counters = self.counters.iter().enumerate().filter(|(_, n)| **n != 0);
        saver.put(&(self.n_sizes, counters.clone().count()));
        counters.for_each(|(place, n)| saver.put(&(place, n)));
    }

    pub(crate) fn load(loader: &mut Loader<'_>) -> Result<Self, RestoreError> {
        const WHAT: &str = "sizes";
        let (n_sizes, n): (u64, usize) = loader.get(WHAT)?;
        require(n_sizes < COUNT_MAX && n <= N_COUNTERS, WHAT)?;
        let mut sizes = Self { n_sizes, ..Self::new() };
        for _ in 0..n {
            let (place, n): (usize, u32) = loader.get(WHAT)?;
            let counter = sizes.counters.get_mut(place);
            *counter.ok_or(RestoreError::Damaged { what: WHAT })? = n;
        }
        Ok(sizes)
    }

    /// Counts a size in units of the quantity's scale.
    pub(crate) fn add(&mut self, size: i64) {
        let counter = usize::from(code_from_size(size as f64)) / CODES_PER_COUNTER;
        self.counters[counter] = self.counters[counter].saturating_add(1);
        self.n_sizes += 1;
    }

    /// The code of the smallest size that 99 of 100 do not exceed; `None` before there are 100.
    pub(crate) fn percentile_99_code(&self) -> Option<u16> {
        if self.n_sizes < SIZES_NEEDED {
            return None;
        }
        let mut n_above = self.n_sizes / SIZES_NEEDED;
        for (index, n) in self.counters.iter().enumerate().rev() {
            let n = u64::from(*n);
            if n > n_above {
                let middle = index * CODES_PER_COUNTER + CODES_PER_COUNTER / 2;
                return u16::try_from(middle).ok();
            }
            n_above -= n;
        }
        None
    }

    /// That size, in units of the quantity's scale.
    pub(crate) fn percentile_99(&self) -> Option<f64> {
        self.percentile_99_code().and_then(size_from_code)
    }
}

#[cfg(test)]
mod tests {
    use super::Sizes;

    #[test]
    fn the_percentile_is_right_to_one_per_cent() {
        let mut sizes = Sizes::new();
        for n in 1..=10_000 {
            sizes.add(n * 1_000);
        }
        let found = sizes.percentile_99().unwrap();
        assert!((found / 9_900_000.0 - 1.0).abs() < 0.01, "{found}");
    }

    #[test]
    fn there_is_none_before_a_hundred() {
        let mut sizes = Sizes::new();
        for _ in 0..99 {
            sizes.add(7);
        }
        assert_eq!(sizes.percentile_99(), None);
        sizes.add(7);
        assert!(sizes.percentile_99().is_some());
    }
}
