//! The panels at a moment as plain data, for programs: prices and sizes as exact texts.

use market::{Bar, Cause, Market, Side};

use crate::candles::Closing;
use crate::code::{CODE_UNKNOWN, size_from_code};
use crate::cursor::closing;
use crate::health::Health;
use crate::heat::{BookBins, Column, ColumnState};
use crate::instrument_view::InstrumentView;
use crate::ladder::{Ladder, RowHit};
use crate::panels_past::{PastPanel, past};
use crate::screen::{Settings, Shown};
use crate::units::Units;

/// Prints that are listed.
const PRINTS_LISTED: usize = 50;
/// Closed bars that are listed beside the newest.
const BARS_LISTED: usize = 100;

/// All panels of an instrument at their default settings. Times are RFC 3339 in UTC.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Panels {
    /// The venue's symbol.
    pub symbol: String,
    /// How far the book can be believed.
    pub health: Health,
    /// Best bid.
    pub best_bid: Option<String>,
    /// Best ask.
    pub best_ask: Option<String>,
    /// Price of the last trade.
    pub last_price: Option<String>,
    /// The ladder.
    pub ladder: LadderPanel,
    /// The last 50 prints, newest first.
    pub tape: Vec<TapeRow>,
    /// The newest bar and the 100 before it, oldest first.
    pub candles: CandlesPanel,
    /// The heatmap; `null` before the first good book.
    pub heatmap: Option<HeatPanel>,
    /// Spans in which the book was not right, oldest first.
    pub gaps: Vec<GapRow>,
    /// What the venue told of the time before, apart from all above; absent where it told nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub past: Option<PastPanel>,
}

/// The ladder.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct LadderPanel {
    /// The rows with anything in them, from the highest price down.
    pub rows: Vec<LadderRow>,
    /// Sum of the bids in 512 rows round the middle.
    pub bid_sum: String,
    /// Sum of the asks there.
    pub ask_sum: String,
    /// The highest price that is known; `null`: all upwards.
    pub known_high: Option<String>,
    /// The lowest price that is known; `null`: all downwards.
    pub known_low: Option<String>,
    /// The price with the most volume of the session.
    pub point_of_control: Option<String>,
}

/// A row of the ladder.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct LadderRow {
    /// Its price.
    pub price: String,
    /// What is bid.
    pub bid: String,
    /// What is asked.
    pub ask: String,
    /// What was traded.
    pub volume: String,
    /// Change of the bid in two seconds that trades do not explain.
    pub bid_delta: String,
    /// The same of the ask.
    pub ask_delta: String,
    /// The last hit.
    pub hit: RowHit,
}

/// A print.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct TapeRow {
    /// Its number, from 0.
    pub number: u64,
    /// The venue's time.
    pub traded_at: String,
    /// The last price.
    pub price: String,
    /// The quantity of all fills.
    pub size: String,
    /// How many fills.
    pub fills: u32,
    /// `buy` or `sell`.
    pub taker: &'static str,
}

/// The candles.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct CandlesPanel {
    /// Length of a bar.
    pub interval_s: u32,
    /// Oldest first.
    pub bars: Vec<CandleRow>,
}

/// A bar.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct CandleRow {
    /// Where it begins, the venue's time.
    pub opened_at: String,
    /// First price.
    pub open: String,
    /// Highest price.
    pub high: String,
    /// Lowest price.
    pub low: String,
    /// Last price.
    pub close: String,
    /// Quantity.
    pub volume: String,
    /// Quantity bought less quantity sold.
    pub delta: String,
    /// Trades.
    pub n_trades: u64,
    /// How many of them were missed, and told by the venue afterwards.
    #[serde(skip_serializing_if = "is_none_of_them")]
    pub n_told: u64,
    /// Whether it is closed.
    pub is_closed: bool,
    /// Whether data were missing within it that the venue did not tell afterwards.
    pub is_touched_by_gap: bool,
}

/// The heatmap.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct HeatPanel {
    /// Length of a column.
    pub column_ms: u32,
    /// Height of a bin.
    pub bin: String,
    /// Columns that are kept, the forming one included.
    pub n_columns: u64,
    /// The last column that is closed.
    pub last_closed: Option<HeatColumn>,
    /// The one that forms.
    pub forming: HeatColumn,
}

/// A column of the heatmap in short.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct HeatColumn {
    /// Its number: Unix time divided by its length.
    pub number: i64,
    /// What it tells.
    pub state: ColumnState,
    /// Best bid at the close.
    pub best_bid: Option<String>,
    /// Best ask at the close.
    pub best_ask: Option<String>,
    /// What takers bought.
    pub bought: String,
    /// What takers sold.
    pub sold: String,
    /// Bins that are known.
    pub n_known: usize,
    /// Bins in which something rests.
    pub n_filled: usize,
    /// The price at the bottom of the bin with the most.
    pub largest_at: Option<String>,
    /// What rests there, to 0.04 %.
    pub largest: Option<f64>,
}

/// A span in which the book was not right.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct GapRow {
    /// From.
    pub from: String,
    /// To; `null` while it lasts.
    pub to: Option<String>,
    /// Why.
    pub cause: &'static str,
}

impl InstrumentView {
    /// The panels as they stand.
    pub fn panels(&self, market: &Market) -> Panels {
        let units = Units::of(market.instrument());
        let touch = crate::reach::Touch::of(market);
        let price = |price: i64| units.text_from_price(price).to_string();
        Panels {
            symbol: market.instrument().symbol.clone(),
            health: self.health(),
            best_bid: touch.bid.map(price),
            best_ask: touch.ask.map(price),
            last_price: self.last_trade().map(|(last, _)| price(last.0)),
            ladder: ladder(self, market, units),
            tape: tape(self, units),
            candles: candles(self, market, units),
            heatmap: heatmap(self, market, units),
            gaps: self.gaps().map(gap_row).collect(),
            past: past(market, units),
        }
    }
}

fn ladder(view: &InstrumentView, market: &Market, units: Units) -> LadderPanel {
    let mut ladder = Ladder::default();
    ladder.state(view, market, Settings::default().group());
    let price = |row: i64| units.text_from_price(row.saturating_mul(ladder.step)).to_string();
    let size = |size: i64| units.text_from_quantity(size).to_string();
    let row = |index: usize| LadderRow {
        price: price(ladder.top_row - index as i64),
        bid: size(ladder.bids[index]),
        ask: size(ladder.asks[index]),
        volume: size(ladder.volumes[index]),
        bid_delta: size(ladder.bid_deltas[index]),
        ask_delta: size(ladder.ask_deltas[index]),
        hit: ladder.hits[index],
    };
    LadderPanel {
        rows: (0..ladder.n_rows()).filter(|index| ladder.has_any(*index)).map(row).collect(),
        bid_sum: units.text_from_sum(ladder.bid_sum),
        ask_sum: units.text_from_sum(ladder.ask_sum),
        known_high: ladder.highest_known_row.map(price),
        known_low: ladder.lowest_known_row.map(price),
        point_of_control: ladder.largest_row.map(price),
    }
}

fn tape(view: &InstrumentView, units: Units) -> Vec<TapeRow> {
    let mut rows: Vec<TapeRow> = view
        .prints(PRINTS_LISTED)
        .map(|print| TapeRow {
            number: print.number,
            traded_at: print.traded_at.to_string(),
            price: units.text_from_price(print.price.0).to_string(),
            size: units.text_from_quantity(print.quantity.0).to_string(),
            fills: print.n_fills,
            taker: match print.taker {
                Side::Buy => "buy",
                Side::Sell => "sell",
            },
        })
        .collect();
    rows.reverse();
    rows
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
const fn is_none_of_them(n: &u64) -> bool {
    *n == 0
}

fn candles(view: &InstrumentView, market: &Market, units: Units) -> CandlesPanel {
    let interval_s = Settings::default().interval_s();
    let Some(series) = market.bars().series(interval_s) else {
        return CandlesPanel { interval_s, bars: Vec::new() };
    };
    let closing = closing(Shown { view, market }, series);
    let n_skipped = series.len().saturating_sub(BARS_LISTED + 1);
    let bars = series.iter().skip(n_skipped).map(|bar| candle(bar, closing, units)).collect();
    CandlesPanel { interval_s, bars }
}

fn candle(bar: &Bar, closing: Closing, units: Units) -> CandleRow {
    let price = |price: market::Price| units.text_from_price(price.0).to_string();
    CandleRow {
        opened_at: bar.opened_at.to_string(),
        open: price(bar.open),
        high: price(bar.high),
        low: price(bar.low),
        close: price(bar.close),
        volume: units.text_from_sum(bar.volume()),
        delta: units.text_from_sum(bar.delta()),
        n_trades: bar.n_trades,
        n_told: bar.n_told,
        is_closed: closing.is_closed(bar),
        is_touched_by_gap: bar.is_touched_by_gap,
    }
}

fn heatmap(view: &InstrumentView, market: &Market, units: Units) -> Option<HeatPanel> {
    let heat = view.heat()?;
    let ring = heat.ring(Settings::default().column_ms())?;
    let mut fresh = BookBins::default();
    let forming = heat.form(ring, heat.bins_now(market, &mut fresh), view.health());
    let bin = heat.scale().bin();
    let before = forming.number - 1;
    let last = ring.closed(before, forming.number).next();
    Some(HeatPanel {
        column_ms: ring.column_ms(),
        bin: units.text_from_price(bin).to_string(),
        n_columns: (forming.number - ring.first_number() + 1).unsigned_abs(),
        last_closed: last.map(|(_, column)| heat_column(&column, before, bin, units)),
        forming: heat_column(&forming.column, forming.number, bin, units),
    })
}

fn heat_column(column: &Column, number: i64, bin: i64, units: Units) -> HeatColumn {
    let price = |price: i64| units.text_from_price(price).to_string();
    let quantity = |quantity: i64| units.text_from_quantity(quantity).to_string();
    let known = || column.codes.iter().zip(0_i64..).filter(|(code, _)| **code != CODE_UNKNOWN);
    let largest = known()
        .filter(|(code, _)| **code > 0)
        .max_by_key(|(code, position)| (**code, -position))
        .map(|(code, position)| (*code, column.lowest_bin + position));
    HeatColumn {
        number,
        state: column.state,
        best_bid: column.best_bid.map(price),
        best_ask: column.best_ask.map(price),
        bought: quantity(column.bought),
        sold: quantity(column.sold),
        n_known: known().count(),
        n_filled: known().filter(|(code, _)| **code > 0).count(),
        largest_at: largest.map(|(_, at)| price(at.saturating_mul(bin))),
        largest: largest.and_then(|(code, _)| size_from_code(code)).map(|it| it / units.quantity),
    }
}

fn gap_row(gap: &crate::health::Gap) -> GapRow {
    GapRow {
        from: gap.from.to_string(),
        to: gap.to.map(|to| to.to_string()),
        cause: match gap.cause {
            Cause::LinkDown => "link_down",
            Cause::Silent => "silent",
            Cause::Gap => "gap",
            Cause::Checksum => "checksum",
            Cause::Crossed => "crossed",
            Cause::BookSilent => "book_silent",
            Cause::NotHeard => "not_heard",
            Cause::NotRecorded => "not_recorded",
        },
    }
}
