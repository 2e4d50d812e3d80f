//! The temper of a market: calm and fast stretches, trends, and the price that its people think fair.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::flow::{exponential, normal};
use super::{Listing, SECOND};

/// Fair price and pace. Floating point: this is the model of a crowd, not a price of the market.
#[derive(Debug)]
pub struct Mood {
    /// The price thought fair, in ticks.
    fair: f64,
    /// The price to which the fair one returns in the long run, in ticks.
    anchor: f64,
    /// Ticks a second.
    trend: f64,
    /// Usual walk in a second, in ticks.
    swing: f64,
    pace: Pace,
    pace_until: i64,
    trend_until: i64,
    at: i64,
}

/// How fast a stretch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pace {
    Calm,
    Usual,
    Fast,
}

/// Share of the way to the anchor that the fair price goes in a second.
const RETURN_PER_S: f64 = 1.0 / 2_400.0;
/// Share of the way to the middle of the book that the fair price gives up in a second: a wall that holds convinces.
const DOUBT_PER_S: f64 = 0.06;

impl Mood {
    pub(super) fn new(listing: &Listing) -> Self {
        let start = listing.start_price as f64 / listing.tick as f64;
        Self {
            fair: start,
            anchor: start,
            trend: 0.0,
            swing: listing.character.swing_ticks,
            pace: Pace::Usual,
            pace_until: 0,
            trend_until: 0,
            at: 0,
        }
    }

    /// Moves to `at`, while the middle of the book stands at `middle` ticks.
    pub(super) fn advance(&mut self, at: i64, middle: f64, rng: &mut ChaCha8Rng) {
        let seconds = (at - self.at) as f64 / SECOND as f64;
        self.at = at;
        if at >= self.pace_until {
            self.change_pace(rng);
        }
        if at >= self.trend_until {
            self.change_trend(rng);
        }
        let pull = RETURN_PER_S * (self.anchor - self.fair) + DOUBT_PER_S * (middle - self.fair);
        let walk = normal(rng) * self.swing * self.breadth() * seconds.sqrt();
        self.fair += (self.trend * self.breadth() + pull) * seconds + walk;
        // A price may halve, but not vanish: the tiny ones are only some hundreds of ticks high.
        self.fair = self.fair.clamp(self.anchor * 0.6, self.anchor * 1.6);
    }

    /// The price thought fair, in ticks.
    pub(super) fn fair(&self) -> f64 {
        self.fair
    }

    /// Factor on all rates.
    pub(super) fn rate(&self) -> f64 {
        match self.pace {
            Pace::Calm => 0.65,
            Pace::Usual => 1.0,
            Pace::Fast => 1.9,
        }
    }

    /// Factor on how far the price walks.
    pub(super) fn breadth(&self) -> f64 {
        match self.pace {
            Pace::Calm => 0.4,
            Pace::Usual => 1.0,
            Pace::Fast => 2.3,
        }
    }

    fn change_pace(&mut self, rng: &mut ChaCha8Rng) {
        let (pace, mean_s) = match rng.random_range(0..10) {
            0..=3 => (Pace::Calm, 40.0),
            4..=7 => (Pace::Usual, 50.0),
            8.. => (Pace::Fast, 14.0),
            ..0 => (Pace::Usual, 50.0),
        };
        self.pace = pace;
        self.pace_until = self.at + seconds(4.0 + exponential(rng) * mean_s);
    }

    fn change_trend(&mut self, rng: &mut ChaCha8Rng) {
        self.trend = normal(rng) * self.swing * 0.16;
        self.trend_until = self.at + seconds(10.0 + exponential(rng) * 70.0);
    }
}

pub(super) fn seconds(seconds: f64) -> i64 {
    (seconds * SECOND as f64) as i64
}
