//! The heatmap of an instrument: the open cell, and a ring of columns for each length.

mod saved;

use market::{Changes, Market, Side, Timestamp};

use super::cell::BookBins;
use super::column::ColumnState;
use super::dots::Dot;
use super::fine::{Fine, FineLengths};
use super::ring::{CellBook, CellTrades, Forming, Ring};
use super::scale::HeatScale;
use crate::grid::CELL_MS;
use crate::health::Health;
use crate::reach::{Reach, Touch};

/// The lengths of columns in ms.
pub const COLUMN_LENGTHS_MS: [u32; 6] = [100, 500, 1_000, 5_000, 15_000, 60_000];

/// What is kept from the first good book on.
#[derive(Clone, Debug)]
pub(crate) struct HeatStore {
    scale: HeatScale,
    bins: BookBins,
    is_read: bool,
    trades: CellTrades,
    rings: [Ring; COLUMN_LENGTHS_MS.len()],
    /// Columns shorter than a cell, while somebody wants them; no part of what is saved.
    fine: Option<Box<Fine>>,
}

impl HeatStore {
    /// Begins with the first good book, in the cell `cell`; `None` when the book has no price.
    pub(crate) fn begin(market: &Market, cell: i64) -> Option<Self> {
        let tick = market.instrument().tick_size.0;
        let scale = HeatScale::choose(Touch::of(market), Reach::of(market), tick)?;
        Some(Self {
            scale,
            bins: BookBins::default(),
            is_read: false,
            trades: CellTrades::default(),
            rings: COLUMN_LENGTHS_MS.map(|ms| Ring::new(i64::from(ms / CELL_MS), cell)),
            fine: None,
        })
    }

    /// Keeps fine columns of these lengths and of no others: with the first good book, all of them.
    pub(crate) fn begin_fine(&mut self, lengths: FineLengths, at: Timestamp) {
        self.fine = Fine::begin(lengths, at).map(Box::new);
    }

    /// Keeps fine columns of these lengths and of no others. All before is closed; those that are new begin now.
    pub(crate) fn set_fine(&mut self, lengths: FineLengths, at: Timestamp) {
        match &mut self.fine {
            Some(fine) if !lengths.is_empty() => fine.set(lengths),
            fine => *fine = Fine::begin_late(lengths, at).map(Box::new),
        }
    }

    /// Closes the fine cells up to `at`, with the book as it stands; whether there were any.
    pub(crate) fn close_fine(&mut self, market: &Market, health: Health, at: Timestamp) -> bool {
        let Some(fine) = &mut self.fine else { return false };
        fine.close(market, self.scale, state_from_health(health), at)
    }

    /// The bins.
    pub(crate) const fn scale(&self) -> HeatScale {
        self.scale
    }

    /// The book has changed by this: it is told in bins when its cell closes.
    pub(crate) fn on_book(&mut self, changes: Option<Changes>) {
        self.is_read = false;
        self.bins.follow(changes, self.scale);
        if let Some(fine) = &mut self.fine {
            fine.on_book(changes, self.scale);
        }
    }

    /// Takes a trade into the open cell.
    pub(crate) fn on_trade(&mut self, price: i64, quantity: i64, taker: Side) {
        let dot = Dot {
            column: 0,
            bin: self.scale.bin_from_price(price),
            taker,
            quantity,
            notional: i128::from(price) * i128::from(quantity),
        };
        self.trades.take(&dot);
        if let Some(fine) = &mut self.fine {
            fine.on_trade(&dot);
        }
    }

    /// Closes the cells `from..to`: the first with the trades of the open cell, all with the book as it stands.
    pub(crate) fn close_cells(&mut self, market: &Market, health: Health, from: i64, to: i64) {
        let state = state_from_health(health);
        if state != ColumnState::Stale && !self.is_read {
            self.bins.update(market, self.scale);
            self.is_read = true;
        }
        let book = CellBook { bins: &self.bins, state };
        for ring in &mut self.rings {
            ring.close_cells(from, to - from, book, &self.trades);
        }
        self.trades.clear();
    }

    /// The columns of a length; `None` when none of this length are kept.
    pub(crate) fn ring(&self, column_ms: u32) -> Option<&Ring> {
        let usual = self.rings.iter().find(|ring| ring.column_ms() == column_ms);
        usual.or_else(|| self.fine.as_ref()?.ring(column_ms))
    }

    /// The book now: as it was last told when it has not changed since, else told into `fresh`.
    pub(crate) fn bins_now<'a>(&'a self, market: &Market, fresh: &'a mut BookBins) -> &'a BookBins {
        if self.is_read {
            return &self.bins;
        }
        fresh.copy(&self.bins);
        fresh.update(market, self.scale);
        fresh
    }

    /// The forming column of a length, with the book `bins` as that of its open cell.
    pub(crate) fn form(&self, ring: &Ring, bins: &BookBins, health: Health) -> Forming {
        let book = CellBook { bins, state: state_from_health(health) };
        let fine = self.fine.as_ref().filter(|_| ring.column_ms() < CELL_MS);
        ring.form(book, fine.map_or(&self.trades, |fine| fine.trades()))
    }
}

const fn state_from_health(health: Health) -> ColumnState {
    match health {
        Health::Right => ColumnState::Good,
        Health::Quiet => ColumnState::Quiet,
        Health::Loading | Health::Resyncing | Health::Stale => ColumnState::Stale,
    }
}
