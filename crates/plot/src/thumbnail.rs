//! A recording at a glance: mid price, volume, gaps.

use plotters::prelude::DrawingBackend;
use plotters::style::Color;

use crate::canvas::{Area, Canvas};
use crate::colour::{LINE, PANEL, TEXT_1};
use crate::data::PlotData;
use crate::heat::hatch;

/// Width and height of a thumbnail in pixels.
pub const THUMBNAIL_SIZE: (u32, u32) = (112, 38);
const WIDTH: i32 = THUMBNAIL_SIZE.0 as i32;
const HEIGHT: i32 = THUMBNAIL_SIZE.1 as i32;
/// Height of the tallest bar of volume.
const BARS_HEIGHT: f64 = 14.0;
/// Pixels above and below the price line.
const ROOM: f64 = 4.0;

/// Draws it.
pub(crate) fn draw<B: DrawingBackend>(canvas: &mut Canvas<B>, data: &PlotData) {
    let whole = Area { left: 0, top: 0, right: WIDTH, bottom: HEIGHT };
    canvas.fill(whole, PANEL);
    let slices = slices(data);
    let most = slices.iter().map(|slice| slice.volume).fold(f64::MIN_POSITIVE, f64::max);
    let mut gap_from = None;
    for (x, slice) in (0..).zip(&slices) {
        if slice.has_data {
            end_gap(canvas, gap_from.take(), x);
            let height = (slice.volume / most * BARS_HEIGHT).ceil() as i32;
            canvas.fill(Area { left: x, right: x + 1, top: HEIGHT - height, ..whole }, LINE);
        } else {
            gap_from.get_or_insert(x);
        }
    }
    end_gap(canvas, gap_from, WIDTH);
    draw_price(canvas, &slices);
}

/// What one column of pixels shows.
#[derive(Clone, Copy, Debug, Default)]
struct Slice {
    middle: Option<f64>,
    volume: f64,
    has_data: bool,
}

fn slices(data: &PlotData) -> Vec<Slice> {
    let n_columns = data.columns.len();
    let slice = |x: usize| {
        let from = x * n_columns / WIDTH as usize;
        let to = ((x + 1) * n_columns / WIDTH as usize).max(from + 1);
        let mut slice = Slice::default();
        for column in data.columns.get(from..to).unwrap_or_default() {
            slice.volume += column.bought + column.sold;
            slice.has_data |= column.is_good;
            if let (true, Some(bid), Some(ask)) = (column.is_good, column.best_bid, column.best_ask)
            {
                slice.middle = Some(f64::midpoint(bid, ask));
            }
        }
        slice
    };
    (0..WIDTH as usize).map(slice).collect()
}

fn end_gap<B: DrawingBackend>(canvas: &mut Canvas<B>, from: Option<i32>, right: i32) {
    if let Some(left) = from {
        hatch(canvas, Area { left, top: 0, right, bottom: HEIGHT });
    }
}

fn draw_price<B: DrawingBackend>(canvas: &mut Canvas<B>, slices: &[Slice]) {
    let prices = || slices.iter().filter_map(|slice| slice.middle);
    let (low, high) = (prices().fold(f64::MAX, f64::min), prices().fold(f64::MIN, f64::max));
    let range = (high - low).max(f64::MIN_POSITIVE);
    let mut line = Vec::new();
    for (x, slice) in (0..).zip(slices) {
        match slice.middle {
            Some(price) => {
                let y = ROOM + (high - price) / range * (f64::from(HEIGHT) - 2.0 * ROOM);
                line.push((x, y.round() as i32));
            }
            None => end_line(canvas, &mut line),
        }
    }
    end_line(canvas, &mut line);
}

fn end_line<B: DrawingBackend>(canvas: &mut Canvas<B>, line: &mut Vec<(i32, i32)>) {
    let line = std::mem::take(line);
    if line.len() > 1 {
        canvas.line(line, TEXT_1.to_rgba(), 1);
    }
}
