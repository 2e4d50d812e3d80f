//! How often we may: a venue's limit on frames, requests or connections, held by construction.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// At most so much within any span of so long: a sliding window, so that no burst at its edge passes the limit twice.
#[derive(Debug)]
pub(crate) struct Allowance {
    most: u32,
    span: Duration,
    spent: VecDeque<(Instant, u32)>,
    sum: u32,
}

impl Allowance {
    /// At most `most` (at least 1) within any `span`.
    pub(crate) fn new(most: u32, span: Duration) -> Self {
        Self { most: most.max(1), span, spent: VecDeque::new(), sum: 0 }
    }

    /// What may be spent within a span.
    pub(crate) const fn most(&self) -> u32 {
        self.most
    }

    /// The first moment, from `now` on, at which `cost` may be spent. A cost above the whole limit counts as the
    /// whole limit: it goes when nothing else has gone.
    pub(crate) fn ready_at(&mut self, cost: u32, now: Instant) -> Instant {
        self.forget(now);
        let mut free = self.most - self.sum;
        let cost = cost.min(self.most);
        if cost <= free {
            return now;
        }
        for (at, amount) in &self.spent {
            free += amount;
            if cost <= free {
                return *at + self.span;
            }
        }
        now + self.span
    }

    /// Spends `cost`; to be asked for by [`ready_at`](Self::ready_at) first.
    pub(crate) fn spend(&mut self, cost: u32, now: Instant) {
        self.forget(now);
        let cost = cost.min(self.most - self.sum);
        if cost > 0 {
            self.spent.push_back((now, cost));
            self.sum += cost;
        }
    }

    /// Spends `cost` if it may be spent now.
    pub(crate) fn try_spend(&mut self, cost: u32, now: Instant) -> bool {
        let is_ready = self.ready_at(cost, now) <= now;
        if is_ready {
            self.spend(cost, now);
        }
        is_ready
    }

    fn forget(&mut self, now: Instant) {
        while let Some((at, cost)) = self.spent.front().copied() {
            if at + self.span > now {
                break;
            }
            self.sum -= cost;
            self.spent.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// When each of `n` askers who come at once and wait their turn may go, in milliseconds.
    fn turns(mut allowance: Allowance, cost: u32, n: usize) -> Vec<u128> {
        let start = Instant::now();
        let mut now = start;
        (0..n)
            .map(|_| {
                now = allowance.ready_at(cost, now);
                allowance.spend(cost, now);
                (now - start).as_millis()
            })
            .collect()
    }

    #[test]
    fn no_second_holds_more_than_the_limit() {
        let turns = turns(Allowance::new(4, SECOND), 1, 12);
        assert_eq!(turns, [0, 0, 0, 0, 1_000, 1_000, 1_000, 1_000, 2_000, 2_000, 2_000, 2_000]);
    }

    #[test]
    fn a_window_slides_with_what_was_spent() {
        let mut allowance = Allowance::new(2, SECOND);
        let start = Instant::now();
        allowance.spend(1, start);
        allowance.spend(1, start + SECOND / 2);
        assert_eq!(allowance.ready_at(1, start + SECOND * 6 / 10), start + SECOND);
        assert_eq!(allowance.ready_at(2, start + SECOND * 6 / 10), start + SECOND * 3 / 2);
    }

    #[test]
    fn weights_add_up() {
        assert_eq!(turns(Allowance::new(100, SECOND), 50, 5), [0, 0, 1_000, 1_000, 2_000]);
    }

    #[test]
    fn a_cost_above_the_limit_goes_alone() {
        assert_eq!(turns(Allowance::new(100, SECOND), 5_000, 3), [0, 1_000, 2_000]);
    }
}
