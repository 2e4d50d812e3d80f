//! Bars: every trade, summed per interval of the venue's time.

mod saved;

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::{Archive, Price, Side, Timestamp, Trade};

/// Lengths of bars in seconds, from 1 s to 1 d. Bars begin at whole multiples of them since 1970-01-01 UTC.
pub const INTERVALS_S: [u32; 9] = [1, 5, 15, 60, 300, 900, 3_600, 14_400, 86_400];

/// Bars kept per interval: more than any panel shows, and 68 minutes of the shortest.
pub const BARS_KEPT: usize = 4_096;

/// Spans without data that are remembered, so that a bar that begins later still knows of them.
pub const GAPS_KEPT: usize = 64;

const NANOS_PER_SECOND: i64 = 1_000_000_000;

/// What was traded in one interval. Sums have 128 bits: a day of a coin of tiny price exceeds 64.
///
/// A bar is a function of the set of its trades: the open is the trade with the lowest venue time (then the lowest id),
/// the close the one with the highest, so that trades that come late change a bar as if they had come in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
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
    /// Quantity that takers bought, in units of the quantity scale.
    pub buy_volume: i128,
    /// Quantity that takers sold, in units of the quantity scale.
    pub sell_volume: i128,
    /// Price times quantity of all trades, in units of both scales together.
    pub quote_value: i128,
    /// How many trades.
    pub n_trades: u64,
    /// How many of the trades nobody heard: they were missed, and the venue told them afterwards.
    pub n_told: u64,
    /// Whether data were missing within the interval, by our clock, and the venue did not tell all of them afterwards.
    pub is_touched_by_gap: bool,
    /// Number of the change of its series that changed this bar last.
    pub revision: u64,
    first: (Timestamp, u64),
    last: (Timestamp, u64),
}

impl Bar {
    /// Quantity traded, in units of the quantity scale.
    pub const fn volume(&self) -> i128 {
        self.buy_volume.saturating_add(self.sell_volume)
    }

    /// Quantity bought less quantity sold.
    pub const fn delta(&self) -> i128 {
        self.buy_volume.saturating_sub(self.sell_volume)
    }

    fn begun_by(trade: &Trade, opened_at: Timestamp) -> Self {
        let key = (trade.traded_at, trade.trade_id);
        Self {
            opened_at,
            open: trade.price,
            high: trade.price,
            low: trade.price,
            close: trade.price,
            buy_volume: 0,
            sell_volume: 0,
            quote_value: 0,
            n_trades: 0,
            n_told: 0,
            is_touched_by_gap: false,
            revision: 0,
            first: key,
            last: key,
        }
    }

    fn add(&mut self, trade: &Trade) {
        let key = (trade.traded_at, trade.trade_id);
        if key < self.first {
            (self.first, self.open) = (key, trade.price);
        }
        if key >= self.last {
            (self.last, self.close) = (key, trade.price);
        }
        self.high = self.high.max(trade.price);
        self.low = self.low.min(trade.price);
        let quantity = i128::from(trade.quantity.0);
        let volume = match trade.taker {
            Side::Buy => &mut self.buy_volume,
            Side::Sell => &mut self.sell_volume,
        };
        *volume = volume.saturating_add(quantity);
        let value = i128::from(trade.price.0) * quantity;
        self.quote_value = self.quote_value.saturating_add(value);
        self.n_trades += 1;
    }
}

/// The bars of one interval, oldest first. An interval without trades has no bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BarSeries {
    interval_s: u32,
    bars: Archive<Bar>,
    revision: u64,
    n_too_late: u64,
}

impl BarSeries {
    /// Length of the bars in seconds.
    pub const fn interval_s(&self) -> u32 {
        self.interval_s
    }

    /// The bars, oldest first; the last one is the newest and may still grow.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Bar> + ExactSizeIterator {
        self.bars.iter()
    }

    /// How many there are, at most [`BARS_KEPT`].
    pub fn len(&self) -> usize {
        self.bars.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.bars.is_empty()
    }

    /// The newest bar.
    pub fn last(&self) -> Option<&Bar> {
        self.bars.back()
    }

    /// The bar that begins at this moment.
    pub fn at(&self, opened_at: Timestamp) -> Option<&Bar> {
        let index = self.bars.partition_point(|bar| bar.opened_at < opened_at);
        self.bars.get(index).filter(|bar| bar.opened_at == opened_at)
    }

    /// Counts the changes of the series; a bar's own [`revision`](Bar::revision) is the count at its last change.
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// Bars that changed after this revision, oldest first.
    pub fn changed_since(&self, revision: u64) -> impl Iterator<Item = &Bar> {
        let n = if revision >= self.revision { 0 } else { self.bars.len() };
        self.bars.iter().take(n).filter(move |bar| bar.revision > revision)
    }

    /// Trades that were older than the oldest of all the bars kept, and stand in none.
    pub const fn n_too_late(&self) -> u64 {
        self.n_too_late
    }

    fn new(interval_s: u32) -> Self {
        Self { interval_s, bars: Archive::default(), revision: 0, n_too_late: 0 }
    }

    const fn nanos(&self) -> i64 {
        self.interval_s as i64 * NANOS_PER_SECOND
    }

    fn add(&mut self, (trade, how): (&Trade, How), gaps: &VecDeque<Gap>) {
        let Some(index) = self.index_for(trade, gaps) else {
            self.n_too_late += 1;
            return;
        };
        self.revision += 1;
        let revision = self.revision;
        if let Some(bar) = self.bar_mut(index) {
            bar.add(trade);
            bar.n_told += u64::from(how == How::Told);
            bar.revision = revision;
        }
    }

    /// A bar to be changed: nearly always the newest. Where an old one is, all are read.
    fn bar_mut(&mut self, index: usize) -> Option<&mut Bar> {
        let n_older = self.bars.len() - self.bars.recent().len();
        match index.checked_sub(n_older) {
            Some(index) => self.bars.recent_mut().get_mut(index),
            None => self.bars.all_mut().get_mut(index),
        }
    }

    /// Where the trade's bar is, made if need be; `None` when the trade is older than all that is kept.
    fn index_for(&mut self, trade: &Trade, gaps: &VecDeque<Gap>) -> Option<usize> {
        let newest = self.bars.back().map(|bar| trade.traded_at.nanos_since(bar.opened_at));
        if newest.is_some_and(|age| (0..self.nanos()).contains(&age)) {
            return Some(self.bars.len() - 1); // The usual case, without a division.
        }
        let opened_at = trade.traded_at.floor_to(self.nanos());
        let index = match self.bars.back() {
            // Nothing is looked for among old ones.
            Some(newest) if newest.opened_at < opened_at => self.bars.len(),
            Some(_) | None => self.bars.partition_point(|bar| bar.opened_at < opened_at),
        };
        if self.bars.get(index).is_some_and(|bar| bar.opened_at == opened_at) {
            return Some(index);
        }
        let is_full = self.bars.len() == BARS_KEPT;
        if is_full && index == 0 {
            return None;
        }
        let mut bar = Bar::begun_by(trade, opened_at);
        bar.is_touched_by_gap = gaps.iter().any(|gap| gap.is_missed_in(opened_at, self.nanos()));
        if index == self.bars.len() {
            self.bars.push_back(bar);
        } else {
            self.bars.all_mut().insert(index, bar);
        }
        if is_full {
            self.bars.drop_front(1);
        }
        Some(if is_full { index - 1 } else { index })
    }

    fn mark(&mut self, gap: Gap) {
        let nanos = self.nanos();
        let (mut revision, mut is_changed) = (self.revision + 1, false);
        std::mem::swap(&mut self.revision, &mut revision);
        let is_before = |bar: &Bar| bar.opened_at.plus_nanos(nanos) <= gap.from;
        let n_after = self.bars.iter().rev().take_while(|bar| !is_before(bar)).count();
        let now = self.revision;
        for index in self.bars.len() - n_after..self.bars.len() {
            let bar = self.bar_mut(index);
            let is_news = |bar: &&mut Bar| !bar.is_touched_by_gap;
            if let Some(bar) = bar.filter(is_news).filter(|bar| gap.touches(bar.opened_at, nanos)) {
                bar.is_touched_by_gap = true;
                bar.revision = now;
                is_changed = true;
            }
        }
        if !is_changed {
            self.revision = revision;
        }
    }

    /// Judges anew the bars that `filled`, one of the gaps, has touched. What gaps have touched that are not kept any
    /// longer stays so.
    fn clear(&mut self, filled: Gap, gaps: &VecDeque<Gap>) {
        let nanos = self.nanos();
        let oldest = gaps.front().filter(|_| gaps.len() == GAPS_KEPT).map(|gap| gap.from);
        let is_before = |bar: &Bar| bar.opened_at.plus_nanos(nanos) <= filled.from;
        let n_after = self.bars.iter().rev().take_while(|bar| !is_before(bar)).count();
        let now = self.revision + 1;
        for index in self.bars.len() - n_after..self.bars.len() {
            let Some(bar) = self.bar_mut(index) else { continue };
            let is_known = oldest.is_none_or(|oldest| oldest <= bar.opened_at);
            let is_missed = || gaps.iter().any(|gap| gap.is_missed_in(bar.opened_at, nanos));
            if bar.is_touched_by_gap && is_known && !is_missed() {
                bar.is_touched_by_gap = false;
                bar.revision = now;
                self.revision = now;
            }
        }
    }
}

/// The bars of one instrument, of all intervals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bars {
    series: [BarSeries; INTERVALS_S.len()],
    gaps: VecDeque<Gap>,
}

impl Default for Bars {
    fn default() -> Self {
        Self { series: INTERVALS_S.map(BarSeries::new), gaps: VecDeque::new() }
    }
}

impl Bars {
    /// The series of an interval; `None` when the interval is none of [`INTERVALS_S`].
    pub fn series(&self, interval_s: u32) -> Option<&BarSeries> {
        self.series.iter().find(|series| series.interval_s == interval_s)
    }

    /// All series, the shortest interval first.
    pub const fn all(&self) -> &[BarSeries; INTERVALS_S.len()] {
        &self.series
    }

    /// Adds a trade to its bar of every interval.
    ///
    /// A trade belongs to the bar of the venue's time. One that comes late still changes its bar, or makes it between
    /// others; only when it is older than the oldest of [`BARS_KEPT`] bars it is counted and left out.
    pub fn add(&mut self, trade: &Trade) {
        for series in &mut self.series {
            series.add((trade, How::Heard), &self.gaps);
        }
    }

    /// Adds a trade that was missed, and that the venue told afterwards.
    pub fn add_told(&mut self, trade: &Trade) {
        for series in &mut self.series {
            series.add((trade, How::Told), &self.gaps);
        }
    }

    /// Data are missing from this moment on, until [`end_gap`](Self::end_gap).
    pub fn begin_gap(&mut self, from: Timestamp) {
        if self.gaps.back().is_some_and(|gap| gap.to.is_none()) {
            return;
        }
        if self.gaps.len() == GAPS_KEPT {
            self.gaps.pop_front();
        }
        let gap = Gap { from, to: None, is_filled: false };
        self.gaps.push_back(gap);
        for series in &mut self.series {
            series.mark(gap);
        }
    }

    /// Data are complete again from this moment on.
    pub fn end_gap(&mut self, to: Timestamp) {
        if let Some(gap) = self.gaps.back_mut() {
            gap.to.get_or_insert(to.max(gap.from));
        }
    }

    /// Data were missing anew: a gap that was filled while it was still open does not go on.
    pub(crate) fn end_filled_gap(&mut self, to: Timestamp) {
        if self.gaps.back().is_some_and(|gap| gap.is_filled) {
            self.end_gap(to);
        }
    }

    /// Nothing is missing any more of the gaps that are such; the bars that they alone have touched are whole.
    pub(crate) fn fill_gaps(&mut self, is_such: impl Fn(Timestamp, Option<Timestamp>) -> bool) {
        for index in 0..self.gaps.len() {
            let gap = &mut self.gaps[index];
            if gap.is_filled || !is_such(gap.from, gap.to) {
                continue;
            }
            gap.is_filled = true;
            let filled = *gap;
            for series in &mut self.series {
                series.clear(filled, &self.gaps);
            }
        }
    }
}

/// How a trade came to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Heard,
    Told,
}

/// A span without data; open while it lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Gap {
    from: Timestamp,
    to: Option<Timestamp>,
    /// Whether the venue told all trades of it afterwards.
    is_filled: bool,
}

impl Gap {
    /// Whether anything is missing of it in a bar.
    fn is_missed_in(self, opened_at: Timestamp, nanos: i64) -> bool {
        !self.is_filled && self.touches(opened_at, nanos)
    }

    fn touches(self, opened_at: Timestamp, nanos: i64) -> bool {
        let ends_before = opened_at.plus_nanos(nanos) <= self.from;
        let begins_after = opened_at > self.from && self.to.is_some_and(|to| opened_at >= to);
        !ends_before && !begins_after
    }
}
