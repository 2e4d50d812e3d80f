//! `tapedeck plot`: price, depth heatmap and volume of a recording, on paper.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use engine::{Ask, Engine, Input, Tape, Watched};
use market::{Body, Book, InstrumentId, Market, Price, Side, Timestamp, Trade, Venue};
use plot::{PlotColumn, PlotData, PlotPrint};

use crate::out::say;
use crate::progress;
use crate::venue_arguments::venue;

/// Columns of a chart: two pixels each at the usual width.
const N_COLUMNS: i64 = 700;
/// Trades drawn, the largest ones.
const PRINTS_MAX: usize = 600;
/// Levels of a side that a column shows.
const LEVELS_SHOWN: usize = 3_000;

/// The longest bars, of which few hold the volume of a session.
const SECONDS_PER_DAY: u32 = 86_400;

/// Draw price, depth heatmap and volume of a recording as PNG or SVG.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The recording; several files are parts of one session, in order.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The picture: a name that ends in .png or .svg.
    #[arg(long)]
    out: PathBuf,
    /// The instrument, as the venue writes it; without it, the one of which most was heard.
    #[arg(long)]
    instrument: Option<String>,
    /// Whose frames they are, over all that the files say themselves.
    #[arg(long, value_parser = venue)]
    venue: Option<Venue>,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let tape = Tape::open(&arguments.files, arguments.venue)?;
    let (id, mut data) = choose(&tape, arguments.instrument.as_deref())?;
    data.is_simulated = tape.is_simulated();
    let bar = progress::packets(tape.n_packets());
    sample(&tape, id, &mut data, |n_packets| bar.set_position(n_packets));
    bar.finish_and_clear();
    data.prints.sort_by(|one, other| other.size.total_cmp(&one.size));
    data.prints.truncate(PRINTS_MAX);
    plot::write(&data, &arguments.out, plot::SIZE)?;
    say!("{}", arguments.out.display());
    Ok(ExitCode::SUCCESS)
}

/// The instrument to draw: hears all once, for the busiest is known only then.
fn choose(tape: &Tape, wanted: Option<&str>) -> Result<(InstrumentId, PlotData)> {
    let mut engine = Engine::without_views();
    let mut asks: Vec<Ask> = Vec::new();
    for packet in tape.packets() {
        engine.step(Input::Packet(packet), &mut asks);
        asks.clear();
    }
    let fits = |watched: &Watched| {
        wanted.is_none_or(|symbol| watched.market.instrument().symbol == symbol)
    };
    let busiest = engine
        .all_watched()
        .filter(|(_, watched)| fits(watched))
        .max_by_key(|(_, watched)| watched.n_packets);
    let Some((id, watched)) = busiest else {
        bail!("nothing of {} was heard in {}", wanted.unwrap_or("any instrument"), tape.name());
    };
    let instrument = watched.market.instrument();
    let (price_unit, _) = units(&watched.market);
    let data = PlotData {
        title: format!("{}  {}", instrument.symbol, id.venue.name()),
        base: instrument.base.clone(),
        price_decimals: usize::from(instrument.price_decimals),
        tick_size: instrument.tick_size.0 as f64 * price_unit,
        ..PlotData::default()
    };
    Ok((id, data))
}

/// Hears all again and takes a column at each equal step of time.
fn sample(tape: &Tape, id: InstrumentId, data: &mut PlotData, mut on_packet: impl FnMut(u64)) {
    let (from, to) = (tape.from(), tape.to());
    let step = (to.nanos_since(from) / N_COLUMNS).max(1);
    let mut engine = Engine::without_views();
    let mut asks: Vec<Ask> = Vec::new();
    let mut close_at = from.plus_nanos(step);
    let mut last_trade: Option<Trade> = None;
    let mut before = (0.0, 0.0);
    for packet in tape.packets() {
        while packet.received_at >= close_at {
            engine.step(Input::Tick(close_at), &mut asks);
            let traded = engine.watched(id).map_or((0.0, 0.0), |one| volumes(&one.market));
            let in_column = (traded.0 - before.0, traded.1 - before.1);
            before = traded;
            data.columns.push(column(&engine, id, close_at, in_column));
            close_at = close_at.plus_nanos(step);
        }
        let at = packet.received_at;
        let may_trade = matches!(packet.body, Body::Text(_) | Body::Binary(_));
        engine.step(Input::Packet(packet), &mut asks);
        asks.clear();
        on_packet(engine.counts().n_packets);
        let trade = engine.watched(id).and_then(|watched| watched.market.last_trade().copied());
        if let Some(trade) = trade.filter(|_| may_trade && trade != last_trade) {
            data.prints.push(print_of(&engine, id, &trade, at));
            last_trade = Some(trade);
        }
    }
}

fn print_of(engine: &Engine, id: InstrumentId, trade: &Trade, at: Timestamp) -> PlotPrint {
    let (price_unit, size_unit) = engine.watched(id).map_or((1.0, 1.0), |one| units(&one.market));
    PlotPrint {
        at,
        price: trade.price.0 as f64 * price_unit,
        size: trade.quantity.0 as f64 * size_unit,
        taker: trade.taker,
    }
}

fn column(engine: &Engine, id: InstrumentId, at: Timestamp, traded: (f64, f64)) -> PlotColumn {
    let (bought, sold) = traded;
    let empty = PlotColumn { at, bought, sold, ..PlotColumn::default() };
    let Some(watched) = engine.watched(id).filter(|watched| watched.health().is_good()) else {
        return empty;
    };
    let (price_unit, size_unit) = units(&watched.market);
    let book = watched.market.book();
    let levels = book.bids().take(LEVELS_SHOWN).chain(book.asks().take(LEVELS_SHOWN));
    PlotColumn {
        is_good: true,
        best_bid: book.best_bid().map(|level| level.price.0 as f64 * price_unit),
        best_ask: book.best_ask().map(|level| level.price.0 as f64 * price_unit),
        levels: levels
            .map(|level| (level.price.0 as f64 * price_unit, level.quantity.0 as f64 * size_unit))
            .collect(),
        known: Some((
            known(book, Side::Buy).map_or(f64::NEG_INFINITY, |price| price.0 as f64 * price_unit),
            known(book, Side::Sell).map_or(f64::INFINITY, |price| price.0 as f64 * price_unit),
        )),
        ..empty
    }
}

/// How far the levels that are shown of a side tell all; `None`: to the end.
fn known(book: &Book, side: Side) -> Option<Price> {
    let last_shown = book.levels(side).nth(LEVELS_SHOWN - 1).map(|level| level.price);
    match side {
        Side::Buy => book.known_bid_low().max(last_shown),
        Side::Sell => book.known_ask_high().into_iter().chain(last_shown).min(),
    }
}

/// What takers bought and sold since the session began.
fn volumes(market: &Market) -> (f64, f64) {
    let (_, size_unit) = units(market);
    let days = market.bars().series(SECONDS_PER_DAY).into_iter().flat_map(|series| series.iter());
    days.fold((0.0, 0.0), |(bought, sold), bar| {
        (bought + bar.buy_volume as f64 * size_unit, sold + bar.sell_volume as f64 * size_unit)
    })
}

/// What one unit of stored price and quantity is worth, for drawing.
fn units(market: &Market) -> (f64, f64) {
    let instrument = market.instrument();
    let unit = |scale: u8| 10_f64.powi(-i32::from(scale));
    (unit(instrument.price_scale), unit(instrument.quantity_scale))
}
