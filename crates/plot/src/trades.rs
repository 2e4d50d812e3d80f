//! Trade dots, the lines of best bid and ask, and the lane of what was bought and sold.

use std::collections::BTreeMap;

use market::Side;
use plotters::prelude::DrawingBackend;
use plotters::style::{Color, RGBColor};

use crate::axis::short;
use crate::canvas::{Anchor, Area, Canvas};
use crate::colour::{ASK, BID, LINE, PANEL, RIM, TEXT_2, TEXT_3};
use crate::data::{PlotColumn, PlotData, ms};
use crate::heat::Window;

/// Radius in pixels of a dot that is larger than 99 of 100.
const RADIUS: f64 = 9.5;
/// The share of the dots that are smaller.
const PERCENTILE: f64 = 0.99;
/// Radius of the largest dot, in pixels.
const RADIUS_MAX: f64 = 15.0;
/// Radius of the least.
const RADIUS_MIN: f64 = 1.6;
/// Radius from which a dot has a rim.
const RADIUS_RIMMED: f64 = 2.5;
/// Height of a label.
const LABEL: u32 = 12;

type PriceOf = fn(&PlotColumn) -> Option<f64>;

/// Draws the lines of best bid and ask; they break where there is no book.
pub(crate) fn draw_touch<B: DrawingBackend>(
    canvas: &mut Canvas<B>,
    data: &PlotData,
    window: &Window,
) {
    let sides: [(PriceOf, RGBColor); 2] =
        [(|column| column.best_bid, BID), (|column| column.best_ask, ASK)];
    for (price_of, colour) in sides {
        let mut points: Vec<(i32, i32)> = Vec::new();
        for (index, column) in data.columns.iter().enumerate() {
            let price = price_of(column).filter(|_| column.is_good);
            let Some(price) = price else {
                end_line(canvas, &mut points, colour);
                continue;
            };
            let y = window.y_from_price(price).round() as i32;
            let (left, right) = window.xs_of_column(data, index);
            points.extend([(left, y), (right.min(window.area.right - 1), y)]);
        }
        end_line(canvas, &mut points, colour);
    }
}

fn end_line<B: DrawingBackend>(
    canvas: &mut Canvas<B>,
    points: &mut Vec<(i32, i32)>,
    colour: RGBColor,
) {
    let mut points = std::mem::take(points);
    points.dedup();
    if points.len() > 1 {
        canvas.line(points, colour.to_rgba(), 1);
    }
}

/// Draws the trades, merged per column, bin and side: the area of a dot is its size. The largest lie below.
pub(crate) fn draw_dots<B: DrawingBackend>(
    canvas: &mut Canvas<B>,
    data: &PlotData,
    window: &Window,
    bin_height: f64,
) {
    let Window { area, range } = *window;
    let dots = dots(data, window, bin_height);
    // Dots are sorted from the largest on.
    let index = (dots.len() as f64 * (1.0 - PERCENTILE)) as usize;
    let usual = dots.get(index).map_or(f64::MIN_POSITIVE, |dot| dot.size);
    for dot in dots.iter().filter(|dot| (range.low..=range.high).contains(&dot.price())) {
        let radius = (RADIUS * (dot.size / usual).sqrt()).clamp(RADIUS_MIN, RADIUS_MAX);
        let room = radius.ceil() as i32 + 1;
        let (x, y) = (window.x_from_ms(dot.ms), window.y_from_price(dot.price()).round() as i32);
        let at = (
            x.clamp(area.left + room, area.right - room),
            y.clamp(area.top + room, area.bottom - room),
        );
        if radius >= RADIUS_RIMMED {
            canvas.circle(at, radius.round() as i32 + 1, RIM.to_rgba());
        }
        canvas.circle(at, radius.round() as i32, dot.colour.to_rgba());
    }
}

/// Trades in one place.
struct Dot {
    /// The middle of its column.
    ms: f64,
    size: f64,
    value: f64,
    colour: RGBColor,
}

impl Dot {
    /// The volume-weighted mean price.
    fn price(&self) -> f64 {
        self.value / self.size
    }
}

/// A dot for each column, bin and side in which there were trades, the largest first.
fn dots(data: &PlotData, window: &Window, bin_height: f64) -> Vec<Dot> {
    let (from_ms, column_ms) = (window.range.from_ms, data.column_ms());
    let last_column = data.columns.len().saturating_sub(1) as f64;
    let mut places: BTreeMap<(i64, i64, Side), Dot> = BTreeMap::new();
    for print in data.prints.iter().filter(|print| print.size > 0.0) {
        let column = ((ms(print.at) - from_ms) / column_ms).floor().clamp(0.0, last_column);
        let bin = (print.price / bin_height + 1e-6).floor();
        let colour = match print.taker {
            Side::Buy => BID,
            Side::Sell => ASK,
        };
        let middle = from_ms + (column + 0.5) * column_ms;
        let empty = Dot { ms: middle, size: 0.0, value: 0.0, colour };
        let dot = places.entry((column as i64, bin as i64, print.taker)).or_insert(empty);
        dot.size += print.size;
        dot.value += print.size * print.price;
    }
    let mut dots: Vec<Dot> = places.into_values().collect();
    dots.sort_by(|a, b| b.size.total_cmp(&a.size));
    dots
}

/// Draws what was bought upwards and what was sold downwards.
pub(crate) fn draw_volume<B: DrawingBackend>(
    canvas: &mut Canvas<B>,
    data: &PlotData,
    window: &Window,
    lane: Area,
) {
    canvas.fill(lane, PANEL);
    let middle = i32::midpoint(lane.top, lane.bottom);
    canvas.line(vec![(lane.left, middle), (lane.right - 1, middle)], LINE.to_rgba(), 1);
    let bars = bars(data, window);
    let most = bars.iter().flat_map(|bar| [bar.bought, bar.sold]).fold(0.0, f64::max);
    if most <= 0.0 {
        let label = (lane.left + 8, lane.top + 11);
        canvas.text("no trades", label, LABEL, TEXT_3, Anchor::Left);
        return;
    }
    let room = f64::from(lane.height() / 2 - 4);
    let height = |volume: f64| (volume / most * room).round() as i32;
    for bar in &bars {
        let (left, right) = (bar.left, bar.right);
        let up = Area { left, right, top: middle - height(bar.bought), bottom: middle };
        let down = Area { left, right, top: middle + 1, bottom: middle + 1 + height(bar.sold) };
        canvas.fill(up, BID);
        canvas.fill(down, ASK);
    }
    for y in [lane.top + 4, lane.bottom - 4] {
        canvas.line(vec![(lane.right, y), (lane.right + 5, y)], LINE.to_rgba(), 1);
        canvas.text(&short(most), (lane.right + 11, y), LABEL, TEXT_2, Anchor::Left);
    }
}

/// A figure and its unit, when that is known.
pub(crate) fn unit(figure: &str, base: &str) -> String {
    if base.is_empty() { figure.to_owned() } else { format!("{figure} {base}") }
}

/// What was traded in a few pixels' time.
struct Bar {
    left: i32,
    right: i32,
    bought: f64,
    sold: f64,
}

/// The columns in bars of at least three pixels, a gap of one between them.
fn bars(data: &PlotData, window: &Window) -> Vec<Bar> {
    const WIDTH: i32 = 4;
    let mut bars: Vec<Bar> = Vec::new();
    for (index, column) in data.columns.iter().enumerate() {
        let (x, end) = window.xs_of_column(data, index);
        let left = window.area.left + (x - window.area.left).div_euclid(WIDTH) * WIDTH;
        match bars.last_mut().filter(|bar| bar.left == left) {
            Some(bar) => {
                bar.bought += column.bought;
                bar.sold += column.sold;
            }
            None => {
                let right = (end.max(left + WIDTH)).min(window.area.right) - 1;
                bars.push(Bar { left, right, bought: column.bought, sold: column.sold });
            }
        }
    }
    bars
}
