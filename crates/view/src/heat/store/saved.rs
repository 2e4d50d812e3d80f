//! The heatmap as bytes, and back.

use market::load::{Loader, RestoreError, require};
use market::save::Saver;

use super::{COLUMN_LENGTHS_MS, HeatStore};
use crate::grid::CELL_MS;
use crate::heat::cell::BookBins;
use crate::heat::ring::Ring;
use crate::heat::scale::HeatScale;

/// The names of the lengths' histories: of columns and of dots; and how many columns are a block. Long columns have
/// less in common, and come seldom: what is no block yet is written with each state.
const NAMES: [(&str, &str, u64); COLUMN_LENGTHS_MS.len()] = [
    ("c100", "d100", 128),
    ("c500", "d500", 64),
    ("c1000", "d1000", 32),
    ("c5000", "d5000", 16),
    ("c15000", "d15000", 16),
    ("c60000", "d60000", 16),
];

impl HeatStore {
    pub(crate) fn save(&self, saver: &mut Saver<'_>) {
        saver.put(&(self.scale, self.is_read, &self.trades));
        self.bins.save(saver);
        for (ring, names) in self.rings.iter().zip(NAMES) {
            ring.save(names, &self.bins, saver);
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
            ring.load(names, (open_cell, &bins), loader)?;
        }
        Ok(Self { scale, bins, is_read, trades, rings, fine: None })
    }
}
