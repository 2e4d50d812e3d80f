//! Gaps in the order of time, however many: where there are too many, those nearest to each other are one.

use market::Timestamp;
use serde::{Deserialize, Serialize};

use crate::outline::Span;

/// Gaps that are told apart.
const TOLD_APART_MAX: usize = 10_000;

/// Gaps in the order of time. None is ever left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gaps {
    spans: Vec<Span>,
}

impl Gaps {
    /// The gaps.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// Takes the next one, which ends after all earlier ones.
    pub fn push(&mut self, span: Span) {
        push(&mut self.spans, span, 0);
        if self.spans.len() > TOLD_APART_MAX {
            self.join_nearest();
        }
    }

    /// Whether they are as [`push`](Self::push) makes them.
    pub fn is_sound(&self) -> bool {
        self.spans.len() <= TOLD_APART_MAX
            && self.spans.windows(2).all(|two| two[0].1 < two[1].0)
            && self.spans.iter().all(|(from, to)| from <= to)
    }

    /// Of those that are less apart than most, each two become one.
    fn join_nearest(&mut self) {
        let apart = |two: &[Span]| two[1].0.nanos_since(two[0].1);
        let mut all: Vec<i64> = self.spans.windows(2).map(apart).collect();
        let middle = all.len() / 2;
        let (_, most, _) = all.select_nth_unstable(middle);
        let (most, mut has_joined) = (*most, false);
        self.spans.dedup_by(|next, last| {
            has_joined = !has_joined && next.0.nanos_since(last.1) <= most;
            if has_joined {
                last.1 = next.1;
            }
            has_joined
        });
    }
}

/// Any gaps, in order, as one where they are at most this apart.
pub fn joined(mut spans: Vec<Span>, apart_nanos: i64) -> Vec<Span> {
    spans.sort_unstable();
    let mut joined = Vec::new();
    spans.into_iter().for_each(|span| push(&mut joined, span, apart_nanos));
    joined
}

fn push(spans: &mut Vec<Span>, (mut from, mut to): Span, apart_nanos: i64) {
    let is_near = |last: &mut Span, from: Timestamp| from.nanos_since(last.1) <= apart_nanos;
    while let Some(last) = spans.pop_if(|last| is_near(last, from)) {
        (from, to) = (from.min(last.0), to.max(last.1));
    }
    spans.push((from, to));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    #[test]
    fn of_any_number_of_gaps_none_is_left_out_and_few_are_kept() {
        let steady = |n: i64| (at(n * 9), at(n * 9 + 1));
        let ever_fewer = |n: i64| (at(n * n), at(n * n + n % 3));
        for gap in [steady as fn(i64) -> Span, ever_fewer] {
            let mut gaps = Gaps::default();
            let all: Vec<Span> = (0..50_000).map(gap).collect();
            all.iter().for_each(|gap| gaps.push(*gap));
            assert!(gaps.is_sound());
            let n_kept = gaps.spans().len();
            assert!((TOLD_APART_MAX / 2..=TOLD_APART_MAX).contains(&n_kept), "{n_kept}");
            for (from, to) in all {
                let next = gaps.spans().partition_point(|gap| gap.0 <= from);
                let within = gaps.spans()[next - 1];
                assert!(within.0 <= from && to <= within.1, "{from} is in one");
            }
        }
    }

    #[test]
    fn few_gaps_are_told_as_they_were_and_those_that_touch_as_one() {
        let mut gaps = Gaps::default();
        for (from, to) in [(1, 2), (3, 5), (5, 6), (4, 8), (9, 9)] {
            gaps.push((at(from), at(to)));
        }
        assert_eq!(gaps.spans(), [(at(1), at(2)), (at(3), at(8)), (at(9), at(9))]);
        let all = vec![(at(20), at(21)), (at(1), at(2)), (at(4), at(7)), (at(3), at(4))];
        assert_eq!(joined(all, 2_000_000_000), [(at(1), at(7)), (at(20), at(21))]);
        // Of several books at once, what overlaps is one.
        let all = vec![(at(50), at(60)), (at(1), at(5)), (at(3), at(9)), (at(9), at(10))];
        assert_eq!(joined(all, 0), [(at(1), at(10)), (at(50), at(60))]);
    }
}
