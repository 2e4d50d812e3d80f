//! Times in which nothing was heard: between two sessions, and where a recording has nothing for a while.

use market::Timestamp;

use super::Player;
use crate::absence::Absence;
use crate::source::{Tape, TapePackets};

/// A gap is shown for so long by the clock on the wall, then it is skipped.
const SHOWN_NANOS: i64 = 1_000_000_000;
/// Within a session, a gap is longer than this: no link of a market that is heard says nothing for so long.
const GAP_NANOS_MIN: i64 = 10_000_000_000;

/// A gap in which the playhead stands while it plays.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown {
    to: Timestamp,
    /// For how long it was shown.
    nanos: i64,
}

impl Player {
    /// Whether gaps are skipped once they were shown for a second, while it plays.
    pub fn skips_gaps(&self) -> bool {
        self.skips_gaps
    }

    /// Skips gaps from now on, or no longer.
    pub fn set_skips_gaps(&mut self, skips_gaps: bool) {
        self.skips_gaps = skips_gaps;
    }

    /// Whether another session follows.
    pub(super) fn has_more(&self) -> bool {
        self.act + 1 < self.tape.acts().len()
    }

    /// Begins the next session when that has begun by `target`.
    pub(super) fn enter_next(&mut self, target: Timestamp) -> bool {
        let Some(from) = self.next_from().filter(|from| *from <= target) else { return false };
        let goal = self.goal.take();
        let has_begun = self.start_near(from);
        self.goal = goal;
        has_begun
    }

    /// The time in which nobody listened, when the playhead stands there.
    pub(super) fn absence(&self) -> Option<Absence> {
        let from = self.tape.acts().get(self.act)?.to()?;
        let goes_on = self.has_more() || self.edge.is_some();
        (goes_on && self.at > from).then(|| Absence { from, to: self.next_from() })
    }

    /// When the next session begins.
    fn next_from(&self) -> Option<Timestamp> {
        self.tape.acts().get(self.act + 1)?.from()
    }

    /// The end of the gap in which the playhead stands, once that was shown for long enough.
    pub(super) fn pass_gap(&mut self, elapsed_nanos: i64) -> Option<Timestamp> {
        let is_paced = self.is_playing && self.goal.is_none() && self.speed.is_some();
        // A loop is what somebody wants to see, gaps and all.
        if !self.skips_gaps || !is_paced || self.loop_range.is_some() {
            self.shown = None;
            return None;
        }
        let Some(to) = self.gap_end().filter(|to| *to <= self.to()) else {
            self.shown = None;
            return None;
        };
        let shown = self.shown.filter(|shown| shown.to == to);
        // What passed before the playhead stood here was no time in which it was shown.
        let nanos = shown.map_or(0, |shown| shown.nanos.saturating_add(elapsed_nanos));
        self.shown = Some(Shown { to, nanos });
        (nanos >= SHOWN_NANOS).then_some(to)
    }

    fn gap_end(&mut self) -> Option<Timestamp> {
        if let Some(next) = self.peek().map(|packet| packet.received_at) {
            return (next.nanos_since(self.heard_at) > GAP_NANOS_MIN).then_some(next);
        }
        self.next_from()
    }
}

/// The packets of a session.
pub(super) fn packets_of(tape: &Tape, act: usize) -> TapePackets {
    tape.acts().get(act).map_or_else(TapePackets::none, |act| act.packets())
}
