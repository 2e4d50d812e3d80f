//! The venue's own best prices, held against the book at exactly the same update id.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::load::{Loader, RestoreError, require};
use crate::save::Saver;
use crate::{InstrumentId, Level, Price, Quantity, Quote};

/// Quotes that wait for the book to reach their id: twice the recorded burst of 1,994 frames between two book messages.
pub const QUOTES_WAITING_MAX: usize = 4_096;

/// Tops of the book kept for quotes that come after the book has moved on.
pub const TOPS_KEPT: usize = 64;

/// Best bid and ask of a book at an update id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Top {
    id: u64,
    bid: Option<Level>,
    ask: Option<Level>,
}

impl Top {
    fn compare(&self, quote: &Quote) -> Comparison {
        let is_equal = self.bid == Some(quote.bid) && self.ask == Some(quote.ask);
        Comparison { n_equal: u64::from(is_equal), n_different: u64::from(!is_equal) }
    }
}

/// Matches quotes and books by id, whichever comes first.
///
/// Only equal ids are compared: a quote whose id falls between two states of the book says nothing about either.
#[derive(Clone, Debug, Default)]
pub(crate) struct QuoteCheck {
    waiting: VecDeque<Quote>,
    /// Ascending ids.
    tops: VecDeque<Top>,
}

/// How comparisons came out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Comparison {
    pub(crate) n_equal: u64,
    pub(crate) n_different: u64,
}

/// A quote as it is saved: its id and its prices by what they are more than those of the one before.
type QuoteForm = (i64, i64, Quantity, i64, Quantity);

impl QuoteCheck {
    pub(crate) fn save(&self, saver: &mut Saver<'_>) {
        saver.put(&(&self.tops, self.waiting.len()));
        let mut before = (0_i64, 0_i64);
        for Quote { update_id, bid, ask, .. } in &self.waiting {
            let (id, price) = (*update_id as i64, bid.price.0);
            let form: QuoteForm = (
                id.wrapping_sub(before.0),
                price.wrapping_sub(before.1),
                bid.quantity,
                ask.price.0.wrapping_sub(price),
                ask.quantity,
            );
            saver.put(&form);
            before = (id, price);
        }
    }

    pub(crate) fn load(
        instrument: InstrumentId,
        loader: &mut Loader<'_>,
    ) -> Result<Self, RestoreError> {
        const WHAT: &str = "quotes";
        let (tops, n): (VecDeque<Top>, usize) = loader.get(WHAT)?;
        require(tops.len() <= TOPS_KEPT && n <= QUOTES_WAITING_MAX, WHAT)?;
        let (mut waiting, mut before) = (VecDeque::with_capacity(n), (0_i64, 0_i64));
        for _ in 0..n {
            let (id, bid, bid_quantity, spread, ask_quantity): QuoteForm = loader.get(WHAT)?;
            before = (before.0.wrapping_add(id), before.1.wrapping_add(bid));
            let ask = before.1.wrapping_add(spread);
            require(before.1 >= 0 && ask >= 0, WHAT)?;
            waiting.push_back(Quote {
                instrument,
                update_id: before.0 as u64,
                bid: Level { price: Price(before.1), quantity: bid_quantity },
                ask: Level { price: Price(ask), quantity: ask_quantity },
            });
        }
        Ok(Self { waiting, tops })
    }
}

impl QuoteCheck {
    /// A quote was heard: compared if the book was at its id lately, kept if the book may still get there.
    pub(crate) fn hear(&mut self, quote: &Quote) -> Comparison {
        if self.tops.back().is_none_or(|newest| quote.update_id > newest.id) {
            if self.waiting.len() == QUOTES_WAITING_MAX {
                self.waiting.pop_front();
            }
            self.waiting.push_back(*quote);
        } else if let Ok(index) = self.tops.binary_search_by_key(&quote.update_id, |top| top.id) {
            return self.tops[index].compare(quote);
        }
        Comparison::default()
    }

    /// A right book reached this id.
    pub(crate) fn reach(&mut self, id: u64, bid: Option<Level>, ask: Option<Level>) -> Comparison {
        let top = Top { id, bid, ask };
        let mut comparison = Comparison::default();
        while self.waiting.front().is_some_and(|quote| quote.update_id <= id) {
            if let Some(quote) = self.waiting.pop_front()
                && quote.update_id == id
            {
                let one = top.compare(&quote);
                comparison.n_equal += one.n_equal;
                comparison.n_different += one.n_different;
            }
        }
        match self.tops.back_mut() {
            Some(newest) if newest.id == id => *newest = top,
            Some(newest) if newest.id > id => {
                self.tops.clear(); // The venue counts anew.
                self.tops.push_back(top);
            }
            Some(_) | None => {
                if self.tops.len() == TOPS_KEPT {
                    self.tops.pop_front();
                }
                self.tops.push_back(top);
            }
        }
        comparison
    }
}
