//! Whether subscriptions bring anything: venues accept ones that never do (a symbol in the wrong case, a stream that is
//! gone), so that what they acknowledge proves nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use market::Timestamp;

/// How often an instrument of which nothing comes is asked for again.
pub const ASKED_AGAIN_MAX: u8 = 3;

/// Instruments of one link of which nothing has come since they were asked for.
#[derive(Debug, Default)]
pub struct FirstData {
    waiting: BTreeMap<String, Waiting>,
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    since: Timestamp,
    n_again: u8,
    is_given_up: bool,
}

/// An instrument of which nothing came in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Overdue {
    /// It is to be asked for again, for the n-th time.
    AskAgain {
        /// Its symbol.
        symbol: String,
        /// From 1.
        n_again: u8,
    },
    /// It was asked for often enough.
    GivenUp {
        /// Its symbol.
        symbol: String,
    },
}

impl FirstData {
    /// An instrument is asked for.
    pub fn expect(&mut self, symbol: &str, now: Timestamp) {
        let waiting = Waiting { since: now, n_again: 0, is_given_up: false };
        self.waiting.insert(symbol.to_owned(), waiting);
    }

    /// It is asked for no longer.
    pub fn forget(&mut self, symbol: &str) {
        self.waiting.remove(symbol);
    }

    /// The link was opened anew, and all of these are asked for on it.
    pub fn restart<'a>(&mut self, symbols: impl Iterator<Item = &'a String>, now: Timestamp) {
        for symbol in symbols {
            match self.waiting.get_mut(symbol) {
                Some(waiting) => waiting.since = now,
                None => self.expect(symbol, now),
            }
        }
    }

    /// What is overdue; `spoken_at` tells when the venue last spoke of an instrument by itself.
    pub fn overdue(
        &mut self,
        limit: Duration,
        now: Timestamp,
        spoken_at: impl Fn(&str) -> Option<Timestamp>,
    ) -> Vec<Overdue> {
        let limit = i64::try_from(limit.as_nanos()).unwrap_or(i64::MAX);
        self.waiting.retain(|symbol, waiting| {
            spoken_at(symbol).is_none_or(|spoken_at| spoken_at < waiting.since)
        });
        let late = self
            .waiting
            .iter_mut()
            .filter(|(_, waiting)| !waiting.is_given_up && now.nanos_since(waiting.since) > limit);
        late.map(|(symbol, waiting)| waiting.judge(symbol, now)).collect()
    }
}

impl Waiting {
    fn judge(&mut self, symbol: &str, now: Timestamp) -> Overdue {
        let symbol = symbol.to_owned();
        if self.n_again >= ASKED_AGAIN_MAX {
            self.is_given_up = true;
            return Overdue::GivenUp { symbol };
        }
        self.n_again += 1;
        self.since = now;
        Overdue::AskAgain { symbol, n_again: self.n_again }
    }
}

impl Overdue {
    /// What the user is told.
    pub fn sentence(&self, venue: &str) -> String {
        match self {
            Self::AskAgain { symbol, n_again } => format!(
                "{venue} sends nothing of {symbol}. Asked again ({n_again} of {ASKED_AGAIN_MAX})."
            ),
            Self::GivenUp { symbol } => format!(
                "{venue} sends nothing of {symbol}, though it was asked {} times. There are no data of it.",
                ASKED_AGAIN_MAX + 1
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(10);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    fn sentences(data: &mut FirstData, now: i64, spoken_at: Option<i64>) -> Vec<String> {
        let overdue = data.overdue(LIMIT, at(now), |_| spoken_at.map(at));
        overdue.iter().map(|one| one.sentence("Binance")).collect()
    }

    #[test]
    fn nothing_is_asked_for_three_times_more_and_then_given_up() {
        let mut data = FirstData::default();
        data.expect("XYZUSDT", at(0));
        let mut told = Vec::new();
        for now in 0..100 {
            told.append(&mut sentences(&mut data, now, None));
        }
        assert_eq!(
            told,
            [
                "Binance sends nothing of XYZUSDT. Asked again (1 of 3).",
                "Binance sends nothing of XYZUSDT. Asked again (2 of 3).",
                "Binance sends nothing of XYZUSDT. Asked again (3 of 3).",
                "Binance sends nothing of XYZUSDT, though it was asked 4 times. There are no data of it.",
            ]
        );
    }

    #[test]
    fn what_speaks_once_is_not_asked_for_again() {
        let mut data = FirstData::default();
        data.expect("BTCUSDT", at(0));
        assert!(sentences(&mut data, 9, Some(1)).is_empty());
        assert!(sentences(&mut data, 99, Some(1)).is_empty());
    }

    #[test]
    fn what_was_heard_before_it_was_asked_for_proves_nothing() {
        let mut data = FirstData::default();
        data.expect("BTCUSDT", at(20));
        assert_eq!(sentences(&mut data, 31, Some(19)).len(), 1);
    }

    #[test]
    fn a_new_connection_gives_new_time_but_no_new_attempts() {
        let mut data = FirstData::default();
        let symbols = ["XYZUSDT".to_owned()];
        data.expect("XYZUSDT", at(0));
        assert_eq!(sentences(&mut data, 11, None).len(), 1);
        data.restart(symbols.iter(), at(20));
        assert!(sentences(&mut data, 30, None).is_empty());
        let told = sentences(&mut data, 31, None);
        assert_eq!(told, ["Binance sends nothing of XYZUSDT. Asked again (2 of 3)."]);
    }
}
