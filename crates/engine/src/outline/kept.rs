//! What was found in a file, kept beside it: `<recording>.outline`, and `<first recording>.together.outline` of what
//! recordings show when they play together.

use std::cmp::Reverse;

use market::{InstrumentId, LinkId, SCALE_MAX, Timestamp};
use serde::{Deserialize, Serialize};
use session::Cache;

use super::{Of, Outline, TRADES_MAX, last_known};
use crate::engine::WATCHED_MAX;
use crate::gaps::Gaps;
use crate::lane::Lane;
use crate::lost::{Lost, LostBook};
use crate::series::{SavedSeries, Series};
use crate::source::Act;
use crate::trail::Mark;

/// What such a file's name ends with.
pub(crate) const OUTLINE: &str = "outline";
/// Grows when something else is found, or the same is found otherwise; others are made again.
const VERSION: u32 = 2;

#[derive(Serialize, Deserialize)]
struct Saved {
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    activity: SavedSeries,
    instruments: Vec<SavedOf>,
}

#[derive(Serialize, Deserialize)]
struct SavedOf {
    id: InstrumentId,
    symbol: String,
    scales: (u8, u8),
    mids: SavedSeries,
    gaps: Gaps,
    lost: Option<Lost>,
    n_prints: u64,
    /// In the order of time, quantity last; times and numbers as differences to the one before.
    largest: Vec<(i64, LinkId, i64, i64)>,
}

/// Where what is found in each file of a session is kept, or in all recordings that play together; `None` for a file
/// that cannot be told from others.
pub(super) fn caches(act: &Act) -> Vec<Option<Cache>> {
    match act.recorded().as_slice() {
        [lane] => (0..lane.n_parts()).map(|index| lane.cache(index, OUTLINE)).collect(),
        _ => vec![cache_together(act)],
    }
}

pub(super) fn cache_together(act: &Act) -> Option<Cache> {
    let lanes = act.recorded();
    let files: Vec<Vec<_>> = lanes.iter().map(|lane| lane.recordings().collect()).collect();
    Cache::beside_together(&files, OUTLINE)
}

/// What was found and kept; `None` when it must be found again.
pub(super) fn read(cache: &Cache) -> Option<Outline> {
    let found = decode(&cache.read(VERSION)?);
    if found.is_none() {
        tracing::debug!(path = %cache.path().display(), "an outline is not used");
    }
    found
}

/// Keeps what was found, where it can be kept.
pub(crate) fn keep(cache: &Cache, found: &Outline) {
    if found.from.is_none() {
        return;
    }
    if let Err(error) = cache.write(VERSION, &encode(found)) {
        tracing::info!(%error, path = %cache.path().display(), "an outline is not kept");
    }
}

fn encode(outline: &Outline) -> Vec<u8> {
    let Outline { from, to, activity, instruments, is_whole: _ } = outline;
    let saved = Saved {
        from: *from,
        to: *to,
        activity: activity.save(),
        instruments: instruments.iter().map(|(id, of)| of.save(*id)).collect(),
    };
    let mut bytes = Vec::new();
    market::save::put(&mut bytes, &saved);
    bytes
}

/// Anybody's bytes: what they say is checked before it is believed.
fn decode(bytes: &[u8]) -> Option<Outline> {
    let mut reader = market::load::Reader::new(bytes);
    let saved: Saved = reader.get("an outline").ok()?;
    let mut outline = Outline {
        activity: Series::load(u32::saturating_add, &saved.activity)?,
        from: saved.from,
        to: saved.to,
        is_whole: true,
        ..Outline::default()
    };
    let is_sound = reader.is_at_end()
        && saved.from.is_some()
        && saved.to >= saved.from
        && saved.instruments.len() <= WATCHED_MAX;
    for of in saved.instruments.into_iter().filter(|_| is_sound) {
        let known = outline.instruments.insert(of.id, Of::load(of)?);
        if known.is_some() {
            return None;
        }
    }
    is_sound.then_some(outline)
}

impl Of {
    fn save(&self, id: InstrumentId) -> SavedOf {
        let mut largest: Vec<(Mark, i64)> =
            self.largest.iter().map(|Reverse((quantity, mark))| (*mark, *quantity)).collect();
        largest.sort_unstable();
        let (mut at, mut number) = (0, 0);
        let mut difference = |(mark, quantity): &(Mark, i64)| {
            let saved = (
                mark.at.nanos().wrapping_sub(at),
                mark.link,
                (mark.number.wrapping_sub(number)) as i64,
                *quantity,
            );
            (at, number) = (mark.at.nanos(), mark.number);
            saved
        };
        SavedOf {
            id,
            symbol: self.symbol.clone(),
            scales: (self.price_scale, self.quantity_scale),
            mids: self.mids.save(),
            gaps: self.gaps.clone(),
            lost: self.lost.lost(),
            n_prints: self.n_prints,
            largest: largest.iter().map(&mut difference).collect(),
        }
    }

    fn load(saved: SavedOf) -> Option<Self> {
        let (price_scale, quantity_scale) = saved.scales;
        let is_sound = price_scale.max(quantity_scale) <= SCALE_MAX
            && saved.gaps.is_sound()
            && saved.largest.len() <= TRADES_MAX;
        let (mut at, mut number) = (0_i64, 0_u64);
        let mark = |(nanos, link, n, quantity): &(i64, LinkId, i64, i64)| {
            at = at.wrapping_add(*nanos);
            number = number.wrapping_add(*n as u64);
            let mark = Mark { at: Timestamp::from_nanos(at), link: *link, number };
            Reverse((*quantity, mark))
        };
        let largest = saved.largest.iter().map(mark).collect();
        is_sound.then_some(Self {
            symbol: saved.symbol,
            quantity_scale,
            price_scale,
            mids: Series::load(last_known, &saved.mids)?,
            gaps: saved.gaps,
            lost: LostBook::left(saved.lost),
            print: None,
            n_prints: saved.n_prints,
            largest,
        })
    }
}

impl Lane {
    /// Where something is kept that was found in one of its files.
    pub(crate) fn cache(&self, part_index: usize, what: &str) -> Option<Cache> {
        let (path, bytes, from) = self.identity(part_index)?;
        Some(Cache::beside(path, what, bytes, from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gaps::{Gap, Why};
    use market::{Cause, Side, Venue};

    fn example() -> Outline {
        let at = |second: i64| Timestamp::from_millis(1_767_657_540_000 + second * 1_000);
        let mark = |number| Mark { at: at(number as i64), link: LinkId(3), number };
        let mut outline = Outline { from: Some(at(0)), to: Some(at(9)), ..Outline::default() };
        for index in 0..3 {
            let mut mids = Series::new(last_known);
            let mut gaps = Gaps::default();
            for second in [1, 4, 7] {
                *mids.at(at(second)).unwrap() = second * 1_000 - 3_000;
                let why = [Why::Of(Cause::Checksum), Why::Off][second as usize % 2];
                gaps.push(Gap { from: at(second), to: at(second + 1), why });
                *outline.activity.at(at(second)).unwrap() += second as u32;
            }
            let lost = Lost { from: at(9), why: Why::Several, is_let_go: false };
            let id = InstrumentId { venue: Venue::Kraken, index };
            let print = super::super::Print {
                traded_at: at(5),
                taker: Side::Buy,
                last_trade_id: 7,
                quantity: 50,
                mark: mark(5),
            };
            let mut of = Of {
                symbol: format!("XBT/{index}"),
                quantity_scale: 8,
                price_scale: 2,
                mids,
                gaps,
                lost: LostBook::left(Some(lost)),
                print: Some(print),
                n_prints: 3,
                largest: [(5, mark(8)), (900, mark(2))].map(Reverse).into_iter().collect(),
            };
            of.end_print();
            outline.instruments.insert(id, of);
        }
        outline
    }

    #[test]
    fn an_outline_is_read_as_it_was_kept() {
        let bytes = encode(&example());
        let read = decode(&bytes).unwrap();
        assert_eq!(encode(&read), bytes);
        let (venue, symbol) = (Venue::Kraken, "XBT/1");
        let of = |one: &Outline| {
            let gaps: Vec<_> = one.gaps(venue, symbol).collect();
            let prices: Vec<_> = one.prices(venue, symbol).collect();
            let activity: Vec<_> = one.activity().collect();
            (gaps, prices, activity, one.large_trades(venue, symbol, Some(0.0)))
        };
        assert_eq!(of(&read), of(&example()));
        assert_eq!(of(&read).3.len(), 3);
    }

    #[test]
    fn what_is_cut_is_refused_and_any_changed_byte_asks_for_nothing() {
        let bytes = encode(&example());
        for length in 0..bytes.len() {
            assert!(decode(&bytes[..length]).is_none(), "cut at {length}");
        }
        assert!(decode(&[&bytes[..], &[0]].concat()).is_none(), "something follows");
        let mut n_read = 0;
        for position in 0..bytes.len() {
            for change in [0x01, 0x80, 0xff] {
                let mut changed = bytes.clone();
                changed[position] ^= change;
                // What is read is as sound as any: it can be joined, told and kept.
                if let Some(mut read) = decode(&changed) {
                    read.join(&example());
                    drop(read.large_trades(Venue::Kraken, "XBT/0", Some(1.0)));
                    n_read += encode(&read).len();
                }
            }
        }
        assert!(n_read > 0);
    }
}
