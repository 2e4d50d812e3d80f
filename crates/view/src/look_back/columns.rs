//! Columns of the heatmap of the past, with their dots and liquidations.

use market::Timestamp;

use super::spans::{Spans, knows_enough};
use super::{LookBack, Reached, STATES_MAX, Session, begin, close};
use crate::frame::{FrameWriter, Header, HeatSection, write_dots, write_heat, write_liquidations};
use crate::heat::{BookBins, Column, Dot, FineLengths, HeatScale, HeatStore, N_BINS, Ring};
use crate::liquidations::Forced;
use crate::screen::{SettingError, Shown, require_column};
use crate::units::Units;

/// Columns that are told at once: 1.3 MB.
const COLUMNS_MAX: i64 = 1_200;
const NANOS_PER_MS: i64 = 1_000_000;

/// Columns of one length.
#[derive(Clone, Debug)]
pub struct OlderColumns {
    column_ms: u32,
    from: i64,
    told_from: i64,
    to: i64,
    n_states: usize,
    scale: Option<(HeatScale, Units)>,
    /// Stretches of columns in order, the newest stretch first.
    columns: Vec<Vec<(i64, Column)>>,
    dots: Vec<Vec<Dot>>,
    forced: Vec<Vec<Forced>>,
    spans: Spans,
}

impl OlderColumns {
    /// The columns from one moment to another, at most the newest 1,200 of them.
    ///
    /// # Errors
    /// When there are no columns of this length.
    pub fn new(column_ms: u32, from: Timestamp, to: Timestamp) -> Result<Self, SettingError> {
        require_column(column_ms)?;
        let nanos = i64::from(column_ms) * NANOS_PER_MS;
        let to = to.nanos().div_euclid(nanos);
        let from = from.nanos().div_euclid(nanos).clamp(to - COLUMNS_MAX, to);
        let (scale, columns, dots, forced) = (None, Vec::new(), Vec::new(), Vec::new());
        let spans = Spans::default();
        let (told_from, n_states) = (to, 0);
        Ok(Self { column_ms, from, told_from, to, n_states, scale, columns, dots, forced, spans })
    }

    fn time_of(&self, column: i64) -> Timestamp {
        Timestamp::from_nanos(column.saturating_mul(i64::from(self.column_ms) * NANOS_PER_MS))
    }

    fn column_of(&self, at: Timestamp) -> i64 {
        at.nanos().div_euclid(i64::from(self.column_ms) * NANOS_PER_MS)
    }

    /// The first column of which a state knows each liquidation; it keeps the last ones.
    fn first_forced(&self, shown: Shown) -> i64 {
        let all = shown.view.liquidations();
        let is_cut = all.n_heard() > all.iter().len() as u64;
        let oldest = all.iter().next().filter(|_| is_cut);
        oldest.map_or(i64::MIN, |oldest| self.column_of(oldest.received_at) + 1)
    }

    /// The first column of which a state knows each gap; it keeps the last ones.
    fn first_with_gaps(&self, shown: Shown) -> i64 {
        shown.view.gaps_known_from().map_or(i64::MIN, |known| self.column_of(known) + 1)
    }

    /// Appends the columns of a ring and, at the end of a session, the one that formed.
    fn take_ring(&mut self, heat: &HeatStore, ring: &Ring, shown: Shown, session: Session) {
        let end = self.told_from;
        // More liquidations or gaps than a state keeps within one column are not told.
        let known = self.first_forced(shown).max(self.first_with_gaps(shown)).min(end - 1);
        let first = ring.first_number().max(self.from).max(known);
        let mut columns: Vec<(i64, Column)> = ring.closed(first, end).collect();
        let mut dots: Vec<Dot> = ring.closed_dots(first, end).collect();
        let last = ring.forming_number();
        if session.is_over && !ring.is_partial() && (self.from..end).contains(&last) {
            let mut bins = BookBins::default();
            let bins = heat.bins_now(shown.market, &mut bins);
            let forming = heat.form(ring, bins, shown.view.health());
            columns.push((last, forming.column));
            dots.extend(forming.dots);
        }
        self.told_from = columns.first().map_or(end, |(number, _)| *number);
        let told = self.told_from..end;
        let forced = shown.view.liquidations().iter();
        let is_told = |one: &&Forced| told.contains(&self.column_of(one.received_at));
        self.forced.push(forced.filter(is_told).copied().collect());
        self.columns.push(columns);
        self.dots.push(dots);
    }

    fn write_columns(&self, out: &mut FrameWriter, scale: HeatScale, units: Units) {
        let columns = self.columns.iter().rev().flatten();
        let columns: Vec<(i64, &Column)> = columns.map(|(number, one)| (*number, one)).collect();
        let section = HeatSection {
            column_ms: self.column_ms,
            scale,
            columns: &columns,
            n_closed: columns.len(),
            has_more: false,
        };
        write_heat(out, &section, units);
        let dots: Vec<Dot> = self.dots.iter().rev().flatten().copied().collect();
        write_dots(out, &dots, units);
    }
}

impl LookBack for OlderColumns {
    fn wanted_from(&self) -> Timestamp {
        self.time_of(self.from)
    }

    fn told_from(&self) -> Timestamp {
        self.time_of(self.told_from)
    }

    fn fine(&self) -> FineLengths {
        FineLengths::of(self.column_ms)
    }

    fn until(&self, _session: usize, _from: Timestamp) -> Timestamp {
        self.told_from()
    }

    /// At least half of what is wanted, or all that the session has. Fine columns stand in few states.
    fn reaches(&self, shown: Shown) -> bool {
        let Some(heat) = shown.view.heat() else { return true };
        let Some(ring) = heat.ring(self.column_ms) else { return false };
        let middle = self.from.midpoint(self.told_from);
        let has_columns = !ring.is_cut() || ring.first_number() <= middle;
        let knows_gaps = knows_enough(shown, self.time_of(middle), self.told_from());
        has_columns && self.first_forced(shown) <= middle && knows_gaps
    }

    fn take(&mut self, shown: Shown, session: Session) -> Reached {
        if self.n_states >= STATES_MAX {
            return Reached::Otherwise;
        }
        self.n_states += 1;
        self.spans.take(shown, session, (self.wanted_from(), self.time_of(self.to)));
        let Some(heat) = shown.view.heat() else { return Reached::Beginning };
        let Some(ring) = heat.ring(self.column_ms) else { return Reached::Beginning };
        let units = Units::of(shown.market.instrument());
        let is_same =
            |(scale, of): &(HeatScale, Units)| *scale == heat.scale() && units.are_those_of(*of);
        if !self.scale.as_ref().is_none_or(is_same) {
            return Reached::Otherwise;
        }
        self.take_ring(heat, ring, shown, session);
        if self.columns.last().is_some_and(|columns| !columns.is_empty()) {
            self.scale = Some((heat.scale(), units));
        }
        let lacks_forced = self.first_forced(shown) > ring.first_number();
        let lacks_gaps = self.first_with_gaps(shown) > ring.first_number();
        if ring.is_cut() || lacks_forced || lacks_gaps { Reached::Part } else { Reached::Beginning }
    }

    fn pass(&mut self, from: Timestamp, to: Timestamp) {
        self.spans.pass((from, to), (self.wanted_from(), self.time_of(self.to)));
    }

    fn end(&mut self) {
        self.told_from = self.from;
    }

    fn bytes(&self, header: &Header) -> Vec<u8> {
        let n: usize = self.columns.iter().map(Vec::len).sum();
        let mut out = begin(header, n * 2 * N_BINS);
        if let Some((scale, units)) = self.scale {
            self.write_columns(&mut out, scale, units);
        }
        self.spans.write(&mut out);
        let forced: Vec<Forced> = self.forced.iter().rev().flatten().copied().collect();
        if let Some((_, units)) = self.scale.as_ref().filter(|_| !forced.is_empty()) {
            write_liquidations(&mut out, forced.iter(), *units);
        }
        close(&mut out, header, self, self.time_of(self.to));
        out.finish()
    }
}
