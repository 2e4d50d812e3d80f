//! The closed columns of one length, kept in a quarter of their size.

mod saved;

use std::borrow::Cow;
use std::ops::Range;

use market::Archive;

use super::column::{Column, ColumnState};
use super::scale::N_BINS;
use crate::code::CODE_UNKNOWN;

/// Columns kept of each length: 34 minutes at 500 ms, 68 hours at a minute.
pub const COLUMNS_KEPT: usize = 4_096;
/// One column in so many is kept whole, so that reading an old one reads few others.
const COLUMNS_PER_WHOLE: u64 = 256;
/// Bins that a word of a mask tells of.
const WORD_BITS: usize = u16::BITS as usize;
/// Words of a mask.
const N_MASK: usize = N_BINS / WORD_BITS;
/// Words that tell which words of the mask are there.
const N_HEAD: usize = N_MASK / WORD_BITS;

/// A column as it is kept. From one to the next few bins change, so that most keep only what the *next newer* column
/// has otherwise. Hence the newest, which everybody reads, is whole, and the oldest can go at any time.
#[derive(Clone, Debug)]
struct Kept {
    lowest_bin: i64,
    /// Best bid and ask; of no meaning where `has_bid` and `has_ask` say so.
    touch: (i64, i64),
    has_bid: bool,
    has_ask: bool,
    bought: i64,
    sold: i64,
    codes: Codes,
    state: ColumnState,
}

/// The codes of a column: all; or [`N_HEAD`] words with a bit for each word of the mask that is not 0, those words
/// with a bit for each bin, then the codes that differ; or none, when it is stale or the newest.
type Codes = Box<[u16]>;

/// The last [`COLUMNS_KEPT`] columns.
#[derive(Clone, Debug, Default)]
pub(crate) struct Columns {
    kept: Archive<Kept>,
    /// Codes of the newest.
    newest: Vec<u16>,
    /// Room for those of the next.
    spare: Vec<u16>,
    /// Columns that there ever were.
    n_pushed: u64,
}

impl Columns {
    /// How many are kept.
    pub(crate) fn len(&self) -> usize {
        self.kept.len()
    }

    /// Forgets all.
    pub(crate) fn clear(&mut self) {
        self.kept.clear();
        self.newest.clear();
    }

    /// Appends a column whose codes `write` writes, all or none of them, and lets the oldest go.
    pub(crate) fn push(&mut self, column: Column, write: impl FnOnce(&mut Vec<u16>)) {
        write(&mut self.spare);
        if let Some(last) = self.kept.recent_mut().back_mut() {
            let is_whole = self.n_pushed.is_multiple_of(COLUMNS_PER_WHOLE);
            let shift = last.lowest_bin.saturating_sub(column.lowest_bin);
            let is_whole = is_whole || self.newest.is_empty() || self.spare.is_empty();
            last.codes = if is_whole {
                self.newest.as_slice().into()
            } else {
                packed(&self.newest, &moved(&self.spare, shift))
            };
        }
        std::mem::swap(&mut self.newest, &mut self.spare);
        self.n_pushed += 1;
        if self.kept.len() == COLUMNS_KEPT {
            self.kept.drop_front(1);
        }
        let Column { lowest_bin, best_bid, best_ask, bought, sold, state, codes: _ } = column;
        self.kept.push_back(Kept {
            lowest_bin,
            touch: (best_bid.unwrap_or(0), best_ask.unwrap_or(0)),
            has_bid: best_bid.is_some(),
            has_ask: best_ask.is_some(),
            bought,
            sold,
            codes: Codes::default(),
            state,
        });
    }

    /// The columns at these positions, oldest first.
    pub(crate) fn read(&self, range: Range<usize>) -> Vec<Column> {
        let newest = self.kept.len().saturating_sub(1);
        // The first from the end of the range on that stands for itself: all before it are told from there.
        let stands =
            |index: &usize| *index >= newest || self.kept.get(*index).is_some_and(Kept::stands);
        let Some(last) = range.end.checked_sub(1).and_then(|last| (last..=newest).find(stands))
        else {
            return Vec::new();
        };
        let mut codes = Vec::new();
        let mut columns = Vec::with_capacity(range.len());
        // Where the window of the column stands that came before in this loop, the next newer one.
        let mut next_bin = 0;
        let places = (range.start..last + 1).rev();
        for (index, kept) in places.zip(self.kept.range(range.start..last + 1).rev()) {
            if index == newest {
                codes.clone_from(&self.newest);
            } else if kept.stands() {
                codes.clear();
                codes.extend_from_slice(&kept.codes);
            } else {
                let shift = kept.lowest_bin.saturating_sub(next_bin);
                if shift != 0 {
                    codes = moved(&codes, shift).into_owned();
                }
                unpack(&kept.codes, &mut codes);
            }
            next_bin = kept.lowest_bin;
            if index < range.end {
                columns.push(kept.column(codes.clone()));
            }
        }
        columns.reverse();
        columns
    }
}

impl Kept {
    /// A column of which nothing is known.
    fn unknown() -> Self {
        Self {
            lowest_bin: 0,
            touch: (0, 0),
            has_bid: false,
            has_ask: false,
            bought: 0,
            sold: 0,
            codes: Codes::default(),
            state: ColumnState::Stale,
        }
    }

    /// Whether its codes are told without those of the next.
    fn stands(&self) -> bool {
        self.codes.is_empty() || self.codes.len() == N_BINS
    }

    fn column(&self, codes: Vec<u16>) -> Column {
        Column {
            lowest_bin: self.lowest_bin,
            best_bid: self.has_bid.then_some(self.touch.0),
            best_ask: self.has_ask.then_some(self.touch.1),
            bought: self.bought,
            sold: self.sold,
            state: self.state,
            codes,
        }
    }
}

/// Codes as a window `shift` bins higher has them.
fn moved(codes: &[u16], shift: i64) -> Cow<'_, [u16]> {
    if shift == 0 {
        return Cow::Borrowed(codes);
    }
    let at = |position: i64| usize::try_from(position.saturating_add(shift)).ok();
    let code = |position| at(position).and_then(|at| codes.get(at)).copied();
    (0..codes.len() as i64).map(|position| code(position).unwrap_or(CODE_UNKNOWN)).collect()
}

/// The codes of a column, by those that the next newer one has otherwise, or whole where that is no shorter.
fn packed(codes: &[u16], next: &[u16]) -> Codes {
    let (mut head, mut mask) = ([0_u16; N_HEAD], [0_u16; N_MASK]);
    let (mut differing, mut n) = ([0_u16; N_BINS], 0);
    for (word, (ours, theirs)) in codes.chunks(WORD_BITS).zip(next.chunks(WORD_BITS)).enumerate() {
        if ours == theirs {
            continue;
        }
        head[word / WORD_BITS] |= 1 << (word % WORD_BITS);
        for (bit, (code, next)) in ours.iter().zip(theirs).enumerate() {
            if code != next {
                mask[word] |= 1 << bit;
                differing[n] = *code;
                n += 1;
            }
        }
    }
    let mask = mask.iter().filter(|word| **word != 0);
    let n_words = N_HEAD + mask.clone().count() + n;
    if n_words >= N_BINS {
        return codes.into();
    }
    let mut packed = Vec::with_capacity(n_words);
    packed.extend(head.iter().chain(mask).chain(&differing[..n]));
    packed.into()
}

/// Puts the codes of a column in the place of those of the next newer one.
fn unpack(packed: &[u16], codes: &mut [u16]) {
    let (head, rest) = packed.split_at(N_HEAD.min(packed.len()));
    let n_mask = head.iter().map(|word| word.count_ones() as usize).sum::<usize>();
    let (mask, differing) = rest.split_at(n_mask.min(rest.len()));
    let (mut mask, mut differing) = (mask.iter(), differing.iter());
    for (index, codes) in codes.chunks_mut(WORD_BITS).enumerate() {
        if head.get(index / WORD_BITS).is_none_or(|word| (word >> (index % WORD_BITS)) & 1 == 0) {
            continue;
        }
        let mut word = mask.next().copied().unwrap_or(0);
        while word != 0 {
            if let Some(code) = differing.next() {
                codes[word.trailing_zeros() as usize] = *code;
            }
            word &= word - 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{COLUMNS_KEPT, Column, Columns, N_BINS, moved};

    /// What a column changes of the one before: codes at some bins, all of them, or it has none at all.
    #[derive(Clone, Debug)]
    enum Step {
        Some(Vec<(usize, u16)>),
        All(u16),
        Move(i64),
        Stale,
        Forget,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let change = (0..N_BINS, any::<u16>());
        let step = prop_oneof![
            8 => prop::collection::vec(change.clone(), 0..40).prop_map(Step::Some),
            1 => prop::collection::vec(change, 400..900).prop_map(Step::Some),
            1 => any::<u16>().prop_map(Step::All),
            1 => prop_oneof![Just(64_i64), Just(-64), Just(600), Just(i64::MAX)].prop_map(Step::Move),
            1 => Just(Step::Stale),
        ];
        let step = prop_oneof![60 => step, 1 => Just(Step::Forget)];
        prop::collection::vec(step, 1..300)
    }

    fn push(columns: &mut Columns, plain: &mut Vec<Column>, lowest_bin: i64, codes: &[u16]) {
        let n = plain.len() as i64;
        let best_bid = (n % 3 != 0).then_some(n);
        let best_ask = (n % 5 != 0).then_some(-n);
        let column = Column { lowest_bin, bought: n, best_bid, best_ask, ..Column::default() };
        plain.push(Column { codes: codes.to_vec(), ..column.clone() });
        columns.push(column, |out| {
            out.clear();
            out.extend_from_slice(codes);
        });
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_was_appended(
            steps in steps(),
            ranges in prop::collection::vec((0_usize..300, 0_usize..300), 8),
        ) {
            let (mut columns, mut plain) = (Columns::default(), Vec::new());
            let (mut codes, mut lowest_bin) = (vec![0_u16; N_BINS], 0_i64);
            for step in &steps {
                match step {
                    Step::Some(changes) => changes.iter().for_each(|(at, code)| codes[*at] = *code),
                    Step::All(code) => codes.fill(*code),
                    Step::Move(shift) => {
                        lowest_bin = lowest_bin.saturating_add(*shift);
                        codes = moved(&codes, *shift).into_owned();
                    }
                    Step::Stale => {
                        push(&mut columns, &mut plain, 0, &[]);
                        continue;
                    }
                    Step::Forget => {
                        columns.clear();
                        plain.clear();
                    }
                }
                push(&mut columns, &mut plain, lowest_bin, &codes);
            }
            prop_assert_eq!(columns.len(), plain.len());
            for (start, end) in ranges.into_iter().chain([(0, 300)]) {
                let end = end.min(plain.len());
                let range = start.min(end)..end;
                prop_assert_eq!(columns.read(range.clone()), plain[range].to_vec());
            }
        }
    }

    #[test]
    fn the_oldest_go_and_the_others_stay_as_they_were() {
        let (mut columns, mut plain) = (Columns::default(), Vec::new());
        let mut codes = vec![0; N_BINS];
        for n in 0..2 * COLUMNS_KEPT + 100 {
            codes[n % N_BINS] = n as u16;
            push(&mut columns, &mut plain, 0, &codes);
        }
        assert_eq!(columns.len(), COLUMNS_KEPT);
        let kept = plain.split_off(plain.len() - COLUMNS_KEPT);
        assert!(columns.read(0..COLUMNS_KEPT) == kept);
    }
}
