//! Whether subscriptions bring anything, stream by stream: venues accept ones that never do (a symbol in the wrong
//! case, a stream that is gone or has moved to another socket), so that what they acknowledge proves nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use market::{Stream, Timestamp};

use crate::streams::TradesTold;

/// How often an instrument of which something does not come is asked for again.
pub const ASKED_AGAIN_MAX: u8 = 3;

/// Trades that the venue tells when asked come on their stream within this, or not at all.
const TRADES_LATE_NANOS: i64 = 3_000_000_000;

/// Where no trade comes, the venue is asked for the newest ones at growing spans, at least so often.
const LOOKED_FOR_NANOS_MAX: i64 = 320_000_000_000;

/// What one link brings of its instruments, and of which of them some of it has not come yet.
#[derive(Debug)]
pub struct FirstData {
    /// What it brings of each.
    streams: &'static [Stream],
    waiting: BTreeMap<String, Waiting>,
}

#[derive(Clone, Debug)]
struct Waiting {
    since: Timestamp,
    missing: BTreeSet<Stream>,
    /// Whether anything of it has come.
    has_spoken: bool,
    n_again: u8,
    is_given_up: bool,
    trades: Trades,
}

/// The question whether trades are made while none come.
#[derive(Clone, Copy, Debug, Default)]
struct Trades {
    /// When the newest trade was made of those that were told first since the subscription.
    before: Option<Timestamp>,
    /// When the venue is asked for the newest ones next, and how long after that once more.
    look_at: Option<(Timestamp, i64)>,
}

/// What is known of a stream of an instrument.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sign {
    /// When a link last told something of it by itself.
    pub said_at: Option<Timestamp>,
    /// Whether what it tells is there though no link told it, or is not to be expected.
    pub is_met: bool,
    /// The newest trades that were told when asked for.
    pub trades: Option<TradesTold>,
}

/// What is to be done about an instrument of which something did not come in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Overdue {
    /// It is to be asked for again, for the n-th time.
    AskAgain {
        /// Its symbol.
        symbol: String,
        /// What is missing.
        missing: Missing,
        /// From 1.
        n_again: u8,
    },
    /// It was asked for often enough.
    GivenUp {
        /// Its symbol.
        symbol: String,
        /// What is missing.
        missing: Missing,
    },
    /// No trade came, and none may have been made: the newest ones are to be asked for.
    Doubt {
        /// Its symbol.
        symbol: String,
    },
}

/// What does not come of an instrument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Nothing at all comes.
    All,
    /// These do not.
    Streams(Vec<Stream>),
}

impl FirstData {
    /// Nothing is asked for yet on a link that brings these.
    pub const fn of(streams: &'static [Stream]) -> Self {
        Self { streams, waiting: BTreeMap::new() }
    }

    /// An instrument is asked for.
    pub fn expect(&mut self, symbol: &str, now: Timestamp) {
        let waiting = Waiting {
            since: now,
            missing: self.streams.iter().copied().collect(),
            has_spoken: false,
            n_again: 0,
            is_given_up: false,
            trades: Trades::default(),
        };
        self.waiting.insert(symbol.to_owned(), waiting);
    }

    /// It is asked for no longer.
    pub fn forget(&mut self, symbol: &str) {
        self.waiting.remove(symbol);
    }

    /// The link was opened anew, and all of these are asked for on it.
    pub fn restart<'a>(&mut self, symbols: impl Iterator<Item = &'a String>, now: Timestamp) {
        for symbol in symbols {
            let before = self.waiting.remove(symbol);
            self.expect(symbol, now);
            if let (Some(before), Some(waiting)) = (before, self.waiting.get_mut(symbol)) {
                (waiting.n_again, waiting.is_given_up) = (before.n_again, before.is_given_up);
            }
        }
    }

    /// What is overdue; `sign` tells what is known of a stream of an instrument.
    pub fn overdue(
        &mut self,
        limit: Duration,
        now: Timestamp,
        sign: impl Fn(&str, Stream) -> Sign,
    ) -> Vec<Overdue> {
        let limit = i64::try_from(limit.as_nanos()).unwrap_or(i64::MAX);
        let n_streams = self.streams.len();
        let mut all = Vec::new();
        for (symbol, waiting) in &mut self.waiting {
            waiting.note(|stream| sign(symbol, stream));
            if waiting.is_given_up || now.nanos_since(waiting.since) <= limit {
                continue;
            }
            let missing = waiting.certain(sign(symbol, Stream::Trades).trades, now);
            if !missing.is_empty() {
                let is_all =
                    n_streams > 1 && !waiting.has_spoken && missing.contains(&Stream::Book);
                let missing = if is_all { Missing::All } else { Missing::Streams(missing) };
                all.push(waiting.judge(symbol, missing, now));
            } else if waiting.wants_look(limit, now) {
                all.push(Overdue::Doubt { symbol: symbol.clone() });
            }
        }
        self.waiting.retain(|_, waiting| !waiting.missing.is_empty());
        all
    }
}

impl Waiting {
    /// Takes note of what has come.
    fn note(&mut self, sign: impl Fn(Stream) -> Sign) {
        let since = self.since;
        let has_said = |sign: Sign| sign.said_at.is_some_and(|said_at| said_at >= since);
        let all = [Stream::Book, Stream::Trades, Stream::Quotes, Stream::Stated];
        self.has_spoken |= all.into_iter().any(|stream| has_said(sign(stream)));
        self.missing.retain(|stream| !sign(*stream).is_met && !has_said(sign(*stream)));
        if self.trades.before.is_none()
            && let Some(told) = sign(Stream::Trades).trades
            && told.at >= since
        {
            self.trades.before = Some(told.newest);
        }
    }

    /// What surely should have come: of trades that is known only once others were made.
    fn certain(&self, told: Option<TradesTold>, now: Timestamp) -> Vec<Stream> {
        let is_made = self.trades.before.zip(told).is_some_and(|(before, told)| {
            told.newest > before && now.nanos_since(told.at) > TRADES_LATE_NANOS
        });
        let is_certain = |stream: &Stream| *stream != Stream::Trades || is_made;
        self.missing.iter().copied().filter(is_certain).collect()
    }

    fn wants_look(&mut self, first_nanos: i64, now: Timestamp) -> bool {
        if !self.missing.contains(&Stream::Trades) {
            return false;
        }
        let (at, span) = self.trades.look_at.unwrap_or((now, first_nanos));
        let is_due = now >= at;
        if is_due {
            let next = span.saturating_mul(2).min(LOOKED_FOR_NANOS_MAX);
            self.trades.look_at = Some((now.plus_nanos(span), next));
        }
        is_due
    }

    fn judge(&mut self, symbol: &str, missing: Missing, now: Timestamp) -> Overdue {
        let symbol = symbol.to_owned();
        if self.n_again >= ASKED_AGAIN_MAX {
            self.is_given_up = true;
            return Overdue::GivenUp { symbol, missing };
        }
        self.n_again += 1;
        (self.since, self.has_spoken) = (now, false);
        self.trades = Trades::default();
        Overdue::AskAgain { symbol, missing, n_again: self.n_again }
    }
}

impl Missing {
    /// In a sentence: "nothing", "no book and no trades".
    fn words(&self) -> String {
        let word = |stream: &Stream| match stream {
            Stream::Book => "no book",
            Stream::Trades => "no trades",
            Stream::Quotes => "no best prices",
            Stream::Stated => "no marks",
        };
        match self {
            Self::All => "nothing".to_owned(),
            Self::Streams(streams) => streams.iter().map(word).collect::<Vec<_>>().join(" and "),
        }
    }
}

impl Overdue {
    /// What the user is told; nothing of a doubt.
    pub fn sentence(&self, venue: &str) -> Option<String> {
        match self {
            Self::AskAgain { symbol, missing, n_again } => {
                let what = missing.words();
                Some(format!(
                    "{venue} sends {what} of {symbol}. Asked again ({n_again} of {ASKED_AGAIN_MAX})."
                ))
            }
            Self::GivenUp { symbol, missing } => {
                let (what, n_asked) = (missing.words(), ASKED_AGAIN_MAX + 1);
                let end = match missing {
                    Missing::All => " There are no data of it.",
                    Missing::Streams(_) => "",
                };
                Some(format!(
                    "{venue} sends {what} of {symbol}, though it was asked {n_asked} times.{end}"
                ))
            }
            Self::Doubt { .. } => None,
        }
    }
}

#[cfg(test)]
#[path = "first_data_facts.rs"]
mod facts;
