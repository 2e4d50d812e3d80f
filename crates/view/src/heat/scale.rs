//! How high a bin of the heatmap is, chosen once for an instrument, and which bins a column covers.

use serde::{Deserialize, Serialize};

use crate::reach::{Reach, Touch};

/// Bins in a column.
pub const N_BINS: usize = 512;
/// A window moves by this many bins, so that the middle stays within an eighth of the window's middle.
const WINDOW_STEP: i64 = 64;
/// The liquid part that a window is to cover on each side of the middle: 0.25 % of the price.
const PRICES_PER_REACH: i64 = 400;
/// The least that it is to cover when the first book is shallow: 0.02 % of the price.
const PRICES_PER_LEAST_REACH: i64 = 5_000;

/// The bins of an instrument's heatmap: bin `b` covers the prices `[b, b + 1) × bin`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeatScale {
    bin: i64,
}

impl HeatScale {
    /// The finest bin of 1, 2, 5, 10, 20, 50, … ticks with which 512 bins cover the liquid part of a book: what is
    /// known of it, but at most 0.25 % and at least 0.02 % of the price on each side.
    ///
    /// BTC at 97,412.5 with a deep book in ticks of 0.1: 10 ticks, ±256. BTCUSDT in ticks of 0.01 with 1,000 levels
    /// that
    /// reach ±50: 20 ticks, ±51. A coin at 0.00001234 in ticks of 0.00000001: 1 tick, ±21 %.
    pub(crate) fn choose(touch: Touch, reach: Reach, tick: i64) -> Option<Self> {
        let middle = touch.middle()?;
        let below = middle.saturating_sub(reach.lowest);
        let above = reach.highest.saturating_sub(middle);
        let most = (middle / PRICES_PER_REACH).max(1);
        let least = (middle / PRICES_PER_LEAST_REACH).max(1);
        let wanted = below.max(above).min(most).max(least);
        let mut bin = tick.max(1);
        for factor in [2, 5, 10].into_iter().cycle().zip(0_u32..) {
            let (digit, index) = factor;
            if bin.saturating_mul(N_BINS as i64 / 2) >= wanted {
                break;
            }
            let power = 10_i64.checked_pow(index / 3)?;
            bin = tick.max(1).checked_mul(digit)?.checked_mul(power)?;
        }
        Some(Self { bin })
    }

    /// Whether it divides prices.
    pub(crate) const fn is_sound(self) -> bool {
        self.bin > 0
    }

    /// Height of a bin, in units of the price's scale.
    pub const fn bin(self) -> i64 {
        self.bin
    }

    /// The bin in which a price lies.
    pub(crate) const fn bin_from_price(self, price: i64) -> i64 {
        price.div_euclid(self.bin)
    }

    /// The lowest bin of a window round a middle price.
    pub(crate) const fn window_from_middle(self, middle: i64) -> i64 {
        let above = self.bin_from_price(middle).saturating_add(WINDOW_STEP / 2);
        (above.div_euclid(WINDOW_STEP) * WINDOW_STEP).saturating_sub(N_BINS as i64 / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::HeatScale;
    use crate::reach::{Reach, Touch};

    fn bin(middle: i64, half_reach: i64, tick: i64) -> i64 {
        let touch = Touch { bid: Some(middle), ask: Some(middle) };
        let reach = Reach { lowest: middle - half_reach, highest: middle + half_reach };
        HeatScale::choose(touch, reach, tick).unwrap().bin / tick
    }

    #[test]
    fn the_finest_bin_that_covers_the_liquid_part_is_chosen() {
        for (middle, half_reach, tick, ticks, name) in [
            (974_125, 20_000, 1, 10, "BTC, tick 0.1, deep"),
            (974_125, 1_000, 1, 5, "BTC, tick 0.1, 1,000 dense levels"),
            (9_741_250, 5_000, 1, 20, "BTCUSDT, tick 0.01, ±50"),
            (974_125, 50, 1, 1, "BTC, tick 0.1, ten levels"),
            (1_234, 600, 1, 1, "0.00001234, tick 1e-8"),
            (340_000, 4_000, 1, 5, "ETH 3,400.00, tick 0.01"),
            (97_412_500_000, i64::MAX / 4, 1, 1_000_000, "tick a thousand times finer than of use"),
        ] {
            assert_eq!(bin(middle, half_reach, tick), ticks, "{name}");
        }
    }

    #[test]
    fn a_window_holds_the_middle_well_inside() {
        let scale = HeatScale { bin: 10 };
        for middle in (0..100_000).step_by(7) {
            let inside = scale.bin_from_price(middle) - scale.window_from_middle(middle);
            assert!((224..=288).contains(&inside), "{middle}: {inside}");
        }
    }
}
