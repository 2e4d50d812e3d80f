//! Whether a book is right: snapshots, the numbering of deltas, and what waits for a snapshot.
//!
//! Binance spot's rules (B1 to B6) are those of "How to manage a local order book correctly" as corrected on
//! 2025-11-12; the futures' rules (F1 to F6) those of the page of the same name of USD-M. Each is cited where it is
//! obeyed, B1 and F1 (buffer from the first frame) in `judge_step`. Kraken's rules are obeyed in `market`.

mod cause;
mod finer;
mod saved;

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::checksum::Checksum;
use crate::load::count;
use crate::{BookMessage, Continuity, Level};

pub use cause::Cause;

/// Messages that wait for a snapshot, at most: 100 s of the fastest stream (100 a second); a snapshot comes in seconds.
pub const BUFFERED_MESSAGES_MAX: usize = 10_000;

/// Levels of all waiting messages together, at most: 4 MiB a book.
pub const BUFFERED_LEVELS_MAX: usize = 1 << 18;

/// ```text
///           snapshot                    gap · checksum · crossed · link
/// Waiting ───────────▶ Synced ─────────────────────────────────────────▶ Lost
///   ▲ │ delta: buffered  ▲ │ delta: applied                               │ │ delta: buffered; with checksums
///   └─┘                  └─┘◀──────────────────────────────────────────── └─┘ applied, and checked further
///                                          snapshot
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// No snapshot yet.
    #[default]
    Waiting,
    /// The book is right, as far as the venue lets us know.
    Synced,
    /// The book was right and may be wrong now, until a new snapshot.
    Lost {
        /// Why.
        cause: Cause,
    },
}

/// What the venue lets us check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Proof {
    /// A checksum over the best levels of each side; says nothing of the levels below.
    Checksum {
        /// Levels of each side that it covers. With one, it is the middle of their prices.
        n_levels: u8,
    },
    /// Every update is numbered, so that none can be missing unnoticed.
    Sequence,
    /// Both.
    SequenceAndChecksum {
        /// Levels of each side that the checksum covers.
        n_levels: u8,
    },
    /// Nothing yet, or nothing at all.
    #[default]
    Unverified,
}

/// What became of a book message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// It is in the book.
    Changed,
    /// The book had it already.
    Old,
    /// It waits for a snapshot.
    Buffered,
    /// It cannot be used: the snapshot is too old for the deltas heard, or the delta has no snapshot to stand on.
    NeedsSnapshot,
    /// Updates are missing before it; it waits for a snapshot.
    Gap {
        /// The update id that should have come.
        expected: u64,
        /// The update id that came.
        found: u64,
    },
    /// It is in the book, whose checksum now differs from the venue's.
    ChecksumWrong {
        /// The venue's.
        expected: u32,
        /// Ours.
        found: u32,
    },
    /// It is in the book, which is crossed.
    Crossed,
}

impl Applied {
    /// Whether the book cannot become right without a new snapshot, which is to be asked for.
    pub const fn wants_snapshot(self) -> bool {
        match self {
            Self::Changed | Self::Old | Self::Buffered => false,
            Self::NeedsSnapshot | Self::Gap { .. } | Self::ChecksumWrong { .. } | Self::Crossed => {
                true
            }
        }
    }
}

/// What is to be done with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Apply,
    Old,
    Buffer,
    NeedsSnapshot,
    Gap { expected: u64, found: u64 },
}

/// A delta that waits for a snapshot.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Waiting {
    pub(crate) continuity: Continuity,
    pub(crate) checksum: Option<Checksum>,
    pub(crate) depth: Option<u32>,
    levels: Box<[Level]>,
    n_bids: usize,
}

impl Waiting {
    pub(crate) fn bids(&self) -> &[Level] {
        &self.levels[..self.n_bids]
    }

    pub(crate) fn asks(&self) -> &[Level] {
        &self.levels[self.n_bids..]
    }
}

/// The state of one book, and what it needs in order to judge the next message.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Sync {
    state: State,
    /// Whether the deltas are numbered without holes.
    is_numbered: bool,
    /// Levels of each side that the venue's checksums cover; 0 where it states none.
    n_levels_summed: u8,
    /// Update id that the book has reached; `None` before a snapshot and where nothing is numbered.
    book_id: Option<u64>,
    /// Last update id of the deltas heard on this link, in the book or not.
    heard_id: Option<u64>,
    #[serde(deserialize_with = "count")]
    n_gaps: u64,
    waiting: VecDeque<Waiting>,
    n_waiting_levels: usize,
}

impl Sync {
    /// The state.
    pub const fn state(&self) -> State {
        self.state
    }

    /// Whether the book is right, as far as the venue lets us know.
    pub const fn is_synced(&self) -> bool {
        matches!(self.state, State::Synced)
    }

    /// What the venue lets us check, judged by the last message.
    pub const fn proof(&self) -> Proof {
        match (self.is_numbered, self.n_levels_summed) {
            (false, 0) => Proof::Unverified,
            (true, 0) => Proof::Sequence,
            (false, n_levels) => Proof::Checksum { n_levels },
            (true, n_levels) => Proof::SequenceAndChecksum { n_levels },
        }
    }

    /// A checksum was stated, or none where there could have been one.
    pub(crate) fn note_checksum(&mut self, checksum: Option<Checksum>) {
        self.n_levels_summed = checksum.map_or(0, |checksum| checksum.rule.n_levels());
    }

    /// The update id that the book has reached; `None` before a snapshot and where nothing is numbered.
    pub const fn last_id(&self) -> Option<u64> {
        self.book_id
    }

    /// Breaks of the numbering among the deltas heard; each loss counts once, whether the book was right or not.
    pub const fn n_gaps(&self) -> u64 {
        self.n_gaps
    }

    /// How many deltas wait for a snapshot.
    pub fn n_waiting(&self) -> usize {
        self.waiting.len()
    }

    /// The book may be wrong from now on. A closed link also ends the numbering: what comes next follows nothing.
    pub(crate) fn lose(&mut self, cause: Cause) {
        match self.state {
            State::Waiting => {}
            State::Synced => self.state = State::Lost { cause },
            State::Lost { cause: before } => match cause {
                Cause::LinkDown | Cause::Silent | Cause::NotHeard | Cause::NotRecorded => {
                    self.state = State::Lost { cause };
                }
                // Recording has gone on, and a snapshot is waited for as after any other gap.
                Cause::Gap if before == Cause::NotRecorded => self.state = State::Lost { cause },
                // The first cause stays.
                Cause::Gap | Cause::Checksum | Cause::Crossed | Cause::BookSilent => {}
            },
        }
        if cause == Cause::LinkDown {
            self.heard_id = None;
            self.forget_waiting();
        }
    }

    /// Whether a snapshot can be used: B3 and F4 ask for a newer one when the deltas cannot follow it.
    pub(crate) fn judge_snapshot(&mut self, continuity: Continuity) -> Verdict {
        self.note_proof(continuity);
        let Continuity::AsOf(id) = continuity else {
            return Verdict::Apply; // In band: whatever comes after it follows it.
        };
        if self.is_synced() && self.book_id.is_some_and(|book_id| id < book_id) {
            return Verdict::Old; // A right book is not put back into its past.
        }
        let oldest = self.waiting.front().and_then(|delta| Step::of(delta.continuity));
        let earliest_base = oldest.map(|step| step.base).or(self.heard_id);
        match earliest_base {
            // B3: lastUpdateId lies before the first U. F4: none qualifies, and the first U lies beyond lastUpdateId.
            Some(base) if id < base => Verdict::NeedsSnapshot,
            Some(_) | None => Verdict::Apply,
        }
    }

    /// A snapshot stands in the book. The deltas that waited can be taken now, if it was not sent in band.
    pub(crate) fn synced(&mut self, continuity: Continuity) {
        self.state = State::Synced;
        match continuity {
            Continuity::AsOf(id) => self.book_id = Some(id), // B5
            Continuity::Range { .. }
            | Continuity::Previous { .. }
            | Continuity::Next(_)
            | Continuity::Follows { .. }
            | Continuity::Later(_)
            | Continuity::ByLink
            | Continuity::Counted(_)
            | Continuity::Unnumbered => {
                self.book_id = Step::of(continuity).map(|step| step.last);
                self.heard_id = self.book_id;
                self.forget_waiting();
            }
        }
    }

    /// The next delta that waited for the snapshot that stands in the book, if it still has to be applied.
    pub(crate) fn next_waiting(&mut self) -> Option<Waiting> {
        while let Some(delta) = self.waiting.pop_front() {
            self.n_waiting_levels -= delta.levels.len();
            let Some(step) = Step::of(delta.continuity) else { continue };
            if self.book_id.is_some_and(|id| step.is_old(id)) {
                continue; // B4 and F3: discard what the snapshot holds.
            }
            // B4 and F4: the first one kept reaches back to lastUpdateId; the others follow it, or none would wait.
            self.book_id = Some(step.last);
            return Some(delta);
        }
        None
    }

    /// What is to be done with a delta.
    pub(crate) fn judge_delta(&mut self, continuity: Continuity) -> Verdict {
        self.note_proof(continuity);
        match Step::of(continuity) {
            Some(step) => self.judge_step(step),
            None => self.judge_unnumbered(),
        }
    }

    /// Keeps a delta for the next snapshot; the oldest make room.
    pub(crate) fn wait(&mut self, message: &BookMessage, bids: &[Level], asks: &[Level]) {
        let levels: Box<[Level]> = bids.iter().chain(asks).copied().collect();
        self.n_waiting_levels += levels.len();
        self.waiting.push_back(Waiting {
            continuity: message.continuity,
            checksum: message.checksum,
            depth: message.depth,
            levels,
            n_bids: bids.len(),
        });
        while self.waiting.len() > BUFFERED_MESSAGES_MAX
            || self.n_waiting_levels > BUFFERED_LEVELS_MAX
        {
            let Some(oldest) = self.waiting.pop_front() else { return };
            self.n_waiting_levels -= oldest.levels.len();
        }
    }

    /// A running book is put in its place: right, and true up to here.
    pub(crate) fn restore(&mut self, continuity: Continuity) {
        let n_gaps = self.n_gaps;
        *self = Self { state: State::Synced, n_gaps, ..Self::default() };
        self.note_proof(continuity);
        match continuity {
            Continuity::AsOf(id) => {
                (self.book_id, self.heard_id) = (Some(id), Some(id));
                self.is_numbered = true;
            }
            Continuity::Later(id) => (self.book_id, self.heard_id) = (Some(id), Some(id)),
            Continuity::Range { .. }
            | Continuity::Previous { .. }
            | Continuity::Next(_)
            | Continuity::Follows { .. }
            | Continuity::ByLink
            | Continuity::Counted(_)
            | Continuity::Unnumbered => {}
        }
    }

    /// What was heard without a book now waits in the place of a book that is lost.
    pub(crate) const fn wait_as_lost(&mut self, cause: Cause) {
        self.state = State::Lost { cause };
    }

    /// Counts here the gaps of another book, which has none any longer.
    pub(crate) const fn count_gaps_of(&mut self, other: &mut Self) {
        self.n_gaps += other.n_gaps;
        other.n_gaps = 0;
    }

    /// Updates are missing that no delta told of.
    pub(crate) fn count_gap(&mut self) {
        self.n_gaps += 1;
    }

    /// Starts over as if nothing had been heard; what was counted stays counted.
    pub(crate) fn restart(&mut self) {
        *self = Self { n_gaps: self.n_gaps, ..Self::default() };
    }

    fn judge_step(&mut self, step: Step) -> Verdict {
        let heard = self.heard_id;
        if heard.is_some_and(|heard| step.is_repeated(heard)) {
            return Verdict::Old; // Heard twice.
        }
        // B6: U > id + 1. F5: pu is not the u before.
        if heard.is_some_and(|heard| step.breaks(heard)) {
            self.n_gaps += 1;
            self.forget_waiting();
        }
        self.heard_id = Some(step.last);
        match self.state {
            State::Waiting | State::Lost { .. } => Verdict::Buffer,
            State::Synced => self.judge_next_to_book(step, heard),
        }
    }

    /// What is to be done with a delta when the book stands on a snapshot.
    fn judge_next_to_book(&mut self, step: Step, heard: Option<u64>) -> Verdict {
        let Some(id) = self.book_id else {
            self.book_id = Some(step.last); // The snapshot had no number: the first delta brings it.
            return Verdict::Apply;
        };
        if step.is_old(id) {
            return Verdict::Old; // B6 and F3. The snapshot ran ahead of the deltas.
        }
        let is_counted = heard.is_some_and(|heard| step.breaks(heard));
        if step.base > id || (is_counted && heard == Some(id)) {
            if !is_counted {
                self.n_gaps += 1; // The first delta after a snapshot does not reach back to it.
            }
            self.state = State::Lost { cause: Cause::Gap };
            return Verdict::Gap { expected: step.expected_after(id), found: step.found() };
        }
        self.book_id = Some(step.last);
        Verdict::Apply
    }

    /// Without numbers every delta belongs to the last snapshot of its link.
    fn judge_unnumbered(&self) -> Verdict {
        match self.state {
            State::Synced => Verdict::Apply,
            // Applied further, so that later checksums are still counted; the state stays until a snapshot.
            State::Lost {
                cause: Cause::Gap | Cause::Checksum | Cause::Crossed | Cause::BookSilent,
            } => Verdict::Apply,
            State::Lost {
                cause: Cause::LinkDown | Cause::Silent | Cause::NotHeard | Cause::NotRecorded,
            }
            | State::Waiting => Verdict::NeedsSnapshot,
        }
    }

    fn note_proof(&mut self, continuity: Continuity) {
        match continuity {
            Continuity::Range { .. }
            | Continuity::Previous { .. }
            | Continuity::Follows { .. }
            | Continuity::ByLink
            | Continuity::Next(_) => self.is_numbered = true,
            Continuity::Later(_) | Continuity::Counted(_) | Continuity::Unnumbered => {
                self.is_numbered = false;
            }
            // The deltas tell, and polls have none.
            Continuity::AsOf(_) => self.is_numbered &= self.heard_id.is_some(),
        }
    }

    fn forget_waiting(&mut self) {
        self.waiting.clear();
        self.n_waiting_levels = 0;
    }
}

/// A numbered delta: it takes a book from `base`, or from anywhere between, to `last`.
#[derive(Clone, Copy, Debug)]
struct Step {
    base: u64,
    last: u64,
    rule: Rule,
}

/// How one delta follows another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    /// It may overlap what came before; it may not leave out an id.
    Covers,
    /// It names the one before.
    Names,
    /// It names the one before, and its own number may be any.
    Chains,
    /// It only comes later.
    Grows,
}

impl Step {
    /// `None` where the continuity has no number.
    fn of(continuity: Continuity) -> Option<Self> {
        match continuity {
            Continuity::Range { first, last } => {
                Some(Self { base: first.saturating_sub(1), last, rule: Rule::Covers })
            }
            // F4 asks for U <= lastUpdateId <= u. Between pu and U the book did not change, so that
            // pu <= lastUpdateId will do.
            Continuity::Previous { first: _, last, previous } => {
                Some(Self { base: previous, last, rule: Rule::Names })
            }
            Continuity::Next(id) | Continuity::Counted(id) | Continuity::AsOf(id) => {
                Some(Self { base: id.saturating_sub(1), last: id, rule: Rule::Covers })
            }
            Continuity::Follows { previous, last } => {
                Some(Self { base: previous, last, rule: Rule::Chains })
            }
            Continuity::Later(id) => Some(Self { base: 0, last: id, rule: Rule::Grows }),
            Continuity::ByLink | Continuity::Unnumbered => None,
        }
    }

    /// Whether the deltas heard up to `heard` hold it.
    const fn is_repeated(self, heard: u64) -> bool {
        match self.rule {
            Rule::Covers | Rule::Names | Rule::Grows => self.last <= heard,
            // One that names `heard` follows it, even where its own number falls back or stands still.
            Rule::Chains => self.last == heard && self.base != heard,
        }
    }

    /// Whether a book at `id` has it already. B4: u <= lastUpdateId. F3: u < lastUpdateId, strictly.
    const fn is_old(self, id: u64) -> bool {
        match self.rule {
            Rule::Covers | Rule::Grows => self.last <= id,
            Rule::Names => self.last < id,
            Rule::Chains => self.last <= id && self.base != id,
        }
    }

    /// Whether it does not follow a delta that ended at `heard`.
    const fn breaks(self, heard: u64) -> bool {
        match self.rule {
            Rule::Covers => self.base > heard,
            Rule::Names | Rule::Chains => self.base != heard,
            Rule::Grows => false,
        }
    }

    const fn expected_after(self, id: u64) -> u64 {
        match self.rule {
            Rule::Covers | Rule::Grows => id.saturating_add(1),
            Rule::Names | Rule::Chains => id,
        }
    }

    const fn found(self) -> u64 {
        match self.rule {
            Rule::Covers | Rule::Grows => self.base.saturating_add(1),
            Rule::Names | Rule::Chains => self.base,
        }
    }
}
