//! The picture: title, heatmap with its axes, volume, legend.

use plotters::prelude::DrawingBackend;
use plotters::style::Color;

use crate::axis::{date_and_time, multiples, price_step, short, time_step_ms};
use crate::canvas::{Anchor, Area, Canvas, text_width};
use crate::colour::{ACCENT, APP, ASK, BID, LINE, RAISED, TEXT_1, TEXT_2, TEXT_3, glacier};
use crate::data::{PlotData, Range};
use crate::heat::{self, Bins, Contrast, Grain, Window};
use crate::trades::{draw_dots, draw_touch, draw_volume, unit};

const MARGIN: i32 = 16;
const TITLE_HEIGHT: i32 = 48;
const AXIS_HEIGHT: i32 = 26;
const LEGEND_HEIGHT: i32 = 34;
const LANE_GAP: i32 = 8;
/// Height of a label.
const LABEL: u32 = 13;
/// Between a panel and a label of its axis.
const TICK: i32 = 11;
/// Width of the ramp in the legend.
const RAMP: i32 = 160;

/// Draws all of it.
pub(crate) fn draw<B: DrawingBackend>(
    canvas: &mut Canvas<B>,
    data: &PlotData,
    range: Range,
    (width, height): (u32, u32),
    grain: Grain,
) {
    let (width, height) = (width as i32, height as i32);
    canvas.fill(Area { left: 0, top: 0, right: width, bottom: height }, APP);
    let widest = text_width(&price_text(range.high, data.price_decimals), LABEL);
    let bottom = height - LEGEND_HEIGHT - AXIS_HEIGHT;
    let right = width - widest - TICK - MARGIN;
    let lane = Area { left: MARGIN, top: bottom - height / 7, right, bottom };
    let area = Area { top: TITLE_HEIGHT, bottom: lane.top - LANE_GAP, ..lane };
    let window = Window { area, range };
    let bins = Bins::of(data, &window, grain);
    let contrast = Contrast::of(&bins);
    heat::draw(canvas, data, &window, &bins, (contrast, grain));
    draw_touch(canvas, data, &window);
    draw_dots(canvas, data, &window, bins.height);
    draw_volume(canvas, data, &window, lane);
    draw_price_axis(canvas, data, &window);
    draw_time_axis(canvas, &window, lane);
    draw_title(canvas, data, range, width);
    draw_legend(canvas, data, (contrast, bins.height), (width, height));
}

fn price_text(price: f64, n_decimals: usize) -> String {
    format!("{price:.n_decimals$}")
}

/// Round prices, and the middle price at the end of the span in a tag of its own.
fn draw_price_axis<B: DrawingBackend>(canvas: &mut Canvas<B>, data: &PlotData, window: &Window) {
    let Window { area, range } = *window;
    let n_max = usize::try_from(area.height() / 56).unwrap_or(1);
    let (step, n_needed) = price_step(range.high - range.low, n_max);
    let n_decimals = n_needed.max(data.price_decimals);
    let last = data.columns.iter().rev().find(|column| column.is_good);
    let last = last.and_then(|column| Some(f64::midpoint(column.best_bid?, column.best_ask?)));
    let tag_y = last.map(|price| window.y_from_price(price).round() as i32);
    for price in multiples(range.low, range.high, step) {
        let y = window.y_from_price(price).round() as i32;
        let is_clear = tag_y.is_none_or(|tag| (tag - y).abs() > 20);
        if !(area.top + 8..area.bottom - 8).contains(&y) || !is_clear {
            continue;
        }
        canvas.line(vec![(area.right, y), (area.right + 5, y)], LINE.to_rgba(), 1);
        let text = price_text(price, n_decimals);
        canvas.text(&text, (area.right + TICK, y), LABEL, TEXT_2, Anchor::Left);
    }
    if let (Some(price), Some(y)) = (last, tag_y) {
        let text = price_text(price, data.price_decimals);
        let right = area.right + TICK + text_width(&text, LABEL) + 5;
        let tag = Area { left: area.right + TICK - 5, top: y - 11, right, bottom: y + 11 };
        canvas.fill(tag, LINE);
        canvas.text(&text, (area.right + TICK, y), LABEL, TEXT_1, Anchor::Left);
    }
}

fn draw_time_axis<B: DrawingBackend>(canvas: &mut Canvas<B>, window: &Window, lane: Area) {
    let range = window.range;
    let n_max = usize::try_from(lane.width() / 120).unwrap_or(1);
    let step = time_step_ms(range.to_ms - range.from_ms, n_max);
    let half = text_width("00:00:00", LABEL) / 2;
    let y = lane.bottom + 16;
    for ms in multiples(range.from_ms, range.to_ms, step) {
        let x = window.x_from_ms(ms);
        canvas.line(vec![(x, lane.bottom), (x, lane.bottom + 5)], LINE.to_rgba(), 1);
        if x - half >= lane.left && x + half <= lane.right {
            let (_, time) = date_and_time(ms);
            canvas.text(&time, (x, y), LABEL, TEXT_2, Anchor::Middle);
        }
    }
    canvas.text("UTC", (lane.right + TICK, y), LABEL, TEXT_3, Anchor::Left);
}

fn draw_title<B: DrawingBackend>(
    canvas: &mut Canvas<B>,
    data: &PlotData,
    range: Range,
    width: i32,
) {
    let y = TITLE_HEIGHT / 2;
    let mut x = MARGIN + canvas.text(&data.title, (MARGIN, y), 20, TEXT_1, Anchor::Left) + 20;
    if data.is_simulated {
        let text = "DEMO simulated";
        let right = x + text_width(text, LABEL) + 20;
        canvas.fill(Area { left: x, top: y - 12, right, bottom: y + 12 }, RAISED);
        canvas.text(text, (x + 10, y), LABEL, ACCENT, Anchor::Left);
        x = right + 20;
    }
    let ((date, from), (end_date, to)) = (date_and_time(range.from_ms), date_and_time(range.to_ms));
    let to = if date == end_date { to } else { format!("{end_date} {to}") };
    let span = format!("{date} {from} to {to} UTC");
    if x + text_width(&span, 14) < width - MARGIN {
        canvas.text(&span, (width - MARGIN, y), 14, TEXT_2, Anchor::Right);
    }
}

/// What the colours mean: sides, bins, and the ramp with its ends.
fn draw_legend<B: DrawingBackend>(
    canvas: &mut Canvas<B>,
    data: &PlotData,
    (contrast, bin_height): (Contrast, f64),
    (width, height): (i32, i32),
) {
    let y = height - LEGEND_HEIGHT / 2 - 2;
    let mut x = MARGIN;
    for (text, colour) in [("best bid, bought", BID), ("best ask, sold", ASK)] {
        canvas.line(vec![(x, y), (x + 18, y)], colour.to_rgba(), 1);
        canvas.circle((x + 9, y), 4, colour.to_rgba());
        x += 26;
        x += canvas.text(text, (x, y), LABEL, TEXT_2, Anchor::Left) + 26;
    }
    let digits = data.price_decimals;
    let low = short(contrast.low);
    let high = unit(&short(contrast.high), &data.base);
    let cut = format!("resting per {bin_height:.digits$}");
    let ramp_right = width - MARGIN - text_width(&high, LABEL) - 8;
    let ramp_left = ramp_right - RAMP;
    let low_left = ramp_left - 8 - text_width(&low, LABEL);
    let cut_left = low_left - 16 - text_width(&cut, LABEL);
    if cut_left < x {
        return;
    }
    canvas.text(&cut, (cut_left, y), LABEL, TEXT_3, Anchor::Left);
    canvas.text(&low, (low_left, y), LABEL, TEXT_2, Anchor::Left);
    canvas.text(&high, (ramp_right + 8, y), LABEL, TEXT_2, Anchor::Left);
    for left in (0..RAMP).step_by(4) {
        let colour = glacier(f64::from(left) / f64::from(RAMP - 4));
        let left = ramp_left + left;
        canvas.fill(Area { left, right: left + 4, top: y - 6, bottom: y + 6 }, colour);
    }
}
