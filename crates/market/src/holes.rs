//! Holes in what was heard of a market's trades: from the last one heard on a link that closed to the first one heard
//! again. What the venue tells of them afterwards fills them.
//!
//! ```text
//! heard     ●●●●●●│      │●●●●●●
//! told        ░░░░░░▒▒▒▒▒▒░░░░       ▒ missed: in the hole, and heard by nobody   ░ heard as well
//! ```
//!
//! A venue tells its newest trades without leaving one out. Hence a hole is whole once an answer reaches from a trade
//! before it to one behind it; or up to it, where the ids count on without one between.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::history::PAST_TRADES_KEPT;
use crate::{SeenIds, Timestamp, Trade};

/// Holes that are kept: what was not told of one after so many others will not be any more.
const HOLES_KEPT: usize = 16;

/// A trade that was heard, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Heard {
    trade_id: u64,
    /// The lowest id that it stands for: an aggregate stands for those up to its own.
    lowest_id: u64,
    traded_at: Timestamp,
    at: Timestamp,
}

/// One hole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Hole {
    /// The last trade before it …
    last: Heard,
    /// … and the first behind it; `None` until one is heard.
    first: Option<Heard>,
    /// What was told while nobody knew where it ends.
    waiting: Vec<Trade>,
    /// The highest id told by answers that reach from before the hole on without leaving one out.
    told_up_to: Option<u64>,
    is_whole: bool,
}

/// The holes of one market.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Holes {
    /// Oldest first; only the last one can be without an end.
    holes: VecDeque<Hole>,
    newest: Option<Heard>,
    /// Whether trades are told as aggregates of ids: then what shares a moment may be known by another id.
    has_aggregates: bool,
}

impl Holes {
    /// The link of the trades is closed: some may be missing from here on.
    pub(crate) fn begin(&mut self) {
        let Some(last) = self.newest else { return };
        if self.holes.back().is_some_and(|hole| hole.first.is_none()) {
            return;
        }
        if self.holes.len() == HOLES_KEPT {
            self.holes.pop_front();
        }
        let (waiting, first, told_up_to) = (Vec::new(), None, None);
        self.holes.push_back(Hole { last, first, waiting, told_up_to, is_whole: false });
    }

    /// A new trade was heard. Where it ends a hole, gives what was missed in that, as far as it was told already.
    pub(crate) fn hear(&mut self, trade: &Trade, at: Timestamp) -> Option<Vec<Trade>> {
        let Trade { trade_id, traded_at, .. } = *trade;
        let heard = Heard { trade_id, lowest_id: trade.lowest_id(), traded_at, at };
        self.has_aggregates |= trade.n_fills > 1;
        if self.newest.is_none_or(|newest| heard.trade_id > newest.trade_id) {
            self.newest = Some(heard);
        }
        let has_aggregates = self.has_aggregates;
        let hole = self.holes.back_mut()?;
        // One that comes late is no end of it.
        if hole.first.is_some() || heard.trade_id <= hole.last.trade_id {
            return None;
        }
        hole.first = Some(heard);
        hole.judge();
        let told = std::mem::take(&mut hole.waiting);
        Some(told.into_iter().filter(|trade| hole.lacks(trade, has_aggregates)).collect())
    }

    /// The venue has told its newest trades, ascending in time. Gives those that were missed; of others, and of those
    /// that were `seen`, none.
    pub(crate) fn tell(&mut self, trades: &[Trade], seen: &SeenIds) -> Vec<Trade> {
        let ids = || trades.iter().map(|trade| trade.trade_id);
        let (Some(lowest), Some(highest)) = (ids().min(), ids().max()) else { return Vec::new() };
        let has_aggregates = self.has_aggregates;
        let mut missed = Vec::new();
        for hole in &mut self.holes {
            let told = trades.iter().filter(|trade| !seen.holds(trade.trade_id));
            let told = told.filter(|trade| hole.lacks(trade, has_aggregates)).copied();
            let told: Vec<Trade> = told.collect();
            match hole.first {
                Some(_) => missed.extend(told),
                None => hole.wait_for_end(told),
            }
            // On from where an earlier answer ended, this one leaves none out either.
            let is_joined = hole.told_up_to.is_some_and(|id| lowest <= id);
            if lowest <= hole.last.trade_id || is_joined {
                hole.told_up_to = hole.told_up_to.max(Some(highest));
            }
            hole.judge();
        }
        missed.sort_by_key(|trade| (trade.traded_at, trade.trade_id));
        missed.dedup_by_key(|trade| trade.trade_id);
        missed
    }

    /// Whether nothing is missing any more of a span without data, by our clock, that a hole has made.
    pub(crate) fn has_filled(&self, from: Timestamp, to: Option<Timestamp>) -> bool {
        let is_in = |hole: &&Hole| {
            let begins_before = to.is_none_or(|to| hole.last.at <= to);
            begins_before && hole.first.is_none_or(|first| first.at >= from)
        };
        let mut holes = self.holes.iter().filter(is_in).peekable();
        let is_made_by_one = holes.peek().is_some_and(|hole| hole.last.at <= from);
        is_made_by_one && holes.all(|hole| hole.is_whole)
    }

    /// Whether what was remembered can have been kept.
    pub(crate) fn is_sound(&self) -> bool {
        let is_waiting = |hole: &Hole| hole.first.is_none();
        self.holes.len() <= HOLES_KEPT
            && self.holes.iter().rev().skip(1).all(|hole| !is_waiting(hole))
            && self.holes.iter().all(|hole| hole.waiting.len() <= PAST_TRADES_KEPT)
    }
}

impl Hole {
    /// Whether a trade that was not heard lies in it, as far as its end is known.
    fn lacks(&self, trade: &Trade, has_aggregates: bool) -> bool {
        let is_before_end = self.first.is_none_or(|first| trade.trade_id < first.lowest_id);
        let is_between = trade.trade_id > self.last.trade_id && is_before_end;
        // Numbers of ids that are text ascend from one moment to the next, and not within it.
        let shares = |heard: Heard| heard.traded_at == trade.traded_at;
        let is_at_edge = shares(self.last) || self.first.is_some_and(shares);
        is_between || (is_at_edge && !has_aggregates)
    }

    fn wait_for_end(&mut self, told: Vec<Trade>) {
        self.waiting.extend(told);
        self.waiting.sort_by_key(|trade| (trade.traded_at, trade.trade_id));
        self.waiting.dedup_by_key(|trade| trade.trade_id);
        let n_over = self.waiting.len().saturating_sub(PAST_TRADES_KEPT);
        if n_over > 0 {
            self.waiting.drain(..n_over);
            self.told_up_to = None;
        }
    }

    fn judge(&mut self) {
        if let (Some(first), Some(told_up_to)) = (self.first, self.told_up_to) {
            self.is_whole |= told_up_to.saturating_add(1) >= first.lowest_id;
        }
    }
}
