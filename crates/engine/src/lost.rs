//! When and why books were not right, packet by packet.

use std::collections::BTreeMap;

use market::{Cause, InstrumentId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::engine::Engine;
use crate::gaps::{Gap, Why};
use crate::watched::{Loss, Watched};

/// A book that is not right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lost {
    /// Since when.
    pub from: Timestamp,
    /// Why it was lost first.
    pub why: Why,
    /// Whether it is not right only since we closed its link.
    pub is_let_go: bool,
}

/// Watches one book after each packet and tick.
#[derive(Clone, Copy, Debug, Default)]
pub struct LostBook {
    /// That it is not right.
    lost: Option<Lost>,
    /// How often it was lost before.
    n_lost: u64,
}

impl Lost {
    /// The gap up to `to`.
    pub fn until(self, to: Timestamp) -> Gap {
        Gap { from: self.from, to, why: self.why }
    }
}

impl LostBook {
    /// A book that is watched from now on.
    pub fn new(watched: &Watched) -> Self {
        Self { lost: None, n_lost: watched.n_lost }
    }

    /// A book that is watched from now on, in the middle of a session; `at` is when the next packet is received.
    pub fn begun(engine: &Engine, watched: &Watched, at: Timestamp) -> Self {
        let lost = watched.cause().map(|cause| Lost {
            from: at,
            why: why(engine, watched, cause),
            is_let_go: watched.is_let_go(),
        });
        Self { lost, n_lost: watched.n_lost }
    }

    /// A book that is not watched any longer, and how it stood.
    pub fn left(lost: Option<Lost>) -> Self {
        Self { lost, n_lost: 0 }
    }

    /// The same book, when it is not right for longer than was known.
    #[must_use]
    pub fn lost_before(self, lost: Lost) -> Self {
        let longer = |now: Lost| Lost { from: lost.from, why: lost.why, ..now };
        Self { lost: self.lost.map(longer), ..self }
    }

    /// That it is not right; `None` while it is.
    pub fn lost(&self) -> Option<Lost> {
        self.lost
    }

    /// Looks at the book as it stands at `at`; a gap that is over.
    pub fn look(&mut self, engine: &Engine, watched: &Watched, at: Timestamp) -> Option<Gap> {
        let is_lost_anew = self.n_lost != watched.n_lost;
        self.n_lost = watched.n_lost;
        let begun = |loss: Loss| Lost {
            from: loss.at,
            why: why(engine, watched, loss.cause),
            is_let_go: watched.is_let_go(),
        };
        if let Some(cause) = watched.cause() {
            let now = || begun(watched.loss().unwrap_or(Loss { at, cause }));
            let Some(lost) = &mut self.lost else {
                self.lost = Some(now());
                return None;
            };
            lost.is_let_go = watched.is_let_go();
            if lost.why.goes_on_as(Why::Of(cause)) {
                return None;
            }
            let over = lost.until(at);
            *lost = now();
            return Some(over).filter(|gap| gap.from < at);
        }
        // Silence may be found and ended by one and the same packet.
        let found_now = || watched.loss().filter(|_| is_lost_anew).map(begun);
        let lost = self.lost.take().or_else(found_now);
        lost.map(|lost| lost.until(at)).filter(|gap| gap.from < at)
    }

    /// The gap that goes on up to `to`; `None` while it is right, and where nothing was lost: the session ended, and
    /// closed its links.
    pub fn open(&self, to: Timestamp) -> Option<Gap> {
        let lost = self.lost.filter(|lost| !lost.is_let_go && lost.from < to);
        lost.map(|lost| lost.until(to))
    }
}

/// Why a book is not right, of a cause: in what is not recorded, the engine knows more.
fn why(engine: &Engine, watched: &Watched, cause: Cause) -> Why {
    let venue = watched.market.instrument().id.venue;
    let hole = engine.unrecorded(venue, watched.link).filter(|_| cause == Cause::NotRecorded);
    if hole.is_some_and(|hole| hole.is_off()) { Why::Off } else { Why::Of(cause) }
}

/// Watches all books after each packet, and tells of each gap as a whole, of its first cause.
#[derive(Debug, Default)]
pub struct LostWatch {
    books: BTreeMap<InstrumentId, (LostBook, Option<Gap>)>,
}

impl LostWatch {
    /// A packet that was received at `at` has been taken.
    pub fn note(
        &mut self,
        engine: &Engine,
        at: Timestamp,
        mut tell: impl FnMut(InstrumentId, Gap),
    ) {
        for (id, watched) in engine.all_watched() {
            let book = self.books.entry(id).or_insert_with(|| (LostBook::new(watched), None));
            let Some(gap) = book.0.look(engine, watched, at) else { continue };
            let gap = book.1.take().map_or(gap, |begun| Gap { to: gap.to, ..begun });
            match book.0.lost() {
                Some(_) => book.1 = Some(gap),
                None => tell(id, gap),
            }
        }
    }

    /// The recording ends at `to`.
    pub fn finish(self, to: Timestamp, mut tell: impl FnMut(InstrumentId, Gap)) {
        for (id, (book, begun)) in self.books {
            if let Some(gap) = book.open(to) {
                tell(id, begun.map_or(gap, |begun| Gap { to, ..begun }));
            }
        }
    }
}
