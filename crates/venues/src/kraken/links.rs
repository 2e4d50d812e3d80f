//! What must be remembered of a link: the depth at which each book is subscribed.

use std::collections::BTreeMap;

use market::LinkId;
use serde::{Deserialize, Serialize};

/// Books of a link whose depth is remembered; a link with more forgets all of them once.
const BOOKS_MAX: usize = 16_384;

/// Links that are remembered; a session that opened more forgets all of them once.
const LINKS_MAX: usize = 1_024;

/// The depths that Kraken offers.
const DEPTHS: [u32; 5] = [10, 25, 100, 500, 1_000];

/// The depth of a subscription that names none.
pub(super) const DEPTH_DEFAULT: u32 = 10;

/// Depths of the books of all links.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Links {
    links: BTreeMap<LinkId, BTreeMap<String, u32>>,
}

impl Links {
    /// The depth of a book on this link, as far as it was said.
    pub fn depth(&self, link: LinkId, symbol: &str) -> Option<u32> {
        self.links.get(&link)?.get(symbol).copied()
    }

    pub fn set_depth(&mut self, link: LinkId, symbol: &str, depth: u32) {
        if self.links.len() >= LINKS_MAX && !self.links.contains_key(&link) {
            self.links.clear();
        }
        let books = self.links.entry(link).or_default();
        if books.len() >= BOOKS_MAX && !books.contains_key(symbol) {
            books.clear();
        }
        books.insert(symbol.to_owned(), depth);
    }

    pub fn forget(&mut self, link: LinkId) {
        self.links.remove(&link);
    }
}

/// The smallest depth on offer that holds a snapshot of so many levels; `None` when none does.
pub(super) fn depth_that_holds(n_levels: usize) -> Option<u32> {
    DEPTHS.into_iter().find(|depth| *depth as usize >= n_levels)
}
