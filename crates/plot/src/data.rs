//! What a chart is drawn from: columns of time, sampled by the caller.

use market::{Side, Timestamp};

/// One column of a chart: the book at its close, and what was traded in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlotColumn {
    /// The moment of its close.
    pub at: Timestamp,
    /// Whether the book was right then; otherwise the column is hatched.
    pub is_good: bool,
    /// Best bid.
    pub best_bid: Option<f64>,
    /// Best ask.
    pub best_ask: Option<f64>,
    /// Prices and the sizes that rest there, in base units.
    pub levels: Vec<(f64, f64)>,
    /// The prices between which the levels are all that rests; beyond them nothing is known. `None`: known everywhere.
    pub known: Option<(f64, f64)>,
    /// Volume of takers who bought.
    pub bought: f64,
    /// Volume of takers who sold.
    pub sold: f64,
}

/// A trade on a chart, or several of one column, price and side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlotPrint {
    /// When it was received.
    pub at: Timestamp,
    /// Its price; of several, the mean by size.
    pub price: f64,
    /// Its size in base units.
    pub size: f64,
    /// The taker.
    pub taker: Side,
}

/// A span of a recording, ready to be drawn. Figures are for drawing only.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlotData {
    /// Instrument and venue.
    pub title: String,
    /// The asset in which sizes are; empty when it is not known.
    pub base: String,
    /// Whether the market was simulated: the chart says so.
    pub is_simulated: bool,
    /// Decimals of prices.
    pub price_decimals: usize,
    /// The smallest step of a price; 0 when it is not known.
    pub tick_size: f64,
    /// Equal spans of time, oldest first.
    pub columns: Vec<PlotColumn>,
    /// Spans in which the book was not right, in order; those that are shorter than a column are drawn as well.
    pub gaps: Vec<(Timestamp, Timestamp)>,
    /// The trades of the span. Those of one column, price and side may be told as one: the chart merges them.
    pub prints: Vec<PlotPrint>,
}

/// The times and prices of a chart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Range {
    pub(crate) from_ms: f64,
    pub(crate) to_ms: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl PlotData {
    /// Prices from the lowest bid to the highest ask of the span, with room for depth around them; `None` when no
    /// column holds a right book.
    pub(crate) fn range(&self) -> Option<Range> {
        let good = || self.columns.iter().filter(|column| column.is_good);
        let bids = good().filter_map(|column| column.best_bid);
        let asks = good().filter_map(|column| column.best_ask);
        let low = bids.fold(f64::INFINITY, f64::min);
        let high = asks.fold(f64::NEG_INFINITY, f64::max);
        if !low.is_finite() || !high.is_finite() || low > high {
            return None;
        }
        let reach = self.usual_reach().max(10.0 * self.tick_size);
        let room = ((high - low) * 0.5).max(reach).max(high.abs() * 1e-9);
        let (first, last) = (self.columns.first()?, self.columns.last()?);
        Some(Range {
            from_ms: ms(first.at) - self.column_ms(),
            to_ms: ms(last.at),
            low: low - room,
            high: high + room,
        })
    }

    /// Length of a column in ms.
    pub(crate) fn column_ms(&self) -> f64 {
        let n_steps = self.columns.len().saturating_sub(1).max(1);
        match (self.columns.first(), self.columns.last()) {
            (Some(first), Some(last)) if first.at < last.at => {
                (ms(last.at) - ms(first.at)) / n_steps as f64
            }
            (Some(_), Some(_)) | (None, _) | (_, None) => 1_000.0,
        }
    }

    /// How far depth is worth showing when the price hardly moves: the distance of the 20th level of the middle column.
    fn usual_reach(&self) -> f64 {
        let good = || self.columns.iter().filter(|column| column.is_good);
        let Some(column) = good().nth(good().count() / 2) else { return 0.0 };
        let (Some(bid), Some(ask)) = (column.best_bid, column.best_ask) else { return 0.0 };
        let mid = f64::midpoint(bid, ask);
        let mut distances: Vec<f64> =
            column.levels.iter().map(|(price, _)| (price - mid).abs()).collect();
        distances.sort_by(f64::total_cmp);
        distances.get(40).or(distances.last()).copied().unwrap_or(0.0)
    }
}

/// Unix ms for drawing.
pub(crate) fn ms(at: Timestamp) -> f64 {
    at.nanos() as f64 / 1e6
}
