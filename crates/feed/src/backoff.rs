//! How long to wait before the next attempt: exponential, with full jitter.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// Waits that are drawn evenly from nothing to a ceiling, and a ceiling that doubles from `min` to `max`: so a
/// thousand links that were cut at once do not come back at once.
#[derive(Debug)]
pub(crate) struct Backoff {
    min: Duration,
    max: Duration,
    attempts: u32,
    random: StdRng,
}

impl Backoff {
    /// A back-off with a seed of its own.
    pub(crate) fn new(min: Duration, max: Duration) -> Self {
        Self::seeded(min, max, RandomState::new().hash_one(0))
    }

    fn seeded(min: Duration, max: Duration, seed: u64) -> Self {
        Self { min, max, attempts: 0, random: StdRng::seed_from_u64(seed) }
    }

    /// The wait before the next attempt.
    pub(crate) fn draw(&mut self) -> Duration {
        let ceiling = self.ceiling();
        self.attempts = self.attempts.saturating_add(1);
        self.random.random_range(Duration::ZERO..=ceiling)
    }

    /// All is well again.
    pub(crate) fn reset(&mut self) {
        self.attempts = 0;
    }

    fn ceiling(&self) -> Duration {
        let doubled = 1_u32.checked_shl(self.attempts).unwrap_or(u32::MAX);
        self.min.saturating_mul(doubled).min(self.max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIN: Duration = Duration::from_millis(250);
    const MAX: Duration = Duration::from_secs(30);

    #[test]
    fn ceilings_double_from_a_quarter_second_to_thirty_seconds() {
        let mut backoff = Backoff::seeded(MIN, MAX, 1);
        let mut ceilings = Vec::new();
        for _ in 0..40 {
            ceilings.push(backoff.ceiling().as_millis());
            backoff.draw();
        }
        assert_eq!(ceilings[..9], [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
        assert!(ceilings[9..].iter().all(|ceiling| *ceiling == 30_000));
    }

    #[test]
    fn waits_fill_the_whole_range_below_the_ceiling() {
        let (mut low, mut high, n) = (0, 0, 1_000);
        for seed in 0..n {
            let mut backoff = Backoff::seeded(MIN, MAX, seed);
            for _ in 0..7 {
                backoff.draw();
            }
            let wait = backoff.draw();
            assert!(wait <= MAX);
            low += u32::from(wait < MAX / 4);
            high += u32::from(wait > MAX * 3 / 4);
        }
        assert!((200..300).contains(&low), "{low} of {n} in the lowest quarter");
        assert!((200..300).contains(&high), "{high} of {n} in the highest quarter");
    }

    #[test]
    fn links_cut_at_once_come_back_apart() {
        let waits: std::collections::BTreeSet<_> =
            (0..200).map(|_| Backoff::new(MIN, MAX).draw()).collect();
        assert!(waits.len() > 190, "{} different waits of 200", waits.len());
    }

    #[test]
    fn a_reset_starts_at_the_first_ceiling() {
        let mut backoff = Backoff::seeded(MIN, MAX, 1);
        for _ in 0..10 {
            backoff.draw();
        }
        backoff.reset();
        assert_eq!(backoff.ceiling(), MIN);
    }
}
