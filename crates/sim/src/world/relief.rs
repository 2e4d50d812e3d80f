//! The relief of liquidity: what would rest at a price if nobody had eaten it yet.
//!
//! It hangs on absolute prices, so that a heatmap shows bands: some prices are thick for seconds, some for minutes,
//! round ones most of the time.

use super::listing::Character;
use super::{Listing, SECOND};

/// The usual quantities of one instrument by price, distance and time.
#[derive(Debug)]
pub struct Relief {
    seed: u64,
    character: Character,
    lot: i64,
}

impl Relief {
    pub(super) fn new(listing: &Listing, seed: u64) -> Self {
        Self { seed, character: listing.character, lot: listing.lot }
    }

    /// What would rest at `tick`, `distance` ticks behind the touch, at `at`; 0 where nothing does.
    pub(super) fn quantity(&self, tick: i64, distance: i64, at: i64) -> i64 {
        let epoch = self.epoch(tick, at);
        let taste = unit(self.seed, tick, epoch, 1);
        if taste > self.density(tick, distance) {
            return 0;
        }
        let quantity = self.character.usual_quantity as f64
            * self.profile(distance)
            * roundness(tick)
            * thickness(unit(self.seed, tick, epoch, 2));
        ((quantity / self.lot as f64) as i64).max(1) * self.lot
    }

    /// Counts the stretches in which the taste for this price stays the same: 8 s to 6 min each.
    fn epoch(&self, tick: i64, at: i64) -> i64 {
        let draw = unit(self.seed, tick, 0, 3);
        let length_s = 8.0 * (45.0_f64).powf(draw);
        let length = (length_s * SECOND as f64) as i64;
        (at + (draw * 1e12) as i64) / length
    }

    fn density(&self, tick: i64, distance: i64) -> f64 {
        let far = distance as f64 / (self.character.levels as f64 * 0.8);
        let density = self.character.density * (1.0 - 0.45 * far.min(1.0));
        if tick % 10 == 0 { density.max(0.97) } else { density }
    }

    /// Thin at the touch, thickest some way behind it, thin again far away.
    fn profile(&self, distance: i64) -> f64 {
        let levels = self.character.levels as f64;
        let distance = distance.max(0) as f64;
        let rise = 0.3 + 0.7 * (distance / (levels * 0.05)).min(1.0);
        rise / (1.0 + (distance / (levels * 0.6)).powi(2))
    }
}

/// Round prices attract orders.
fn roundness(tick: i64) -> f64 {
    match tick {
        tick if tick % 1_000 == 0 => 7.0,
        tick if tick % 500 == 0 => 5.0,
        tick if tick % 100 == 0 => 3.4,
        tick if tick % 50 == 0 => 2.4,
        tick if tick % 10 == 0 => 1.6,
        tick if tick % 5 == 0 => 1.2,
        _ => 1.0,
    }
}

/// Most levels are thin, few are thick: an exponential with a heavy tail.
fn thickness(draw: f64) -> f64 {
    let body = 0.12 - (1.0 - draw).max(1e-9).ln() * 0.55;
    match draw {
        draw if draw > 0.992 => body * 4.0,
        draw if draw > 0.96 => body * 2.2,
        _ => body,
    }
}

/// A number in 0..1 that depends on all its arguments and on nothing else.
fn unit(seed: u64, tick: i64, epoch: i64, salt: u64) -> f64 {
    let mut hash = seed ^ salt.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for word in [tick as u64, epoch as u64] {
        hash = (hash ^ word).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        hash ^= hash >> 29;
        hash = hash.wrapping_mul(0x94d0_49bb_1331_11eb);
        hash ^= hash >> 32;
    }
    (hash >> 11) as f64 / (1_u64 << 53) as f64
}
