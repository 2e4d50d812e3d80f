//! Bars as bytes, and back. A bar that is closed seldom changes, but can: a block of them is written again when one
//! did, which the number of its last change tells.

use std::sync::Arc;

use super::{BARS_KEPT, Bar, BarSeries, Bars, GAPS_KEPT, INTERVALS_S};
use crate::archive::Read;
use crate::load::{COUNT_MAX, Loader, Reader, RestoreError, require};
use crate::save::{Block, Saver, Variant, put};
use crate::{Price, Timestamp};

/// Intervals that a block covers.
const BLOCK: i64 = 64;

const WHAT: &str = "bars";

/// A bar but for its beginning, which is told by how many intervals it lies behind the one before.
#[derive(serde::Serialize, serde::Deserialize)]
struct Form {
    n_intervals: u64,
    /// The open; high, low and close by what they are more.
    prices: (Price, i64, i64, i64),
    volumes: (i128, i128, i128),
    n_trades: u64,
    n_told: u64,
    is_touched_by_gap: bool,
    revision: u64,
    /// Since the bar began.
    first: (i64, u64),
    /// Since the bar began, and the id by what it is more than that of the first.
    last: (i64, i64),
}

impl Bars {
    pub(crate) fn save(&self, saver: &mut Saver<'_>) {
        saver.put(&self.gaps);
        for (name, series) in names().zip(&self.series) {
            series.save(name, saver);
        }
    }

    pub(crate) fn load(loader: &mut Loader<'_>) -> Result<Self, RestoreError> {
        let mut bars = Self { gaps: loader.get("gaps")?, ..Self::default() };
        require(bars.gaps.len() <= GAPS_KEPT, "gaps")?;
        for (name, series) in names().zip(&mut bars.series) {
            series.load(name, loader)?;
        }
        Ok(bars)
    }
}

/// The names of the series' blocks.
fn names() -> impl Iterator<Item = &'static str> {
    let names = ["b1", "b5", "b15", "b60", "b300", "b900", "b3600", "b14400", "b86400"];
    const { assert!(INTERVALS_S.len() == 9) };
    names.into_iter()
}

impl BarSeries {
    fn save(&self, name: &str, saver: &mut Saver<'_>) {
        let block_of = |bar: &Bar| self.place_of(bar).div_euclid(BLOCK);
        let open = self.bars.back().map(block_of);
        let (mut start, mut blocks) = (0, Vec::new());
        while let Some(index) = self.bars.get(start).map(block_of).filter(|it| Some(*it) != open) {
            let mut bars = self.bars.range(start..self.bars.len()).peekable();
            let first = bars.peek().map_or(index * BLOCK, |bar| self.place_of(bar));
            let bars = bars.take_while(|bar| block_of(bar) == index);
            let (n, revision) = bars.fold((0, 0), |(n, last), bar| (n + 1, bar.revision.max(last)));
            let n_lost = (first - index * BLOCK) as u32;
            let variant = Variant { n_lost, revision };
            blocks.push(Block { index, variant, part: (index, start..start + n) });
            start += n;
        }
        // What a block holds of bars before those that are kept, its reader drops.
        let kept = blocks.iter().map(|Block { index, part: (_, range), .. }| (*index, range.len()));
        let kept: Vec<(i64, usize)> = kept.collect();
        saver.put(&(self.revision, self.n_too_late, kept));
        saver.blocks(name, blocks.into_iter(), |(index, range), out| {
            self.put_bars(index * BLOCK, self.bars.range(range), out);
        });
        let bars = self.bars.range(start..self.bars.len());
        self.put_bars(open.unwrap_or(0) * BLOCK, bars, saver.bytes());
    }

    fn load(&mut self, name: &'static str, loader: &mut Loader<'_>) -> Result<(), RestoreError> {
        let (revision, n_too_late, kept): (u64, u64, Vec<(i64, usize)>) = loader.get(WHAT)?;
        let n_kept = kept.iter().fold(0_usize, |sum, (_, n)| sum.saturating_add(*n));
        require(revision.max(n_too_late) < COUNT_MAX && n_kept <= BARS_KEPT, WHAT)?;
        (self.revision, self.n_too_late) = (revision, n_too_late);
        let nanos = self.nanos();
        let read: Read<Bar> = Arc::new(move |reader, kept| {
            let mut bars = read_bars(nanos, revision, reader)?;
            let n_lost = bars.len().checked_sub((kept.end - kept.start) as usize);
            Ok(bars.split_off(n_lost.ok_or(RestoreError::Damaged { what: WHAT })?))
        });
        for (index, n) in kept {
            let (_, key) = loader.named(name, index)?;
            let blank = blank(Timestamp::from_nanos(index.wrapping_mul(BLOCK).wrapping_mul(nanos)));
            loader.put_chapter(&mut self.bars, (key, 0..n as u64), blank, &read)?;
        }
        self.bars.recent_mut().extend(read_bars(nanos, revision, loader.reader())?);
        let is_next = |one: &Bar, next: &Bar| one.opened_at < next.opened_at;
        let is_in_order = self.bars.recent().iter().is_sorted_by(|one, next| is_next(one, next));
        require(is_in_order && self.bars.len() <= BARS_KEPT, WHAT)
    }

    /// The number of a bar's interval.
    fn place_of(&self, bar: &Bar) -> i64 {
        bar.opened_at.nanos().div_euclid(self.nanos())
    }

    fn put_bars<'a>(
        &self,
        from: i64,
        bars: impl ExactSizeIterator<Item = &'a Bar>,
        out: &mut Vec<u8>,
    ) {
        put(out, &(from, bars.len()));
        let mut before = from;
        for bar in bars {
            let at = self.place_of(bar);
            let more = |price: Price| price.0.wrapping_sub(bar.open.0);
            let since = |(moment, id): (Timestamp, u64)| (moment.nanos_since(bar.opened_at), id);
            let last = since(bar.last);
            put(
                out,
                &Form {
                    n_intervals: (at - before) as u64,
                    prices: (bar.open, more(bar.high), more(bar.low), more(bar.close)),
                    volumes: (bar.buy_volume, bar.sell_volume, bar.quote_value),
                    n_trades: bar.n_trades,
                    n_told: bar.n_told,
                    is_touched_by_gap: bar.is_touched_by_gap,
                    revision: bar.revision,
                    first: since(bar.first),
                    last: (last.0, last.1.wrapping_sub(bar.first.1) as i64),
                },
            );
            before = at;
        }
    }
}

/// Bars of an interval, none of which changed after this revision.
fn read_bars(nanos: i64, revision: u64, reader: &mut Reader<'_>) -> Result<Vec<Bar>, RestoreError> {
    let (from, n): (i64, usize) = reader.get(WHAT)?;
    let (mut before, mut bars) = (from, Vec::<Bar>::new());
    require(n <= BARS_KEPT, WHAT)?;
    for _ in 0..n {
        let form: Form = reader.get(WHAT)?;
        let at = i64::try_from(form.n_intervals).ok().and_then(|n| before.checked_add(n));
        let opened_at = at.and_then(|at| at.checked_mul(nanos));
        let (Some(at), Some(opened_at)) = (at, opened_at) else {
            return Err(RestoreError::Damaged { what: WHAT });
        };
        before = at;
        let bar = form.bar(Timestamp::from_nanos(opened_at));
        let is_next = bars.last().is_none_or(|last| last.opened_at < bar.opened_at);
        let is_price = bar.high.min(bar.low).min(bar.close).0 >= 0;
        let is_sound =
            bar.n_trades < COUNT_MAX && bar.n_told <= bar.n_trades && bar.revision <= revision;
        require(is_next && is_price && is_sound, WHAT)?;
        bars.push(bar);
    }
    Ok(bars)
}

/// What stands for a bar that cannot be read.
fn blank(opened_at: Timestamp) -> Bar {
    let price = Price(0);
    Bar {
        opened_at,
        open: price,
        high: price,
        low: price,
        close: price,
        buy_volume: 0,
        sell_volume: 0,
        quote_value: 0,
        n_trades: 0,
        n_told: 0,
        is_touched_by_gap: true,
        revision: 0,
        first: (opened_at, 0),
        last: (opened_at, 0),
    }
}

impl Form {
    fn bar(self, opened_at: Timestamp) -> Bar {
        let (open, high, low, close) = self.prices;
        let price = |more: i64| Price(open.0.wrapping_add(more));
        let (buy_volume, sell_volume, quote_value) = self.volumes;
        let at = |(since, id): (i64, u64)| (opened_at.plus_nanos(since), id);
        Bar {
            opened_at,
            open,
            high: price(high),
            low: price(low),
            close: price(close),
            buy_volume,
            sell_volume,
            quote_value,
            n_trades: self.n_trades,
            n_told: self.n_told,
            is_touched_by_gap: self.is_touched_by_gap,
            revision: self.revision,
            first: at(self.first),
            last: at((self.last.0, self.first.1.wrapping_add(self.last.1 as u64))),
        }
    }
}
