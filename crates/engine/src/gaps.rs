//! Gaps in the order of time, however many: where there are too many, those nearest to each other are one.

use market::{Cause, Timestamp};
use serde::{Deserialize, Serialize};

use crate::outline::Span;
use crate::unrecorded::WAS_OFF;

/// Gaps that are told apart.
const TOLD_APART_MAX: usize = 10_000;

/// A span in which a book was not right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// When it was lost.
    pub from: Timestamp,
    /// When it was right again.
    pub to: Timestamp,
    /// Why.
    pub why: Why,
}

/// Why a book was not right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Why {
    /// It was lost of this first.
    Of(Cause),
    /// What was heard is not recorded, since recording was off.
    Off,
    /// It was lost several times, and right between them.
    Several,
}

impl Why {
    /// The cause; `None` where there are several.
    pub fn cause(self) -> Option<Cause> {
        match self {
            Self::Of(cause) => Some(cause),
            Self::Off => Some(Cause::NotRecorded),
            Self::Several => None,
        }
    }

    /// What is known of it beside the cause, in words; mostly nothing.
    pub fn because(self) -> &'static str {
        match self {
            Self::Off => WAS_OFF,
            Self::Of(_) | Self::Several => "",
        }
    }

    /// Whether a book that is not right goes on being so in the same gap. What is not recorded is told from its first
    /// moment on, whatever was amiss before.
    pub fn goes_on_as(self, next: Self) -> bool {
        let is_unrecorded = |why: Self| why.cause() == Some(Cause::NotRecorded);
        is_unrecorded(self) || !is_unrecorded(next)
    }
}

impl Gap {
    /// From when to when.
    pub fn span(&self) -> Span {
        (self.from, self.to)
    }

    /// Both as one. Where they overlap, they are one gap, and its first cause stands.
    fn with(self, next: Self) -> Self {
        let first = if next.from < self.from { next.why } else { self.why };
        let is_one = next.from < self.to || (next.from == self.to && next.why == self.why);
        let is_several = [self.why, next.why].contains(&Why::Several);
        let why = if is_one && !is_several { first } else { Why::Several };
        Self { from: self.from.min(next.from), to: self.to.max(next.to), why }
    }

    /// Whether the next one is told as one with it: those that only touch are, when their causes are the same.
    fn is_near(&self, next: &Self, apart_nanos: i64) -> bool {
        let apart = next.from.nanos_since(self.to);
        apart < 0 || (apart <= apart_nanos && (apart_nanos > 0 || next.why == self.why))
    }
}

/// Gaps in the order of time. None is ever left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gaps {
    gaps: Vec<Gap>,
}

impl Gaps {
    /// The gaps.
    pub fn all(&self) -> &[Gap] {
        &self.gaps
    }

    /// Takes the next one, which ends after all earlier ones.
    pub fn push(&mut self, gap: Gap) {
        push(&mut self.gaps, gap, 0);
        if self.gaps.len() > TOLD_APART_MAX {
            self.join_nearest();
        }
    }

    /// Takes one of any time, in place of what is known of that time.
    pub fn insert(&mut self, gap: Gap) {
        let around = self.gaps.iter().flat_map(|known| {
            let before = Gap { to: known.to.min(gap.from), ..*known };
            let after = Gap { from: known.from.max(gap.to), ..*known };
            [before, after].into_iter().filter(|part| part.from < part.to)
        });
        let all = around.chain([gap]).collect();
        self.gaps = Vec::new();
        joined(all, 0).into_iter().for_each(|gap| self.push(gap));
    }

    /// Whether they are as [`push`](Self::push) makes them.
    pub fn is_sound(&self) -> bool {
        self.gaps.len() <= TOLD_APART_MAX
            && self
                .gaps
                .windows(2)
                .all(|two| two[0].to <= two[1].from && !two[0].is_near(&two[1], 0))
            && self.gaps.iter().all(|gap| gap.from <= gap.to)
    }

    /// Of those that are less apart than most, each two become one.
    fn join_nearest(&mut self) {
        let apart = |two: &[Gap]| two[1].from.nanos_since(two[0].to);
        let mut all: Vec<i64> = self.gaps.windows(2).map(apart).collect();
        let middle = all.len() / 2;
        let (_, most, _) = all.select_nth_unstable(middle);
        let (most, mut has_joined) = (*most, false);
        self.gaps.dedup_by(|next, last| {
            has_joined = !has_joined && next.from.nanos_since(last.to) <= most;
            if has_joined {
                *last = last.with(*next);
            }
            has_joined
        });
    }
}

/// Any gaps, in order, as one where they are at most this apart.
pub fn joined(mut gaps: Vec<Gap>, apart_nanos: i64) -> Vec<Gap> {
    gaps.sort_by_key(Gap::span);
    let mut joined = Vec::new();
    gaps.into_iter().for_each(|gap| push(&mut joined, gap, apart_nanos));
    joined
}

fn push(gaps: &mut Vec<Gap>, mut gap: Gap, apart_nanos: i64) {
    while let Some(last) = gaps.pop_if(|last| last.is_near(&gap, apart_nanos)) {
        gap = last.with(gap);
    }
    gaps.push(gap);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    fn of(from: i64, to: i64, why: Why) -> Gap {
        Gap { from: at(from), to: at(to), why }
    }

    fn gap(from: i64, to: i64) -> Gap {
        of(from, to, Why::Of(Cause::LinkDown))
    }

    fn gaps(all: &[Gap]) -> Gaps {
        let mut gaps = Gaps::default();
        all.iter().for_each(|gap| gaps.push(*gap));
        assert!(gaps.is_sound());
        gaps
    }

    #[test]
    fn of_any_number_of_gaps_none_is_left_out_and_few_are_kept() {
        let steady = |n: i64| gap(n * 9, n * 9 + 1);
        let ever_fewer = |n: i64| gap(n * n, n * n + n % 3);
        for next in [steady as fn(i64) -> Gap, ever_fewer] {
            let all: Vec<Gap> = (0..50_000).map(next).collect();
            let gaps = gaps(&all);
            let n_kept = gaps.all().len();
            assert!((TOLD_APART_MAX / 2..=TOLD_APART_MAX).contains(&n_kept), "{n_kept}");
            for gap in all {
                let next = gaps.all().partition_point(|one| one.from <= gap.from);
                let within = gaps.all()[next - 1];
                assert!(within.from <= gap.from && gap.to <= within.to, "{gap:?} is in one");
                assert!(within == gap || within.why != gap.why, "{within:?} is no single one");
            }
        }
    }

    #[test]
    fn few_gaps_are_told_as_they_were_and_those_that_touch_as_one() {
        let told = gaps(&[gap(1, 2), gap(3, 5), gap(5, 6), gap(4, 8), gap(9, 9)]);
        assert_eq!(told.all(), [gap(1, 2), gap(3, 8), gap(9, 9)]);
        let all = vec![gap(20, 21), gap(1, 2), gap(4, 7), gap(3, 4)];
        assert_eq!(joined(all, 2_000_000_000), [of(1, 7, Why::Several), gap(20, 21)]);
        // Of several books at once, what overlaps is one.
        let all = vec![gap(50, 60), gap(1, 5), gap(3, 9), gap(9, 10)];
        assert_eq!(joined(all, 0), [gap(1, 10), gap(50, 60)]);
    }

    #[test]
    fn a_gap_has_its_first_cause_and_one_that_only_touches_another_has_its_own() {
        let silent = |from, to| of(from, to, Why::Of(Cause::Silent));
        let told = gaps(&[gap(1, 3), silent(2, 5), silent(5, 6), gap(6, 7)]);
        assert_eq!(told.all(), [gap(1, 5), silent(5, 6), gap(6, 7)]);
        let told = gaps(&[silent(1, 2), gap(2, 3)]);
        assert_eq!(told.all(), [silent(1, 2), gap(2, 3)]);
        assert_eq!(joined(told.all().to_vec(), 1), [of(1, 3, Why::Several)]);
    }

    #[test]
    fn a_gap_that_is_found_later_takes_the_place_of_what_was_known_of_its_time() {
        let off = |from, to| of(from, to, Why::Off);
        let known = [gap(1, 2), gap(8, 12), gap(20, 25), gap(38, 45), gap(60, 61)];
        let mut told = gaps(&known);
        told.insert(off(10, 40));
        let around = [gap(1, 2), gap(8, 10), off(10, 40), gap(40, 45), gap(60, 61)];
        assert_eq!(told.all(), around);
        // What goes on behind it is one with it, and one within another parts that.
        told.insert(off(40, 42));
        assert_eq!(told.all()[2..4], [off(10, 42), gap(42, 45)]);
        let mut told = gaps(&[gap(1, 9)]);
        told.insert(off(3, 4));
        assert_eq!(told.all(), [gap(1, 3), off(3, 4), gap(4, 9)]);
        assert!(told.is_sound());
    }
}
