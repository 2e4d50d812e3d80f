//! What a session comes to over its time: activity, prices, gaps and large trades, found packet by packet on the way
//! through it, for the timeline and for jumps.
//!
//! A session is gone through file by file. What was found in one is kept beside it ([`kept`]) and is only put together
//! the next time ([`reading`]).

mod kept;
mod reading;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::btree_map::{BTreeMap, Entry};
use std::sync::{Arc, Mutex};

use market::{InstrumentId, Side, Timestamp, Trade, Venue};

use crate::engine::Engine;
use crate::gaps::{Gap, Gaps, Why};
use crate::lost::{Lost, LostBook};
use crate::series::Series;
use crate::tail::Gone;
use crate::trail::Mark;
use crate::watched::Watched;

pub(crate) use kept::{OUTLINE, keep};

/// The largest trades kept for each instrument: the largest hundredth of 200,000.
const TRADES_MAX: usize = 2_000;
/// One in so many trades is large.
const LARGE_ONE_IN: u64 = 100;
/// Prints of one taker lie within this, by the venue's clock: as time and sales merges them.
const MERGE_NANOS: i64 = 1_000_000;

/// A span of session time.
pub type Span = (Timestamp, Timestamp);

/// What was found so far.
#[derive(Clone, Debug)]
pub struct Outline {
    /// Packets in each step.
    activity: Series<u32>,
    instruments: BTreeMap<InstrumentId, Of>,
    /// The first packet that was looked at.
    from: Option<Timestamp>,
    /// The last packet that was looked at.
    to: Option<Timestamp>,
    /// Whether the end of a recording was reached.
    is_whole: bool,
}

/// What was found of one instrument.
#[derive(Clone, Debug)]
struct Of {
    symbol: String,
    quantity_scale: u8,
    price_scale: u8,
    /// The middle of bid and ask, in units of the price scale, doubled; 0 where none is known.
    mids: Series<i64>,
    gaps: Gaps,
    lost: LostBook,
    print: Option<Print>,
    n_prints: u64,
    largest: BinaryHeap<Reverse<(i64, Mark)>>,
}

/// What one taker did, while it may still grow.
#[derive(Clone, Copy, Debug)]
struct Print {
    traded_at: Timestamp,
    taker: Side,
    last_trade_id: u64,
    quantity: i64,
    mark: Mark,
}

impl Default for Outline {
    fn default() -> Self {
        Self {
            activity: Series::new(u32::saturating_add),
            instruments: BTreeMap::new(),
            from: None,
            to: None,
            is_whole: false,
        }
    }
}

impl Outline {
    /// An empty one, to be filled by one and looked at by others.
    pub fn shared() -> Arc<Mutex<Self>> {
        Arc::default()
    }

    /// Begins in the middle of a session, right before a packet that was received at `from`: what is lost already is
    /// told from here on, since whoever begins with a keyframe does not know since when.
    pub(crate) fn begin(&mut self, engine: &Engine, from: Timestamp) {
        self.from = Some(from);
        for (id, watched) in engine.all_watched() {
            let of = Of { lost: LostBook::begun(engine, watched, from), ..Of::new(watched) };
            self.instruments.insert(id, of);
        }
    }

    /// Ends here, whether or not the session goes on.
    pub(crate) fn end(&mut self) {
        self.instruments.values_mut().for_each(Of::end_print);
        self.is_whole = true;
    }

    /// Takes what was found in what follows.
    pub(crate) fn join(&mut self, next: &Self) {
        let Some(from) = next.from else { return };
        self.from.get_or_insert(from);
        self.to = next.to;
        self.activity.join(&next.activity);
        for (id, of) in &next.instruments {
            match self.instruments.entry(self.place_of(*id, &of.symbol)) {
                Entry::Occupied(known) => known.into_mut().join(of, from),
                Entry::Vacant(free) => drop(free.insert(of.clone())),
            }
        }
    }

    /// Where an instrument has its place here: files that were gone through by different readers number them
    /// differently.
    fn place_of(&self, id: InstrumentId, symbol: &str) -> InstrumentId {
        if self.instruments.get(&id).is_some_and(|of| of.symbol == symbol) {
            return id;
        }
        let of_venue = InstrumentId { index: 0, ..id }..=InstrumentId { index: u32::MAX, ..id };
        let known = self.instruments.range(of_venue).find(|(_, of)| of.symbol == symbol);
        let free = || {
            let numbered = (0..=u32::MAX).map(|index| InstrumentId { index, ..id });
            std::iter::once(id).chain(numbered).find(|id| !self.instruments.contains_key(id))
        };
        known.map(|(known, _)| *known).or_else(free).unwrap_or(id)
    }

    /// Looks at the engine after some time.
    pub fn judge(&mut self, engine: &Engine) {
        let at = engine.now();
        if at == Timestamp::default() {
            return;
        }
        self.to = Some(at);
        // Both are in order of the instruments; mostly they are the same ones, and nothing is looked for.
        let mut known = self.instruments.iter_mut();
        let is_known = engine.all_watched().all(|(id, watched)| match known.next() {
            Some((known_id, of)) if *known_id == id => {
                of.observe(engine, watched, at);
                true
            }
            Some(_) | None => false,
        });
        if !is_known {
            for (id, watched) in engine.all_watched() {
                let of = self.instruments.entry(id);
                of.or_insert_with(|| Of::new(watched)).observe(engine, watched, at);
            }
        }
    }

    /// Looks at the engine after a packet.
    pub fn observe(&mut self, engine: &Engine, mark: Option<Mark>) {
        if let Some(count) = self.activity.at(engine.now()) {
            *count = count.saturating_add(1);
        }
        self.judge(engine);
        let Some(mark) = mark else { return };
        for trade in engine.traded() {
            if let Some(of) = self.instruments.get_mut(&trade.instrument) {
                of.take_trade(trade, mark);
            }
        }
    }

    /// Lets go of what was found where nobody can go any longer.
    pub fn forget(&mut self, gone: &Gone) {
        for at in &gone.heard_at {
            if let Some(count) = self.activity.at(*at) {
                *count = count.saturating_sub(1);
            }
        }
        self.instruments.values_mut().for_each(|of| of.forget((gone.from, gone.to)));
    }

    /// Up to when it was found; `None` before anything was.
    pub fn to(&self) -> Option<Timestamp> {
        self.to
    }

    /// Whether nothing more will be found.
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Packets by time.
    pub fn activity(&self) -> impl Iterator<Item = (Timestamp, Timestamp, u64)> {
        self.activity.steps().map(|(from, to, count)| (from, to, u64::from(count)))
    }

    /// Gaps of an instrument; the last one may still be open.
    pub fn gaps(&self, venue: Venue, symbol: &str) -> impl Iterator<Item = Gap> {
        let of = self.find(venue, symbol);
        let open = of.and_then(|of| of.lost.open(self.to?));
        of.into_iter().flat_map(|of| of.gaps.all().iter().copied()).chain(open)
    }

    /// Prices of an instrument by time, for drawing.
    pub fn prices(&self, venue: Venue, symbol: &str) -> impl Iterator<Item = (Timestamp, f64)> {
        let of = self.find(venue, symbol);
        of.into_iter().flat_map(|of| {
            let scale = 2.0 * 10_f64.powi(i32::from(of.price_scale));
            let known = of.mids.steps().filter(|(_, _, mid)| *mid != 0);
            known.map(move |(from, _, mid)| (from, mid as f64 / scale))
        })
    }

    /// Large trades of an instrument, in order: those of at least a size, or else the largest hundredth of all.
    pub fn large_trades(&self, venue: Venue, symbol: &str, size: Option<f64>) -> Vec<Mark> {
        let Some(of) = self.find(venue, symbol) else { return Vec::new() };
        let mut trades: Vec<(i64, Mark)> = of.largest.iter().map(|Reverse(one)| *one).collect();
        trades.extend(of.print.map(|print| (print.quantity, print.mark)));
        trades.sort_unstable_by_key(|(quantity, _)| Reverse(*quantity));
        match size {
            Some(size) => {
                let least = size * 10_f64.powi(i32::from(of.quantity_scale));
                trades.retain(|(quantity, _)| *quantity as f64 >= least);
            }
            None => {
                let n_large = (of.n_prints / LARGE_ONE_IN).max(1);
                trades.truncate(usize::try_from(n_large).unwrap_or(usize::MAX));
            }
        }
        let mut marks: Vec<Mark> = trades.into_iter().map(|(_, mark)| mark).collect();
        marks.sort_unstable_by_key(|mark| mark.at);
        marks
    }

    fn find(&self, venue: Venue, symbol: &str) -> Option<&Of> {
        let mut all = self.instruments.iter();
        all.find(|(id, of)| id.venue == venue && of.symbol == symbol).map(|(_, of)| of)
    }
}

impl Of {
    fn new(watched: &Watched) -> Self {
        let instrument = watched.market.instrument();
        Self {
            symbol: instrument.symbol.clone(),
            quantity_scale: instrument.quantity_scale,
            price_scale: instrument.price_scale,
            mids: Series::new(last_known),
            gaps: Gaps::default(),
            lost: LostBook::new(watched),
            print: None,
            n_prints: 0,
            largest: BinaryHeap::new(),
        }
    }

    fn observe(&mut self, engine: &Engine, watched: &Watched, at: Timestamp) {
        if let Some(gap) = self.lost.look(engine, watched, at) {
            self.gaps.push(gap);
        }
        if self.mids.is_new(at)
            && let Some(middle) = watched.doubled_middle()
            && let Some(mid) = self.mids.at(at)
        {
            *mid = middle;
        }
    }

    /// Nothing of this span is known any longer: it is a gap.
    fn forget(&mut self, (from, to): Span) {
        let is_within = |at: Timestamp| from <= at && at < to;
        self.largest.retain(|Reverse((_, mark))| !is_within(mark.at));
        self.print = self.print.filter(|print| !is_within(print.mark.at));
        // What was first heard of later is not missing.
        let Some(first) = self.mids.from().filter(|first| *first < to) else { return };
        self.mids.clear(from, to);
        self.gaps.insert(Gap { from: from.max(first), to, why: Why::Off });
        let Some(lost) = self.lost.lost().filter(|lost| lost.from < to) else { return };
        if lost.from < from {
            self.gaps.insert(lost.until(from));
        }
        self.lost = self.lost.lost_before(Lost { from: to, ..lost });
    }

    /// A print counts once the next one has begun, since until then it can grow.
    fn take_trade(&mut self, trade: &Trade, mark: Mark) {
        let goes_on = |print: &Print| {
            print.taker == trade.taker
                && print.last_trade_id.checked_add(1) == Some(trade.trade_id)
                && trade.traded_at.nanos_since(print.traded_at).abs() <= MERGE_NANOS
        };
        if let Some(print) = self.print.as_mut().filter(|print| goes_on(print)) {
            print.quantity = print.quantity.saturating_add(trade.quantity.0);
            print.last_trade_id = trade.trade_id;
            print.mark = mark;
            return;
        }
        let begun = Print {
            traded_at: trade.traded_at,
            taker: trade.taker,
            last_trade_id: trade.trade_id,
            quantity: trade.quantity.0,
            mark,
        };
        self.n_prints += 1;
        self.end_print();
        self.print = Some(begun);
    }

    fn end_print(&mut self) {
        if let Some(print) = self.print.take() {
            self.count_print(Reverse((print.quantity, print.mark)));
        }
    }

    fn count_print(&mut self, print: Reverse<(i64, Mark)>) {
        self.largest.push(print);
        if self.largest.len() > TRADES_MAX {
            self.largest.pop();
        }
    }

    /// Takes what was found in what follows, from `from` on.
    fn join(&mut self, next: &Self, from: Timestamp) {
        let price_scale = self.price_scale.max(next.price_scale);
        let quantity_scale = self.quantity_scale.max(next.quantity_scale);
        self.rescale(price_scale, quantity_scale);
        let mut next = next.clone();
        next.rescale(price_scale, quantity_scale);
        self.mids.join(&next.mids);
        self.join_gaps(&next, from);
        self.end_print();
        self.n_prints = self.n_prints.saturating_add(next.n_prints);
        next.largest.into_iter().for_each(|print| self.count_print(print));
        self.print = next.print;
    }

    /// A gap that goes on in what follows is one, of the cause that it began with.
    fn join_gaps(&mut self, next: &Self, from: Timestamp) {
        let mut gaps = next.gaps.all().iter().copied().peekable();
        let Some(open) = self.lost.lost() else {
            gaps.for_each(|gap| self.gaps.push(gap));
            self.lost = next.lost;
            return;
        };
        let goes_on = |since: Timestamp, why| since <= from && open.why.goes_on_as(why);
        let over = gaps.next_if(|gap| goes_on(gap.from, gap.why)).map(|gap| gap.to);
        let lost = next.lost.lost();
        if over.is_none()
            && gaps.peek().is_none()
            && lost.is_some_and(|it| goes_on(it.from, it.why))
        {
            self.lost = next.lost.lost_before(open);
            return;
        }
        self.gaps.push(open.until(over.unwrap_or(from)));
        gaps.for_each(|gap| self.gaps.push(gap));
        self.lost = next.lost;
    }

    /// Venues may refine their scales between two files.
    fn rescale(&mut self, price_scale: u8, quantity_scale: u8) {
        let factor = |from: u8, to: u8| 10_i64.saturating_pow(u32::from(to.saturating_sub(from)));
        if price_scale > self.price_scale {
            let factor = factor(self.price_scale, price_scale);
            self.mids.values_mut().for_each(|mid| *mid = mid.saturating_mul(factor));
        }
        if quantity_scale > self.quantity_scale {
            let factor = factor(self.quantity_scale, quantity_scale);
            let finer = |Reverse((quantity, mark)): Reverse<(i64, Mark)>| {
                Reverse((quantity.saturating_mul(factor), mark))
            };
            self.largest = std::mem::take(&mut self.largest).into_iter().map(finer).collect();
        }
        (self.price_scale, self.quantity_scale) = (price_scale, quantity_scale);
    }
}

/// Of two middles that follow each other, the last one that is known.
fn last_known(one: i64, other: i64) -> i64 {
    if other == 0 { one } else { other }
}

#[cfg(test)]
mod tests {
    use market::Cause;

    use super::*;

    const DOWN: Why = Why::Of(Cause::LinkDown);
    const MISSED: Why = Why::Of(Cause::Gap);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(1_767_657_540_000 + seconds * 1_000)
    }

    fn gap(from: i64, to: i64, why: Why) -> Gap {
        Gap { from: at(from), to: at(to), why }
    }

    fn lost(from: i64, why: Why) -> Option<Lost> {
        Some(Lost { from: at(from), why, is_let_go: false })
    }

    fn of(known: &[Gap], lost: Option<Lost>) -> Of {
        let mut gaps = Gaps::default();
        known.iter().for_each(|gap| gaps.push(*gap));
        Of {
            symbol: "XBT/USD".to_owned(),
            quantity_scale: 8,
            price_scale: 2,
            mids: Series::new(last_known),
            gaps,
            lost: LostBook::left(lost),
            print: None,
            n_prints: 0,
            largest: BinaryHeap::new(),
        }
    }

    /// What is known once a file that begins at 10 s follows one in which the book was lost at 5 s.
    fn followed(why: Why, next: &Of) -> (Vec<Gap>, Option<Lost>) {
        let mut first = of(&[], lost(5, why));
        first.join(next, at(10));
        (first.gaps.all().to_vec(), first.lost.lost())
    }

    #[test]
    fn a_gap_that_goes_on_in_the_next_file_is_one_of_its_first_cause() {
        let next = of(&[gap(10, 12, MISSED), gap(15, 16, MISSED)], None);
        let one = vec![gap(5, 12, DOWN), gap(15, 16, MISSED)];
        assert_eq!(followed(DOWN, &next), (one, None));
        assert_eq!(followed(DOWN, &of(&[], lost(10, MISSED))), (Vec::new(), lost(5, DOWN)));
        let next = of(&[gap(11, 12, MISSED)], lost(14, DOWN));
        let two = vec![gap(5, 10, DOWN), gap(11, 12, MISSED)];
        assert_eq!(followed(DOWN, &next), (two, lost(14, DOWN)));
        assert_eq!(followed(DOWN, &of(&[], None)), (vec![gap(5, 10, DOWN)], None));
    }

    #[test]
    fn what_is_not_recorded_from_the_next_file_on_is_a_gap_of_its_own() {
        let next = of(&[gap(10, 12, Why::Off)], None);
        let two = vec![gap(5, 10, DOWN), gap(10, 12, Why::Off)];
        assert_eq!(followed(DOWN, &next), (two, None));
        let next = of(&[], lost(10, Why::Off));
        assert_eq!(followed(DOWN, &next), (vec![gap(5, 10, DOWN)], lost(10, Why::Off)));
        let next = of(&[gap(10, 12, MISSED)], None);
        assert_eq!(followed(Why::Off, &next), (vec![gap(5, 12, Why::Off)], None));
    }

    #[test]
    fn a_book_that_was_lost_before_what_is_gone_or_in_it_is_lost_around_it_as_well() {
        for (since, around) in [(5, Some(gap(5, 20, DOWN))), (25, None), (50, None)] {
            let mut known = of(&[], lost(since, DOWN));
            *known.mids.at(at(0)).unwrap() = 1;
            known.forget((at(20), at(40)));
            let expected: Vec<Gap> = around.into_iter().chain([gap(20, 40, Why::Off)]).collect();
            assert_eq!(known.gaps.all(), expected);
            assert_eq!(known.lost.lost(), lost(since.max(40), DOWN), "{since}");
        }
        // What was first heard of later is not missing.
        let mut later = of(&[], None);
        *later.mids.at(at(45)).unwrap() = 1;
        later.forget((at(20), at(40)));
        assert_eq!(later.gaps.all(), []);
    }
}
