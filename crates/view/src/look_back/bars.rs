//! Bars of the past.

use market::bar::BARS_KEPT;
use market::{Bar, BarSeries, INTERVALS_S, Timestamp};

use super::spans::{Spans, knows_enough};
use super::{LookBack, Reached, STATES_MAX, Session, begin, close};
use crate::candles::Candle;
use crate::cursor::closing;
use crate::frame::{Header, write_bars};
use crate::screen::{SettingError, Shown};
use crate::units::Units;

/// Bars that are told at once.
const BARS_MAX: i64 = 2_000;
/// A trade that comes later than this after its bar is over does not change what is told of the past.
const LATE_NANOS: i64 = 10_000_000_000;
const NANOS_PER_SECOND: i64 = 1_000_000_000;

/// Bars of one length.
#[derive(Clone, Debug)]
pub struct OlderBars {
    interval_s: u32,
    from: Timestamp,
    told_from: Timestamp,
    to: Timestamp,
    n_states: usize,
    /// The newest first.
    bars: Vec<Candle>,
    units: Option<Units>,
    /// Of which session the oldest that is known is; of the bars that a screen knows already, the one that it shows.
    session: usize,
    spans: Spans,
}

impl OlderBars {
    /// The bars that begin from one moment to another, at most of the newest 2,000 intervals. Whoever asks has the one
    /// that begins at `to`, as the session `shown` heard it: what an earlier session heard of it is told as well.
    ///
    /// # Errors
    /// When there are no bars of this length.
    pub fn new(
        interval_s: u32,
        (from, to): (Timestamp, Timestamp),
        shown: usize,
    ) -> Result<Self, SettingError> {
        if !INTERVALS_S.contains(&interval_s) {
            return Err(SettingError::Interval(interval_s));
        }
        let nanos = i64::from(interval_s) * NANOS_PER_SECOND;
        let to = to.floor_to(nanos);
        let from = from.floor_to(nanos).max(to.plus_nanos(-nanos * BARS_MAX)).min(to);
        let (bars, units, spans) = (Vec::new(), None, Spans::default());
        let (told_from, n_states, session) = (to, 0, shown);
        Ok(Self { interval_s, from, told_from, to, n_states, bars, units, session, spans })
    }

    /// Appends the bars of a series, from the newest to the oldest.
    fn take_series(&mut self, series: &BarSeries, shown: Shown, session: Session) {
        let closing = closing(shown, series);
        let is_other = session.number != self.session;
        let is_older = |bar: &&Bar| {
            bar.opened_at < self.told_from || is_other && bar.opened_at == self.told_from
        };
        let older = series.iter().rev().filter(is_older);
        let cut = self.first_with_gaps(shown);
        let least = cut.map_or(self.from, |cut| cut.max(self.from));
        for bar in older.take_while(|bar| bar.opened_at >= least) {
            let mut candle = Candle::heard(bar, None, closing);
            candle.close_for_good();
            if self.is_cut(bar, session) {
                candle.touch();
            }
            match self.bars.last_mut() {
                Some(later) if later.opened_at == candle.opened_at => later.join(&candle),
                Some(_) | None => self.bars.push(candle),
            }
        }
        if let Some(oldest) = self.bars.last() {
            self.session = session.number;
            self.told_from = oldest.opened_at.min(self.told_from);
        }
        if cut.is_some() {
            self.session = session.number;
            self.told_from = least.min(self.told_from);
        }
    }

    /// When the first bar begins of which a state knows each gap; `None`: it knows all. More gaps than it keeps within
    /// one bar are not told.
    fn first_with_gaps(&self, shown: Shown) -> Option<Timestamp> {
        let nanos = i64::from(self.interval_s) * NANOS_PER_SECOND;
        let known = shown.view.gaps_known_from()?;
        Some(known.floor_to(nanos).plus_nanos(nanos).min(self.told_from.plus_nanos(-nanos)))
    }

    /// Whether the session heard only a part of a bar's time.
    fn is_cut(&self, bar: &Bar, session: Session) -> bool {
        let end = bar.opened_at.plus_nanos(i64::from(self.interval_s) * NANOS_PER_SECOND);
        bar.opened_at < session.from || session.to.is_some_and(|to| end > to)
    }
}

impl LookBack for OlderBars {
    fn wanted_from(&self) -> Timestamp {
        self.from
    }

    fn told_from(&self) -> Timestamp {
        self.told_from
    }

    /// Another session may have heard a part of the oldest bar that is told, up to its end.
    fn until(&self, session: usize, _from: Timestamp) -> Timestamp {
        let is_other = session != self.session;
        let interval = i64::from(self.interval_s) * NANOS_PER_SECOND;
        self.told_from.plus_nanos(LATE_NANOS + if is_other { interval } else { 0 })
    }

    fn reaches(&self, shown: Shown) -> bool {
        let Some(series) = shown.market.bars().series(self.interval_s) else { return true };
        let middle = self.from.nanos().midpoint(self.told_from.nanos());
        let first = series.iter().next().map(|bar| bar.opened_at.nanos());
        let has_bars = series.len() < BARS_KEPT || first.is_none_or(|first| first <= middle);
        has_bars && knows_enough(shown, Timestamp::from_nanos(middle), self.told_from)
    }

    fn take(&mut self, shown: Shown, session: Session) -> Reached {
        if self.n_states >= STATES_MAX {
            return Reached::Otherwise;
        }
        self.n_states += 1;
        self.spans.take(shown, session, (self.from, self.to));
        let Some(series) = shown.market.bars().series(self.interval_s) else {
            return Reached::Beginning;
        };
        let units = Units::of(shown.market.instrument());
        if !self.units.is_none_or(|of| of.are_those_of(units)) {
            return Reached::Otherwise;
        }
        let n = self.bars.len();
        self.take_series(series, shown, session);
        if self.bars.len() > n {
            self.units = Some(units);
        }
        let lacks_gaps = shown.view.gaps_known_from().is_some();
        if series.len() >= BARS_KEPT || lacks_gaps { Reached::Part } else { Reached::Beginning }
    }

    fn pass(&mut self, from: Timestamp, to: Timestamp) {
        self.spans.pass((from, to), (self.from, self.to));
    }

    fn end(&mut self) {
        self.told_from = self.from;
    }

    fn bytes(&self, header: &Header) -> Vec<u8> {
        let mut out = begin(header, self.bars.len() * 64);
        if let Some(units) = self.units {
            let bars: Vec<Candle> = self.bars.iter().rev().copied().collect();
            write_bars(&mut out, &bars, self.interval_s, units);
        }
        self.spans.write(&mut out);
        close(&mut out, header, self, self.to);
        out.finish()
    }
}
