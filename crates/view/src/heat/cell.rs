//! What rests in a book at one moment, in the bins of the heatmap.

use market::{Market, Price, Side};

use super::scale::{HeatScale, N_BINS};
use crate::reach::{Reach, Touch};

/// The largest size of a bin in units of the quantity's scale, 2^53: the sum of the 600 cells of a minute then fits
/// into
/// 64 bits.
const SIZE_MAX: u64 = 1 << 53;

/// A book in [`N_BINS`] bins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BookBins {
    /// The bin at the bottom.
    pub(crate) lowest_bin: i64,
    /// What is bid in each bin.
    pub(crate) bids: Vec<i64>,
    /// What is asked in each bin.
    pub(crate) asks: Vec<i64>,
    /// What rests in each bin, whatever its side, at most [`SIZE_MAX`].
    pub(crate) sizes: Vec<u64>,
    /// 1 for a bin that is known: that lies within reach, or in which something rests; else 0.
    pub(crate) known: Vec<u16>,
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
            sizes: vec![0; N_BINS],
            known: vec![0; N_BINS],
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
            self.sizes.fill(0);
            self.known.fill(0);
            return;
        };
        let bin = scale.bin();
        self.lowest_bin = scale.window_from_middle(middle);
        let bottom = self.lowest_bin.saturating_mul(bin);
        let top = bottom.saturating_add(bin.saturating_mul(N_BINS as i64));
        let (low, high) = (Price(bottom), Price(top - 1));
        sum_bids(market, &mut self.bids, (low, high), bin);
        sum_asks(market, &mut self.asks, (low, high), bin);
        let (from, to) = known_positions(Reach::of(market), bin, (bottom, top));
        for (position, (size, known)) in self.sizes.iter_mut().zip(&mut self.known).enumerate() {
            let sum = self.bids[position].saturating_add(self.asks[position]) as u64;
            *size = sum.min(SIZE_MAX);
            *known = u16::from(sum > 0 || (from <= position && position < to));
        }
    }

    /// Whose most of a bin is, as a number in a frame: 0 nobody's, 1 bid, 2 ask, 3 unknown.
    pub(crate) fn side_code(&self, position: usize) -> u8 {
        match (self.bids[position], self.asks[position]) {
            (0, 0) if self.known[position] == 1 => 0,
            (0, 0) => 3,
            (bid, ask) if bid >= ask => 1,
            (_, _) => 2,
        }
    }
}

/// Sums bids into bins, from the highest price down. The bin moves along with the levels: a division for each of
/// thousands would cost more than all else.
fn sum_bids(market: &Market, sums: &mut [i64], (low, high): (Price, Price), bin: i64) {
    let mut position = sums.len() - 1;
    let mut floor = high.0.saturating_add(1).saturating_sub(bin);
    market.book().visit_between(Side::Buy, low, high, |level| {
        while level.price.0 < floor {
            position -= 1;
            floor = floor.saturating_sub(bin);
        }
        sums[position] = sums[position].saturating_add(level.quantity.0);
    });
}

/// Sums asks into bins, from the lowest price up.
fn sum_asks(market: &Market, sums: &mut [i64], (low, high): (Price, Price), bin: i64) {
    let mut position = 0;
    let mut ceiling = low.0.saturating_add(bin);
    market.book().visit_between(Side::Sell, low, high, |level| {
        while level.price.0 >= ceiling {
            position += 1;
            ceiling = ceiling.saturating_add(bin);
        }
        sums[position] = sums[position].saturating_add(level.quantity.0);
    });
}

/// The positions of the bins that lie wholly within reach.
fn known_positions(reach: Reach, bin: i64, (bottom, top): (i64, i64)) -> (usize, usize) {
    let below = reach.lowest.clamp(bottom, top) - bottom;
    let from = (below / bin + i64::from(below % bin != 0)) as usize;
    let to = ((reach.highest.clamp(bottom - 1, top - 1) + 1 - bottom) / bin) as usize;
    (from, to.max(from))
}
