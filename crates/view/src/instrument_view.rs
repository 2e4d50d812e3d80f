//! What is shown of one instrument, whatever screens look at it: fed with facts, stated on demand.

mod saved;

use market::load::count;
use market::{
    Cause, Change, Instrument, InstrumentId, Liquidation, Market, Price, Side, Timestamp, Trade,
};
use serde::{Deserialize, Serialize};

use crate::flow::{Flow, Hit};
use crate::grid::{cell_from_time, time_from_cell};
use crate::health::{Gap, Gaps, Health};
use crate::heat::{FineLengths, HeatStore};
use crate::ladder::GROUPS_TICKS;
use crate::liquidations::Liquidations;
use crate::past::{Past, Sample};
use crate::profile::Profile;
use crate::tape::{Fill, Print, Tape};

/// Counters that grow when a part has changed; a screen compares them with those of its last frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Revisions {
    /// Book, and what is derived from it.
    #[serde(deserialize_with = "count")]
    pub(crate) book: u64,
    /// Trades.
    #[serde(deserialize_with = "count")]
    pub(crate) trades: u64,
    /// What fades: Δ and hits.
    #[serde(deserialize_with = "count")]
    pub(crate) fading: u64,
    /// Health and gaps.
    #[serde(deserialize_with = "count")]
    pub(crate) health: u64,
    /// Liquidations.
    #[serde(deserialize_with = "count")]
    pub(crate) forced: u64,
    /// Bars that time has closed.
    #[serde(deserialize_with = "count")]
    pub(crate) grid: u64,
}

/// The state of all panels of one instrument.
///
/// Pure and without a clock: told the time by the `at` of each call, which never runs backwards. State begins with the
/// first book or trade; calls of [`on_grid`](Self::on_grid) between two packets leave no trace in what the second one
/// finds, so that the same packets give the same state at any speed.
#[derive(Clone, Debug)]
pub struct InstrumentView {
    instrument: InstrumentId,
    open_cell: Option<i64>,
    /// The cell in which hearing ended, and the health then. Whoever leaves keeps no state, so that it is not saved.
    left_cell: Option<(i64, Health)>,
    health: Health,
    good_book_at: Option<Timestamp>,
    last_trade: Option<(Price, Side)>,
    is_book_kept: bool,
    /// Messages of the book that were followed.
    n_messages: u64,
    tape: Tape,
    flow: Flow,
    past: Past,
    profiles: [Profile; GROUPS_TICKS.len()],
    heat: Option<HeatStore>,
    /// The fine columns that are wanted; no part of what is saved.
    fine: FineLengths,
    gaps: Gaps,
    liquidations: Liquidations,
    revisions: Revisions,
}

impl InstrumentView {
    /// The view of an instrument of which nothing is known yet.
    pub fn new(instrument: &Instrument) -> Self {
        let tick = instrument.tick_size.0.max(1);
        Self {
            instrument: instrument.id,
            open_cell: None,
            left_cell: None,
            health: Health::Loading,
            good_book_at: None,
            last_trade: None,
            is_book_kept: false,
            n_messages: 0,
            tape: Tape::new(),
            flow: Flow::default(),
            past: Past::default(),
            profiles: GROUPS_TICKS.map(|n| Profile::new(tick.saturating_mul(i64::from(n)))),
            heat: None,
            fine: FineLengths::NONE,
            gaps: Gaps::default(),
            liquidations: Liquidations::default(),
            revisions: Revisions::default(),
        }
    }

    /// The market has applied a book message. What it changed is noted; the book itself is looked at when its cell
    /// closes or when it is shown.
    pub fn on_book(&mut self, market: &Market, at: Timestamp) {
        let cell = self.begin(market, at);
        let changes = market.book().changes_after(self.n_messages);
        self.n_messages = market.book().n_messages();
        self.flow.on_book();
        self.past.on_book(changes);
        self.is_book_kept = false;
        self.revisions.book += 1;
        if market.sync().is_synced() {
            self.good_book_at = Some(at);
            if self.heat.is_none() {
                self.begin_heat(market, cell, at);
            }
        }
        if let Some(heat) = &mut self.heat {
            heat.on_book(changes);
        }
    }

    /// The market has taken a trade.
    pub fn on_trade(&mut self, market: &Market, trade: &Trade, at: Timestamp) {
        let cell = self.begin(market, at);
        let (price, quantity, taker) = (trade.price.0, trade.quantity.0, trade.taker);
        self.last_trade = Some((trade.price, taker));
        self.tape.add(trade);
        self.flow.on_trade(Hit { cell, price, taker, quantity });
        for profile in &mut self.profiles {
            profile.add(price, quantity, taker);
        }
        if let Some(heat) = &mut self.heat {
            heat.on_trade(price, quantity, taker);
        }
        self.revisions.trades += 1;
    }

    /// The venue has closed a position by force.
    pub fn on_liquidation(&mut self, market: &Market, liquidation: &Liquidation, at: Timestamp) {
        self.begin(market, at);
        self.liquidations.add(liquidation, at);
        self.revisions.forced += 1;
    }

    /// How far the book can be believed has changed; `cause` says why when it is not in order.
    pub fn on_health(&mut self, health: Health, cause: Option<Cause>, at: Timestamp) {
        if health == self.health {
            return;
        }
        self.gaps.on_health(self.health, health, cause.unwrap_or(Cause::LinkDown), at);
        if !health.is_good() {
            self.past.forget();
            self.flow.forget_explained();
        }
        self.health = health;
        self.is_book_kept = false;
        self.revisions.health += 1;
    }

    /// Nobody listens from here on: what was heard stands as it is, and is not right any longer.
    pub fn leave(&mut self, market: &Market, at: Timestamp) {
        self.on_grid(market, at);
        self.left_cell = self.open_cell.map(|cell| (cell, self.health));
        self.gaps.leave(at);
        self.past.forget();
        self.flow.forget_explained();
        self.health = Health::Stale;
        self.is_book_kept = false;
        self.revisions.health += 1;
    }

    /// Session time has reached `at`, and `market` stands as all packets before left it. Any number of cells may have
    /// passed; within the same cell it does nothing.
    pub fn on_grid(&mut self, market: &Market, at: Timestamp) {
        let Some(open) = self.open_cell else { return };
        let now = cell_from_time(at);
        if now <= open {
            return;
        }
        if let Some(heat) = &mut self.heat {
            let mut from = open;
            // The cell in which hearing ended is told as it stood.
            if let Some((cell, health)) = self.left_cell.take() {
                from = cell + 1;
                heat.close_cells(market, health, cell, from);
            }
            if from < now {
                heat.close_cells(market, self.health, from, now);
            }
        }
        if self.health.is_good() && !self.is_book_kept {
            self.past.keep(open + 1, market);
            self.is_book_kept = true;
            self.revisions.fading += 1;
        }
        if self.past.expire(now) | self.flow.expire(now) {
            self.revisions.fading += 1;
        }
        self.open_cell = Some(now);
        self.revisions.grid += 1;
    }

    /// Keeps fine columns of these lengths from now on, and of no others. Those that are new begin with the first whole
    /// column after `at`; before the first good book is there, with that.
    pub fn set_fine(&mut self, market: &Market, lengths: FineLengths, at: Timestamp) {
        self.on_fine(market, at);
        if lengths == self.fine {
            return;
        }
        self.fine = lengths;
        if let Some(heat) = &mut self.heat {
            heat.set_fine(lengths, at);
        }
    }

    /// The same as [`on_grid`](Self::on_grid) for fine columns, where there are any: before each packet and tick, and
    /// before the health changes. Whether a screen has anything new of it.
    pub fn on_fine(&mut self, market: &Market, at: Timestamp) -> bool {
        let heat = self.heat.as_mut().filter(|_| !self.fine.is_empty());
        heat.is_some_and(|heat| heat.close_fine(market, self.health, at))
    }

    /// Whose view it is.
    pub const fn instrument(&self) -> InstrumentId {
        self.instrument
    }

    /// How far the book can be believed.
    pub const fn health(&self) -> Health {
        self.health
    }

    /// When the last good book message was received.
    pub const fn good_book_at(&self) -> Option<Timestamp> {
        self.good_book_at
    }

    /// Price and taker of the last trade.
    pub const fn last_trade(&self) -> Option<(Price, Side)> {
        self.last_trade
    }

    /// The last 64 spans in which the book was not right, oldest first.
    pub fn gaps(&self) -> impl ExactSizeIterator<Item = &Gap> + Clone {
        self.gaps.iter()
    }

    /// From when on [`gaps`](Self::gaps) tells all of them; `None`: from the beginning.
    pub fn gaps_known_from(&self) -> Option<Timestamp> {
        self.gaps.known_from()
    }

    /// The newest `n` prints, at most 5,000, oldest first.
    pub fn prints(&self, n: usize) -> impl ExactSizeIterator<Item = &Print> {
        self.tape.last(n)
    }

    /// What the print of this number was merged from, oldest first; `None` when not all of it is kept.
    pub fn fills(&self, number: u64) -> Option<Vec<Fill>> {
        self.tape.fills(number)
    }

    /// The last liquidations.
    pub const fn liquidations(&self) -> &Liquidations {
        &self.liquidations
    }

    pub(crate) const fn tape(&self) -> &Tape {
        &self.tape
    }

    pub(crate) const fn flow(&self) -> &Flow {
        &self.flow
    }

    pub(crate) const fn profile(&self, group: usize) -> &Profile {
        &self.profiles[group]
    }

    pub(crate) const fn heat(&self) -> Option<&HeatStore> {
        self.heat.as_ref()
    }

    pub(crate) const fn revisions(&self) -> Revisions {
        self.revisions
    }

    /// Session time as far as the grid has come: the beginning of the open cell.
    pub(crate) fn grid_at(&self) -> Timestamp {
        self.open_cell.map(time_from_cell).unwrap_or_default()
    }

    /// The book two seconds ago, and the cell from which trades explain the difference.
    pub(crate) fn reference(&self) -> Option<(Sample, i64)> {
        self.past.reference(self.open_cell?)
    }

    /// What has changed on a side of the book since then.
    pub(crate) fn changes(&self, side: Side) -> impl Iterator<Item = &Change> {
        self.past.changes(side)
    }

    /// The first good book is there.
    fn begin_heat(&mut self, market: &Market, cell: i64, at: Timestamp) {
        self.heat = HeatStore::begin(market, cell);
        if let Some(heat) = &mut self.heat {
            heat.begin_fine(self.fine, at);
        }
    }

    /// Moves the grid up to a fact, and begins it with the first one.
    fn begin(&mut self, market: &Market, at: Timestamp) -> i64 {
        self.on_grid(market, at);
        *self.open_cell.get_or_insert(cell_from_time(at))
    }
}
