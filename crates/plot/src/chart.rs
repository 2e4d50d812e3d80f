//! The chart itself: title, price with depth behind it, volume below.

use market::{Side, Timestamp};
use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::{
    Cartesian2d, ChartBuilder, ChartContext, Circle, DrawingArea, DrawingBackend, LineSeries,
    Rectangle, Text,
};
use plotters::style::{Color, IntoFont, RGBColor};

use crate::FONT;
use crate::colours::{ACCENT, APP, ASK, BID, GRID, TEXT, TEXT_FAINT, WARN, shade};
use crate::data::{Frame, PlotData, ms};
use crate::{depth, volume};

/// Height of the title.
const TITLE_PX: u32 = 44;
/// Width of the price axis.
const PRICE_AXIS_PX: u32 = 110;
/// Radius of the largest trade.
const RADIUS_MAX_PX: f64 = 11.0;

type Chart<'a, B> = ChartContext<'a, B, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// Draws all of it.
pub(crate) fn draw<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    data: &PlotData,
    frame: &Frame,
) -> Result<(), String> {
    area.fill(&APP).map_err(|error| error.to_string())?;
    let (title, body) = area.split_vertically(TITLE_PX);
    draw_title(&title, data, frame)?;
    let (_, height) = body.dim_in_pixel();
    let (upper, lower) = body.split_vertically(height * 3 / 4);
    draw_price(&upper, data, frame)?;
    draw_volume(&lower, data, frame)?;
    area.present().map_err(|error| error.to_string())
}

fn draw_title<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    data: &PlotData,
    frame: &Frame,
) -> Result<(), String> {
    let write = |text: String, x: i32, size: i32, colour: RGBColor| {
        let style = (FONT, size).into_font().color(&colour);
        area.draw(&Text::new(text, (x, 14), style)).map_err(|error| error.to_string())
    };
    write(data.title.clone(), 16, 20, TEXT)?;
    let day = moment(frame.from_ms).to_string();
    let span = format!("{} {} to {} UTC", &day[..10], clock(frame.from_ms), clock(frame.to_ms));
    let (width, _) = area.dim_in_pixel();
    write(span, i32::try_from(width).unwrap_or(1_600) - 470, 16, TEXT_FAINT)?;
    if data.is_simulated {
        write(
            "DEMO simulated".to_owned(),
            i32::try_from(width).unwrap_or(1_600) - 680,
            16,
            ACCENT,
        )?;
    }
    Ok(())
}

fn draw_price<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    data: &PlotData,
    frame: &Frame,
) -> Result<(), String> {
    let mut chart = ChartBuilder::on(area)
        .set_label_area_size(plotters::chart::LabelAreaPosition::Right, PRICE_AXIS_PX)
        .margin_left(16)
        .build_cartesian_2d(frame.from_ms..frame.to_ms, frame.low..frame.high)
        .map_err(|error| error.to_string())?;
    let decimals = data.price_decimals;
    draw_depth(&mut chart, data, frame)?;
    draw_gaps(&mut chart, data, (frame.low, frame.high))?;
    draw_best(&mut chart, data)?;
    draw_prints(&mut chart, data)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(GRID.mix(0.0))
        .bold_line_style(GRID.mix(0.5))
        .axis_style(GRID)
        .y_labels(10)
        .label_style((FONT, 14).into_font().color(&TEXT_FAINT))
        .y_label_formatter(&|price| format!("{price:.decimals$}"))
        .draw()
        .map_err(|error| error.to_string())
}

fn draw_depth<B: DrawingBackend>(
    chart: &mut Chart<'_, B>,
    data: &PlotData,
    frame: &Frame,
) -> Result<(), String> {
    let height = depth::bin_height(frame);
    let edges: Vec<f64> = data.columns.iter().map(|column| ms(column.at)).collect();
    let left_of = |column: usize| edges[column.saturating_sub(1)];
    let cells = depth::runs(data, frame).into_iter().map(|run| {
        let low = frame.low + run.bin as f64 * height;
        let corners = [(left_of(run.first_column), low), (left_of(run.end_column), low + height)];
        Rectangle::new(corners, shade(run.shade).filled())
    });
    chart.draw_series(cells).map_err(|error| error.to_string())?;
    Ok(())
}

/// Time without a right book is amber, not the last book carried on.
fn draw_gaps<B: DrawingBackend>(
    chart: &mut Chart<'_, B>,
    data: &PlotData,
    (low, high): (f64, f64),
) -> Result<(), String> {
    let pairs = data.columns.windows(2).filter(|pair| !pair[1].is_good);
    let gaps = pairs.map(|pair| {
        Rectangle::new([(ms(pair[0].at), low), (ms(pair[1].at), high)], WARN.mix(0.25).filled())
    });
    chart.draw_series(gaps).map_err(|error| error.to_string())?;
    Ok(())
}

fn draw_best<B: DrawingBackend>(chart: &mut Chart<'_, B>, data: &PlotData) -> Result<(), String> {
    for stretch in data.columns.split(|column| !column.is_good) {
        let bids = stretch.iter().filter_map(|column| Some((ms(column.at), column.best_bid?)));
        let asks = stretch.iter().filter_map(|column| Some((ms(column.at), column.best_ask?)));
        chart.draw_series(LineSeries::new(bids, BID)).map_err(|error| error.to_string())?;
        chart.draw_series(LineSeries::new(asks, ASK)).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// A trade's area is its size.
fn draw_prints<B: DrawingBackend>(chart: &mut Chart<'_, B>, data: &PlotData) -> Result<(), String> {
    let largest = data.prints.iter().map(|print| print.size).fold(0.0, f64::max);
    if largest <= 0.0 {
        return Ok(());
    }
    let dots = data.prints.iter().map(|print| {
        let radius = ((print.size / largest).sqrt() * RADIUS_MAX_PX).round().max(1.0) as i32;
        let colour = match print.taker {
            Side::Buy => BID,
            Side::Sell => ASK,
        };
        Circle::new((ms(print.at), print.price), radius, colour.mix(0.75).filled())
    });
    chart.draw_series(dots).map_err(|error| error.to_string())?;
    Ok(())
}

fn draw_volume<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    data: &PlotData,
    frame: &Frame,
) -> Result<(), String> {
    let most = if frame.volume_max > 0.0 { frame.volume_max * 1.05 } else { 1.0 };
    let mut chart = ChartBuilder::on(area)
        .set_label_area_size(plotters::chart::LabelAreaPosition::Right, PRICE_AXIS_PX)
        .set_label_area_size(plotters::chart::LabelAreaPosition::Bottom, 32)
        .margin_left(16)
        .margin_top(6)
        .build_cartesian_2d(frame.from_ms..frame.to_ms, -most..most)
        .map_err(|error| error.to_string())?;
    chart
        .configure_mesh()
        .light_line_style(GRID.mix(0.0))
        .bold_line_style(GRID.mix(0.5))
        .axis_style(GRID)
        .x_labels(10)
        .y_labels(3)
        .label_style((FONT, 14).into_font().color(&TEXT_FAINT))
        .x_label_formatter(&|at| clock(*at))
        .y_label_formatter(&|volume| format!("{:.3}", volume.abs()))
        .draw()
        .map_err(|error| error.to_string())?;
    volume::draw(&mut chart, data)
}

fn moment(unix_ms: f64) -> Timestamp {
    Timestamp::from_millis(unix_ms as i64)
}

/// Time of day to the second.
fn clock(unix_ms: f64) -> String {
    moment(unix_ms).to_string().get(11..19).unwrap_or_default().to_owned()
}
