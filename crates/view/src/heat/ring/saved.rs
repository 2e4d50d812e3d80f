//! The columns of one length as bytes, and back.

use market::load::{Loader, RestoreError, Sound, require};
use market::save::Saver;

use super::{CellTrades, ClosedDots, Columns, Ring, Sums};
use crate::heat::cell::SIZE_MAX;
use crate::heat::scale::N_BINS;

impl Sound for CellTrades {
    fn is_sound(&self) -> bool {
        self.dots.is_sound()
    }
}

impl Ring {
    pub(crate) fn save(&self, (columns, dots): (&str, &str), saver: &mut Saver<'_>) {
        saver.put(&(self.next_number, &self.trades));
        self.sums.save(saver);
        self.columns.save(columns, saver);
        self.dots.save(dots, saver);
    }

    /// Puts what was written in the place of an empty ring, whose open cell is this.
    pub(crate) fn load(
        &mut self,
        (columns, dots): (&'static str, &'static str),
        open_cell: i64,
        loader: &mut Loader<'_>,
    ) -> Result<(), RestoreError> {
        const WHAT: &str = "the columns of a heatmap";
        let next_number: i64 = loader.get(WHAT)?;
        // The column in which the open cell lies.
        require(next_number == self.next_number, WHAT)?;
        self.trades = loader.sound(WHAT)?;
        self.sums = Sums::load(open_cell - next_number * self.cells_per_column, loader)?;
        self.columns = Columns::load(columns, loader)?;
        self.dots = ClosedDots::load(dots, loader)?;
        Ok(())
    }
}

impl Sums {
    fn save(&self, saver: &mut Saver<'_>) {
        saver.put(&(self.n_good, self.n_quiet, self.touch));
        if self.n_good + self.n_quiet == 0 {
            return;
        }
        saver.put(&self.lowest_bin);
        self.sizes.iter().for_each(|size| saver.put(size));
        self.n_known.iter().for_each(|n| saver.put(n));
    }

    /// The sums of at most `n_cells` cells.
    fn load(n_cells: i64, loader: &mut Loader<'_>) -> Result<Self, RestoreError> {
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
            let size: u64 = loader.get(WHAT)?;
            require(size <= SIZE_MAX * n_added, WHAT)?;
            sums.sizes[position] = size;
        }
        for position in 0..N_BINS {
            let n_known: u16 = loader.get(WHAT)?;
            require(u64::from(n_known) <= n_added, WHAT)?;
            sums.n_known[position] = n_known;
        }
        Ok(sums)
    }
}
