//! How far the book can be believed, and the spans in which it could not.

use std::collections::VecDeque;

use market::load::Sound;
use market::{Cause, Timestamp};
use serde::{Deserialize, Serialize};

/// Gaps that are kept. Who shows more of the past looks back for those before them.
pub const GAPS_KEPT: usize = 64;

/// How far the book of an instrument can be believed, worst last.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// No book yet.
    #[default]
    Loading,
    /// In order.
    Right,
    /// In order, but quieter than it usually is.
    Quiet,
    /// A gap or a failed checksum: a new snapshot is on its way.
    Resyncing,
    /// The link is silent or down.
    Stale,
}

impl Health {
    /// Whether the book is in order.
    pub const fn is_good(self) -> bool {
        match self {
            Self::Right | Self::Quiet => true,
            Self::Loading | Self::Resyncing | Self::Stale => false,
        }
    }

    /// Its number in a frame's header; 0 there stands for "no instrument".
    pub const fn code(self) -> u32 {
        match self {
            Self::Loading => 1,
            Self::Right => 2,
            Self::Quiet => 3,
            Self::Resyncing => 4,
            Self::Stale => 5,
        }
    }
}

/// The number of a cause in a frame.
pub const fn code_from_cause(cause: Cause) -> u8 {
    match cause {
        Cause::NotHeard => 0,
        Cause::LinkDown => 1,
        Cause::Silent => 2,
        Cause::Gap => 3,
        Cause::Checksum => 4,
        Cause::Crossed => 5,
        Cause::BookSilent => 6,
        Cause::NotRecorded => 7,
    }
}

/// A span in which the book was not right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// When the book was lost.
    pub from: Timestamp,
    /// When it was right again; `None` while it is not.
    pub to: Option<Timestamp>,
    /// Why it was lost first.
    pub cause: Cause,
}

/// The last [`GAPS_KEPT`] gaps, oldest first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Gaps {
    gaps: VecDeque<Gap>,
}

impl Sound for Gaps {
    fn is_sound(&self) -> bool {
        self.gaps.len() <= GAPS_KEPT
    }
}

impl Gaps {
    /// Takes note of a change of health. The wait for the very first book is no gap.
    pub(crate) fn on_health(&mut self, before: Health, now: Health, cause: Cause, at: Timestamp) {
        let open = self.gaps.back_mut().filter(|gap| gap.to.is_none());
        match (open, now.is_good()) {
            (Some(gap), true) => gap.to = Some(at),
            (None, false) if before.is_good() => {
                if self.gaps.len() == GAPS_KEPT {
                    self.gaps.pop_front();
                }
                self.gaps.push_back(Gap { from: at, to: None, cause });
            }
            (Some(_), false) | (None, true | false) => {}
        }
    }

    /// From when on all gaps are kept; `None`: all there were.
    pub(crate) fn known_from(&self) -> Option<Timestamp> {
        let is_cut = self.gaps.len() >= GAPS_KEPT;
        self.gaps.front().filter(|_| is_cut).map(|oldest| oldest.from)
    }

    /// Nobody listens any longer, whether the book was right or not.
    pub(crate) fn leave(&mut self, at: Timestamp) {
        if let Some(open) = self.gaps.back_mut().filter(|gap| gap.to.is_none()) {
            open.to = Some(at);
        }
        if self.gaps.len() == GAPS_KEPT {
            self.gaps.pop_front();
        }
        self.gaps.push_back(Gap { from: at, to: None, cause: Cause::NotHeard });
    }

    /// Oldest first.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &Gap> + Clone {
        self.gaps.iter()
    }
}

#[cfg(test)]
mod tests {
    use market::{Cause, Timestamp};

    use super::{GAPS_KEPT, Gaps, Health};

    #[test]
    fn a_gap_keeps_its_first_cause_and_closes_when_the_book_is_right() {
        let mut gaps = Gaps::default();
        let at = Timestamp::from_millis;
        gaps.on_health(Health::Right, Health::Resyncing, Cause::Checksum, at(10));
        gaps.on_health(Health::Resyncing, Health::Stale, Cause::LinkDown, at(20));
        gaps.on_health(Health::Stale, Health::Right, Cause::LinkDown, at(30));
        let only: Vec<_> = gaps.iter().copied().collect();
        assert_eq!((only.len(), gaps.known_from()), (1, None));
        assert_eq!(
            (only[0].from, only[0].to, only[0].cause),
            (at(10), Some(at(30)), Cause::Checksum)
        );
    }

    #[test]
    fn waiting_for_the_first_book_is_no_gap() {
        let mut gaps = Gaps::default();
        gaps.on_health(Health::Loading, Health::Stale, Cause::LinkDown, Timestamp::default());
        assert_eq!(gaps.iter().len(), 0);
    }

    #[test]
    fn only_the_last_gaps_are_kept() {
        let mut gaps = Gaps::default();
        for n in 0..200 {
            let at = Timestamp::from_millis(n * 10);
            gaps.on_health(Health::Right, Health::Stale, Cause::Silent, at);
            gaps.on_health(Health::Stale, Health::Right, Cause::Silent, at.plus_nanos(1));
        }
        assert_eq!(gaps.iter().len(), GAPS_KEPT);
        assert_eq!(gaps.known_from(), Some(Timestamp::from_millis((200 - GAPS_KEPT as i64) * 10)));
    }
}
