//! The columns of one length as bytes, and back.

use market::load::{Loader, RestoreError, Sound, require};
use market::save::{Saver, put_signed};

use super::{CellTrades, ClosedDots, Columns, Ring, Sums};
use crate::heat::cell::{BookBins, SIZE_MAX};
use crate::heat::scale::N_BINS;

impl Sound for CellTrades {
    fn is_sound(&self) -> bool {
        self.dots.is_sound()
    }
}

impl Ring {
    pub(crate) fn save(
        &self,
        (columns, dots, n_block): (&str, &str, u64),
        bins: &BookBins,
        saver: &mut Saver<'_>,
    ) {
        saver.put(&(self.next_number, &self.trades));
        self.sums.save(bins, saver);
        self.columns.save((columns, n_block), &bins.codes, saver);
        self.dots.save(dots, saver);
    }

    /// Puts what was written in the place of an empty ring, whose open cell is this.
    pub(crate) fn load(
        &mut self,
        (columns, dots, n_block): (&'static str, &'static str, u64),
        (open_cell, bins): (i64, &BookBins),
        loader: &mut Loader<'_>,
    ) -> Result<(), RestoreError> {
        const WHAT: &str = "the columns of a heatmap";
        let next_number: i64 = loader.get(WHAT)?;
        // The column in which the open cell lies.
        require(next_number == self.next_number, WHAT)?;
        self.trades = loader.sound(WHAT)?;
        let n_cells = open_cell - next_number * self.cells_per_column;
        self.sums = Sums::load(n_cells, bins, loader)?;
        self.columns = Columns::load((columns, n_block), &bins.codes, loader)?;
        self.dots = ClosedDots::load(dots, loader)?;
        Ok(())
    }
}

impl Sums {
    /// Sums by what they are more than those of a book that stood like this all the while, which most did.
    fn save(&self, bins: &BookBins, saver: &mut Saver<'_>) {
        saver.put(&(self.n_good, self.n_quiet, self.touch));
        if self.n_good + self.n_quiet == 0 {
            return;
        }
        saver.put(&self.lowest_bin);
        let (n_added, out) = (self.n_good + self.n_quiet, saver.bytes());
        for (sum, size) in self.sizes.iter().zip(&bins.sizes) {
            put_signed(out, sum.wrapping_sub(size * u64::from(n_added)) as i64);
        }
        for (n_known, known) in self.n_known.iter().zip(&bins.known) {
            put_signed(out, i64::from(*n_known) - i64::from(known * n_added));
        }
    }

    /// The sums of at most `n_cells` cells.
    fn load(n_cells: i64, bins: &BookBins, loader: &mut Loader<'_>) -> Result<Self, RestoreError> {
        const WHAT: &str = "the forming column of a heatmap";
        let mut sums = Self::new();
        (sums.n_good, sums.n_quiet, sums.touch) = loader.get(WHAT)?;
        let n_added = u64::from(sums.n_good) + u64::from(sums.n_quiet);
        require(i64::try_from(n_added).is_ok_and(|n_added| n_added <= n_cells), WHAT)?;
        if n_added == 0 {
            return Ok(sums);
        }
        sums.lowest_bin = loader.get(WHAT)?;
        for position in 0..N_BINS {
            let more = loader.reader().signed(WHAT)? as u64;
            let size = (bins.sizes[position] * n_added).wrapping_add(more);
            require(size <= SIZE_MAX * n_added, WHAT)?;
            sums.sizes[position] = size;
        }
        for position in 0..N_BINS {
            let now = i64::from(bins.known[position]) * n_added as i64;
            let n_known = now.checked_add(loader.reader().signed(WHAT)?);
            let n_known = n_known.filter(|n| (0..=n_added as i64).contains(n));
            sums.n_known[position] = n_known.ok_or(RestoreError::Damaged { what: WHAT })? as u16;
        }
        Ok(sums)
    }
}
