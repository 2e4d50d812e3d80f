//! When books were not right, packet by packet.

use std::collections::BTreeMap;

use market::{InstrumentId, Timestamp};

use crate::engine::Engine;
use crate::outline::Span;
use crate::watched::Watched;

/// Watches one book after each packet and tick.
#[derive(Clone, Copy, Debug, Default)]
pub struct LostBook {
    /// Since when it is not right.
    from: Option<Timestamp>,
    /// How often it was lost before.
    n_lost: u64,
    /// Whether it is not right only since we closed its link.
    is_let_go: bool,
}

impl LostBook {
    /// A book that is watched from now on.
    pub fn new(watched: &Watched) -> Self {
        Self { from: None, n_lost: watched.n_lost, is_let_go: false }
    }

    /// A book that is watched from now on, in the middle of a session; `at` is when the next packet is received.
    pub fn begun(watched: &Watched, at: Timestamp) -> Self {
        let health = watched.health();
        let is_lost = !health.is_good() && health != view::Health::Loading;
        let from = is_lost.then_some(at);
        Self { from, n_lost: watched.n_lost, is_let_go: is_lost && watched.is_let_go() }
    }

    /// A book that is not watched any longer, and has not been right since; whether only as we closed its link.
    pub fn lost_since(lost: Option<(Timestamp, bool)>) -> Self {
        let is_let_go = lost.is_some_and(|(_, is_let_go)| is_let_go);
        Self { from: lost.map(|(from, _)| from), n_lost: 0, is_let_go }
    }

    /// The same book, when it had not been right from an earlier moment on.
    #[must_use]
    pub fn lost_before(self, from: Timestamp) -> Self {
        Self { from: Some(from), ..self }
    }

    /// Since when it is not right, and whether only as we closed its link; `None` while it is right.
    pub fn since(&self) -> Option<(Timestamp, bool)> {
        self.from.map(|from| (from, self.is_let_go))
    }

    /// Looks at the book as it stands at `at`; a span in which it was not right and that is over.
    pub fn look(&mut self, watched: &Watched, at: Timestamp) -> Option<Span> {
        let health = watched.health();
        let is_lost_anew = self.n_lost != watched.n_lost;
        self.n_lost = watched.n_lost;
        if !health.is_good() && health != view::Health::Loading {
            self.from.get_or_insert_with(|| watched.lost_at().unwrap_or(at));
            self.is_let_go = watched.is_let_go();
            return None;
        }
        // Silence may be found and ended by one and the same packet.
        let found_now = || watched.lost_at().filter(|_| is_lost_anew);
        let from = self.from.take().or_else(found_now);
        from.filter(|from| *from < at).map(|from| (from, at))
    }

    /// The span in which it is not right and that goes on up to `to`; `None` while it is right, and where nothing was
    /// lost: the session ended, and closed its links.
    pub fn open(&self, to: Timestamp) -> Option<Span> {
        self.from.filter(|from| !self.is_let_go && *from < to).map(|from| (from, to))
    }
}

/// Watches all books after each packet, and tells of each span in which one was not right.
#[derive(Debug, Default)]
pub struct LostWatch {
    books: BTreeMap<InstrumentId, LostBook>,
}

impl LostWatch {
    /// A packet that was received at `at` has been taken.
    pub fn note(
        &mut self,
        engine: &Engine,
        at: Timestamp,
        mut tell: impl FnMut(InstrumentId, Span),
    ) {
        for (id, watched) in engine.all_watched() {
            let book = self.books.entry(id).or_insert_with(|| LostBook::new(watched));
            if let Some(span) = book.look(watched, at) {
                tell(id, span);
            }
        }
    }

    /// The recording ends at `to`.
    pub fn finish(self, to: Timestamp, mut tell: impl FnMut(InstrumentId, Span)) {
        for (id, book) in self.books {
            if let Some(span) = book.open(to) {
                tell(id, span);
            }
        }
    }
}
