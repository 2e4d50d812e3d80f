//! The heatmap as bytes, and back.

use market::load::{Loader, RestoreError, require};
use market::save::Saver;

use super::{COLUMN_LENGTHS_MS, HeatStore};
use crate::grid::CELL_MS;
use crate::heat::cell::BookBins;
use crate::heat::ring::Ring;
use crate::heat::scale::HeatScale;

/// The names of the lengths' histories: of columns and of dots.
const NAMES: [(&str, &str); COLUMN_LENGTHS_MS.len()] = [
    ("c100", "d100"),
    ("c500", "d500"),
    ("c1000", "d1000"),
    ("c5000", "d5000"),
    ("c15000", "d15000"),
    ("c60000", "d60000"),
];

impl HeatStore {
    pub(crate) fn save(&self, saver: &mut Saver<'_>) {
        saver.put(&(self.scale, self.is_read, &self.trades));
        self.bins.save(saver);
        for (ring, names) in self.rings.iter().zip(NAMES) {
            ring.save(names, saver);
        }
    }

    /// The heatmap that was written, whose open cell is this.
    pub(crate) fn load(open_cell: i64, loader: &mut Loader<'_>) -> Result<Self, RestoreError> {
        const WHAT: &str = "a heatmap";
        let scale: HeatScale = loader.get(WHAT)?;
        let is_read = loader.get(WHAT)?;
        let trades = loader.sound(WHAT)?;
        require(scale.is_sound(), WHAT)?;
        let bins = BookBins::load(scale, loader)?;
        let mut rings = COLUMN_LENGTHS_MS.map(|ms| Ring::new(i64::from(ms / CELL_MS), open_cell));
        for (ring, names) in rings.iter_mut().zip(NAMES) {
            ring.load(names, open_cell, loader)?;
        }
        Ok(Self { scale, bins, is_read, trades, rings })
    }
}
