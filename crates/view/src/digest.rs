//! The whole state of each panel as bytes: what two runs over the same packets must agree in.

use market::{Market, Side};

use crate::cursor::closing;
use crate::heat::{BookBins, Column, Dot};
use crate::instrument_view::InstrumentView;
use crate::ladder::{Ladder, N_ROWS};
use crate::screen::{Settings, Shown};
use crate::tape::PRINTS_KEPT;

/// What stands for a missing number; no price or row comes near it.
const NONE: i64 = i64::MIN;

/// Feeds integers to a hasher, little-endian and in a fixed order.
struct Feed<'a, F: FnMut(&[u8])> {
    feed: &'a mut F,
}

impl<F: FnMut(&[u8])> Feed<'_, F> {
    fn i64(&mut self, value: i64) {
        (self.feed)(&value.to_le_bytes());
    }

    fn i128(&mut self, value: i128) {
        (self.feed)(&value.to_le_bytes());
    }

    fn u64(&mut self, value: u64) {
        (self.feed)(&value.to_le_bytes());
    }

    fn u8(&mut self, value: u8) {
        (self.feed)(&[value]);
    }

    fn some(&mut self, value: Option<i64>) {
        self.i64(value.unwrap_or(NONE));
    }

    fn len(&mut self, n: usize) {
        self.u64(n as u64);
    }

    fn side(&mut self, side: Side) {
        self.u8(match side {
            Side::Buy => 1,
            Side::Sell => 2,
        });
    }
}

impl InstrumentView {
    /// Feeds the state of all panels at their default settings, as a screen would be shown it now: ladder, tape,
    /// candles, heatmap with its dots, gaps, health. Ages, rates and numbers of frames are status and stand in none.
    ///
    /// The address of the instrument within the session is left out too: it differs between two sessions.
    pub fn digest(&self, market: &Market, feed: &mut impl FnMut(&[u8])) {
        let mut feed = Feed { feed };
        feed.u64(u64::from(self.health().code()));
        feed.some(self.good_book_at().map(market::Timestamp::nanos));
        feed.some(self.last_trade().map(|(price, _)| price.0));
        feed_ladder(&mut feed, self, market);
        feed_tape(&mut feed, self);
        feed_candles(&mut feed, self, market);
        feed_heat(&mut feed, self, market);
        feed.len(self.gaps().len());
        for gap in self.gaps() {
            feed.i64(gap.from.nanos());
            feed.some(gap.to.map(market::Timestamp::nanos));
            feed.u8(crate::health::code_from_cause(gap.cause));
        }
        feed_liquidations(&mut feed, self);
        feed_history(&mut feed, market);
    }
}

fn feed_ladder(feed: &mut Feed<impl FnMut(&[u8])>, view: &InstrumentView, market: &Market) {
    let mut ladder = Ladder::default();
    ladder.state(view, market, Settings::default().group());
    debug_assert!(ladder.n_rows() <= N_ROWS);
    feed.len(ladder.n_rows());
    feed.i64(ladder.step);
    feed.i64(ladder.top_row);
    feed.some(ladder.highest_known_row);
    feed.some(ladder.lowest_known_row);
    feed.some(ladder.largest_row);
    feed.i128(ladder.bid_sum);
    feed.i128(ladder.ask_sum);
    for column in
        [&ladder.bids, &ladder.asks, &ladder.volumes, &ladder.bid_deltas, &ladder.ask_deltas]
    {
        for value in column {
            feed.i64(*value);
        }
    }
    for hit in &ladder.hits {
        feed.u8(hit.code());
    }
    let profile = view.profile(Settings::default().group());
    feed.len(profile.rows().len());
    for (row, volume) in profile.rows() {
        feed.i64(*row);
        feed.i64(*volume);
    }
}

/// Of a market without liquidations nothing is fed, as of one that was never asked for them.
fn feed_liquidations(feed: &mut Feed<impl FnMut(&[u8])>, view: &InstrumentView) {
    let liquidations = view.liquidations();
    if liquidations.n_heard() == 0 {
        return;
    }
    feed.u64(liquidations.n_heard());
    for forced in liquidations.iter() {
        feed.i64(forced.received_at.nanos());
        feed.i64(forced.liquidated_at.nanos());
        feed.i64(forced.price.0);
        feed.i64(forced.quantity.0);
        feed.side(forced.side);
    }
}

/// Where the venue told nothing of the time before, nothing is fed: as of a session that did not ask.
fn feed_history(feed: &mut Feed<impl FnMut(&[u8])>, market: &Market) {
    let history = market.history();
    if history.is_empty() {
        return;
    }
    let bars = history.bars(Settings::default().interval_s());
    feed.len(bars.len());
    for bar in &bars {
        feed.i64(bar.opened_at.nanos());
        for price in [bar.open, bar.high, bar.low, bar.close] {
            feed.i64(price.0);
        }
        feed.i128(bar.volume);
        feed.i128(bar.buy_volume.unwrap_or(-1));
    }
    feed.len(history.trades().len());
    // Where nothing was missed, nothing is fed of it.
    for trade in history.trades().iter().chain(history.missed()) {
        feed.u64(trade.trade_id);
        feed.i64(trade.traded_at.nanos());
        feed.i64(trade.price.0);
        feed.i64(trade.quantity.0);
        feed.side(trade.taker);
    }
}

fn feed_tape(feed: &mut Feed<impl FnMut(&[u8])>, view: &InstrumentView) {
    let tape = view.tape();
    feed.u64(tape.n_prints());
    feed.u64(u64::from(tape.sizes().percentile_99_code().unwrap_or_default()));
    for print in tape.last(PRINTS_KEPT) {
        feed.u64(print.number);
        feed.i64(print.traded_at.nanos());
        feed.i64(print.price.0);
        feed.i64(print.quantity.0);
        feed.u64(u64::from(print.n_fills));
        feed.side(print.taker);
    }
}

fn feed_candles(feed: &mut Feed<impl FnMut(&[u8])>, view: &InstrumentView, market: &Market) {
    let Some(series) = market.bars().series(Settings::default().interval_s()) else { return };
    let closing = closing(Shown { view, market }, series);
    feed.len(series.len());
    for bar in series.iter() {
        feed.i64(bar.opened_at.nanos());
        for price in [bar.open, bar.high, bar.low, bar.close] {
            feed.i64(price.0);
        }
        feed.i128(bar.buy_volume);
        feed.i128(bar.sell_volume);
        feed.i128(bar.quote_value);
        feed.u64(bar.n_trades);
        feed.u8(closing.flags(bar));
    }
}

fn feed_heat(feed: &mut Feed<impl FnMut(&[u8])>, view: &InstrumentView, market: &Market) {
    let Some(heat) = view.heat() else { return };
    let Some(ring) = heat.ring(Settings::default().column_ms()) else { return };
    let mut fresh = BookBins::default();
    let bins = heat.bins_now(market, &mut fresh);
    let forming = heat.form(ring, bins, view.health());
    feed.i64(heat.scale().bin());
    feed.i64(ring.first_number());
    feed.i64(forming.number);
    for (_, column) in ring.closed(ring.first_number(), forming.number) {
        feed_column(feed, &column);
    }
    feed_column(feed, &forming.column);
    for dot in ring.closed_dots(ring.first_number(), forming.number) {
        feed_dot(feed, &dot);
    }
    for dot in &forming.dots {
        feed_dot(feed, dot);
    }
}

fn feed_column(feed: &mut Feed<impl FnMut(&[u8])>, column: &Column) {
    feed.i64(column.lowest_bin);
    feed.some(column.best_bid);
    feed.some(column.best_ask);
    feed.i64(column.bought);
    feed.i64(column.sold);
    feed.u8(column.state.code());
    feed.len(column.codes.len());
    for codes in column.codes.chunks_exact(4) {
        let four = codes.iter().fold(0, |four, code| (four << 16) | u64::from(*code));
        feed.u64(four);
    }
}

fn feed_dot(feed: &mut Feed<impl FnMut(&[u8])>, dot: &Dot) {
    feed.i64(dot.column);
    feed.i64(dot.bin);
    feed.side(dot.taker);
    feed.i64(dot.quantity);
    feed.i128(dot.notional);
}
