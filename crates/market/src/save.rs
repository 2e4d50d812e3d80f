//! State as bytes: fields one after another, and history in blocks that are written once.
//!
//! A history grows at its end and loses its oldest. It is cut at fixed positions; a block that can change no more is
//! written once and then only named, so that to save again costs what is new.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Serialize;

use crate::{Instrument, Venue};

/// A piece of history. The same key always means the same bytes, within a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedBlock {
    /// The number of the state that it was written with, a slash, and its name.
    pub key: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// A state that was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedState {
    /// All but the blocks, which it names.
    pub bytes: Vec<u8>,
    /// The blocks that this state names and no state before it, as far as the progress knows of them.
    pub blocks: Vec<SavedBlock>,
}

/// Which blocks were saved already, by earlier calls of one session.
#[derive(Clone, Debug, Default)]
pub struct SaveProgress {
    histories: BTreeMap<String, BTreeMap<i64, Written>>,
    lists: BTreeMap<Venue, (u64, String)>,
    /// States that were saved: each has a number, by which its blocks are found.
    n_saved: u64,
}

impl SaveProgress {
    /// What was written may be lost: the next state names no block of before. Numbers go on.
    pub fn forget_blocks(&mut self) {
        self.histories.clear();
        self.lists.clear();
    }
}

/// A block that was written, and the number of the state with which.
#[derive(Clone, Copy, Debug)]
struct Written {
    variant: Variant,
    number: u64,
}

/// What a block holds of its place: it may lack its beginning, and one that changed after all is another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Variant {
    /// Elements or intervals that were lost at its beginning when it was written.
    pub n_lost: u32,
    /// Number of the last change of an element in it; 0 where none ever changes.
    pub revision: u64,
}

/// A block of a history: its place, what it holds of it, and what it is written from.
#[derive(Clone, Debug)]
pub struct Block<P> {
    /// Its place.
    pub index: i64,
    /// What it holds of its place.
    pub variant: Variant,
    /// What it is written from.
    pub part: P,
}

/// A history of which nothing changes but at its end, and which is cut after so many elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Position of the oldest that is kept.
    pub first: u64,
    /// Position before which nothing changes any more.
    pub fixed: u64,
    /// Position behind the newest.
    pub end: u64,
    /// Elements of a block.
    pub block: u64,
}

impl Span {
    /// Of `n_kept` elements out of `n_pushed`, the last `n_open` of which still change, cut after each `block`.
    pub const fn of(n_pushed: u64, n_kept: usize, n_open: u64, block: u64) -> Self {
        Self {
            first: n_pushed.saturating_sub(n_kept as u64),
            fixed: n_pushed.saturating_sub(n_open),
            end: n_pushed,
            block,
        }
    }
}

/// Writes a state.
#[derive(Debug)]
pub struct Saver<'p> {
    bytes: Vec<u8>,
    blocks: Vec<SavedBlock>,
    progress: &'p mut SaveProgress,
    scope: String,
    /// Of this state.
    number: u64,
    /// Of the state with which the block was written that was named last.
    last_number: u64,
}

impl<'p> Saver<'p> {
    /// A state of which nothing is written yet.
    pub fn new(progress: &'p mut SaveProgress) -> Self {
        let number = progress.n_saved;
        progress.n_saved += 1;
        let (bytes, blocks, scope) = (Vec::new(), Vec::new(), String::new());
        Self { bytes, blocks, progress, scope, number, last_number: 0 }
    }

    /// What was written.
    pub fn finish(self) -> SavedState {
        SavedState { bytes: self.bytes, blocks: self.blocks }
    }

    /// Writes a field.
    pub fn put<T: Serialize + ?Sized>(&mut self, value: &T) {
        put(&mut self.bytes, value);
    }

    /// Where the next field is appended, for those that write many small ones.
    pub const fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Whose histories follow: a name that no other owner of histories in this session has.
    pub fn set_scope(&mut self, scope: String) {
        self.scope = scope;
    }

    /// Forgets the histories of owners that are none of these any longer.
    pub fn keep_scopes(&mut self, is_kept: impl Fn(&str) -> bool) {
        let scope_of = |path: &str| path.rsplit_once('.').map_or(0, |(scope, _)| scope.len());
        self.progress.histories.retain(|path, _| is_kept(&path[..scope_of(path)]));
    }

    /// Writes a history whose elements at some positions `write` appends, so that they can be read by themselves.
    pub fn history(&mut self, name: &str, span: Span, write: impl Fn(Range<u64>, &mut Vec<u8>)) {
        let first = span.first / span.block;
        let end = (span.fixed / span.block).max(first);
        self.put(&(span.first, span.end, end - first));
        let blocks = (first..end).map(|index| {
            let start = span.first.max(index * span.block);
            let n_lost = (start - index * span.block) as u32;
            let variant = Variant { n_lost, revision: 0 };
            Block { index: index as i64, variant, part: start..(index + 1) * span.block }
        });
        self.blocks(name, blocks, &write);
        write(span.first.max(end * span.block)..span.end, &mut self.bytes);
    }

    /// Names the blocks of a history in their order, and writes those that were not written yet or have changed since.
    pub fn blocks<P>(
        &mut self,
        name: &str,
        blocks: impl Iterator<Item = Block<P>>,
        write: impl Fn(P, &mut Vec<u8>),
    ) {
        let path = format!("{}.{name}", self.scope);
        let known = self.progress.histories.remove(&path).unwrap_or_default();
        let mut named = BTreeMap::new();
        for Block { index, variant, part } in blocks {
            let written = known.get(&index).filter(|of| of.variant.revision >= variant.revision);
            let written = written.copied().unwrap_or(Written { variant, number: self.number });
            let Written { variant, number } = written;
            if number == self.number {
                let mut bytes = Vec::new();
                write(part, &mut bytes);
                let key = key((number, &self.scope), name, index, variant);
                self.blocks.push(SavedBlock { key, bytes });
            }
            // Blocks that stand together were mostly written soon after each other.
            self.put(&(variant, number.wrapping_sub(self.last_number) as i64));
            self.last_number = number;
            named.insert(index, written);
        }
        self.progress.histories.insert(path, named);
    }

    /// Writes the name of a list that changes seldom and as a whole, and the list when this revision of it is new.
    pub fn list(&mut self, venue: Venue, revision: u64, write: impl FnOnce() -> SavedBlock) {
        let known = self.progress.lists.get(&venue).filter(|(of, _)| *of == revision);
        let key = match known {
            Some((_, key)) => key.clone(),
            None => {
                let mut block = write();
                block.key.insert_str(0, &format!("{}/", self.number));
                let key = block.key.clone();
                self.progress.lists.insert(venue, (revision, key.clone()));
                self.blocks.push(block);
                key
            }
        };
        self.put(&(revision, key));
    }
}

/// Appends a value.
pub fn put<T: Serialize + ?Sized>(bytes: &mut Vec<u8>, value: &T) {
    let taken = std::mem::take(bytes);
    *bytes = postcard::to_extend(value, taken)
        .expect("memory takes any value, and ours have known lengths");
}

/// Appends a number that is usually small, seven bits a byte.
#[inline]
pub fn put_number(out: &mut Vec<u8>, number: u64) {
    let mut rest = number;
    while rest >= 1 << 7 {
        out.push(rest as u8 | 1 << 7);
        rest >>= 7;
    }
    out.push(rest as u8);
}

/// Appends a number with a sign.
#[inline]
pub fn put_signed(out: &mut Vec<u8>, number: i64) {
    put_number(out, ((number << 1) ^ (number >> 63)) as u64);
}

/// The steps in which prices and quantities usually come: tick and lot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steps {
    /// Of prices.
    pub tick: u64,
    /// Of quantities.
    pub lot: u64,
}

impl Steps {
    /// Those of an instrument.
    pub const fn of(instrument: &Instrument) -> Self {
        Self { tick: instrument.tick_size.0 as u64, lot: instrument.lot_size.0 as u64 }
    }
}

/// Appends a number as whole steps, which most are: twice their count, and 1 more where a rest follows.
#[inline]
pub fn put_steps(out: &mut Vec<u8>, number: u64, step: u64) {
    if step <= 1 {
        return put_number(out, number);
    }
    let (n_steps, rest) = (number / step, number % step);
    put_number(out, n_steps << 1 | u64::from(rest != 0));
    if rest != 0 {
        put_number(out, rest);
    }
}

/// The same with a sign: four times their count, 2 more below zero.
#[inline]
pub fn put_signed_steps(out: &mut Vec<u8>, number: i64, step: u64) {
    if step < 4 {
        return put_signed(out, number);
    }
    let (n_steps, rest) = (number.unsigned_abs() / step, number.unsigned_abs() % step);
    put_number(out, n_steps << 2 | u64::from(number < 0) << 1 | u64::from(rest != 0));
    if rest != 0 {
        put_number(out, rest);
    }
}

/// The name of a block that was written with the state of this number.
pub(crate) fn key(
    (number, scope): (u64, &str),
    name: &str,
    index: i64,
    variant: Variant,
) -> String {
    let Variant { n_lost, revision } = variant;
    match (n_lost, revision) {
        (0, 0) => format!("{number}/{scope}.{name}.{index}"),
        (_, _) => format!("{number}/{scope}.{name}.{index}.{n_lost}.{revision}"),
    }
}
