//! One side of a book as a window of ticks round the best price, and a tree for the levels far away.

use std::collections::BTreeMap;

use crate::levels::Levels;

/// Ticks in the window: 128 KiB of quantities a side. BTC moved out of it 19 times in eleven minutes.
pub const WINDOW_TICKS: usize = 1 << 14;

/// Ticks of the window that lie on the better side of the best price when the window is laid.
const HEADROOM_TICKS: i128 = WINDOW_TICKS as i128 / 4;

const WORD_BITS: usize = u64::BITS as usize;
const N_WORDS: usize = WINDOW_TICKS / WORD_BITS;
const N_SUMMARY: usize = N_WORDS / WORD_BITS;

/// The levels near the best price by their tick, those far away (or between ticks) in a tree.
///
/// A level stands in the window if and only if its key is one of the window's ticks. The window is laid anew when the
/// best level has left its span, which is looked at once a message, so that a wild message costs one move at most.
#[derive(Clone, Debug)]
pub struct DenseLevels {
    /// A key of the grid of ticks; all others are whole steps away.
    key_first: i64,
    /// Keys from one tick to the next.
    key_step: u64,
    /// 2^64 / `key_step`, rounded up: the high half of its product with a whole multiple of the step is the quotient,
    /// since the rounding adds less than one. Of no meaning for a step of 1.
    reciprocal: u64,
    /// Key of the window's first tick.
    window_first: i64,
    /// Keys that the window spans; 0 while no window is laid.
    window_span: u64,
    /// Quantity by tick of the window; empty until the first window is laid.
    quantities: Vec<i64>,
    occupied: Occupied,
    far: BTreeMap<i64, i64>,
}

impl Levels for DenseLevels {
    fn new(key_first: i64, key_step: i64) -> Self {
        let key_step = key_step.max(1) as u64;
        Self {
            key_first,
            key_step,
            reciprocal: (u64::MAX / key_step).wrapping_add(1),
            window_first: 0,
            window_span: 0,
            quantities: Vec::new(),
            occupied: Occupied::default(),
            far: BTreeMap::new(),
        }
    }

    #[inline]
    fn set(&mut self, key: i64, quantity: i64) -> i64 {
        match self.tick(key) {
            Some(tick) => self.set_tick(tick, quantity),
            None if quantity > 0 => self.far.insert(key, quantity).unwrap_or(0),
            None => self.far.remove(&key).unwrap_or(0),
        }
    }

    fn quantity(&self, key: i64) -> i64 {
        match self.tick(key) {
            Some(tick) => self.quantities[tick],
            None => self.far.get(&key).copied().unwrap_or(0),
        }
    }

    fn best(&self) -> Option<(i64, i64)> {
        let near = self.occupied.first_from(0).map(|tick| self.near(tick));
        let far = self.far.first_key_value().map(|(key, quantity)| (*key, *quantity));
        match (near, far) {
            (Some(near), Some(far)) => Some(near.min(far)),
            (near, far) => near.or(far),
        }
    }

    fn worst(&self) -> Option<(i64, i64)> {
        let near = self.occupied.last().map(|tick| self.near(tick));
        let far = self.far.last_key_value().map(|(key, quantity)| (*key, *quantity));
        match (near, far) {
            (Some(near), Some(far)) => Some(near.max(far)),
            (near, far) => near.or(far),
        }
    }

    fn from(&self, first: i64) -> impl Iterator<Item = (i64, i64)> {
        Merged {
            levels: self,
            tick: self.occupied.first_from(self.first_tick_from(first)),
            far: self.far.range(first..).peekable(),
        }
    }

    fn visit(&self, first: i64, last: i64, mut each: impl FnMut(i64, i64)) {
        if first > last {
            return;
        }
        let mut far = self.far.range(first..=last).map(|(key, quantity)| (*key, *quantity));
        let mut next_far = far.next();
        self.visit_near(first, last, |key, quantity| {
            while let Some((far_key, far_quantity)) = next_far.filter(|(far, _)| *far < key) {
                each(far_key, far_quantity);
                next_far = far.next();
            }
            each(key, quantity);
        });
        for (key, quantity) in next_far.into_iter().chain(far) {
            each(key, quantity);
        }
    }

    fn visit_best(&self, n: usize, mut each: impl FnMut(i64, i64)) {
        // The n-th level of the window bounds the walk: counting bits finds it without looking at a level. Levels of
        // the tree may come before it, hence the count.
        let last = self.occupied.nth(n).map_or(i64::MAX, |tick| self.near(tick).0);
        let mut n_left = n;
        self.visit(i64::MIN, last, |key, quantity| {
            if n_left > 0 {
                n_left -= 1;
                each(key, quantity);
            }
        });
    }

    fn len(&self) -> usize {
        self.occupied.n + self.far.len()
    }

    fn clear(&mut self) {
        while let Some(tick) = self.occupied.first_from(0) {
            self.set_tick(tick, 0);
        }
        self.far.clear();
    }

    fn settle(&mut self) {
        let Some((best, _)) = self.best() else { return };
        if !self.spans(best) {
            self.lay_window(best);
        }
    }
}

impl DenseLevels {
    /// Whether a key lies within the window, on a tick or between two.
    const fn spans(&self, key: i64) -> bool {
        // The difference of two 64-bit numbers in order always fits into 64 bits without sign.
        let offset = key.wrapping_sub(self.window_first) as u64;
        key >= self.window_first && offset < self.window_span
    }

    /// The tick of a key; `None` when it has none in the window.
    #[inline]
    fn tick(&self, key: i64) -> Option<usize> {
        if !self.spans(key) {
            return None;
        }
        let offset = key.wrapping_sub(self.window_first) as u64;
        if self.key_step == 1 {
            return Some(offset as usize);
        }
        let tick = ((u128::from(offset) * u128::from(self.reciprocal)) >> 64) as u64;
        (tick * self.key_step == offset).then_some(tick as usize)
    }

    /// The first tick whose key is `first` or worse; beyond the window when none is.
    fn first_tick_from(&self, first: i64) -> usize {
        if first <= self.window_first {
            return 0;
        }
        let offset = first.wrapping_sub(self.window_first) as u64;
        usize::try_from(offset.div_ceil(self.key_step)).unwrap_or(usize::MAX)
    }

    /// Shows the levels of the window with keys from `first` to `last`, word by word.
    fn visit_near(&self, first: i64, last: i64, mut each: impl FnMut(i64, i64)) {
        let first_tick = self.first_tick_from(first);
        let mut mask = u64::MAX << (first_tick % WORD_BITS);
        let words = self.occupied.words.iter().enumerate().skip(first_tick / WORD_BITS);
        for (word_index, word) in words {
            let mut word = word & mask;
            mask = u64::MAX;
            while word != 0 {
                let tick = word_index * WORD_BITS + word.trailing_zeros() as usize;
                let (key, quantity) = self.near(tick);
                if key > last {
                    return;
                }
                each(key, quantity);
                word &= word - 1;
            }
        }
    }

    fn near(&self, tick: usize) -> (i64, i64) {
        let offset = (tick as u64 * self.key_step) as i64;
        (self.window_first.wrapping_add(offset), self.quantities[tick])
    }

    #[inline]
    fn set_tick(&mut self, tick: usize, quantity: i64) -> i64 {
        let before = std::mem::replace(&mut self.quantities[tick], quantity.max(0));
        self.occupied.set(tick, u64::from(quantity > 0));
        before
    }

    /// Lays the window so that `best` ends its first quarter, and moves the levels to where they belong.
    fn lay_window(&mut self, best: i64) {
        let near = self.drain_window();
        let step = i128::from(self.key_step);
        let on_grid =
            i128::from(best) - (i128::from(best) - i128::from(self.key_first)).rem_euclid(step);
        let first = on_grid - HEADROOM_TICKS * step;
        let span = WINDOW_TICKS as i128 * step;
        let last = i64::try_from(first + span - 1);
        if let (Ok(first), Ok(last), Ok(span)) = (i64::try_from(first), last, u64::try_from(span)) {
            (self.window_first, self.window_span) = (first, span);
            self.quantities.resize(WINDOW_TICKS, 0);
            self.fetch_from_tree(last);
        } else {
            self.window_span = 0; // At the very ends of the numbers all stays in the tree.
        }
        for (key, quantity) in near {
            self.set(key, quantity);
        }
    }

    fn drain_window(&mut self) -> Vec<(i64, i64)> {
        let mut near = Vec::with_capacity(self.occupied.n);
        while let Some(tick) = self.occupied.first_from(0) {
            near.push(self.near(tick));
            self.set_tick(tick, 0);
        }
        near
    }

    /// Takes the levels of the window's ticks out of the tree.
    fn fetch_from_tree(&mut self, last: i64) {
        let mut outside = self.far.split_off(&self.window_first);
        let mut beyond = last.checked_add(1).map(|end| outside.split_off(&end)).unwrap_or_default();
        self.far.append(&mut beyond);
        for (key, quantity) in outside {
            self.set(key, quantity);
        }
    }
}

/// Both kinds of levels in one order.
struct Merged<'a, F: Iterator<Item = (&'a i64, &'a i64)>> {
    levels: &'a DenseLevels,
    tick: Option<usize>,
    far: std::iter::Peekable<F>,
}

impl<'a, F: Iterator<Item = (&'a i64, &'a i64)>> Iterator for Merged<'a, F> {
    type Item = (i64, i64);

    fn next(&mut self) -> Option<Self::Item> {
        let near = self.tick.map(|tick| (tick, self.levels.near(tick)));
        let far = self.far.peek().map(|(key, quantity)| (**key, **quantity));
        match (near, far) {
            (Some((_, near)), Some(far)) if far < near => {
                self.far.next();
                Some(far)
            }
            (Some((tick, near)), _) => {
                self.tick = self.levels.occupied.first_from(tick + 1);
                Some(near)
            }
            (None, far) => {
                self.far.next();
                far
            }
        }
    }
}

/// Which ticks hold a level: a bit for each, and a bit for each word that has one.
#[derive(Clone, Debug)]
struct Occupied {
    words: [u64; N_WORDS],
    summary: [u64; N_SUMMARY],
    n: usize,
}

impl Default for Occupied {
    fn default() -> Self {
        Self { words: [0; N_WORDS], summary: [0; N_SUMMARY], n: 0 }
    }
}

impl Occupied {
    /// Sets the bit of a tick to 0 or 1. Without a branch: whether a change deletes, nothing foretells.
    #[inline]
    fn set(&mut self, tick: usize, bit: u64) {
        let (word_index, shift) = (tick / WORD_BITS, tick % WORD_BITS);
        let word = &mut self.words[word_index];
        let was = (*word >> shift) & 1;
        *word ^= (was ^ bit) << shift;
        self.n = self.n + bit as usize - was as usize;
        let has_any = u64::from(*word != 0);
        let summary = &mut self.summary[word_index / WORD_BITS];
        let summary_shift = word_index % WORD_BITS;
        *summary = (*summary & !(1 << summary_shift)) | (has_any << summary_shift);
    }

    /// The first occupied tick that is `tick` or later.
    fn first_from(&self, tick: usize) -> Option<usize> {
        if tick >= WINDOW_TICKS {
            return None;
        }
        let word_index = tick / WORD_BITS;
        let word = self.words[word_index] & (u64::MAX << (tick % WORD_BITS));
        if word != 0 {
            return Some(word_index * WORD_BITS + word.trailing_zeros() as usize);
        }
        let word_index = self.first_word_from(word_index + 1)?;
        Some(word_index * WORD_BITS + self.words[word_index].trailing_zeros() as usize)
    }

    fn first_word_from(&self, word_index: usize) -> Option<usize> {
        let mut summary_index = word_index / WORD_BITS;
        let mut mask = u64::MAX << (word_index % WORD_BITS);
        while let Some(summary) = self.summary.get(summary_index) {
            let summary = summary & mask;
            if summary != 0 {
                return Some(summary_index * WORD_BITS + summary.trailing_zeros() as usize);
            }
            summary_index += 1;
            mask = u64::MAX;
        }
        None
    }

    /// The occupied tick before which there are `n` others.
    fn nth(&self, n: usize) -> Option<usize> {
        let mut n_before = n;
        for (word_index, word) in self.words.iter().enumerate() {
            let n_here = word.count_ones() as usize;
            if n_before < n_here {
                let word = (0..n_before).fold(*word, |word, _| word & (word - 1));
                return Some(word_index * WORD_BITS + word.trailing_zeros() as usize);
            }
            n_before -= n_here;
        }
        None
    }

    fn last(&self) -> Option<usize> {
        let summary_index = self.summary.iter().rposition(|summary| *summary != 0)?;
        let word_index = summary_index * WORD_BITS + highest(self.summary[summary_index]);
        Some(word_index * WORD_BITS + highest(self.words[word_index]))
    }
}

/// The highest bit of a word that has one.
const fn highest(word: u64) -> usize {
    (u64::BITS - 1 - word.leading_zeros()) as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{DenseLevels, WINDOW_TICKS};
    use crate::levels::{Levels, TreeLevels};

    /// What can be done to a side.
    #[derive(Clone, Debug)]
    enum Act {
        Set(i64, i64),
        Clear,
        Settle,
    }

    /// Keys near one another, a window apart, far away and at the ends of the numbers; on the grid of `step` and off.
    fn keys(step: i64) -> impl Strategy<Value = i64> {
        let window = WINDOW_TICKS as i64;
        prop_oneof![
            8 => (-50_i64..50).prop_map(move |n| n.wrapping_mul(step)),
            4 => (-2 * window..2 * window).prop_map(move |n| n.wrapping_mul(step)),
            2 => prop::sample::select(vec![-window, -window / 4, 3 * window / 4 - 1, window])
                .prop_map(move |n| n.wrapping_mul(step)),
            1 => -1_000_000_i64..1_000_000,
            1 => any::<i64>(),
            1 => prop::sample::select(vec![i64::MIN, i64::MIN + 1, i64::MAX - 1, i64::MAX]),
        ]
    }

    fn acts(step: i64) -> impl Strategy<Value = Vec<Act>> {
        let act = prop_oneof![
            20 => (keys(step), prop_oneof![2 => 1..100_i64, 1 => Just(0), 1 => Just(-3)])
                .prop_map(|(key, quantity)| Act::Set(key, quantity)),
            8 => Just(Act::Settle),
            1 => Just(Act::Clear),
        ];
        prop::collection::vec(act, 1..120)
    }

    fn steps() -> impl Strategy<Value = i64> {
        prop::sample::select(vec![
            1,
            2,
            3,
            7,
            10,
            1_000_000,
            30_000_000,
            33_554_432,
            100_000_000,
            1 << 49,
            1 << 50,
            i64::MAX,
        ])
    }

    /// What rested before, where something is put.
    fn run(levels: &mut impl Levels, act: &Act) -> Option<i64> {
        match act {
            Act::Set(key, quantity) => return Some(levels.set(*key, *quantity)),
            Act::Clear => levels.clear(),
            Act::Settle => levels.settle(),
        }
        None
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn the_window_equals_the_tree_whatever_is_done(
            (step, first, acts, froms) in steps().prop_flat_map(|step| {
                (Just(step), 0..step.min(50), acts(step), prop::collection::vec(keys(step), 3))
            })
        ) {
            let mut dense = DenseLevels::new(first, step);
            let mut tree = TreeLevels::new(first, step);
            for act in &acts {
                prop_assert_eq!(run(&mut dense, act), run(&mut tree, act));
                prop_assert_eq!(dense.best(), tree.best());
                prop_assert_eq!(dense.worst(), tree.worst());
                prop_assert_eq!(dense.len(), tree.len());
                if let Act::Set(key, _) = act {
                    prop_assert_eq!(dense.quantity(*key), tree.quantity(*key));
                }
            }
            for from in froms.into_iter().chain([i64::MIN]) {
                prop_assert!(dense.from(from).eq(tree.from(from)), "levels from {}", from);
                for last in [from.saturating_add(step), i64::MAX] {
                    let (mut found, mut expected) = (Vec::new(), Vec::new());
                    let n = (last.unsigned_abs() % 40) as usize;
                    let (mut best, mut best_expected) = (Vec::new(), Vec::new());
                    dense.visit_best(n, |key, quantity| best.push((key, quantity)));
                    tree.visit_best(n, |key, quantity| best_expected.push((key, quantity)));
                    prop_assert_eq!(best, best_expected);
                    dense.visit(from, last, |key, quantity| found.push((key, quantity)));
                    tree.visit(from, last, |key, quantity| expected.push((key, quantity)));
                    prop_assert_eq!(found, expected, "levels from {} to {}", from, last);
                }
            }
        }
    }

    #[test]
    fn the_window_follows_the_best_price_and_keeps_all_levels() {
        let mut dense = DenseLevels::new(0, 100);
        for walk in 0..60_i64 {
            dense.set(walk * 100_000, 1 + walk);
            dense.settle();
            assert_eq!(dense.best(), Some((walk * 100_000, 1 + walk)));
            dense.set(walk * 100_000 + 900_000_000, 5);
            dense.set(walk * 100_000, 0);
        }
        assert_eq!(dense.len(), 60);
        assert!(dense.from(0).all(|(_, quantity)| quantity == 5));
    }

    #[test]
    fn a_level_between_two_ticks_is_kept_in_its_place() {
        let mut dense = DenseLevels::new(0, 100);
        for key in [300, 250, 200, 251] {
            dense.set(key, key);
            dense.settle();
        }
        let keys: Vec<_> = dense.from(201).map(|(key, _)| key).collect();
        assert_eq!(keys, [250, 251, 300]);
    }
}
