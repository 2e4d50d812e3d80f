//! The stretches of a file in order, a dozen bytes each: a long recording has hundreds of thousands of them.
//!
//! They lie in pages, each with its first one as it is and the others as numbers (unsigned LEB128): how far the offset
//! and the first time are behind those of the one before, how long it lasts, and how many packets it holds. One is
//! found by its page and by decoding that. Copies share the pages.

use std::sync::Arc;

use market::Timestamp;

use crate::index::{put, take};
use crate::info::ChunkSpan;

/// Stretches of a page: it is decoded in two microseconds.
const PAGE: usize = 128;

/// Stretches of a file in order.
#[derive(Clone, Default)]
pub struct Chunks {
    pages: Vec<Arc<Page>>,
    /// Those that do not fill a page yet.
    newest: Vec<ChunkSpan>,
    n_packets: u64,
}

struct Page {
    first: ChunkSpan,
    /// Packets in all pages before it.
    n_before: u64,
    /// The stretches after the first.
    bytes: Box<[u8]>,
}

impl Chunks {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.pages.len() * PAGE + self.newest.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Packets of all together.
    pub fn n_packets(&self) -> u64 {
        self.n_packets
    }

    /// The one at a position.
    pub fn get(&self, index: usize) -> Option<ChunkSpan> {
        match self.pages.get(index / PAGE) {
            Some(page) => page.spans().nth(index % PAGE),
            None => self.newest.get(index - self.pages.len() * PAGE).copied(),
        }
    }

    /// The first one.
    pub fn first(&self) -> Option<ChunkSpan> {
        self.get(0)
    }

    /// The last one.
    pub fn last(&self) -> Option<ChunkSpan> {
        self.get(self.len().checked_sub(1)?)
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = ChunkSpan> {
        self.iter_from(0)
    }

    /// Those from a position on, in order.
    pub fn iter_from(&self, index: usize) -> impl Iterator<Item = ChunkSpan> {
        let (n_pages, n_paged) = (index / PAGE, self.pages.len() * PAGE);
        let n_skipped = if index < n_paged { index % PAGE } else { 0 };
        let paged = self.pages.iter().skip(n_pages).flat_map(|page| page.spans()).skip(n_skipped);
        paged.chain(self.newest.iter().skip(index.saturating_sub(n_paged)).copied())
    }

    /// How many of the first of them hold `is_before`, which no later one does.
    pub fn partition_point(&self, is_before: impl Fn(&ChunkSpan) -> bool) -> usize {
        let n_pages = self.pages.partition_point(|page| is_before(&page.first));
        let Some(page) = n_pages.checked_sub(1).and_then(|index| self.pages.get(index)) else {
            let is_in_page = !self.pages.is_empty();
            return if is_in_page { 0 } else { self.newest.partition_point(is_before) };
        };
        let within = page.spans().take_while(&is_before).count();
        let count = (n_pages - 1) * PAGE + within;
        if within == PAGE && n_pages == self.pages.len() {
            return count + self.newest.partition_point(is_before);
        }
        count
    }

    /// The position of the one that holds the packet behind the first `n`, and how many packets are before it; `None`
    /// when there are no more than `n`.
    pub fn holding(&self, n: u64) -> Option<(usize, u64)> {
        if n >= self.n_packets {
            return None;
        }
        let n_pages = self.pages.partition_point(|page| page.n_before <= n);
        let index = n_pages.saturating_sub(1);
        let mut n_before = self.pages.get(index).map_or(0, |page| page.n_before);
        let spans = self.iter_from(index * PAGE).zip(index * PAGE..);
        for (span, index) in spans {
            let n_behind = n_before.saturating_add(span.n_packets);
            if n < n_behind {
                return Some((index, n_before));
            }
            n_before = n_behind;
        }
        None
    }

    /// Packets of the first `n` together.
    pub fn n_packets_before(&self, n: usize) -> u64 {
        let index = (n / PAGE).min(self.pages.len());
        let n_before = match self.pages.get(index) {
            Some(page) => page.n_before,
            None => self.n_packets - sum(&self.newest),
        };
        let rest = self.iter_from(index * PAGE).take(n - index * PAGE);
        rest.fold(n_before, |sum, span| sum.saturating_add(span.n_packets))
    }

    /// Adds one.
    pub(crate) fn push(&mut self, span: ChunkSpan) {
        self.n_packets = self.n_packets.saturating_add(span.n_packets);
        self.newest.push(span);
        if let [first, rest @ ..] = self.newest.as_slice()
            && rest.len() + 1 == PAGE
        {
            let n_before = self.n_packets.saturating_sub(sum(&self.newest));
            let page = Page { first: *first, n_before, bytes: encode(*first, rest) };
            self.pages.push(Arc::new(page));
            self.newest.clear();
        }
    }

    /// Lets go of room that nothing is in.
    pub(crate) fn shrink(&mut self) {
        self.pages.shrink_to_fit();
        self.newest.shrink_to_fit();
    }
}

impl FromIterator<ChunkSpan> for Chunks {
    fn from_iter<T: IntoIterator<Item = ChunkSpan>>(spans: T) -> Self {
        let mut chunks = Self::default();
        spans.into_iter().for_each(|span| chunks.push(span));
        chunks.shrink();
        chunks
    }
}

impl PartialEq for Chunks {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Chunks {}

impl std::fmt::Debug for Chunks {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_list().entries(self.iter()).finish()
    }
}

impl Page {
    fn spans(&self) -> impl Iterator<Item = ChunkSpan> {
        let (mut rest, mut last) = (&*self.bytes, self.first);
        let others = std::iter::from_fn(move || {
            let mut number = || take(&mut rest);
            let offset = last.offset.wrapping_add(number()?);
            let from = moved(last.from, number()?);
            let to = moved(from, number()?);
            last = ChunkSpan { offset, from, to, n_packets: number()? };
            Some(last)
        });
        std::iter::once(self.first).chain(others)
    }
}

fn encode(first: ChunkSpan, rest: &[ChunkSpan]) -> Box<[u8]> {
    let mut bytes = Vec::with_capacity(rest.len() * 16);
    let mut last = first;
    for span in rest {
        put(&mut bytes, span.offset.wrapping_sub(last.offset));
        put(&mut bytes, behind(span.from, last.from));
        put(&mut bytes, behind(span.to, span.from));
        put(&mut bytes, span.n_packets);
        last = *span;
    }
    bytes.into_boxed_slice()
}

fn sum(spans: &[ChunkSpan]) -> u64 {
    spans.iter().fold(0, |sum, span| span.n_packets.saturating_add(sum))
}

/// Times do not run backwards in what is written; where they do, the number is large and as true.
fn behind(at: Timestamp, before: Timestamp) -> u64 {
    at.nanos().wrapping_sub(before.nanos()) as u64
}

fn moved(before: Timestamp, nanos: u64) -> Timestamp {
    Timestamp::from_nanos(before.nanos().wrapping_add(nanos as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(index: u64) -> ChunkSpan {
        let at = |nanos: u64| Timestamp::from_nanos(1_784_505_600_000_000_000 + nanos as i64);
        let from = index * 250_000_000;
        let (offset, n_packets) = (120 + index * index * 7, 1 + index * 31 % 17);
        ChunkSpan { offset, from: at(from), to: at(from + index * 1_003 % 90_000), n_packets }
    }

    #[test]
    fn whatever_is_asked_for_is_as_in_a_plain_list() {
        for n in [0, 1, 2, 127, 128, 129, 255, 256, 257, 1_000] {
            let plain: Vec<ChunkSpan> = (0..n).map(span).collect();
            let chunks: Chunks = plain.iter().copied().collect();
            assert_eq!((chunks.len(), chunks.is_empty()), (plain.len(), plain.is_empty()));
            assert!(chunks.iter().eq(plain.iter().copied()));
            assert_eq!((chunks.first(), chunks.last()), {
                (plain.first().copied(), plain.last().copied())
            });
            let mut n_before = 0;
            for index in 0..=plain.len() {
                assert_eq!(chunks.get(index), plain.get(index).copied());
                assert!(chunks.iter_from(index).eq(plain[index..].iter().copied()), "{index}");
                assert_eq!(chunks.n_packets_before(index), n_before, "{index} of {n}");
                let offset = plain.get(index).map_or(u64::MAX, |span| span.offset);
                assert_eq!(chunks.partition_point(|span| span.offset < offset), index);
                let n_here = plain.get(index).map_or(0, |span| span.n_packets);
                for packet in n_before..n_before + n_here {
                    assert_eq!(chunks.holding(packet), Some((index, n_before)));
                }
                n_before += n_here;
            }
            assert_eq!((chunks.n_packets(), chunks.holding(n_before)), (n_before, None));
        }
    }

    #[test]
    fn times_and_offsets_that_run_backwards_are_kept_as_they_are() {
        let plain: Vec<ChunkSpan> = (0..300).rev().map(span).collect();
        assert!(plain.iter().copied().collect::<Chunks>().iter().eq(plain));
    }
}
