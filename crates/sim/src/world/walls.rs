//! Walls: large resting orders that stand for seconds to minutes, and are pulled or eaten.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::flow::exponential;
use super::mood::seconds;
use super::{Book, Listing, Side};

/// The walls of one market.
#[derive(Debug)]
pub struct Walls {
    standing: Vec<Wall>,
    step: i64,
    most: usize,
    usual_quantity: i64,
    lot: i64,
}

/// A wall.
#[derive(Clone, Debug)]
struct Wall {
    side: Side,
    tick: i64,
    quantity: i64,
    until: i64,
    nerve: Nerve,
}

/// What a wall does when the price comes near.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Nerve {
    /// Stays until it is eaten or its time is over.
    Firm,
    /// Fills up again when it is half eaten, so many times.
    Refills(u8),
    /// Is pulled when the price comes near.
    Shy,
}

impl Walls {
    pub(super) fn new(listing: &Listing) -> Self {
        let character = listing.character;
        Self {
            standing: Vec::new(),
            step: character.wall_step,
            most: character.walls,
            usual_quantity: character.usual_quantity,
            lot: listing.lot,
        }
    }

    /// Whether a wall stands here, so that nobody else's quote changes the level.
    pub(super) fn holds(&self, side: Side, tick: i64) -> bool {
        self.standing.iter().any(|wall| wall.side == side && wall.tick == tick)
    }

    /// Pulls, refills and builds walls; `set(side, tick, quantity)` is called for each level that changes, quantity
    /// `None` giving it back to the usual quotes.
    pub(super) fn attend(
        &mut self,
        book: &Book,
        (at, tick_units): (i64, i64),
        rng: &mut ChaCha8Rng,
        mut set: impl FnMut(Side, i64, Option<i64>),
    ) {
        let mut kept = Vec::with_capacity(self.standing.len() + 1);
        for mut wall in self.standing.drain(..) {
            let left = book.quantity(wall.side, wall.tick * tick_units);
            if left * 8 < wall.quantity {
                continue;
            }
            let touch = book.best(wall.side).unwrap_or(0) / tick_units;
            let is_near = (wall.tick - touch).abs() <= self.step / 8;
            if at >= wall.until || (wall.nerve == Nerve::Shy && is_near && rng.random_bool(0.5)) {
                set(wall.side, wall.tick, None);
                continue;
            }
            if let Nerve::Refills(n) = wall.nerve
                && left * 2 < wall.quantity
            {
                wall.nerve = n.checked_sub(1).map_or(Nerve::Firm, Nerve::Refills);
                set(wall.side, wall.tick, Some(wall.quantity));
            }
            kept.push(wall);
        }
        self.standing = kept;
        let side = if rng.random_bool(0.5) { Side::Bid } else { Side::Ask };
        let n_standing = self.standing.iter().filter(|wall| wall.side == side).count();
        if n_standing < self.most && rng.random_bool(0.6) {
            let touch = book.best(side).unwrap_or(0) / tick_units;
            if let Some(wall) = self.draw(side, touch, at, rng) {
                set(side, wall.tick, Some(wall.quantity));
                self.standing.push(wall);
            }
        }
    }

    fn draw(&self, side: Side, touch: i64, at: i64, rng: &mut ChaCha8Rng) -> Option<Wall> {
        let behind = (self.step as f64 * (0.15 + exponential(rng) * 2.6)) as i64 + 2;
        let grain = if rng.random_bool(0.7) { (self.step / 5).max(1) } else { 1 };
        let near = touch + behind * side.away();
        let tick = (near.div_euclid(grain) + i64::from(side == Side::Ask)) * grain;
        let is_behind = (tick - touch) * side.away() > 1;
        if tick <= 1 || !is_behind || self.holds(side, tick) {
            return None;
        }
        let lots = self.usual_quantity as f64 * (9.0 + exponential(rng) * 22.0) / self.lot as f64;
        let nerve = match rng.random_range(0..10) {
            0..=3 => Nerve::Firm,
            4..=5 => Nerve::Refills(2),
            _ => Nerve::Shy,
        };
        let until = at + seconds(6.0 + exponential(rng) * 75.0);
        Some(Wall { side, tick, quantity: lots as i64 * self.lot, until, nerve })
    }
}
