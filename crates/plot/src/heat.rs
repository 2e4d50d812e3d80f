//! The depth heatmap: sizes as colours, runs of one colour as one rectangle.

use plotters::prelude::DrawingBackend;
use plotters::style::Color;

use crate::axis::price_step;
use crate::canvas::{Area, Canvas};
use crate::colour::{APP, PANEL, THIN, WARN, glacier};
use crate::data::{PlotColumn, PlotData, Range, ms};

/// Percentiles of what is visible between which the ramp goes.
const LOW_PERCENTILE: f64 = 0.20;
const HIGH_PERCENTILE: f64 = 0.995;
/// Pixels between two lines of a hatch.
const HATCH: i32 = 8;

/// How fine a heatmap is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Grain {
    /// Pixels of a bin, at least.
    bin_px: i32,
    /// Steps of the ramp that are told apart: fewer make longer runs.
    n_colours: usize,
}

/// The grain of pixels.
pub(crate) const PNG: Grain = Grain { bin_px: 3, n_colours: 96 };
/// The grain of shapes: a file of some hundred kilobytes.
pub(crate) const SVG: Grain = Grain { bin_px: 4, n_colours: 24 };

/// Prices and times that a panel shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Window {
    pub(crate) area: Area,
    pub(crate) range: Range,
}

impl Window {
    /// Where a moment lies.
    pub(crate) fn x_from_ms(&self, ms: f64) -> i32 {
        let part = (ms - self.range.from_ms) / (self.range.to_ms - self.range.from_ms);
        let x = f64::from(self.area.left) + part * f64::from(self.area.width());
        (x.round() as i32).clamp(self.area.left, self.area.right)
    }

    /// Where a price lies.
    pub(crate) fn y_from_price(&self, price: f64) -> f64 {
        let part = (self.range.high - price) / (self.range.high - self.range.low);
        f64::from(self.area.top) + part * f64::from(self.area.height())
    }

    /// From where to where column `index` goes.
    pub(crate) fn xs_of_column(&self, data: &PlotData, index: usize) -> (i32, i32) {
        let x = |index: usize| self.x_from_ms(self.range.from_ms + data.column_ms() * index as f64);
        (x(index), x(index + 1))
    }
}

/// The sizes of all columns in bins, from the lowest bin up; NaN where nothing is known.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bins {
    /// Height of a bin in price.
    pub(crate) height: f64,
    lowest: f64,
    columns: Vec<Vec<f32>>,
}

impl Bins {
    /// Bins of a round number of ticks, as fine as the grain allows.
    pub(crate) fn of(data: &PlotData, window: &Window, grain: Grain) -> Self {
        let Range { low, high, .. } = window.range;
        let n_max = (window.area.height() / grain.bin_px).max(1) as f64;
        let height = bin_height((high - low) / n_max, data.tick_size);
        let lowest = (low / height).floor() * height;
        let n_bins = ((high - lowest) / height).ceil() as usize;
        let columns = data.columns.iter().map(|column| sizes(column, lowest, height, n_bins));
        Self { height, lowest, columns: columns.collect() }
    }

    /// Where a bin goes from and to, within the panel.
    fn ys(&self, window: &Window, bin: usize) -> (i32, i32) {
        let y = |bin: usize| {
            let y = window.y_from_price(self.lowest + self.height * bin as f64).round() as i32;
            y.clamp(window.area.top, window.area.bottom)
        };
        (y(bin + 1), y(bin))
    }
}

/// The least round height that is at least `least`, a multiple of the tick.
fn bin_height(least: f64, tick: f64) -> f64 {
    if tick <= 0.0 {
        return least;
    }
    if least <= tick {
        return tick;
    }
    let (n_ticks, _) = price_step(least / tick, 1);
    n_ticks.round() * tick
}

fn sizes(column: &PlotColumn, lowest: f64, height: f64, n_bins: usize) -> Vec<f32> {
    if !column.is_good {
        return Vec::new();
    }
    // A price on the edge of a bin belongs to the bin above it, whatever its last bits say.
    let bin_of = |price: f64| ((price - lowest) / height + 1e-6).floor();
    let mut sizes = vec![0.0_f32; n_bins];
    for (price, size) in &column.levels {
        let bin = bin_of(*price);
        if bin >= 0.0 && bin < n_bins as f64 {
            sizes[bin as usize] += *size as f32;
        }
    }
    if let Some((low, high)) = column.known {
        for (bin, size) in sizes.iter_mut().enumerate() {
            let is_known = bin as f64 >= bin_of(low) && bin as f64 <= bin_of(high);
            if *size == 0.0 && !is_known {
                *size = f32::NAN;
            }
        }
    }
    sizes
}

/// How sizes become colours: `t = (ln(1 + q) − ln(1 + low)) ÷ (ln(1 + high) − ln(1 + low))`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Contrast {
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Contrast {
    /// From the 20th to the 99.5th percentile of what rests anywhere.
    pub(crate) fn of(bins: &Bins) -> Self {
        let mut sizes: Vec<f32> =
            bins.columns.iter().flatten().copied().filter(|size| *size > 0.0).collect();
        sizes.sort_unstable_by(f32::total_cmp);
        let at = |share: f64| {
            let index = (sizes.len().saturating_sub(1) as f64 * share) as usize;
            sizes.get(index).map_or(0.0, |size| f64::from(*size))
        };
        Self { low: at(LOW_PERCENTILE), high: at(HIGH_PERCENTILE) }
    }

    /// The step of the ramp for a size: 0 for nothing, at least 2 for anything, or it would not be seen.
    fn step(self, size: f64, n_colours: usize) -> usize {
        if size <= 0.0 {
            return 0;
        }
        let span = self.high.ln_1p() - self.low.ln_1p();
        let t = if span > 0.0 { (size.ln_1p() - self.low.ln_1p()) / span } else { 0.5 };
        let step = (t.clamp(0.0, 1.0) * (n_colours - 1) as f64).round() as usize;
        step.max(n_colours / 16)
    }
}

/// What one cell says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cell {
    /// Nothing is known.
    Unknown,
    /// A step of the ramp.
    Step(usize),
}

/// Draws the heatmap: what is not known is as dark as the paper, what is empty a shade lighter.
pub(crate) fn draw<B: DrawingBackend>(
    canvas: &mut Canvas<B>,
    data: &PlotData,
    window: &Window,
    bins: &Bins,
    (contrast, grain): (Contrast, Grain),
) {
    canvas.fill(window.area, PANEL);
    let cell = |column: usize, bin: usize| match bins.columns[column].get(bin) {
        Some(size) if size.is_nan() => Cell::Unknown,
        Some(size) => Cell::Step(contrast.step(f64::from(*size), grain.n_colours)),
        None => Cell::Unknown,
    };
    let n_bins = bins.columns.iter().map(Vec::len).max().unwrap_or(0);
    for bin in 0..n_bins {
        let (top, bottom) = bins.ys(window, bin);
        let mut first = 0;
        while first < bins.columns.len() {
            let shown = cell(first, bin);
            let mut end = first + 1;
            while end < bins.columns.len() && cell(end, bin) == shown {
                end += 1;
            }
            let left = window.xs_of_column(data, first).0;
            let run = Area { left, right: window.xs_of_column(data, end - 1).1, top, bottom };
            match shown {
                Cell::Unknown => canvas.fill(run, APP),
                Cell::Step(0) => {}
                Cell::Step(step) => {
                    canvas.fill(run, glacier(step as f64 / (grain.n_colours - 1) as f64));
                }
            }
            first = end;
        }
    }
    for (left, right) in hatched(data, window) {
        hatch(canvas, Area { left, right, ..window.area });
    }
}

/// What is hatched of a panel: columns without a right book, and gaps however short, each at least a pixel wide; from
/// where to where, in order and apart from each other.
fn hatched(data: &PlotData, window: &Window) -> Vec<(i32, i32)> {
    let Window { area, range } = window;
    let columns = gaps(data).into_iter().map(|(first, end)| {
        (window.xs_of_column(data, first).0, window.xs_of_column(data, end - 1).1)
    });
    let in_sight = data.gaps.iter().map(|(from, to)| (ms(*from), ms(*to)));
    let in_sight = in_sight.filter(|(from, to)| *to >= range.from_ms && *from <= range.to_ms);
    let spans = in_sight.map(|(from, to)| (window.x_from_ms(from), window.x_from_ms(to)));
    let mut all: Vec<(i32, i32)> = columns.chain(spans).collect();
    for (left, right) in &mut all {
        *left = (*left).min(area.right - 1);
        *right = (*right).max(*left + 1);
    }
    all.sort_unstable();
    let mut apart: Vec<(i32, i32)> = Vec::new();
    for (left, right) in all {
        match apart.last_mut() {
            Some(last) if left <= last.1 => last.1 = last.1.max(right),
            Some(_) | None => apart.push((left, right)),
        }
    }
    apart
}

/// Runs of columns without a right book: from, and one beyond the last.
pub(crate) fn gaps(data: &PlotData) -> Vec<(usize, usize)> {
    let mut gaps: Vec<(usize, usize)> = Vec::new();
    for (index, _) in data.columns.iter().enumerate().filter(|(_, column)| !column.is_good) {
        match gaps.last_mut() {
            Some(gap) if gap.1 == index => gap.1 = index + 1,
            Some(_) | None => gaps.push((index, index + 1)),
        }
    }
    gaps
}

/// Lines at 45° within an area; in a narrow one, which has no room for them, their colour.
pub(crate) fn hatch<B: DrawingBackend>(canvas: &mut Canvas<B>, area: Area) {
    if area.width() < HATCH {
        return canvas.fill(area, THIN);
    }
    canvas.fill(area, APP);
    // Lines x = start + (bottom − y), at the same places whatever area is hatched.
    let first = area.left - area.height();
    let mut start = first - first.rem_euclid(HATCH);
    while start < area.right {
        let left = start.max(area.left);
        let right = (start + area.height()).min(area.right - 1);
        let y = |x: i32| (area.bottom - 1 - (x - start)).max(area.top);
        if left <= right {
            canvas.line(vec![(left, y(left)), (right, y(right))], WARN.mix(0.5), 1);
        }
        start += HATCH;
    }
}

#[cfg(test)]
mod tests {
    use super::{bin_height, gaps, sizes};
    use crate::data::{PlotColumn, PlotData};

    #[test]
    fn bins_are_whole_ticks() {
        for (least, tick, height) in
            [(0.05, 0.1, 0.1), (0.3, 0.1, 0.5), (1.1, 0.5, 2.5), (0.7, 0.0, 0.7)]
        {
            assert!((bin_height(least, tick) - height).abs() < 1e-9, "{least} of {tick}");
        }
    }

    #[test]
    fn beyond_what_is_known_nothing_is_called_empty() {
        let column = PlotColumn {
            is_good: true,
            levels: vec![(10.1, 2.0), (10.4, 3.0), (10.8, 4.0)],
            known: Some((10.1, 10.4)),
            ..PlotColumn::default()
        };
        let sizes = sizes(&column, 10.0, 0.1, 10);
        let shown: Vec<String> = sizes.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["NaN", "2", "0", "0", "3", "NaN", "NaN", "NaN", "4", "NaN"]);
    }

    #[test]
    fn neighbouring_columns_without_a_book_are_one_gap() {
        let column = |is_good| PlotColumn { is_good, ..PlotColumn::default() };
        let columns = [true, false, false, true, false].map(column).to_vec();
        assert_eq!(gaps(&PlotData { columns, ..PlotData::default() }), [(1, 3), (4, 5)]);
    }
}
