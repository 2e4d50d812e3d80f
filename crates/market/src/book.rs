//! The order book: what rests at each price, both sides, and how far it is known.

mod saved;

use crate::changes::{Change, ChangeLog, Changes};
use crate::levels::{Levels, TreeLevels};
use crate::{DenseLevels, Level, Price, Quantity, Side};

/// An L2 book. Exact, whatever comes: it can be crossed or one-sided; who applies messages judges that.
///
/// `L` is how the levels are kept: [`DenseLevels`] in the product, [`TreeLevels`] as the reference.
#[derive(Clone, Debug)]
pub struct Book<L = DenseLevels> {
    bids: L,
    asks: L,
    known_bid_low: Option<Price>,
    known_ask_high: Option<Price>,
    depth: Option<u32>,
    changes: ChangeLog,
}

/// A book upon plain trees, the reference.
pub type TreeBook = Book<TreeLevels>;

impl Book {
    /// An empty book of an instrument with this tick size; other prices are kept as exactly, only slower.
    pub fn new(tick_size: Price) -> Self {
        Self::with_tick(tick_size)
    }
}

impl<L: Levels> Book<L> {
    /// An empty book that keeps its levels in `L`.
    pub fn with_tick(tick_size: Price) -> Self {
        let step = tick_size.0.max(1);
        Self {
            bids: L::new(key(Side::Buy, Price(0)), step),
            asks: L::new(key(Side::Sell, Price(0)), step),
            known_bid_low: None,
            known_ask_high: None,
            depth: None,
            changes: ChangeLog::default(),
        }
    }

    /// Replaces the whole book by a snapshot, cut to `depth` levels a side where the venue keeps a depth.
    ///
    /// Without a depth, what lies beyond the farthest level of the snapshot is unknown until it changes.
    pub fn replace(&mut self, bids: &[Level], asks: &[Level], depth: Option<u32>) {
        self.clear();
        self.change(bids, asks, depth);
        if depth.is_none() {
            self.known_bid_low = self.bids.worst().map(|(key, _)| price(Side::Buy, key));
            self.known_ask_high = self.asks.worst().map(|(key, _)| price(Side::Sell, key));
        }
    }

    /// Changes the levels of one message in the order given, then cuts each side to `depth`.
    pub fn change(&mut self, bids: &[Level], asks: &[Level], depth: Option<u32>) {
        for level in bids {
            self.set(Side::Buy, *level);
        }
        for level in asks {
            self.set(Side::Sell, *level);
        }
        self.depth = depth;
        if let Some(depth) = depth {
            self.truncate(Side::Buy, depth as usize);
            self.truncate(Side::Sell, depth as usize);
        }
        self.bids.settle();
        self.asks.settle();
    }

    /// Puts the best level of each side in the place of what stands before it, and cuts each side to `depth`.
    pub(crate) fn set_best(&mut self, (bids, asks): (&[Level], &[Level]), depth: Option<u32>) {
        let gone = |level: Level| Level { quantity: Quantity(0), ..level };
        let (bid, ask) = (bids.first(), asks.first());
        let higher = |level: &Level| bid.is_none_or(|bid| level.price > bid.price);
        let lower = |level: &Level| ask.is_none_or(|ask| level.price < ask.price);
        let bids: Vec<Level> =
            self.bids().take_while(higher).map(gone).chain(bid.copied()).collect();
        let asks: Vec<Level> =
            self.asks().take_while(lower).map(gone).chain(ask.copied()).collect();
        self.change(&bids, &asks, depth);
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        if self.changes.is_kept {
            for (side, levels) in [(Side::Buy, &self.bids), (Side::Sell, &self.asks)] {
                levels.visit(i64::MIN, i64::MAX, |key, quantity| {
                    self.changes.note(side, Change { price: price(side, key), by: -quantity });
                });
            }
        }
        self.bids.clear();
        self.asks.clear();
        self.known_bid_low = None;
        self.known_ask_high = None;
        self.depth = None;
    }

    /// The same book for another tick size.
    pub(crate) fn with_tick_changed(&self, tick_size: Price) -> Self {
        let mut book = Self::with_tick(tick_size);
        let (bids, asks): (Vec<_>, Vec<_>) = (self.bids().collect(), self.asks().collect());
        book.change(&bids, &asks, self.depth);
        book.set_known(self.known_bid_low, self.known_ask_high);
        book.changes = self.changes.interrupted();
        book
    }

    /// An empty book in the place of this one.
    pub(crate) fn started_over(&self, tick_size: Price) -> Self {
        Self { changes: self.changes.interrupted(), ..Self::with_tick(tick_size) }
    }

    /// Keeps what each message changes, or no longer.
    pub(crate) const fn keep_changes(&mut self, are_kept: bool) {
        self.changes.is_kept = are_kept;
    }

    /// A message follows that changes the book.
    pub(crate) fn begin_message(&mut self) {
        self.changes.begin();
    }

    /// Messages that changed the book so far.
    pub const fn n_messages(&self) -> u64 {
        self.changes.n_messages()
    }

    /// This book stands in the place of another: who followed that one has to read this one anew.
    pub(crate) const fn replace_for_followers(&mut self, before: &Self) {
        self.changes.follow(&before.changes);
    }

    /// What has changed since the book had this many [`n_messages`](Self::n_messages); `None` when that is not known:
    /// more than one message has come, or the market does without.
    pub fn changes_after(&self, n_seen: u64) -> Option<Changes<'_>> {
        self.changes.after(n_seen)
    }

    /// Says how far the book is known, where a running book is restored; its own levels do not tell.
    pub(crate) fn set_known(&mut self, bid_low: Option<Price>, ask_high: Option<Price>) {
        self.known_bid_low = bid_low;
        self.known_ask_high = ask_high;
    }

    /// The best bid: the highest price.
    pub fn best_bid(&self) -> Option<Level> {
        self.best(Side::Buy)
    }

    /// The best ask: the lowest price.
    pub fn best_ask(&self) -> Option<Level> {
        self.best(Side::Sell)
    }

    /// The best level of a side.
    pub fn best(&self, side: Side) -> Option<Level> {
        self.side(side).best().map(|pair| level(side, pair))
    }

    /// Whether the best bid is as high as the best ask or higher, which no right book is between messages.
    pub fn is_crossed(&self) -> bool {
        match (self.best_bid(), self.best_ask()) {
            (Some(bid), Some(ask)) => bid.price >= ask.price,
            (None, _) | (_, None) => false,
        }
    }

    /// The bids, best (highest) first.
    pub fn bids(&self) -> impl Iterator<Item = Level> + '_ {
        self.levels(Side::Buy)
    }

    /// The asks, best (lowest) first.
    pub fn asks(&self) -> impl Iterator<Item = Level> + '_ {
        self.levels(Side::Sell)
    }

    /// The levels of a side, best first.
    pub fn levels(&self, side: Side) -> impl Iterator<Item = Level> + '_ {
        self.side(side).from(i64::MIN).map(move |pair| level(side, pair))
    }

    /// The levels of a side with `low <= price <= high`, best first.
    pub fn levels_between(
        &self,
        side: Side,
        low: Price,
        high: Price,
    ) -> impl Iterator<Item = Level> + '_ {
        let (first, last) = match side {
            Side::Buy => (key(side, high), key(side, low)),
            Side::Sell => (key(side, low), key(side, high)),
        };
        let levels = self.side(side).from(first);
        levels.take_while(move |(key, _)| *key <= last).map(move |pair| level(side, pair))
    }

    /// Shows the levels of a side with `low <= price <= high`, best first: [`levels_between`](Self::levels_between) for
    /// thousands of levels at once.
    pub fn visit_between(&self, side: Side, low: Price, high: Price, mut each: impl FnMut(Level)) {
        let (first, last) = match side {
            Side::Buy => (key(side, high), key(side, low)),
            Side::Sell => (key(side, low), key(side, high)),
        };
        self.side(side).visit(first, last, |key, quantity| each(level(side, (key, quantity))));
    }

    /// Shows the best `n` levels of a side, best first: [`levels`](Self::levels) for hundreds of levels at once.
    pub fn visit_best(&self, side: Side, n: usize, mut each: impl FnMut(Level)) {
        self.side(side).visit_best(n, |key, quantity| each(level(side, (key, quantity))));
    }

    /// What rests in all at `low <= price <= high`; 128 bits hold any sum of levels.
    pub fn quantity_between(&self, side: Side, low: Price, high: Price) -> i128 {
        self.levels_between(side, low, high).map(|level| i128::from(level.quantity.0)).sum()
    }

    /// What rests at a price; zero when nothing does.
    pub fn quantity_at(&self, side: Side, price: Price) -> Quantity {
        Quantity(self.side(side).quantity(key(side, price)))
    }

    /// How many levels a side has.
    pub fn n_levels(&self, side: Side) -> usize {
        self.side(side).len()
    }

    /// Whether no side has a level.
    pub fn is_empty(&self) -> bool {
        self.bids.is_empty() && self.asks.is_empty()
    }

    /// The lowest price down to which the bids are known; `None` when all are that the subscription promises.
    ///
    /// Below it nothing is known, unless a level changed since: not empty, unknown. It is the farthest level of the
    /// last snapshot where the venue keeps no depth, and the worst level of a side that is full where it does.
    pub fn known_bid_low(&self) -> Option<Price> {
        self.known_bid_low.or_else(|| self.worst_if_full(Side::Buy))
    }

    /// The highest price up to which the asks are known; see [`known_bid_low`](Self::known_bid_low).
    pub fn known_ask_high(&self) -> Option<Price> {
        self.known_ask_high.or_else(|| self.worst_if_full(Side::Sell))
    }

    /// Levels per side to which the last message cut the book.
    pub fn depth(&self) -> Option<u32> {
        self.depth
    }

    /// The levels of a side as far as they are known without a hole, best first; at least the best.
    pub(crate) fn known_levels(&self, side: Side) -> Vec<Level> {
        let is_known = |level: &Level| match side {
            Side::Buy => self.known_bid_low.is_none_or(|low| level.price >= low),
            Side::Sell => self.known_ask_high.is_none_or(|high| level.price <= high),
        };
        let known: Vec<Level> = self.levels(side).take_while(is_known).collect();
        if known.is_empty() { self.best(side).into_iter().collect() } else { known }
    }

    fn set(&mut self, side: Side, level: Level) {
        let levels = match side {
            Side::Buy => &mut self.bids,
            Side::Sell => &mut self.asks,
        };
        let before = levels.set(key(side, level.price), level.quantity.0);
        if self.changes.is_kept {
            // Both are 0 or more, so that their difference is in range.
            let by = level.quantity.0.max(0) - before;
            if by != 0 {
                self.changes.note(side, Change { price: level.price, by });
            }
        }
    }

    /// Deletes the worst levels until `depth` are left.
    fn truncate(&mut self, side: Side, depth: usize) {
        while self.side(side).len() > depth {
            let Some((worst, _)) = self.side(side).worst() else { return };
            self.set(side, Level { price: price(side, worst), quantity: Quantity(0) });
        }
    }

    fn side(&self, side: Side) -> &L {
        match side {
            Side::Buy => &self.bids,
            Side::Sell => &self.asks,
        }
    }

    fn worst_if_full(&self, side: Side) -> Option<Price> {
        let levels = self.side(side);
        let is_full = self.depth.is_some_and(|depth| levels.len() >= depth as usize);
        levels.worst().filter(|_| is_full).map(|(key, _)| price(side, key))
    }
}

/// The key of a price: lower is better. Mirroring by `!` is its own inverse and overflows nowhere.
const fn key(side: Side, price: Price) -> i64 {
    match side {
        Side::Buy => !price.0,
        Side::Sell => price.0,
    }
}

const fn price(side: Side, key: i64) -> Price {
    match side {
        Side::Buy => Price(!key),
        Side::Sell => Price(key),
    }
}

const fn level(side: Side, (key, quantity): (i64, i64)) -> Level {
    Level { price: price(side, key), quantity: Quantity(quantity) }
}
