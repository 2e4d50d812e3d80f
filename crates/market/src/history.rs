//! What a venue tells of the time before it was listened to: minutes and trades, kept apart from all that was heard.
//!
//! Nothing of it enters bars, tallies or the ids of trades that were heard. Where both tell of one moment, what was
//! heard is shown:
//!
//! ```text
//! minutes    ░░░░░░░░░░│▒▒│████████     ░ backfilled   ▒ hearing began within: only what was heard   █ heard
//! 5 minutes  ░░░░░│░░░░░▒▒███│█████     the bar in which hearing began: whole minutes before, and what was heard
//! ```

mod saved;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{InstrumentId, Price, SeenIds, Timestamp, Trade};

/// Length of the bars that are asked for; longer ones are summed from them, shorter ones are not invented.
pub const PAST_INTERVAL_S: u32 = 60;

/// Minutes that are kept, the newest: as many as the most generous request gives.
pub const PAST_BARS_KEPT: usize = 1_000;

/// Trades that are kept, the newest.
pub const PAST_TRADES_KEPT: usize = 1_000;

const NANOS_PER_SECOND: i64 = 1_000_000_000;

/// A venue's clock may be ahead of ours by so much; what lies further in the future is nonsense.
const AHEAD_NANOS_MAX: i64 = 300 * NANOS_PER_SECOND;

/// A trade that is heard and stands in the past as well comes at most so long after it by its own time.
const LATE_NANOS_MAX: i64 = 60 * NANOS_PER_SECOND;

/// What was traded in an interval, as the venue tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastBar {
    /// Where the interval begins, venue time.
    pub opened_at: Timestamp,
    /// Price of the first trade.
    pub open: Price,
    /// Highest price.
    pub high: Price,
    /// Lowest price.
    pub low: Price,
    /// Price of the last trade.
    pub close: Price,
    /// Quantity traded, in units of the quantity scale.
    pub volume: i128,
    /// Quantity that takers bought; `None` where the venue does not tell.
    pub buy_volume: Option<i128>,
}

impl PastBar {
    /// Quantity bought less quantity sold, where the venue tells.
    pub const fn delta(&self) -> Option<i128> {
        match self.buy_volume {
            Some(bought) => Some(bought.saturating_mul(2).saturating_sub(self.volume)),
            None => None,
        }
    }

    fn add(&mut self, later: &Self) {
        self.high = self.high.max(later.high);
        self.low = self.low.min(later.low);
        self.close = later.close;
        self.volume = self.volume.saturating_add(later.volume);
        self.buy_volume =
            self.buy_volume.zip(later.buy_volume).map(|(here, there)| here.saturating_add(there));
    }
}

/// Minutes of the past, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastBars {
    /// Of what.
    pub instrument: InstrumentId,
    /// Each minute once.
    pub bars: Vec<PastBar>,
}

/// Trades of the past, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastTrades {
    /// Of what.
    pub instrument: InstrumentId,
    /// Each id once.
    pub trades: Vec<Trade>,
}

/// An answer about the past that lies in the future.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("its history reaches {seconds} s into the future")]
pub struct FromTheFuture {
    /// How far.
    pub seconds: i64,
}

/// What a venue told of the time before the first trade that was heard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    bars: Vec<PastBar>,
    trades: Vec<Trade>,
    /// Trades that were missed later, told afterwards.
    missed: Vec<Trade>,
    /// The earliest trade that was heard, by the venue's time.
    first_heard: Option<Trade>,
    /// The lowest id that was heard.
    lowest_id: Option<u64>,
    revision: u64,
}

impl History {
    /// Whether nothing was told.
    pub const fn is_empty(&self) -> bool {
        self.bars.is_empty() && self.trades.is_empty() && self.missed.is_empty()
    }

    /// Grows with each change of what [`bars`](Self::bars), [`part_of_first`](Self::part_of_first),
    /// [`trades`](Self::trades) and [`missed`](Self::missed) give; 0 while nothing was told.
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// The bars of this length before the one in which hearing began, oldest first; none shorter than a minute.
    pub fn bars(&self, interval_s: u32) -> Vec<PastBar> {
        let first = self.first_at(interval_s);
        let mut bars = self.summed(interval_s);
        bars.retain(|bar| first.is_none_or(|first| bar.opened_at < first));
        bars
    }

    /// What the venue told of the bar of this length in which hearing began: its whole minutes before that, not one of
    /// which holds anything that was heard.
    pub fn part_of_first(&self, interval_s: u32) -> Option<PastBar> {
        let first = self.first_at(interval_s)?;
        self.summed(interval_s).into_iter().find(|bar| bar.opened_at == first)
    }

    /// Where the bar of this length in which hearing began opens; `None` before the first trade that was heard.
    pub fn first_at(&self, interval_s: u32) -> Option<Timestamp> {
        let nanos = i64::from(interval_s) * NANOS_PER_SECOND;
        Some(self.first_heard?.traded_at.floor_to(nanos))
    }

    /// The trades before the first that was heard, oldest first; none that was heard as well.
    pub fn trades(&self) -> &[Trade] {
        &self.trades[..self.trades.partition_point(|trade| self.is_before_first(trade))]
    }

    /// The trades that were missed while no link carried them, oldest first, as the venue told them afterwards; at most
    /// the newest [`PAST_TRADES_KEPT`]. None of them was heard.
    pub fn missed(&self) -> &[Trade] {
        &self.missed
    }

    pub(crate) fn is_before_first(&self, trade: &Trade) -> bool {
        let Some(first) = self.first_heard else { return true };
        key(trade) < (first.traded_at, first.lowest_id())
    }

    /// Takes minutes that were told at `at`, beside those told before; of what was heard none.
    pub(crate) fn take_bars(
        &mut self,
        bars: &[PastBar],
        at: Timestamp,
    ) -> Result<(), FromTheFuture> {
        not_ahead(bars.last().map(|bar| bar.opened_at), at)?;
        let until = self.first_at(PAST_INTERVAL_S);
        let told = bars.iter().filter(|bar| until.is_none_or(|until| bar.opened_at < until));
        let all = self.bars.iter().chain(told).map(|bar| (bar.opened_at, *bar));
        // Of one minute told twice the later word counts.
        let all: BTreeMap<Timestamp, PastBar> = all.collect();
        let n_over = all.len().saturating_sub(PAST_BARS_KEPT);
        let bars: Vec<PastBar> = all.into_values().skip(n_over).collect();
        if bars != self.bars {
            self.bars = bars;
            self.revision += 1;
        }
        Ok(())
    }

    /// Takes trades that were told at `at`, beside those told before, without those that were heard.
    pub(crate) fn take_trades(
        &mut self,
        (trades, heard): (&[Trade], &SeenIds),
        at: Timestamp,
    ) -> Result<(), FromTheFuture> {
        not_ahead(trades.last().map(|trade| trade.traded_at), at)?;
        let lowest = self.lowest_id.unwrap_or(u64::MAX);
        let is_past = |trade: &&Trade| {
            self.is_before_first(trade) && (trade.trade_id < lowest || !heard.holds(trade.trade_id))
        };
        let told = trades.iter().filter(is_past);
        let all = self.trades.iter().chain(told).map(|trade| (key(trade), *trade));
        let all: BTreeMap<(Timestamp, u64), Trade> = all.collect();
        let n_over = all.len().saturating_sub(PAST_TRADES_KEPT);
        let trades: Vec<Trade> = all.into_values().skip(n_over).collect();
        if trades != self.trades {
            self.trades = trades;
            self.revision += 1;
        }
        Ok(())
    }

    /// Takes trades that were missed.
    pub(crate) fn take_missed(&mut self, trades: &[Trade]) {
        self.missed.extend(trades);
        self.missed.sort_by_key(key);
        let n_over = self.missed.len().saturating_sub(PAST_TRADES_KEPT);
        self.missed.drain(..n_over);
        self.revision += 1;
    }

    /// A trade was heard.
    pub(crate) fn hear(&mut self, trade: &Trade) {
        let mut is_changed = false;
        self.lowest_id = Some(self.lowest_id.map_or(trade.trade_id, |id| id.min(trade.trade_id)));
        if self.first_heard.is_none_or(|first| key(trade) < key(&first)) {
            self.first_heard = Some(*trade);
            is_changed = true;
        }
        if let Some(newest) = self.trades.last()
            && trade.traded_at.nanos_since(newest.traded_at) <= LATE_NANOS_MAX
            && let Some(index) = self.trades.iter().rposition(|it| it.trade_id == trade.trade_id)
        {
            self.trades.remove(index);
            is_changed = true;
        }
        // While nothing is told, nothing changes that could be shown.
        self.revision += u64::from(is_changed && self.revision > 0);
    }

    /// The minutes before the one in which hearing began, summed to bars of this length.
    fn summed(&self, interval_s: u32) -> Vec<PastBar> {
        let mut bars: Vec<PastBar> = Vec::new();
        if interval_s < PAST_INTERVAL_S {
            return bars;
        }
        let nanos = i64::from(interval_s) * NANOS_PER_SECOND;
        let until = self.first_at(PAST_INTERVAL_S);
        let minutes = self.bars.iter().take_while(|bar| until.is_none_or(|it| bar.opened_at < it));
        for minute in minutes {
            let opened_at = minute.opened_at.floor_to(nanos);
            match bars.last_mut() {
                Some(bar) if bar.opened_at == opened_at => bar.add(minute),
                Some(_) | None => bars.push(PastBar { opened_at, ..*minute }),
            }
        }
        bars
    }
}

const fn key(trade: &Trade) -> (Timestamp, u64) {
    (trade.traded_at, trade.trade_id)
}

fn not_ahead(newest: Option<Timestamp>, at: Timestamp) -> Result<(), FromTheFuture> {
    match newest.map(|newest| newest.nanos_since(at)) {
        Some(ahead) if ahead > AHEAD_NANOS_MAX => {
            Err(FromTheFuture { seconds: ahead / NANOS_PER_SECOND })
        }
        Some(_) | None => Ok(()),
    }
}
