//! Open interest as it was within the last hour, so that its change can be told.

use std::collections::VecDeque;

use market::Timestamp;
use market::load::Sound;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// An hour, for the change within it.
const HOUR_NANOS: i64 = 3_600_000_000_000;
/// One figure is kept for each span of this.
const STEP_NANOS: i64 = 60_000_000_000;
/// Those of an hour, and the one before it.
const FIGURES_KEPT: usize = 62;

/// Figures of the last hour, oldest first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Interest {
    figures: VecDeque<(Timestamp, Decimal)>,
}

impl Sound for Interest {
    fn is_sound(&self) -> bool {
        self.figures.len() <= FIGURES_KEPT
    }
}

impl Interest {
    /// Takes a figure that was received at `at`; the last of each minute stays.
    pub fn take(&mut self, figure: Decimal, at: Timestamp) {
        let step = |at: Timestamp| at.nanos().div_euclid(STEP_NANOS);
        if self.figures.back().is_some_and(|(last, _)| step(*last) == step(at)) {
            self.figures.pop_back();
        }
        if self.figures.len() == FIGURES_KEPT {
            self.figures.pop_front();
        }
        self.figures.push_back((at, figure));
    }

    /// By how much it has changed in the hour before `now`; `None` while less than an hour is known.
    pub fn change(&self, now: Timestamp) -> Option<Decimal> {
        let (_, last) = self.figures.back()?;
        let is_before = |(at, _): &&(Timestamp, Decimal)| now.nanos_since(*at) >= HOUR_NANOS;
        let (_, before) = self.figures.iter().rev().find(is_before)?;
        last.checked_sub(*before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(n: i64) -> Timestamp {
        Timestamp::from_millis(n * 1_000)
    }

    #[test]
    fn the_change_is_told_once_an_hour_is_known_and_over_that_hour() {
        let mut interest = Interest::default();
        for n in 0..7_200 {
            interest.take(Decimal::from(n), second(n));
        }
        assert_eq!(interest.figures.len(), FIGURES_KEPT);
        // The last figure of the minute that ended an hour before.
        assert_eq!(interest.change(second(7_199)), Some(Decimal::from(7_199 - 3_599)));
    }

    #[test]
    fn before_an_hour_has_passed_there_is_no_change_to_tell() {
        let mut interest = Interest::default();
        interest.take(Decimal::ONE, second(0));
        interest.take(Decimal::TEN, second(3_000));
        assert_eq!(interest.change(second(3_599)), None);
        assert_eq!(interest.change(second(3_600)), Some(Decimal::from(9)));
    }
}
