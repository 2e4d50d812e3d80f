//! What rests in a book at one moment, in the bins of the heatmap.

mod saved;

use market::{Changes, Market, Price, Side};

use super::bin_set::BinSet;
use super::scale::{HeatScale, N_BINS};
use crate::code::{CODE_UNKNOWN, code_from_size};
use crate::reach::{Reach, Touch};

/// The largest size of a bin in units of the quantity's scale, 2^53: a double holds it exactly, and the sum of the 600
/// cells of a minute fits into 64 bits.
pub(crate) const SIZE_MAX: u64 = 1 << 53;

/// A book in [`N_BINS`] bins.
///
/// It follows the book by what messages change, and is brought up to date when it is looked at. The whole book is read
/// only when the window has moved or a message was missed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BookBins {
    /// The bin at the bottom.
    pub(crate) lowest_bin: i64,
    /// What rests in each bin, whatever its side, at most [`SIZE_MAX`].
    pub(crate) sizes: Vec<u64>,
    /// 1 for a bin that is known: that lies within reach, or in which something rests; else 0.
    pub(crate) known: Vec<u16>,
    /// The code of each size, [`CODE_UNKNOWN`] where it is not known.
    pub(crate) codes: Vec<u16>,
    /// Best bid and ask.
    pub(crate) touch: Touch,
    /// What is bid in each bin; 128 bits hold any sum of levels.
    bids: Vec<i128>,
    /// What is asked in each bin.
    asks: Vec<i128>,
    /// The positions that lie wholly within reach.
    within: (usize, usize),
    /// The positions whose sums have changed since their sizes were told.
    changed: BinSet,
    /// Whether the sums are those of the book.
    is_followed: bool,
}

impl Default for BookBins {
    /// Of no book: nothing is known.
    fn default() -> Self {
        Self {
            lowest_bin: 0,
            sizes: vec![0; N_BINS],
            known: vec![0; N_BINS],
            codes: vec![CODE_UNKNOWN; N_BINS],
            touch: Touch::default(),
            bids: vec![0; N_BINS],
            asks: vec![0; N_BINS],
            within: (0, 0),
            changed: BinSet::default(),
            is_followed: false,
        }
    }
}

impl BookBins {
    /// Takes what a message has changed; `None`: nobody knows what.
    pub(crate) fn follow(&mut self, changes: Option<Changes>, scale: HeatScale) {
        let Some(changes) = changes.filter(|_| self.is_followed) else {
            self.is_followed = false;
            return;
        };
        let (bin, bottom) = (scale.bin() as u64, self.lowest_bin * scale.bin());
        for (sums, changes) in [(&mut self.bids, changes.bids), (&mut self.asks, changes.asks)] {
            for change in changes {
                // The difference of two 64-bit numbers in order always fits into 64 bits without sign.
                let above = change.price.0.wrapping_sub(bottom) as u64;
                if change.price.0 < bottom || above >= bin * N_BINS as u64 {
                    continue;
                }
                let position = (above / bin) as usize;
                sums[position] += i128::from(change.by);
                self.changed.add(position);
            }
        }
    }

    /// Brings it up to date with the book that it has followed.
    pub(crate) fn update(&mut self, market: &Market, scale: HeatScale) {
        let touch = Touch::of(market);
        let window = touch.middle().map(|middle| scale.window_from_middle(middle));
        if !self.is_followed || window != Some(self.lowest_bin) {
            self.read(market, scale);
            return;
        }
        self.touch = touch;
        let within = self.known_positions(market, scale);
        let (old, new) = (self.within, within);
        for (one, other) in [(old.0, new.0), (old.1, new.1)] {
            (one.min(other)..one.max(other)).for_each(|position| self.changed.add(position));
        }
        self.within = within;
        let changed = std::mem::take(&mut self.changed);
        changed.iter().for_each(|position| self.tell(position));
    }

    /// Reads a market's book; of an empty one nothing is known.
    fn read(&mut self, market: &Market, scale: HeatScale) {
        self.bids.fill(0);
        self.asks.fill(0);
        self.within = (0, 0);
        self.changed.clear();
        self.is_followed = false;
        self.touch = Touch::of(market);
        if let Some(middle) = self.touch.middle() {
            self.lowest_bin = scale.window_from_middle(middle);
            let (low, high) = self.prices(scale);
            sum_bids(market, &mut self.bids, (low, high), scale.bin());
            sum_asks(market, &mut self.asks, (low, high), scale.bin());
            self.within = self.known_positions(market, scale);
            // At the very ends of the numbers the bins do not stand where they should: there all is read each time.
            self.is_followed = self.is_in_range(scale);
        }
        (0..N_BINS).for_each(|position| self.tell(position));
    }

    /// Whether the window ends before the numbers do.
    fn is_in_range(&self, scale: HeatScale) -> bool {
        let height = scale.bin().checked_mul(N_BINS as i64);
        let bottom = self.lowest_bin.checked_mul(scale.bin());
        bottom.zip(height).is_some_and(|(bottom, height)| bottom.checked_add(height).is_some())
    }

    /// Becomes what another one is, in the room that it has.
    pub(crate) fn copy(&mut self, other: &Self) {
        self.lowest_bin = other.lowest_bin;
        self.sizes.copy_from_slice(&other.sizes);
        self.known.copy_from_slice(&other.known);
        self.codes.copy_from_slice(&other.codes);
        self.touch = other.touch;
        self.bids.copy_from_slice(&other.bids);
        self.asks.copy_from_slice(&other.asks);
        self.within = other.within;
        self.changed.clone_from(&other.changed);
        self.is_followed = other.is_followed;
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

    /// Tells size, knowledge and code of a bin from its sums.
    fn tell(&mut self, position: usize) {
        let sum = self.bids[position] + self.asks[position];
        let size = sum.clamp(0, i128::from(SIZE_MAX)) as u64;
        let is_within = self.within.0 <= position && position < self.within.1;
        let is_known = size > 0 || is_within;
        if (size, u16::from(is_known)) == (self.sizes[position], self.known[position]) {
            return;
        }
        self.sizes[position] = size;
        self.known[position] = u16::from(is_known);
        self.codes[position] = if is_known { code_from_size(size as f64) } else { CODE_UNKNOWN };
    }

    /// The lowest and the highest price of the window.
    fn prices(&self, scale: HeatScale) -> (Price, Price) {
        let bottom = self.lowest_bin.saturating_mul(scale.bin());
        let top = bottom.saturating_add(scale.bin().saturating_mul(N_BINS as i64));
        (Price(bottom), Price(top - 1))
    }

    /// The positions of the bins that lie wholly within reach.
    fn known_positions(&self, market: &Market, scale: HeatScale) -> (usize, usize) {
        let (reach, bin) = (Reach::of(market), scale.bin());
        let (low, high) = self.prices(scale);
        let (bottom, top) = (low.0, high.0 + 1);
        let below = reach.lowest.clamp(bottom, top) - bottom;
        let from = (below / bin + i64::from(below % bin != 0)) as usize;
        let to =
            ((reach.highest.clamp(bottom.saturating_sub(1), high.0) + 1 - bottom) / bin) as usize;
        (from, to.max(from))
    }
}

/// Sums bids into bins, from the highest price down. The bin moves along with the levels: a division for each of
/// thousands would cost more than all else.
fn sum_bids(market: &Market, sums: &mut [i128], (low, high): (Price, Price), bin: i64) {
    let mut position = sums.len() - 1;
    let mut floor = high.0.saturating_add(1).saturating_sub(bin);
    market.book().visit_between(Side::Buy, low, high, |level| {
        while level.price.0 < floor {
            position -= 1;
            floor = floor.saturating_sub(bin);
        }
        sums[position] += i128::from(level.quantity.0);
    });
}

/// Sums asks into bins, from the lowest price up.
fn sum_asks(market: &Market, sums: &mut [i128], (low, high): (Price, Price), bin: i64) {
    let mut position = 0;
    let mut ceiling = low.0.saturating_add(bin);
    market.book().visit_between(Side::Sell, low, high, |level| {
        while level.price.0 >= ceiling {
            position += 1;
            ceiling = ceiling.saturating_add(bin);
        }
        sums[position] += i128::from(level.quantity.0);
    });
}
