//! Where a trade was made, seen from the book just before it: at the best bid or at the best ask.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::{Level, Price, Side, Timestamp, Trade};

/// Tops that are kept: those of 12 s where they change 20 times a second. Coinbase tells trades a quarter of a second
/// late.
pub const PAST_TOPS_KEPT: usize = 256;

/// The best prices of a book from a moment of the venue's on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Top {
    at: Timestamp,
    bid: Price,
    ask: Price,
}

/// The tops of a right book, in the order of the venue's time.
///
/// Trades and books come by different ways, and a book that shows the trade already has moved: a buyer who takes the
/// best ask leaves a higher bid behind. So it is the venue's time that says which top a trade met.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tops(VecDeque<Top>);

impl Tops {
    /// A right book stands so from this moment on; where a side is empty, nothing is known.
    pub(crate) fn note(&mut self, at: Timestamp, (bid, ask): (Option<Level>, Option<Level>)) {
        let (Some(bid), Some(ask)) = (bid, ask) else { return self.forget() };
        let top = Top { at, bid: bid.price, ask: ask.price };
        match self.0.back_mut() {
            Some(newest) if newest.at > at => self.forget(), // The venue counts anew.
            Some(newest) if (newest.bid, newest.ask) == (top.bid, top.ask) => return,
            Some(newest) if newest.at == at => {
                *newest = top;
                return;
            }
            Some(_) | None => {}
        }
        if self.0.len() >= PAST_TOPS_KEPT {
            self.0.pop_front();
        }
        self.0.push_back(top);
    }

    /// The book is not right any longer.
    pub(crate) fn forget(&mut self) {
        self.0.clear();
    }

    /// Who took in this trade: it was made at the best ask of the book before it, or above, or at the best bid, or
    /// below. `None` between the two, and where that book is not known.
    pub(crate) fn taker_of(&self, trade: &Trade) -> Option<Side> {
        let n_before = self.0.partition_point(|top| top.at < trade.traded_at);
        let top = self.0.get(n_before.checked_sub(1)?)?;
        match (trade.price <= top.bid, trade.price >= top.ask) {
            (true, false) => Some(Side::Sell),
            (false, true) => Some(Side::Buy),
            (true, true) | (false, false) => None,
        }
    }

    pub(crate) fn is_sound(&self) -> bool {
        self.0.len() <= PAST_TOPS_KEPT && self.0.iter().is_sorted_by_key(|top| top.at)
    }
}
