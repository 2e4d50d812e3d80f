//! A figure over the time of a session, however long that is: steps double when there are too many.

use market::Timestamp;

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
}
