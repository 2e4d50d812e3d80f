//! A time in which nobody listened: between a session that has ended and the next one.

use market::Timestamp;

use crate::engine::Engine;
use crate::unrecorded::Whose;

/// From the last packet of a session to the first one of the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Absence {
    /// `received_at` of the last packet.
    pub from: Timestamp,
    /// `received_at` of the first packet of the next session; `None` while it has none.
    pub to: Option<Timestamp>,
}

impl Absence {
    /// What a user should know of it.
    pub fn sentence(self) -> String {
        let span = span(self.from, self.to);
        format!("Nothing was recorded {span}: Tapedeck was not running, or its recording was off.")
    }
}

/// `from 12:00:01 to 12:00:31`, in UTC, with dates where they differ; `since …` while nobody knows until when.
pub fn span(from: Timestamp, to: Option<Timestamp>) -> String {
    let (from, to) = (from.to_string(), to.map(|to| to.to_string()));
    let is_one_day = to.as_ref().is_some_and(|to| to.get(..10) == from.get(..10));
    match to {
        Some(to) => format!("from {} to {}", moment(&from, is_one_day), moment(&to, is_one_day)),
        None => format!("since {}", moment(&from, false)),
    }
}

/// The time of day in whole seconds, with the date where that is not clear.
fn moment(at: &str, is_one_day: bool) -> String {
    let (day, time) = (at.get(..10), at.get(11..19));
    let (day, time) = (day.unwrap_or_default(), time.unwrap_or_default());
    if is_one_day { time.to_owned() } else { format!("{day} {time}") }
}

impl Engine {
    /// Nobody listens from here on: no book is right any longer, and no link is heard. What was heard stands. Such an
    /// engine is only looked at: it goes on with nothing, and is never saved.
    pub fn leave(&mut self, absence: Absence) {
        if self.absence.replace(absence).is_some() {
            return;
        }
        drop(self.spares.take_all(Whose::All));
        for watched in self.watched.values_mut() {
            watched.leave(absence.from);
        }
    }

    /// The time in which nobody listened, when it stands there.
    pub fn absence(&self) -> Option<Absence> {
        self.absence
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_nanos(1_784_505_600_000_000_000).plus_nanos(seconds * 1_000_000_000)
    }

    #[test]
    fn an_absence_is_told_with_dates_unless_it_lies_in_one_day() {
        let told = |from, to: Option<i64>| Absence { from: at(from), to: to.map(at) }.sentence();
        let why = ": Tapedeck was not running, or its recording was off.";
        assert_eq!(
            told(60, Some(3_725)),
            format!("Nothing was recorded from 00:01:00 to 01:02:05{why}")
        );
        assert_eq!(
            told(60, Some(86_400)),
            format!("Nothing was recorded from 2026-07-20 00:01:00 to 2026-07-21 00:00:00{why}")
        );
        assert_eq!(told(1, None), format!("Nothing was recorded since 2026-07-20 00:00:01{why}"));
    }
}
