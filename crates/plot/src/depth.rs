//! The depth of a span as runs of one shade: columns across, bins of price up.

use crate::colours::N_SHADES;
use crate::data::{Frame, PlotData};

/// Bins of price from bottom to top.
const N_BINS: usize = 180;

/// Neighbouring columns in which one bin has one shade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) bin: usize,
    pub(crate) first_column: usize,
    /// One beyond the last.
    pub(crate) end_column: usize,
    pub(crate) shade: usize,
}

/// Height of a bin in price.
pub(crate) fn bin_height(frame: &Frame) -> f64 {
    (frame.high - frame.low) / N_BINS as f64
}

/// All runs that are not dark.
pub(crate) fn runs(data: &PlotData, frame: &Frame) -> Vec<Run> {
    let cells = cells(data, frame);
    let (low, high) = cuts(&cells);
    let mut runs = Vec::new();
    for bin in 0..N_BINS {
        let mut open: Option<Run> = None;
        for (column, sizes) in cells.iter().enumerate() {
            let shade = shade_of(sizes.get(bin).copied().unwrap_or(0.0), low, high);
            match &mut open {
                Some(run) if run.shade == shade => run.end_column = column + 1,
                _other => {
                    runs.extend(open.filter(|run| run.shade > 0));
                    open = Some(Run { bin, first_column: column, end_column: column + 1, shade });
                }
            }
        }
        runs.extend(open.filter(|run| run.shade > 0));
    }
    runs
}

/// Size per column and bin; a column without a right book is empty.
fn cells(data: &PlotData, frame: &Frame) -> Vec<Vec<f64>> {
    let height = bin_height(frame);
    let columns = data.columns.iter().map(|column| {
        let mut sizes = vec![0.0; N_BINS];
        for (price, size) in column.levels.iter().filter(|_| column.is_good) {
            let bin = ((price - frame.low) / height).floor();
            if bin >= 0.0 && (bin as usize) < N_BINS {
                sizes[bin as usize] += size;
            }
        }
        sizes
    });
    columns.collect()
}

/// The 20th and the 99.5th percentile of what rests anywhere.
fn cuts(cells: &[Vec<f64>]) -> (f64, f64) {
    let mut sizes: Vec<f64> = cells.iter().flatten().copied().filter(|size| *size > 0.0).collect();
    sizes.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let index = (sizes.len().saturating_sub(1) as f64 * share) as usize;
        sizes.get(index).copied().unwrap_or(0.0)
    };
    (at(0.2), at(0.995))
}

fn shade_of(size: f64, low: f64, high: f64) -> usize {
    if size <= 0.0 {
        return 0;
    }
    let span = high.ln_1p() - low.ln_1p();
    let share = if span > 0.0 { (size.ln_1p() - low.ln_1p()) / span } else { 0.5 };
    // The faintest shade still says that something rests there.
    ((share.clamp(0.0, 1.0) * (N_SHADES - 1) as f64).round() as usize).max(2)
}

#[cfg(test)]
mod tests {
    use super::{Run, runs};
    use crate::data::{PlotColumn, PlotData};

    #[test]
    fn a_wall_is_one_run_that_a_gap_breaks() {
        let column = |millis: i64, is_good: bool| PlotColumn {
            at: market::Timestamp::from_millis(millis),
            is_good,
            best_bid: Some(99.0),
            best_ask: Some(101.0),
            levels: vec![(99.0, 5.0), (101.0, 5.0)],
            ..PlotColumn::default()
        };
        let columns = vec![column(0, true), column(1, true), column(2, false), column(3, true)];
        let data = PlotData { columns, ..PlotData::default() };
        let found: Vec<Run> = runs(&data, &data.frame().unwrap());
        let spans: Vec<_> = found.iter().map(|run| (run.first_column, run.end_column)).collect();
        assert_eq!(spans, [(0, 2), (3, 4), (0, 2), (3, 4)]);
    }
}
