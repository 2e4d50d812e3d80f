//! How the book has changed on the grid during the last two seconds: what the ladder's Δ adds up.

use std::collections::VecDeque;

use market::load::{COUNT_MAX, Loader, RestoreError, require};
use market::save::{Saver, Steps, put_signed_steps};
use market::{Change, Changes, Market, Price, Side};
use serde::{Deserialize, Serialize};

use crate::grid::DELTA_CELLS;
use crate::reach::Reach;

/// Changes kept a side, 1 MiB: a hundred times those of two busy seconds. Beyond it Δ looks back less far.
const CHANGES_KEPT: usize = 65_536;
/// Changes of a side for which room is kept once a burst is over.
const ROOM_KEPT: usize = 1_024;

/// Samples of two seconds, and the one before.
const SAMPLES_KEPT: usize = DELTA_CELLS as usize + 2;

/// The book at the beginning of a cell: how far it was known, and which changes came after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sample {
    /// The cell at whose beginning it stood so.
    pub(crate) cell: i64,
    /// The prices between which it was known.
    pub(crate) reach: Reach,
    /// Changes of the bids that came before.
    n_bids: u64,
    /// Changes of the asks that came before.
    n_asks: u64,
}

/// One sample for each cell in which the book changed, and all changes since the first of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Past {
    samples: VecDeque<Sample>,
    bids: Log,
    asks: Log,
}

impl Past {
    pub(crate) fn save(&self, steps: Steps, saver: &mut Saver<'_>) {
        saver.put(&self.samples);
        for log in [&self.bids, &self.asks] {
            saver.put(&(log.n_dropped, log.changes.len()));
            let (out, mut before) = (saver.bytes(), 0);
            for change in &log.changes {
                put_signed_steps(out, change.price.0 - before, steps.tick);
                put_signed_steps(out, change.by, steps.lot);
                before = change.price.0;
            }
        }
    }

    pub(crate) fn load(steps: Steps, loader: &mut Loader<'_>) -> Result<Self, RestoreError> {
        const WHAT: &str = "the last changes of a book";
        let mut past = Self { samples: loader.get(WHAT)?, ..Self::default() };
        for log in [&mut past.bids, &mut past.asks] {
            let n: usize;
            (log.n_dropped, n) = loader.get(WHAT)?;
            require(n <= CHANGES_KEPT, WHAT)?;
            let mut price = 0_i64;
            for _ in 0..n {
                price = price.wrapping_add(loader.reader().signed_steps(steps.tick, WHAT)?);
                require(price >= 0, WHAT)?;
                let by = loader.reader().signed_steps(steps.lot, WHAT)?;
                log.changes.push_back(Change { price: Price(price), by });
            }
        }
        require(past.is_sound(), WHAT)?;
        Ok(past)
    }

    /// The samples count changes in order, and the changes are those since the first of them.
    fn is_sound(&self) -> bool {
        let count = |of: fn(&Sample) -> u64, log: &Log| {
            let dropped = std::iter::once(log.n_dropped);
            let counts = dropped.chain(self.samples.iter().map(of)).chain([log.end()]);
            counts.is_sorted()
        };
        self.bids.n_dropped.max(self.asks.n_dropped) < COUNT_MAX
            && self.samples.len() <= SAMPLES_KEPT
            && self.samples.iter().is_sorted_by_key(|sample| sample.cell)
            && count(|sample| sample.n_bids, &self.bids)
            && count(|sample| sample.n_asks, &self.asks)
    }
}

impl Past {
    /// Takes what a message has changed; `None`: nobody knows what, and with it goes what the book was before.
    pub(crate) fn on_book(&mut self, changes: Option<Changes>) {
        let Some(changes) = changes else {
            self.forget();
            return;
        };
        if self.samples.is_empty() {
            return;
        }
        self.bids.changes.extend(changes.bids);
        self.asks.changes.extend(changes.asks);
        while self.bids.changes.len().max(self.asks.changes.len()) > CHANGES_KEPT {
            self.samples.pop_front();
            self.drop_changes();
        }
    }

    /// Keeps how the book stands when the cell `cell` begins.
    pub(crate) fn keep(&mut self, cell: i64, market: &Market) {
        let reach = Reach::of(market);
        self.samples.push_back(Sample {
            cell,
            reach,
            n_bids: self.bids.end(),
            n_asks: self.asks.end(),
        });
    }

    /// Lets go what stands two seconds or more before the cell `cell`, but for the last such sample: it still tells how
    /// the book stood then. Whether any was let go.
    pub(crate) fn expire(&mut self, cell: i64) -> bool {
        let n_before = self.samples.len();
        while self.samples.get(1).is_some_and(|next| next.cell <= cell - DELTA_CELLS) {
            self.samples.pop_front();
        }
        let is_changed = self.samples.len() != n_before;
        if is_changed {
            self.drop_changes();
        }
        is_changed
    }

    /// Forgets all: the book was lost, and what comes is another one.
    pub(crate) fn forget(&mut self) {
        self.samples.clear();
        self.drop_changes();
    }

    /// How the book stood two seconds before the cell `cell`, or at the earliest moment since it was last right.
    /// Second: the cell from which trades explain the difference.
    pub(crate) fn reference(&self, cell: i64) -> Option<(Sample, i64)> {
        let sample = *self.samples.front()?;
        Some((sample, sample.cell.max(cell - DELTA_CELLS)))
    }

    /// What has changed on a side of the book since the [`reference`](Self::reference), in order.
    pub(crate) fn changes(&self, side: Side) -> impl Iterator<Item = &Change> {
        // Older changes than those of the first sample are not kept.
        match side {
            Side::Buy => self.bids.changes.iter(),
            Side::Sell => self.asks.changes.iter(),
        }
    }

    /// Drops the changes that came before the first sample, all when there is none.
    fn drop_changes(&mut self) {
        let first = self.samples.front();
        let (n_bids, n_asks) = first.map_or((u64::MAX, u64::MAX), |it| (it.n_bids, it.n_asks));
        self.bids.drop_before(n_bids);
        self.asks.drop_before(n_asks);
    }
}

/// Changes of one side.
#[derive(Clone, Debug, Default)]
struct Log {
    changes: VecDeque<Change>,
    n_dropped: u64,
}

impl Log {
    /// How many there have been.
    fn end(&self) -> u64 {
        self.n_dropped + self.changes.len() as u64
    }

    fn drop_before(&mut self, n: u64) {
        let n = n.min(self.end()) - self.n_dropped;
        self.changes.drain(..n as usize);
        self.n_dropped += n;
        if self.changes.capacity() > 4 * ROOM_KEPT && self.changes.len() < ROOM_KEPT {
            self.changes.shrink_to(ROOM_KEPT);
        }
    }
}
