//! The count of a connection's messages, in which answers to subscriptions may come late.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// Numbers that an answer may have overtaken.
const LATE_MAX: u64 = 1_024;

/// Messages within which they must come.
const WAIT_MAX: u32 = 256;

/// How far the messages of a connection were heard.
///
/// A subscription has its number at once, but its answer waits for what it tells, so that answers overtake each other;
/// data come in their order. What an answer leaves out is awaited, what data leave out is lost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Count {
    last: Option<u64>,
    late: BTreeSet<u64>,
    /// Messages since something is late.
    n_waited: u32,
}

/// What a number says of the messages before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Nothing is missing that cannot come yet.
    Next,
    /// It was heard before.
    Repeated,
    /// Messages are missing.
    Hole {
        /// The first of them.
        expected: u64,
    },
}

impl Count {
    /// Where a message of this number stands, and the count behind it.
    pub fn behind(&self, number: u64, is_answer: bool) -> (Place, Self) {
        let mut count = self.clone();
        let place = count.hear(number, is_answer);
        (place, count)
    }

    fn hear(&mut self, number: u64, is_answer: bool) -> Place {
        let next = self.last.map_or(number, |last| last.saturating_add(1));
        if number < next && !self.late.remove(&number) {
            return Place::Repeated;
        }
        self.last = self.last.max(Some(number));
        if number > next {
            let is_bearable = number - next <= LATE_MAX - self.late.len() as u64;
            if !is_answer || !is_bearable {
                return Place::Hole { expected: next };
            }
            self.late.extend(next..number);
        }
        self.n_waited = if self.late.is_empty() { 0 } else { self.n_waited + 1 };
        match self.late.first() {
            Some(expected) if self.n_waited > WAIT_MAX => {
                let place = Place::Hole { expected: *expected };
                self.late.clear();
                self.n_waited = 0;
                place
            }
            Some(_) | None => Place::Next,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Count, Place, WAIT_MAX};

    const ANSWER: bool = true;
    const DATA: bool = false;

    #[test]
    fn answers_may_come_late_and_data_may_not() {
        let mut count = Count::default();
        for (number, is_answer, place) in [
            (0, ANSWER, Place::Next),
            (3, ANSWER, Place::Next),
            (4, DATA, Place::Next),
            (2, ANSWER, Place::Next),
            (2, ANSWER, Place::Repeated),
            (4, DATA, Place::Repeated),
            (6, DATA, Place::Hole { expected: 5 }),
            (7, DATA, Place::Next),
            (1, ANSWER, Place::Next),
            (5, DATA, Place::Repeated),
            (8, DATA, Place::Next),
        ] {
            assert_eq!(count.hear(number, is_answer), place, "{number}");
        }
    }

    #[test]
    fn what_an_answer_left_out_is_missing_once_it_was_awaited_for_long() {
        let mut count = Count::default();
        count.hear(0, ANSWER);
        assert_eq!(count.hear(2, ANSWER), Place::Next);
        let awaited = (3..).take(WAIT_MAX as usize - 1);
        assert!(awaited.clone().all(|number| count.hear(number, DATA) == Place::Next));
        let next = awaited.last().unwrap() + 1;
        assert_eq!(count.hear(next, DATA), Place::Hole { expected: 1 });
        assert_eq!(count.hear(next + 1, DATA), Place::Next);
        assert_eq!(count.hear(u64::MAX, ANSWER), Place::Hole { expected: next + 2 });
    }
}
