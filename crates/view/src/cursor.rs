//! What a screen knows already, and the sections that tell it the rest.

use market::{Bar, BarSeries, Timestamp};

use crate::backfill::{self, FirstBar};
use crate::candles::{Candle, Closing};
use crate::frame::{
    FrameWriter, HeatSection, write_bars, write_book_bins, write_dots, write_gaps, write_heat,
    write_ladder, write_liquidations, write_past_bars, write_past_prints, write_tape,
};
use crate::heat::{BookBins, Column, Dot, Forming, HeatScale, Ring, Stretch};
use crate::instrument_view::Revisions;
use crate::ladder::Ladder;
use crate::screen::{Settings, Shown};
use crate::tape::{PRINTS_KEPT, Print};
use crate::units::Units;

/// Prints that a frame carries when it is not whole: what a person could not read anyway.
const PRINTS_PER_FRAME: usize = 500;
/// Columns that come at once, ten minutes of 500 ms in 1.2 MB; what is older follows.
const COLUMNS_AT_ONCE: i64 = 1_200;
/// Older columns that follow with each frame.
const OLDER_COLUMNS_PER_FRAME: i64 = 600;

/// What a screen knows of one instrument.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// The state it knows; `None`: nothing.
    revisions: Option<Revisions>,
    /// Prints that it knows.
    n_prints: u64,
    /// Liquidations that it knows.
    n_forced: u64,
    /// The columns that it knows, the last of them forming.
    columns: Option<KnownColumns>,
    /// Revision of the bars.
    bars_revision: u64,
    /// Revision of what the venue tells of the time before.
    history_revision: u64,
    /// The bar that it knows as open.
    open_bar: Option<Timestamp>,
}

/// Columns `oldest..=forming` are known, and the older ones not yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct KnownColumns {
    oldest: i64,
    forming: i64,
    stretch: Stretch,
}

impl Cursor {
    /// Whether there is anything that the screen does not know.
    pub(crate) fn is_behind(&self, shown: Shown, settings: Settings) -> bool {
        let now = shown.view.revisions();
        let Some(known) = self.revisions else { return true };
        (known.book, known.trades, known.fading, known.health, known.forced)
            != (now.book, now.trades, now.fading, now.health, now.forced)
            || self.history_revision != shown.market.history().revision()
            || self.is_behind_columns(shown, settings)
            || self.is_behind_bars(shown, settings)
    }

    /// Whether the columns that are kept go on from those that the screen knows.
    pub(crate) fn goes_on(&self, shown: Shown, settings: Settings) -> bool {
        let ring = shown.view.heat().and_then(|heat| heat.ring(settings.column_ms()));
        ring.zip(self.columns).is_none_or(|(ring, known)| known.stretch == ring.stretch())
    }

    fn is_behind_columns(&self, shown: Shown, settings: Settings) -> bool {
        let heat = shown.view.heat();
        let Some(ring) = heat.and_then(|heat| heat.ring(settings.column_ms())) else {
            return false;
        };
        self.columns.is_none_or(|known| {
            known.forming != ring.forming_number() || known.oldest > ring.first_number()
        })
    }

    fn is_behind_bars(&self, shown: Shown, settings: Settings) -> bool {
        let Some(series) = shown.market.bars().series(settings.interval_s()) else { return false };
        series.revision() != self.bars_revision
            || series.last().is_some_and(|bar| {
                Some(bar.opened_at) == self.open_bar && closing(shown, series).is_closed(bar)
            })
    }
}

/// Room for stating panels, kept between frames.
#[derive(Debug, Default)]
pub(crate) struct Sections {
    ladder: Ladder,
    bins: BookBins,
    dots: Vec<Dot>,
}

impl Sections {
    /// Writes what the screen does not know, and moves its cursor on.
    pub(crate) fn write(
        &mut self,
        out: &mut FrameWriter,
        cursor: &mut Cursor,
        shown: Shown,
        settings: Settings,
    ) {
        let Self { ladder, bins, dots } = self;
        let units = Units::of(shown.market.instrument());
        let known = cursor.revisions;
        let now = shown.view.revisions();
        let is_new =
            |part: fn(Revisions) -> u64| known.is_none_or(|known| part(known) != part(now));
        let has_book = is_new(|of| of.book) || is_new(|of| of.health);
        let has_trades = is_new(|of| of.trades);
        if has_book || has_trades || is_new(|of| of.fading) {
            ladder.state(shown.view, shown.market, settings.group());
            write_ladder(out, ladder, units);
        }
        if has_trades {
            write_prints(out, cursor, shown, units);
        }
        write_candles(out, cursor, shown, settings);
        if let Some(heat) = shown.view.heat() {
            let bins = heat.bins_now(shown.market, bins);
            if let Some(ring) = heat.ring(settings.column_ms()) {
                let forming = heat.form(ring, bins, shown.view.health());
                write_heatmap(out, cursor, ring, &forming, heat.scale(), units);
                write_all_dots(out, cursor, ring, &forming, dots, units);
                let oldest = HeatSpan::after(cursor, ring).older_from;
                let (forming, stretch) = (forming.number, ring.stretch());
                cursor.columns = Some(KnownColumns { oldest, forming, stretch });
            }
            if has_book {
                write_book_bins(out, bins, units);
            }
        }
        if is_new(|of| of.health) {
            write_gaps(out, shown.view);
        }
        let liquidations = shown.view.liquidations();
        if liquidations.n_heard() > cursor.n_forced {
            write_liquidations(out, liquidations.since(cursor.n_forced), units);
            cursor.n_forced = liquidations.n_heard();
        }
        let revision = shown.market.history().revision();
        if cursor.history_revision != revision {
            write_past(out, shown, settings, units);
            cursor.history_revision = revision;
        }
        cursor.revisions = Some(now);
    }
}

/// The columns that are new, the forming one as it would close now, and some that are older than those known.
fn write_heatmap(
    out: &mut FrameWriter,
    cursor: &Cursor,
    ring: &Ring,
    forming: &Forming,
    scale: HeatScale,
    units: Units,
) {
    let span = HeatSpan::after(cursor, ring);
    let older = ring.closed(span.older_from, span.older_to);
    let closed: Vec<(i64, Column)> =
        older.chain(ring.closed(span.newest_from, forming.number)).collect();
    let mut columns: Vec<(i64, &Column)> =
        closed.iter().map(|(number, column)| (*number, column)).collect();
    columns.push((forming.number, &forming.column));
    let section = HeatSection {
        column_ms: ring.column_ms(),
        scale,
        columns: &columns,
        n_closed: columns.len() - 1,
        has_more: span.older_from > ring.first_number(),
    };
    write_heat(out, &section, units);
}

/// The dots of the columns that are new and of the forming one; with a whole frame those of all that are kept.
fn write_all_dots(
    out: &mut FrameWriter,
    cursor: &Cursor,
    ring: &Ring,
    forming: &Forming,
    dots: &mut Vec<Dot>,
    units: Units,
) {
    dots.clear();
    let from = cursor.columns.map_or(ring.first_number(), |known| known.forming);
    dots.extend(ring.closed_dots(from, forming.number));
    dots.extend(&forming.dots);
    if !dots.is_empty() {
        write_dots(out, dots, units);
    }
}

/// Which columns a frame carries: `older_from..older_to`, and from `newest_from` on.
struct HeatSpan {
    older_from: i64,
    older_to: i64,
    newest_from: i64,
}

impl HeatSpan {
    fn after(cursor: &Cursor, ring: &Ring) -> Self {
        let first = ring.first_number();
        let least = first.max(ring.forming_number() - COLUMNS_AT_ONCE);
        let Some(known) = cursor.columns else {
            return Self { older_from: least, older_to: least, newest_from: least };
        };
        let newest_from = known.forming.max(least);
        let older_to = if known.forming < least { least } else { known.oldest.max(first) };
        let older_from = first.max(older_to - OLDER_COLUMNS_PER_FRAME);
        Self { older_from, older_to, newest_from }
    }
}

/// Writes the prints that are new, and the newest known one, which may have grown. A whole frame carries all that are
/// kept; another one the newest, and how many it leaves out.
fn write_prints(out: &mut FrameWriter, cursor: &mut Cursor, shown: Shown, units: Units) {
    let tape = shown.view.tape();
    let n_new = tape.n_prints() - cursor.n_prints;
    let most = if cursor.revisions.is_some() { PRINTS_PER_FRAME } else { PRINTS_KEPT };
    let n = usize::try_from(n_new).unwrap_or(usize::MAX).min(most);
    let grown = cursor.n_prints.checked_sub(1).and_then(|number| tape.print(number));
    let prints: Vec<&Print> = grown.into_iter().chain(tape.last(n)).collect();
    let n_left_out = if cursor.revisions.is_some() { n_new - n as u64 } else { 0 };
    write_tape(out, &prints, tape.sizes().percentile_99(), n_left_out, units);
    cursor.n_prints = tape.n_prints();
}

/// Writes the bars that have changed, and the one that has closed.
fn write_candles(out: &mut FrameWriter, cursor: &mut Cursor, shown: Shown, settings: Settings) {
    let is_past_new = shown.market.history().revision() != cursor.history_revision;
    if cursor.revisions.is_some() && !is_past_new && !cursor.is_behind_bars(shown, settings) {
        return;
    }
    let Some(series) = shown.market.bars().series(settings.interval_s()) else { return };
    let closing = closing(shown, series);
    let first = FirstBar::of(shown.market, series.interval_s());
    let is_new = |bar: &&Bar| {
        bar.revision > cursor.bars_revision
            || (is_past_new && FirstBar::is(first, bar))
            || (Some(bar.opened_at) == cursor.open_bar && closing.is_closed(bar))
    };
    let bars = series.iter().filter(is_new);
    let bars: Vec<Candle> = bars.map(|bar| Candle::heard(bar, first, closing)).collect();
    let units = Units::of(shown.market.instrument());
    write_bars(out, &bars, series.interval_s(), units);
    cursor.bars_revision = series.revision();
    let open = series.last().filter(|bar| !closing.is_closed(bar));
    cursor.open_bar = open.map(|bar| bar.opened_at);
}

/// Writes what the venue tells of the time before, all of it.
fn write_past(out: &mut FrameWriter, shown: Shown, settings: Settings, units: Units) {
    let Some(series) = shown.market.bars().series(settings.interval_s()) else { return };
    let closing = closing(shown, series);
    let bars = backfill::bars(shown.market, series);
    let bars: Vec<Candle> = bars.iter().map(|bar| Candle::told(bar, closing)).collect();
    write_past_bars(out, &bars, shown.market.began_at(), units);
    write_past_prints(out, &backfill::prints(shown.market), units);
}

/// What tells whether bars of a series are closed.
pub(crate) fn closing(shown: Shown, series: &BarSeries) -> Closing {
    Closing {
        interval_s: series.interval_s(),
        newest_at: series.last().map(|bar| bar.opened_at).unwrap_or_default(),
        now: shown.view.grid_at(),
    }
}
