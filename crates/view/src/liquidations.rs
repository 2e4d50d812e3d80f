//! Positions that the venue closed by force: the last ones, and how much of each side in the last hour.

use std::collections::VecDeque;

use market::load::{Sound, count};
use market::{Liquidation, Price, Quantity, Side, Timestamp};
use serde::{Deserialize, Serialize};

/// Liquidations that are kept; a cascade of them fills a heatmap's width with a few hundred.
pub const LIQUIDATIONS_KEPT: usize = 1_024;

/// An hour is summed in steps of this.
const STEP_NANOS: i64 = 60_000_000_000;
/// Steps of an hour, the one under way included.
const STEPS_KEPT: i64 = 60;

/// A liquidation that was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forced {
    /// Numbered from 0 in the order in which they were heard.
    pub number: u64,
    /// Our clock.
    pub received_at: Timestamp,
    /// The venue's time.
    pub liquidated_at: Timestamp,
    /// The price that the venue states.
    pub price: Price,
    /// The quantity.
    pub quantity: Quantity,
    /// The side of the forced order.
    pub side: Side,
}

/// What was liquidated within a minute.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Step {
    number: i64,
    bought: i128,
    sold: i128,
}

/// The last [`LIQUIDATIONS_KEPT`], and the sums of the last hour.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Liquidations {
    forced: VecDeque<Forced>,
    #[serde(deserialize_with = "count")]
    n_heard: u64,
    steps: VecDeque<Step>,
}

impl Sound for Liquidations {
    fn is_sound(&self) -> bool {
        self.forced.len() <= LIQUIDATIONS_KEPT && self.steps.len() <= STEPS_KEPT as usize
    }
}

impl Liquidations {
    /// Takes one that was received at `at`.
    pub(crate) fn add(&mut self, liquidation: &Liquidation, at: Timestamp) {
        if self.forced.len() == LIQUIDATIONS_KEPT {
            self.forced.pop_front();
        }
        self.forced.push_back(Forced {
            number: self.n_heard,
            received_at: at,
            liquidated_at: liquidation.liquidated_at,
            price: liquidation.price,
            quantity: liquidation.quantity,
            side: liquidation.side,
        });
        self.n_heard += 1;
        let step = self.step_of(step_from_time(at));
        let sum = match liquidation.side {
            Side::Buy => &mut step.bought,
            Side::Sell => &mut step.sold,
        };
        *sum = sum.saturating_add(i128::from(liquidation.quantity.0));
    }

    /// How many were heard in all.
    pub fn n_heard(&self) -> u64 {
        self.n_heard
    }

    /// Those that are kept, oldest first.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Forced> + Clone {
        self.forced.iter()
    }

    /// Those from a number on, oldest first, as far as they are kept.
    pub(crate) fn since(&self, number: u64) -> impl ExactSizeIterator<Item = &Forced> + Clone {
        let start = self.forced.partition_point(|forced| forced.number < number);
        self.forced.range(start..)
    }

    /// What was bought and sold by force in the hour before `now`, to the minute, in units of the quantity's scale.
    pub fn last_hour(&self, now: Timestamp) -> (i128, i128) {
        let first = step_from_time(now) - STEPS_KEPT + 1;
        let within = self.steps.iter().filter(|step| step.number >= first);
        within.fold((0, 0), |(bought, sold), step| {
            (step.bought.saturating_add(bought), step.sold.saturating_add(sold))
        })
    }

    /// The step under way, and only those of its hour before it.
    fn step_of(&mut self, number: i64) -> &mut Step {
        while self.steps.front().is_some_and(|step| step.number <= number - STEPS_KEPT) {
            self.steps.pop_front();
        }
        if self.steps.back().is_none_or(|last| last.number < number) {
            self.steps.push_back(Step { number, bought: 0, sold: 0 });
        }
        self.steps.back_mut().expect("one was pushed if there was none")
    }
}

fn step_from_time(at: Timestamp) -> i64 {
    at.nanos().div_euclid(STEP_NANOS)
}

#[cfg(test)]
mod tests {
    use market::{InstrumentId, Venue};

    use super::*;

    fn minute(n: i64) -> Timestamp {
        Timestamp::from_nanos(n * STEP_NANOS)
    }

    fn forced(side: Side, quantity: i64) -> Liquidation {
        Liquidation {
            instrument: InstrumentId { venue: Venue::BinanceUsdM, index: 0 },
            side,
            price: Price(100),
            quantity: Quantity(quantity),
            liquidated_at: minute(0),
        }
    }

    #[test]
    fn an_hour_is_summed_by_side_and_forgotten_to_the_minute() {
        let mut all = Liquidations::default();
        all.add(&forced(Side::Buy, 3), minute(10));
        all.add(&forced(Side::Sell, 5), minute(10));
        all.add(&forced(Side::Sell, 7), minute(40));
        assert_eq!(all.last_hour(minute(69)), (3, 12));
        assert_eq!(all.last_hour(minute(70)), (0, 7));
        assert_eq!(all.last_hour(minute(100)), (0, 0));
    }

    #[test]
    fn a_cascade_is_bounded_and_its_numbers_go_on() {
        let mut all = Liquidations::default();
        for n in 0..5_000 {
            all.add(&forced(Side::Sell, 1), minute(n));
        }
        assert_eq!((all.iter().len(), all.n_heard()), (LIQUIDATIONS_KEPT, 5_000));
        assert_eq!(all.since(4_998).map(|one| one.number).collect::<Vec<_>>(), [4_998, 4_999]);
        assert_eq!(all.since(0).len(), LIQUIDATIONS_KEPT);
        assert!(all.steps.len() <= 60);
    }
}
