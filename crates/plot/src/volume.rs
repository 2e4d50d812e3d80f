//! The lane of volume: bought up, sold down.

use plotters::coord::types::RangedCoordf64;
use plotters::prelude::{Cartesian2d, ChartContext, DrawingBackend, Rectangle};
use plotters::style::Color;

use crate::colours::{ASK, BID};
use crate::data::{PlotData, ms};

/// Draws the bars.
pub(crate) fn draw<B: DrawingBackend>(
    chart: &mut ChartContext<'_, B, Cartesian2d<RangedCoordf64, RangedCoordf64>>,
    data: &PlotData,
) -> Result<(), String> {
    let pairs = data.columns.windows(2);
    let bars = pairs.flat_map(|pair| {
        let (left, right) = (ms(pair[0].at), ms(pair[1].at));
        let bought = Rectangle::new([(left, 0.0), (right, pair[1].bought)], BID.mix(0.9).filled());
        let sold = Rectangle::new([(left, 0.0), (right, -pair[1].sold)], ASK.mix(0.9).filled());
        [bought, sold]
    });
    chart.draw_series(bars).map_err(|error| error.to_string())?;
    Ok(())
}
