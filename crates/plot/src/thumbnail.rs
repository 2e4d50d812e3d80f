//! A recording at a glance: mid price, event density, gaps.

use plotters::prelude::DrawingBackend;
use plotters::style::Color;
use view::Glance;

use crate::canvas::{Area, Canvas};
use crate::colour::{PANEL, TEXT_1, glacier};
use crate::heat::hatch;

/// Width and height of a thumbnail in pixels: it is shown at half its size, so that it is sharp on any screen.
pub const THUMBNAIL_SIZE: (u32, u32) = (224, 76);
const WIDTH: i32 = THUMBNAIL_SIZE.0 as i32;
const HEIGHT: i32 = THUMBNAIL_SIZE.1 as i32;
/// Height of the tallest bar of density.
const BARS_HEIGHT: f64 = 40.0;
/// Pixels above and below the price line.
const ROOM: f64 = 9.0;
/// Where on the ramp the bars take their colour: dim, so that the price stands before them.
const BARS_COLOUR: f64 = 0.34;

/// Draws it.
pub(crate) fn draw<B: DrawingBackend>(canvas: &mut Canvas<B>, glance: &Glance) {
    let whole = Area { left: 0, top: 0, right: WIDTH, bottom: HEIGHT };
    canvas.fill(whole, PANEL);
    let n_slices = i32::try_from(glance.slices.len()).unwrap_or(i32::MAX).max(1);
    let x_of = |index: i32| (i64::from(index) * i64::from(WIDTH) / i64::from(n_slices)) as i32;
    let most = glance.slices.iter().map(|slice| slice.n_packets).max().unwrap_or(0).max(1);
    let mut gap_from = None;
    for (index, slice) in (0..).zip(&glance.slices) {
        let (left, right) = (x_of(index), x_of(index + 1));
        if slice.has_gap {
            gap_from.get_or_insert(left);
            continue;
        }
        end_gap(canvas, gap_from.take(), left);
        let height = (slice.n_packets as f64 / most as f64 * BARS_HEIGHT).ceil() as i32;
        canvas.fill(Area { left, right, top: HEIGHT - height, ..whole }, glacier(BARS_COLOUR));
    }
    end_gap(canvas, gap_from, WIDTH);
    draw_price(canvas, glance, x_of);
}

/// Hatches a gap that ends before `right`; the shortest is three pixels wide, so that it is seen.
fn end_gap<B: DrawingBackend>(canvas: &mut Canvas<B>, from: Option<i32>, right: i32) {
    if let Some(left) = from {
        let right = right.max(left + 3).min(WIDTH);
        hatch(canvas, Area { left, top: 0, right, bottom: HEIGHT });
    }
}

fn draw_price<B: DrawingBackend>(
    canvas: &mut Canvas<B>,
    glance: &Glance,
    x_of: impl Fn(i32) -> i32,
) {
    let prices = || glance.slices.iter().filter_map(|slice| slice.middle);
    let (low, high) = (prices().fold(f64::MAX, f64::min), prices().fold(f64::MIN, f64::max));
    let range = (high - low).max(f64::MIN_POSITIVE);
    let mut line = Vec::new();
    for (index, slice) in (0..).zip(&glance.slices) {
        match slice.middle.filter(|_| !slice.has_gap) {
            Some(price) => {
                let y = ROOM + (high - price) / range * (f64::from(HEIGHT) - 2.0 * ROOM);
                line.push((x_of(index), y.round() as i32));
            }
            None => end_line(canvas, &mut line),
        }
    }
    end_line(canvas, &mut line);
}

fn end_line<B: DrawingBackend>(canvas: &mut Canvas<B>, line: &mut Vec<(i32, i32)>) {
    let line = std::mem::take(line);
    if line.len() > 1 {
        canvas.line(line, TEXT_1.to_rgba(), 2);
    }
}
