//! What is remembered of a link of OKX: its books, whose derivatives it carries, and which lists were heard.

use std::collections::{HashMap, HashSet};

use market::Kind;
use serde::{Deserialize, Serialize};

use super::symbol;
use crate::per_link::Depths;
use crate::remember::{sorted, sorted_set};

/// Derivatives of a link that are remembered; a link with more forgets all of them once.
const SYMBOLS_MAX: usize = 16_384;

/// The lists that make up the instruments which can be heard live.
pub(super) const LISTS: [&str; 3] = ["SPOT", "SWAP", "FUTURES"];

/// One link.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Link {
    pub books: Depths,
    #[serde(serialize_with = "sorted_set")]
    derivatives: HashSet<String>,
    /// The derivatives by the index that they follow: an index names none of them.
    #[serde(serialize_with = "sorted")]
    followers: HashMap<String, Vec<String>>,
    lists_heard: [bool; LISTS.len()],
}

impl Link {
    /// The link carries this symbol, which is remembered if it is a derivative.
    pub fn note(&mut self, symbol: &str) {
        if self.carries(symbol) || symbol::kind(symbol) == Kind::Spot {
            return;
        }
        if self.derivatives.len() >= SYMBOLS_MAX {
            self.derivatives.clear();
            self.followers.clear();
        }
        self.derivatives.insert(symbol.to_owned());
        self.followers.entry(symbol::index_name(symbol)).or_default().push(symbol.to_owned());
    }

    /// The derivatives of this link that follow an index.
    pub fn followers(&self, index: &str) -> &[String] {
        self.followers.get(index).map_or(&[], Vec::as_slice)
    }

    /// Whether the link was heard to carry this derivative.
    pub fn carries(&self, symbol: &str) -> bool {
        self.derivatives.contains(symbol)
    }

    /// Whether the link carries any derivative.
    pub fn carries_any(&self) -> bool {
        !self.derivatives.is_empty()
    }

    /// The list of this kind was answered; `true` when it completes all of them.
    pub fn hear_list(&mut self, kind: &str) -> bool {
        for (heard, list) in self.lists_heard.iter_mut().zip(LISTS) {
            *heard |= list == kind;
        }
        let is_complete = self.lists_heard == [true; LISTS.len()];
        if is_complete {
            self.lists_heard = Default::default();
        }
        is_complete
    }
}
