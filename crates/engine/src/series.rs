//! A figure over the time of a session, however long that is: steps double when there are too many.

use market::Timestamp;
use serde::{Deserialize, Serialize};

/// Steps at most; a timeline shows 200.
const STEPS_MAX: usize = 4_096;
/// The first step: a second.
const STEP_NANOS: i64 = 1_000_000_000;

/// One value for each step of time since the first.
#[derive(Clone, Debug)]
pub struct Series<T> {
    from: Option<Timestamp>,
    step_nanos: i64,
    values: Vec<T>,
    join: fn(T, T) -> T,
}

/// A series as bytes are made of it: values as differences to the one before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedSeries {
    from: Option<Timestamp>,
    step_nanos: i64,
    differences: Vec<i64>,
}

impl<T: Copy + Default + TryFrom<i64> + Into<i64>> Series<T> {
    /// All of it.
    pub fn save(&self) -> SavedSeries {
        let mut before = 0_i64;
        let difference = |value: &T| {
            let value: i64 = (*value).into();
            value.wrapping_sub(std::mem::replace(&mut before, value))
        };
        let differences = self.values.iter().map(difference).collect();
        SavedSeries { from: self.from, step_nanos: self.step_nanos, differences }
    }

    /// The series that was saved; `None` when it can be none.
    pub fn load(join: fn(T, T) -> T, saved: &SavedSeries) -> Option<Self> {
        let SavedSeries { from, step_nanos, differences } = saved;
        let is_step = *step_nanos >= STEP_NANOS
            && step_nanos % STEP_NANOS == 0
            && (step_nanos / STEP_NANOS).count_ones() == 1;
        let is_sound = is_step && differences.len() <= STEPS_MAX;
        if !is_sound || (from.is_none() && !differences.is_empty()) {
            return None;
        }
        let mut before = 0_i64;
        let value = |difference: &i64| {
            before = before.wrapping_add(*difference);
            T::try_from(before).ok()
        };
        let values = differences.iter().map(value).collect::<Option<_>>()?;
        Some(Self { from: *from, step_nanos: *step_nanos, values, join })
    }
}

impl<T: Copy + Default> Series<T> {
    /// An empty one; `join` makes one value of two that follow each other.
    pub fn new(join: fn(T, T) -> T) -> Self {
        Self { from: None, step_nanos: STEP_NANOS, values: Vec::new(), join }
    }

    /// The value of the step that `at` lies in; `None` for a moment before the first.
    pub fn at(&mut self, at: Timestamp) -> Option<&mut T> {
        let from = *self.from.get_or_insert(at);
        loop {
            let step = usize::try_from(at.nanos_since(from) / self.step_nanos).ok()?;
            if at < from {
                return None;
            }
            if step < STEPS_MAX {
                if step >= self.values.len() {
                    self.values.resize(step + 1, T::default());
                }
                return self.values.get_mut(step);
            }
            self.double();
        }
    }

    /// Whether `at` lies in a step that has no value yet.
    pub fn is_new(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| {
            let step = at.nanos_since(from) / self.step_nanos;
            usize::try_from(step).is_ok_and(|step| step >= self.values.len())
        })
    }

    /// The steps: first moment, last moment and value.
    pub fn steps(&self) -> impl Iterator<Item = (Timestamp, Timestamp, T)> {
        let from = self.from.unwrap_or_default();
        let moment = move |index: usize| {
            let steps = i64::try_from(index).unwrap_or(i64::MAX);
            from.plus_nanos(self.step_nanos.saturating_mul(steps))
        };
        let steps = self.values.iter().enumerate();
        steps.map(move |(index, value)| (moment(index), moment(index + 1).plus_nanos(-1), *value))
    }

    /// When the first step begins; `None` before there is one.
    pub fn from(&self) -> Option<Timestamp> {
        self.from
    }

    /// Forgets the values of all steps that reach into a span, which does not hold its end.
    pub fn clear(&mut self, from: Timestamp, to: Timestamp) {
        let begin = self.from.unwrap_or_default();
        let mut ends =
            (1_i64..).map(|steps| begin.plus_nanos(self.step_nanos.saturating_mul(steps)));
        for value in &mut self.values {
            let end = ends.next().unwrap_or(to);
            if end > from && end.plus_nanos(-self.step_nanos) < to {
                *value = T::default();
            }
        }
    }

    /// Takes the values of a series that follows. Each lies in the step in which its own step begins.
    pub fn join(&mut self, next: &Self) {
        if self.values.is_empty() {
            *self = next.clone();
            return;
        }
        while self.step_nanos < next.step_nanos {
            self.double();
        }
        let join = self.join;
        for (at, _, value) in next.steps() {
            if let Some(known) = self.at(at) {
                *known = join(*known, value);
            }
        }
    }

    /// All values.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.values.iter_mut()
    }

    fn double(&mut self) {
        let join = self.join;
        let joined = self.values.chunks(2).map(|two| match two {
            [first, second] => join(*first, *second),
            rest => rest.first().copied().unwrap_or_default(),
        });
        self.values = joined.collect();
        self.step_nanos = self.step_nanos.saturating_mul(2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_of_seconds_is_kept_in_bounded_steps_and_loses_none() {
        let mut counts = Series::new(|one: u32, other| one + other);
        let from = Timestamp::from_millis(1_767_657_540_000);
        for second in 0..604_800 {
            *counts.at(from.plus_nanos(second * 1_000_000_000)).unwrap() += 1;
        }
        assert!(counts.steps().count() <= STEPS_MAX);
        assert_eq!(counts.steps().map(|(_, _, count)| count).sum::<u32>(), 604_800);
        let (_, to, _) = counts.steps().last().unwrap();
        assert!(to > from.plus_nanos(604_799 * 1_000_000_000));
        assert_eq!(counts.at(from.plus_nanos(-1)), None, "before the first");
    }

    #[test]
    fn what_is_cleared_are_the_steps_that_reach_into_a_span() {
        let from = Timestamp::from_millis(1_767_657_540_250);
        let after = |millis: i64| from.plus_nanos(millis * 1_000_000);
        let mut counts = Series::new(|one: u32, other| one + other);
        (0..10).for_each(|second| *counts.at(after(second * 1_000)).unwrap() = 1);
        counts.clear(after(2_500), after(5_000));
        let known: Vec<u32> = counts.steps().map(|(.., count)| count).collect();
        assert_eq!(known, [1, 1, 0, 0, 0, 1, 1, 1, 1, 1]);
    }

    #[test]
    fn what_follows_is_joined_at_its_time_and_nothing_is_lost() {
        let from = Timestamp::from_millis(1_767_657_540_250);
        let second = |second: i64| from.plus_nanos(second * 1_000_000_000);
        let counted = |range: std::ops::Range<i64>| {
            let mut counts = Series::new(|one: u32, other| one + other);
            range.for_each(|at| *counts.at(second(at)).unwrap() += 1);
            counts
        };
        let mut all = counted(0..0);
        // The second is so long that its steps are longer than those of the first.
        for part in [0..3_000, 3_000..20_000, 20_000..20_001, 30_000..100_000] {
            all.join(&counted(part));
        }
        assert!(all.steps().count() <= STEPS_MAX);
        let before = |moment: Timestamp| {
            let steps = all.steps().filter(|(_, to, _)| *to < moment);
            i64::from(steps.map(|(.., count)| count).sum::<u32>())
        };
        for (at, count) in [(3_000, 3_000), (20_000, 20_000), (30_000, 20_001), (64_000, 54_001)] {
            assert!((before(second(at)) - count).abs() <= 64, "{at}: {}", before(second(at)));
        }
        assert_eq!(before(second(200_000)), 90_001);
        let again = Series::load(|one: u32, other| one + other, &all.save()).unwrap();
        assert!(again.steps().eq(all.steps()));
    }
}
