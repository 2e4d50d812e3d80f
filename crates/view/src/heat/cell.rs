//! What rests in a book at one moment, in the bins of the heatmap.

use market::{Market, Price, Side};

use super::scale::{HeatScale, N_BINS};
use crate::reach::{Reach, Touch};

/// A book in [`N_BINS`] bins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BookBins {
    /// The bin at the bottom.
    pub(crate) lowest_bin: i64,
    /// What is bid in each bin.
    pub(crate) bids: Vec<i64>,
    /// What is asked in each bin.
    pub(crate) asks: Vec<i64>,
    /// Positions `known.0..known.1` are known; beyond them a bin is known when something rests in it.
    pub(crate) known: (usize, usize),
    /// Best bid and ask.
    pub(crate) touch: Touch,
}

impl Default for BookBins {
    /// An empty one, of which nothing is known.
    fn default() -> Self {
        Self {
            lowest_bin: 0,
            bids: vec![0; N_BINS],
            asks: vec![0; N_BINS],
            known: (0, 0),
            touch: Touch::default(),
        }
    }
}

impl BookBins {
    /// Reads a market's book; of an empty one nothing is known.
    pub(crate) fn read(&mut self, market: &Market, scale: HeatScale) {
        self.bids.fill(0);
        self.asks.fill(0);
        self.touch = Touch::of(market);
        let Some(middle) = self.touch.middle() else {
            self.known = (0, 0);
            return;
        };
        self.lowest_bin = scale.window_from_middle(middle);
        let bottom = self.lowest_bin.saturating_mul(scale.bin());
        let top = bottom.saturating_add(scale.bin().saturating_mul(N_BINS as i64));
        let position = |price: i64| ((price - bottom) / scale.bin()) as usize;
        for (side, sums) in [(Side::Buy, &mut self.bids), (Side::Sell, &mut self.asks)] {
            for level in market.book().levels_between(side, Price(bottom), Price(top - 1)) {
                let sum = &mut sums[position(level.price.0)];
                *sum = sum.saturating_add(level.quantity.0);
            }
        }
        self.known = known_positions(Reach::of(market), scale.bin(), (bottom, top));
    }

    /// What rests in a bin, whatever its side.
    pub(crate) fn size(&self, position: usize) -> i64 {
        self.bids[position].saturating_add(self.asks[position])
    }

    /// Whose most of a bin is, as a number in a frame: 0 nobody's, 1 bid, 2 ask, 3 unknown.
    pub(crate) fn side_code(&self, position: usize) -> u8 {
        match (self.bids[position], self.asks[position]) {
            (0, 0) if (self.known.0..self.known.1).contains(&position) => 0,
            (0, 0) => 3,
            (bid, ask) if bid >= ask => 1,
            (_, _) => 2,
        }
    }
}

/// The positions of the bins that lie wholly within reach.
fn known_positions(reach: Reach, bin: i64, (bottom, top): (i64, i64)) -> (usize, usize) {
    let below = reach.lowest.clamp(bottom, top) - bottom;
    let from = (below / bin + i64::from(below % bin != 0)) as usize;
    let to = ((reach.highest.clamp(bottom - 1, top - 1) + 1 - bottom) / bin) as usize;
    (from, to.max(from))
}
