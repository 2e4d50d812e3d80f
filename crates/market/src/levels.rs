//! One side of a book as ordered numbers: what both of its implementations can do.

use std::collections::BTreeMap;

/// The levels of one side, by key: the lower the key, the better the price. A key holds its level once.
///
/// The book makes the keys: an ask's is its price, a bid's its price mirrored, so that one code serves both sides.
pub trait Levels {
    /// Levels without any, for prices that are usually `key_first` plus a multiple of `key_step` (at least 1).
    fn new(key_first: i64, key_step: i64) -> Self;
    /// Puts what rests at a key, and says what rested there before; zero and less delete it.
    fn set(&mut self, key: i64, quantity: i64) -> i64;
    /// What rests at a key; zero when nothing does.
    fn quantity(&self, key: i64) -> i64;
    /// The best level.
    fn best(&self) -> Option<(i64, i64)>;
    /// The worst level.
    fn worst(&self) -> Option<(i64, i64)>;
    /// Levels with keys from `first` on, best first.
    fn from(&self, first: i64) -> impl Iterator<Item = (i64, i64)>;
    /// Shows the levels with keys from `first` to `last`, best first: for thousands of levels faster than asking an
    /// iterator for each.
    fn visit(&self, first: i64, last: i64, mut each: impl FnMut(i64, i64)) {
        for (key, quantity) in self.from(first).take_while(|(key, _)| *key <= last) {
            each(key, quantity);
        }
    }
    /// Shows the best `n` levels, best first: for hundreds of levels faster than asking an iterator for each.
    fn visit_best(&self, n: usize, mut each: impl FnMut(i64, i64)) {
        for (key, quantity) in self.from(i64::MIN).take(n) {
            each(key, quantity);
        }
    }
    /// How many there are.
    fn len(&self) -> usize;
    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Deletes all.
    fn clear(&mut self);
    /// To be called after each message: the moment to put things in order.
    fn settle(&mut self);
}

/// A plain tree: the reference that every faster way must equal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TreeLevels(BTreeMap<i64, i64>);

impl Levels for TreeLevels {
    fn new(_key_first: i64, _key_step: i64) -> Self {
        Self::default()
    }

    fn set(&mut self, key: i64, quantity: i64) -> i64 {
        let before = if quantity > 0 { self.0.insert(key, quantity) } else { self.0.remove(&key) };
        before.unwrap_or(0)
    }

    fn quantity(&self, key: i64) -> i64 {
        self.0.get(&key).copied().unwrap_or(0)
    }

    fn best(&self) -> Option<(i64, i64)> {
        self.0.first_key_value().map(|(key, quantity)| (*key, *quantity))
    }

    fn worst(&self) -> Option<(i64, i64)> {
        self.0.last_key_value().map(|(key, quantity)| (*key, *quantity))
    }

    fn from(&self, first: i64) -> impl Iterator<Item = (i64, i64)> {
        self.0.range(first..).map(|(key, quantity)| (*key, *quantity))
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn clear(&mut self) {
        self.0.clear();
    }

    fn settle(&mut self) {}
}
