//! The sections of a frame.

use market::Timestamp;

use super::header::code_from_side;
use super::writer::{FrameWriter, Kind};
use crate::candles::Candle;
use crate::code::{CODE_FACTOR, CODE_UNKNOWN};
use crate::health::code_from_cause;
use crate::heat::{BookBins, Column, Dot, HeatScale, N_BINS};
use crate::instrument_view::InstrumentView;
use crate::ladder::{Ladder, RowHit};
use crate::tape::Print;
use crate::units::{Units, ms_from_time};

/// Section flag of the tape: prints of one taker are merged.
const FLAG_MERGED: u16 = 1;

/// Bytes of a column of the heatmap besides its codes.
const COLUMN_BYTES: usize = 64;

/// Writes the ladder.
pub(crate) fn write_ladder(out: &mut FrameWriter, ladder: &Ladder, units: Units) {
    out.begin(Kind::Ladder, 0, ladder.n_rows(), 0);
    out.f64(units.f64_from_price(ladder.step));
    out.f64(ladder.top_row as f64);
    out.f64(ladder.highest_known_row.map_or(f64::INFINITY, |row| row as f64));
    out.f64(ladder.lowest_known_row.map_or(f64::NEG_INFINITY, |row| row as f64));
    out.f64(units.f64_from_sum(ladder.bid_sum));
    out.f64(units.f64_from_sum(ladder.ask_sum));
    out.f64(ladder.largest_row.map_or(f64::NAN, |row| row as f64));
    for column in
        [&ladder.bids, &ladder.asks, &ladder.volumes, &ladder.bid_deltas, &ladder.ask_deltas]
    {
        out.scaled(column, units.quantity);
    }
    out.u8s(ladder.hits.iter().map(|hit: &RowHit| hit.code()));
    out.end();
}

/// Writes prints, oldest first.
pub(crate) fn write_tape(
    out: &mut FrameWriter,
    prints: &[&Print],
    percentile_99: Option<f64>,
    n_left_out: u64,
    units: Units,
) {
    out.begin(Kind::Tape, FLAG_MERGED, prints.len(), 0);
    out.f64(prints.first().map_or(f64::NAN, |print| print.number as f64));
    out.f64(percentile_99.map_or(f64::NAN, |size| size / units.quantity));
    out.f64(n_left_out as f64);
    out.f64s(prints.iter().map(|print| print.number as f64));
    out.f64s(prints.iter().map(|print| ms_from_time(print.traded_at)));
    out.f64s(prints.iter().map(|print| units.f64_from_price(print.price.0)));
    out.f64s(prints.iter().map(|print| units.f64_from_quantity(print.quantity.0)));
    out.u32s(prints.iter().map(|print| print.n_fills));
    out.u8s(prints.iter().map(|print| code_from_side(print.taker)));
    out.end();
}

/// Writes bars that were heard, oldest first.
pub(crate) fn write_bars(out: &mut FrameWriter, bars: &[Candle], interval_s: u32, units: Units) {
    out.begin(Kind::Candles, 0, bars.len(), 0);
    out.f64(f64::from(interval_s) * 1e3);
    write_candles(out, bars, units);
    out.end();
}

/// Writes all bars that only the venue tells of, oldest first, and when hearing began.
pub(crate) fn write_past_bars(
    out: &mut FrameWriter,
    bars: &[Candle],
    began_at: Option<Timestamp>,
    units: Units,
) {
    out.begin(Kind::PastBars, 0, bars.len(), 0);
    out.f64(began_at.map_or(f64::NAN, ms_from_time));
    write_candles(out, bars, units);
    out.end();
}

fn write_candles(out: &mut FrameWriter, bars: &[Candle], units: Units) {
    out.f64s(bars.iter().map(|bar| ms_from_time(bar.opened_at)));
    for price in [
        |bar: &Candle| bar.open,
        |bar: &Candle| bar.high,
        |bar: &Candle| bar.low,
        |bar: &Candle| bar.close,
    ] {
        out.f64s(bars.iter().map(|bar| units.f64_from_price(price(bar))));
    }
    out.f64s(bars.iter().map(|bar| units.f64_from_sum(bar.volume)));
    let delta = |bar: &Candle| bar.delta.map_or(f64::NAN, |delta| units.f64_from_sum(delta));
    out.f64s(bars.iter().map(delta));
    out.u8s(bars.iter().map(|bar| bar.flags));
}

/// Writes all prints that only the venue tells of, oldest first.
pub(crate) fn write_past_prints(out: &mut FrameWriter, prints: &[Print], units: Units) {
    out.begin(Kind::PastPrints, 0, prints.len(), 0);
    write_prints(out, prints, units);
    out.end();
}

fn write_prints(out: &mut FrameWriter, prints: &[Print], units: Units) {
    out.f64s(prints.iter().map(|print| ms_from_time(print.traded_at)));
    out.f64s(prints.iter().map(|print| units.f64_from_price(print.price.0)));
    out.f64s(prints.iter().map(|print| units.f64_from_quantity(print.quantity.0)));
    out.u32s(prints.iter().map(|print| print.n_fills));
    out.u8s(prints.iter().map(|print| code_from_side(print.taker)));
}

/// Writes prints of the past, oldest first, and when the session began that heard them.
pub(crate) fn write_older_prints(
    out: &mut FrameWriter,
    prints: &[Print],
    session_from: Timestamp,
    units: Units,
) {
    out.begin(Kind::OlderPrints, 0, prints.len(), 0);
    out.f64(ms_from_time(session_from));
    out.f64s(prints.iter().map(|print| print.number as f64));
    write_prints(out, prints, units);
    out.end();
}

/// Section flag of the heatmap: older columns that are kept follow with the next frames.
const FLAG_MORE: u16 = 1;

/// Columns of the heatmap in order.
#[derive(Debug)]
pub(crate) struct HeatSection<'a> {
    /// Length of a column.
    pub(crate) column_ms: u32,
    /// Height of a bin.
    pub(crate) scale: HeatScale,
    /// Numbers and columns.
    pub(crate) columns: &'a [(i64, &'a Column)],
    /// How many of them are closed; the others form.
    pub(crate) n_closed: usize,
    /// Whether older ones follow.
    pub(crate) has_more: bool,
}

/// Writes columns of the heatmap.
pub(crate) fn write_heat(out: &mut FrameWriter, heat: &HeatSection, units: Units) {
    let n = heat.columns.len();
    let columns = || heat.columns.iter().map(|(_, column)| *column);
    out.reserve(n * (2 * N_BINS + COLUMN_BYTES));
    out.begin(Kind::Heat, if heat.has_more { FLAG_MORE } else { 0 }, n, N_BINS);
    out.f64(f64::from(heat.column_ms));
    out.f64(units.f64_from_price(heat.scale.bin()));
    out.f64(1.0 / units.quantity);
    out.f64(CODE_FACTOR);
    out.f64s(heat.columns.iter().map(|(number, _)| *number as f64));
    out.f64s(columns().map(|column| column.lowest_bin as f64));
    out.f64s(columns().map(|column| units.f64_from_some_price(column.best_bid)));
    out.f64s(columns().map(|column| units.f64_from_some_price(column.best_ask)));
    out.f64s(columns().map(|column| units.f64_from_quantity(column.bought)));
    out.f64s(columns().map(|column| units.f64_from_quantity(column.sold)));
    out.u8s(columns().map(|column| column.state.code()));
    out.u8s((0..n).map(|index| u8::from(index < heat.n_closed)));
    for column in columns() {
        match column.codes.as_slice() {
            [] => out.u16_repeated(CODE_UNKNOWN, N_BINS),
            codes => out.u16s(codes),
        }
    }
    out.end();
}

/// Writes trade dots.
pub(crate) fn write_dots(out: &mut FrameWriter, dots: &[Dot], units: Units) {
    out.begin(Kind::Dots, 0, dots.len(), 0);
    out.f64s(dots.iter().map(|dot| dot.column as f64));
    out.f64s(dots.iter().map(|dot| dot.bin as f64));
    out.f64s(dots.iter().map(|dot| units.f64_from_quantity(dot.quantity)));
    out.f64s(dots.iter().map(|dot| dot.mean_price() / units.price));
    out.u8s(dots.iter().map(|dot| code_from_side(dot.taker)));
    out.end();
}

/// Writes the book now, in the bins of the heatmap.
pub(crate) fn write_book_bins(out: &mut FrameWriter, bins: &BookBins, units: Units) {
    out.begin(Kind::BookBins, 0, N_BINS, 0);
    out.f64(bins.lowest_bin as f64);
    out.f64s((0..N_BINS).map(|position| bins.sizes[position] as f64 / units.quantity));
    out.u8s((0..N_BINS).map(|position| bins.side_code(position)));
    out.end();
}

/// Section flag of the gaps: older ones may have been let go.
const FLAG_CUT: u16 = 1;

/// Writes the last spans in which the book was not right.
pub(crate) fn write_gaps(out: &mut FrameWriter, view: &InstrumentView) {
    let flags = if view.gaps_known_from().is_some() { FLAG_CUT } else { 0 };
    let gaps = view.gaps().map(|gap| (gap.from, gap.to, code_from_cause(gap.cause)));
    write_flagged_spans(out, flags, gaps);
}

/// Writes spans without a right book, each with the number of its cause.
pub(crate) fn write_spans(
    out: &mut FrameWriter,
    spans: impl ExactSizeIterator<Item = (Timestamp, Option<Timestamp>, u8)> + Clone,
) {
    write_flagged_spans(out, 0, spans);
}

fn write_flagged_spans(
    out: &mut FrameWriter,
    flags: u16,
    spans: impl ExactSizeIterator<Item = (Timestamp, Option<Timestamp>, u8)> + Clone,
) {
    out.begin(Kind::Gaps, flags, spans.len(), 0);
    out.f64s(spans.clone().map(|(from, _, _)| ms_from_time(from)));
    out.f64s(spans.clone().map(|(_, to, _)| to.map_or(f64::NAN, ms_from_time)));
    out.u8s(spans.map(|(_, _, cause)| cause));
    out.end();
}
