//! The venue's own best prices, held against the book at exactly the same update id.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::load::Sound;
use crate::{Level, Quote};

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
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
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

impl Sound for QuoteCheck {
    fn is_sound(&self) -> bool {
        self.waiting.len() <= QUOTES_WAITING_MAX && self.tops.len() <= TOPS_KEPT
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
