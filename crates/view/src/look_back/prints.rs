//! Prints of the past.

use std::cmp::Ordering;

use market::Timestamp;

use super::spans::{Spans, knows_enough};
use super::{LookBack, Reached, STATES_MAX, Session, begin, close};
use crate::frame::{Header, write_older_prints};
use crate::screen::Shown;
use crate::tape::{PRINTS_KEPT, Print};
use crate::units::{Units, ms_from_time};

/// Prints that are told at once.
const PRINTS_MAX: usize = 1_000;
/// A print is mostly heard within this after the moment at which the venue says that it was made.
const LATE_NANOS: i64 = 10_000_000_000;
/// Where our clock and the venue's differ by more, the right moment is looked for so often, further away each time: up
/// to days.
const TRIES_MAX: u32 = 6;

/// A print of a session, before which more is wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PrintMark {
    /// Which session: when it began, as an answer named it; `None`: the one that the screen shows.
    pub session_from_ms: Option<f64>,
    /// The print's number in it.
    pub number: u64,
}

/// The prints before one, of the newest session that heard any.
#[derive(Clone, Debug)]
pub struct OlderPrints {
    before: PrintMark,
    /// The session that the screen shows.
    shown: usize,
    from: Timestamp,
    told_from: Timestamp,
    to: Timestamp,
    /// The newest first, all of one session.
    prints: Vec<Print>,
    session: Option<(Session, Units)>,
    /// How long after the oldest that is told, by the venue's clock, a state is asked for.
    late_nanos: i64,
    n_tries: u32,
    n_states: usize,
    spans: Spans,
}

impl OlderPrints {
    /// The prints from one moment on, up to 1,000 of those before a print, which was made at `to`.
    pub fn new(before: PrintMark, (from, to): (Timestamp, Timestamp), shown: usize) -> Self {
        Self {
            before,
            shown,
            from: from.min(to),
            told_from: to,
            to,
            prints: Vec::new(),
            session: None,
            late_nanos: LATE_NANOS,
            n_tries: 0,
            n_states: 0,
            spans: Spans::default(),
        }
    }

    /// Whether a session is older than that of the print before which more is wanted, or is that one.
    fn compare(&self, number: usize, from: Timestamp) -> Ordering {
        match self.before.session_from_ms {
            Some(from_ms) => ms_from_time(from).total_cmp(&from_ms),
            None => number.cmp(&self.shown),
        }
    }

    /// The number before which those of a session are wanted; `None`: all of them are.
    fn end_in(&self, number: usize, from: Timestamp) -> Option<u64> {
        let oldest = self.prints.last().map(|print| print.number);
        oldest.or(self.compare(number, from).is_eq().then_some(self.before.number))
    }

    /// Asks for a state of another moment, as this one is too early or too late; `false` when that was tried enough.
    fn move_away(&mut self, direction: i64) -> bool {
        self.n_tries += 1;
        let step = (LATE_NANOS * direction).saturating_mul(8_i64.saturating_pow(self.n_tries));
        self.late_nanos = self.late_nanos.saturating_add(step);
        self.n_tries <= TRIES_MAX
    }
}

impl LookBack for OlderPrints {
    fn wanted_from(&self) -> Timestamp {
        self.from
    }

    fn told_from(&self) -> Timestamp {
        self.told_from
    }

    fn is_of_use(&self, session: usize, from: Timestamp) -> bool {
        self.compare(session, from).is_le()
    }

    /// Of an earlier session all is wanted, whatever the venue's clock says.
    fn until(&self, session: usize, from: Timestamp) -> Timestamp {
        if self.end_in(session, from).is_none() {
            return Timestamp::from_nanos(i64::MAX);
        }
        Timestamp::from_nanos(self.told_from.nanos().saturating_add(self.late_nanos))
    }

    /// The instrument is known by the print before which more is wanted: the state stands too early.
    fn tries_elsewhere(&mut self, session: usize, from: Timestamp) -> bool {
        self.end_in(session, from).is_some_and(|end| end > 0) && self.move_away(1)
    }

    /// All that its session had by then, or enough of what was made before the oldest that is told.
    fn reaches(&self, shown: Shown) -> bool {
        let kept = shown.view.tape().last(PRINTS_KEPT);
        let is_before = |print: &&Print| print.traded_at < self.told_from;
        let has_prints =
            kept.len() < PRINTS_KEPT || kept.filter(is_before).count() >= PRINTS_MAX / 2;
        has_prints && knows_enough(shown, self.from, self.told_from)
    }

    fn take(&mut self, shown: Shown, session: Session) -> Reached {
        if self.session.as_ref().is_some_and(|(of, _)| of.number != session.number) {
            return Reached::Otherwise;
        }
        let tape = shown.view.tape();
        let end = self.end_in(session.number, session.from).unwrap_or(tape.n_prints());
        let first = tape.last(PRINTS_KEPT).next().map_or(0, |print| print.number);
        let is_early = tape.n_prints() < end && !session.is_over;
        let is_late = first >= end && first > 0;
        if (is_early || is_late) && self.move_away(if is_early { 1 } else { -1 }) {
            return Reached::Elsewhere;
        }
        if self.n_states >= STATES_MAX {
            return Reached::Otherwise;
        }
        self.n_states += 1;
        self.spans.take(shown, session, (self.from, self.to));
        let n_room = PRINTS_MAX - self.prints.len();
        let kept: Vec<&Print> = tape.last(PRINTS_KEPT).collect();
        let older = kept.iter().rev().filter(|print| print.number < end);
        // A state keeps the last gaps; what was made before them is told by one further back, which knows those there.
        // More gaps than it keeps between two prints are not told.
        let known_from = shown.view.gaps_known_from();
        let is_known = |print: &&&Print| known_from.is_none_or(|known| print.traded_at >= known);
        let n_known = older.clone().take_while(is_known).count().max(1);
        self.prints.extend(older.take(n_room.min(n_known)).map(|print| **print));
        let Some(oldest) = self.prints.last() else { return Reached::Beginning };
        self.told_from = oldest.traded_at.min(self.told_from);
        self.session = Some((session, Units::of(shown.market.instrument())));
        if oldest.number == 0 { Reached::Beginning } else { Reached::Part }
    }

    fn pass(&mut self, from: Timestamp, to: Timestamp) {
        self.spans.pass((from, to), (self.from, self.to));
    }

    fn end(&mut self) {
        if !self.is_full() {
            self.told_from = self.from;
        }
    }

    fn is_full(&self) -> bool {
        // Those of the session before are told by themselves.
        let is_over = self.prints.last().is_some_and(|oldest| oldest.number == 0);
        is_over || self.prints.len() >= PRINTS_MAX
    }

    fn bytes(&self, header: &Header) -> Vec<u8> {
        let mut out = begin(header, self.prints.len() * 48);
        self.spans.write(&mut out);
        close(&mut out, header, self, self.to);
        if let Some((session, units)) = self.session {
            let prints: Vec<Print> = self.prints.iter().rev().copied().collect();
            write_older_prints(&mut out, &prints, session.from, units);
        }
        out.finish()
    }
}
