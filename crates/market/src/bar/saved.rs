//! Bars as bytes, and back. A bar that is closed seldom changes, but can: a block of them is written again when one
//! did, which the number of its last change tells.

use super::{BARS_KEPT, Bar, BarSeries, Bars, GAPS_KEPT, INTERVALS_S};
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
        let first_at = self.bars.front().map(|bar| bar.opened_at);
        let open = self.bars.back().map(block_of);
        let (mut start, mut blocks) = (0, Vec::new());
        while let Some(index) = self.bars.get(start).map(block_of).filter(|it| Some(*it) != open) {
            let bars = self.bars.range(start..).take_while(|bar| block_of(bar) == index);
            let (n, revision) = bars.fold((0, 0), |(n, last), bar| (n + 1, bar.revision.max(last)));
            let n_lost = (self.place_of(&self.bars[start]) - index * BLOCK) as u32;
            let variant = Variant { n_lost, revision };
            blocks.push(Block { index, variant, part: (index, start..start + n) });
            start += n;
        }
        let indices: Vec<i64> = blocks.iter().map(|block| block.index).collect();
        saver.put(&(self.revision, self.n_too_late, first_at, indices));
        saver.blocks(name, blocks.into_iter(), |(index, range), out| {
            self.put_bars(index * BLOCK, self.bars.range(range), out);
        });
        let bars = self.bars.range(start..);
        self.put_bars(open.unwrap_or(0) * BLOCK, bars, saver.bytes());
    }

    fn load(&mut self, name: &'static str, loader: &mut Loader<'_>) -> Result<(), RestoreError> {
        let (revision, n_too_late, first_at, indices): (u64, u64, Option<Timestamp>, Vec<i64>) =
            loader.get(WHAT)?;
        require(revision.max(n_too_late) < COUNT_MAX && indices.len() <= BARS_KEPT, WHAT)?;
        (self.revision, self.n_too_late) = (revision, n_too_late);
        for index in indices {
            let (_, block) = loader.block(name, index)?;
            let mut reader = Reader::new(&block);
            self.read_bars(&mut reader, first_at)?;
            require(reader.is_at_end(), WHAT)?;
        }
        self.read_bars(loader.reader(), first_at)?;
        require(self.bars.iter().all(|bar| bar.revision <= revision), WHAT)
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
                    is_touched_by_gap: bar.is_touched_by_gap,
                    revision: bar.revision,
                    first: since(bar.first),
                    last: (last.0, last.1.wrapping_sub(bar.first.1) as i64),
                },
            );
            before = at;
        }
    }

    /// Appends bars, but for those before the first that is kept.
    fn read_bars(
        &mut self,
        reader: &mut Reader<'_>,
        first_at: Option<Timestamp>,
    ) -> Result<(), RestoreError> {
        let (from, n): (i64, usize) = reader.get(WHAT)?;
        let mut before = from;
        for _ in 0..n {
            let form: Form = reader.get(WHAT)?;
            let at = i64::try_from(form.n_intervals).ok().and_then(|n| before.checked_add(n));
            let opened_at = at.and_then(|at| at.checked_mul(self.nanos()));
            let (Some(at), Some(opened_at)) = (at, opened_at) else {
                return Err(RestoreError::Damaged { what: WHAT });
            };
            before = at;
            let bar = form.bar(Timestamp::from_nanos(opened_at));
            if first_at.is_some_and(|first_at| bar.opened_at < first_at) {
                continue;
            }
            let is_next = self.bars.back().is_none_or(|last| last.opened_at < bar.opened_at);
            let has_room = self.bars.len() < BARS_KEPT;
            let is_price = bar.high.min(bar.low).min(bar.close).0 >= 0;
            require(is_next && has_room && is_price && bar.n_trades < COUNT_MAX, WHAT)?;
            self.bars.push_back(bar);
        }
        Ok(())
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
            is_touched_by_gap: self.is_touched_by_gap,
            revision: self.revision,
            first: at(self.first),
            last: at((self.last.0, self.first.1.wrapping_add(self.last.1 as u64))),
        }
    }
}
