//! What is shown of the time before hearing began: the venue's own bars and trades, never mixed with what was heard.

use market::bar::BARS_KEPT;
use market::{Bar, BarSeries, Market, PastBar, Timestamp};

use crate::tape::{PRINTS_KEPT, Print, Tape};

/// The bars of a length that no heard trade is in, oldest first. Once more bars were heard than are kept there are
/// none: a hole would lie between.
pub(crate) fn bars(market: &Market, series: &BarSeries) -> Vec<PastBar> {
    if series.len() >= BARS_KEPT {
        return Vec::new();
    }
    market.history().bars(series.interval_s())
}

/// The trades that nobody heard, merged as those of the tape are, oldest first: those before the first that was heard,
/// and those that were missed later.
pub(crate) fn prints(market: &Market) -> Vec<Print> {
    let mut tape = Tape::new();
    let history = market.history();
    history.trades().iter().chain(history.missed()).for_each(|trade| tape.add(trade));
    tape.last(PRINTS_KEPT).copied().collect()
}

/// The bar in which hearing began: what was heard, and what the venue told of its whole minutes before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FirstBar {
    /// Where it begins.
    pub(crate) opened_at: Timestamp,
    part: Option<PastBar>,
}

impl FirstBar {
    /// The first bar of a length; `None` where the venue told nothing, or nothing was heard.
    pub(crate) fn of(market: &Market, interval_s: u32) -> Option<Self> {
        let history = market.history();
        if history.is_empty() {
            return None;
        }
        let opened_at = history.first_at(interval_s)?;
        Some(Self { opened_at, part: history.part_of_first(interval_s) })
    }

    /// The venue's part of a heard bar: only the first one has any. What was heard is in no minute of it.
    pub(crate) fn part_of(first: Option<Self>, bar: &Bar) -> Option<PastBar> {
        first.filter(|first| first.opened_at == bar.opened_at)?.part
    }

    /// Whether hearing began within a bar.
    pub(crate) fn is(first: Option<Self>, bar: &Bar) -> bool {
        first.is_some_and(|first| first.opened_at == bar.opened_at)
    }
}
