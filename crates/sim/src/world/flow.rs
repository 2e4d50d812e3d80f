//! Draws: how long until the next event, how large an order, how far behind the touch.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::SECOND;

/// An exponential draw with mean 1.
pub(super) fn exponential(rng: &mut ChaCha8Rng) -> f64 {
    -(1.0 - rng.random::<f64>()).ln()
}

/// A draw with mean 0 and variance 1, near enough to normal (sum of twelve).
pub(super) fn normal(rng: &mut ChaCha8Rng) -> f64 {
    (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0
}

/// Nanoseconds until the next event of a rate, never longer than `longest`.
pub(super) fn wait(rng: &mut ChaCha8Rng, per_s: f64, longest: i64) -> i64 {
    let wait = exponential(rng) / per_s * SECOND as f64;
    (wait as i64).clamp(200_000, longest)
}

/// How many ticks behind the touch a quote changes: mostly close, sometimes anywhere in `reach`.
pub(super) fn distance(rng: &mut ChaCha8Rng, reach: i64) -> i64 {
    let reach = reach.max(4) as f64;
    let distance = match rng.random_range(0..20) {
        0..=11 => exponential(rng) * (reach * 0.01).max(2.5),
        12..=16 => exponential(rng) * (reach * 0.07).max(4.0),
        _ => rng.random::<f64>() * reach,
    };
    (distance as i64).min(reach as i64)
}

/// The size of a taker's order, as a multiple of a usual level: mostly crumbs, now and then a sweep.
pub(super) fn taker_size(rng: &mut ChaCha8Rng) -> f64 {
    match rng.random_range(0..100) {
        0..=59 => 0.002 + exponential(rng) * 0.05,
        60..=87 => 0.05 + exponential(rng) * 0.5,
        88..=97 => 0.5 + exponential(rng) * 2.5,
        _ => 4.0 + exponential(rng) * 9.0,
    }
}
