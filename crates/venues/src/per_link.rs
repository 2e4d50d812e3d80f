//! What a language remembers of each link: bounded, and forgotten when the link is opened anew or closed.

use std::collections::{BTreeMap, HashMap};

use market::LinkId;
use serde::{Deserialize, Serialize};

use crate::remember::sorted;

/// Links that are remembered; a session that opened more forgets all of them once.
const LINKS_MAX: usize = 1_024;

/// Books of a link whose depth is remembered; a link with more forgets all of them once.
const BOOKS_MAX: usize = 16_384;

/// What is remembered of each link.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct PerLink<T> {
    links: BTreeMap<LinkId, T>,
}

impl<T: Default> PerLink<T> {
    pub fn get(&mut self, link: LinkId) -> &mut T {
        if self.links.len() >= LINKS_MAX && !self.links.contains_key(&link) {
            self.links.clear();
        }
        self.links.entry(link).or_default()
    }

    /// All links, for what belongs to each of them.
    pub fn all(&mut self) -> impl Iterator<Item = &mut T> {
        self.links.values_mut()
    }

    pub fn forget(&mut self, link: LinkId) {
        self.links.remove(&link);
    }
}

/// The books that a link carries. A venue may send one book at several depths, each with numbers of its own; the
/// deepest is the book.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Depths {
    #[serde(serialize_with = "sorted")]
    books: HashMap<String, u32>,
}

impl Depths {
    /// Notes a book of this depth; `false` when a deeper one of its symbol was heard.
    pub fn is_deepest(&mut self, symbol: &str, depth: u32) -> bool {
        match self.books.get_mut(symbol) {
            Some(known) if depth < *known => return false,
            Some(known) => *known = depth,
            None => {
                if self.books.len() >= BOOKS_MAX {
                    self.books.clear();
                }
                self.books.insert(symbol.to_owned(), depth);
            }
        }
        true
    }

    /// Whether the link carries a book of this symbol.
    pub fn has(&self, symbol: &str) -> bool {
        self.books.contains_key(symbol)
    }
}
