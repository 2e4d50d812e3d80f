//! Spans of the past in which the book was not right, by themselves: a state keeps the last ones, and its columns and
//! bars reach further back.

use market::Timestamp;

use super::spans::{Spans, knows_enough};
use super::{LookBack, Reached, STATES_MAX, Session, begin, close};
use crate::frame::Header;
use crate::screen::Shown;

/// Gaps of a span.
#[derive(Clone, Debug)]
pub struct OlderGaps {
    from: Timestamp,
    told_from: Timestamp,
    to: Timestamp,
    n_states: usize,
    spans: Spans,
}

impl OlderGaps {
    /// The gaps that touch a span; where they are many, those that touch its end.
    pub fn new(from: Timestamp, to: Timestamp) -> Self {
        Self { from, told_from: to, to, n_states: 0, spans: Spans::default() }
    }
}

impl LookBack for OlderGaps {
    fn wanted_from(&self) -> Timestamp {
        self.from
    }

    fn told_from(&self) -> Timestamp {
        self.told_from
    }

    fn until(&self, _session: usize, _from: Timestamp) -> Timestamp {
        self.told_from
    }

    fn reaches(&self, shown: Shown) -> bool {
        knows_enough(shown, self.from, self.told_from)
    }

    fn take(&mut self, shown: Shown, session: Session) -> Reached {
        if self.n_states >= STATES_MAX {
            return Reached::Otherwise;
        }
        self.n_states += 1;
        self.spans.take(shown, session, (self.from, self.to));
        match shown.view.gaps_known_from() {
            Some(known) => {
                self.told_from = known.max(self.from).min(self.told_from);
                Reached::Part
            }
            None => Reached::Beginning,
        }
    }

    fn pass(&mut self, from: Timestamp, to: Timestamp) {
        self.spans.pass((from, to), (self.from, self.to));
    }

    fn end(&mut self) {
        self.told_from = self.from;
    }

    fn bytes(&self, header: &Header) -> Vec<u8> {
        let mut out = begin(header, 0);
        self.spans.write(&mut out);
        close(&mut out, header, self, self.to);
        out.finish()
    }
}
