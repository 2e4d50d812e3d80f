//! What a venue allows its clients, counted over sliding windows.

use std::collections::VecDeque;
use std::time::Duration;

/// So many times within so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// What is counted together.
    pub what: &'static str,
    /// How often.
    pub n: usize,
    /// Within this.
    pub within: Duration,
}

impl Allowance {
    /// `n` times `what` within `seconds`.
    pub const fn new(what: &'static str, n: usize, seconds: u64) -> Self {
        Self { what, n, within: Duration::from_secs(seconds) }
    }
}

/// When something was done, as far back as it counts; times in nanoseconds.
#[derive(Debug, Default)]
pub(crate) struct Spent(VecDeque<i64>);

impl Spent {
    /// Counts one more at `now`; false, and not counted, when that is one too many.
    pub fn spend(&mut self, now: i64, allowance: Allowance) -> bool {
        let within = i64::try_from(allowance.within.as_nanos()).unwrap_or(i64::MAX);
        while self.0.front().is_some_and(|at| now - at >= within) {
            self.0.pop_front();
        }
        let is_allowed = self.0.len() < allowance.n;
        if is_allowed {
            self.0.push_back(now);
        }
        is_allowed
    }
}

#[cfg(test)]
mod tests {
    use super::{Allowance, Spent};

    #[test]
    fn one_more_is_allowed_when_the_first_is_long_ago() {
        let (mut spent, two) = (Spent::default(), Allowance::new("anything", 2, 1));
        let at = [0, 1, 2, 999_999_999, 1_000_000_000, 1_000_000_000];
        let allowed = at.map(|now| spent.spend(now, two));
        assert_eq!(allowed, [true, true, false, false, true, false]);
    }
}
