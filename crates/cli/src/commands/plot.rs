//! `tapedeck plot`: price, depth heatmap and volume of a recording, on paper.

mod prints;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use engine::{Ask, Engine, Gap, Gaps, Input, LostWatch, Tape, Watched};
use market::{Book, Instrument, InstrumentId, Market, Price, Side, Timestamp, Venue};
use plot::{PlotColumn, PlotData};
use serde_json::{Value, json};

use crate::instruments;
use crate::out::{complain, say};
use crate::progress;
use crate::venue_arguments::venue;
use prints::{Prints, Traded};

/// Columns of a chart: two pixels each at the usual width.
const N_COLUMNS: i64 = 700;
/// Levels of a side that a column shows.
const LEVELS_SHOWN: usize = 3_000;

/// The longest bars, of which few hold the prices of a session.
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
    /// Print one JSON object: what was drawn, and where it lies.
    #[arg(long)]
    json: bool,
}

/// What is drawn, and of what.
struct Chart {
    instrument: Instrument,
    data: PlotData,
    n_trades: u64,
    n_trades_before: u64,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let tape = Tape::open(&arguments.files, arguments.venue)?;
    let bar = progress::packets(tape.n_packets().saturating_mul(2));
    let chart = chart(&tape, arguments.instrument.as_deref(), |n_packets| {
        bar.set_position(n_packets);
    })?;
    bar.finish_and_clear();
    plot::write(&chart.data, &arguments.out, plot::SIZE)?;
    if arguments.json {
        say!("{}", object(&chart, arguments, &tape)?);
    } else {
        say!("{}", arguments.out.display());
    }
    let damage = tape.damage_sentence();
    if !damage.is_empty() {
        complain!("tapedeck: {damage}");
    }
    Ok(ExitCode::SUCCESS)
}

fn object(chart: &Chart, arguments: &Arguments, tape: &Tape) -> Result<Value> {
    let Chart { instrument, data, .. } = chart;
    let (from, to) = (tape.from(), tape.to());
    let (width, height) = plot::SIZE;
    let written = std::fs::metadata(&arguments.out);
    let path = arguments.out.display().to_string();
    let bytes = written.with_context(|| format!("{path} is not there"))?.len();
    let n_bad = data.columns.iter().filter(|column| !column.is_good).count();
    Ok(json!({
        "files": [{ "path": path, "width": width, "height": height, "bytes": bytes }],
        "instrument": instruments::object(instrument),
        "simulated": data.is_simulated,
        "from": from.to_string(),
        "to": to.to_string(),
        "seconds": to.nanos_since(from) as f64 / 1e9,
        "packets": tape.n_packets(),
        "columns": data.columns.len(),
        "columns_without_book": n_bad,
        "trades": chart.n_trades,
        "trades_before": chart.n_trades_before,
    }))
}

fn chart(tape: &Tape, wanted: Option<&str>, mut on_packet: impl FnMut(u64)) -> Result<Chart> {
    let mut engine = Engine::without_views();
    let mut asks: Vec<Ask> = Vec::new();
    // The busiest instrument is known only once all has been heard.
    for packet in tape.packets() {
        engine.step(Input::Packet(packet), &mut asks);
        asks.clear();
        on_packet(engine.counts().n_packets);
    }
    let (id, watched) = choose(&engine, tape, wanted)?;
    let instrument = watched.market.instrument().clone();
    let (price_unit, _) = units(&instrument);
    let mut data = PlotData {
        title: format!("{}  {}", instrument.symbol, id.venue.name()),
        base: instrument.base.clone(),
        is_simulated: tape.is_simulated(),
        price_decimals: usize::from(instrument.price_decimals),
        tick_size: instrument.tick_size.0 as f64 * price_unit,
        ..PlotData::default()
    };
    let mut prints = Prints::new(&instrument, traded_between(&watched.market), tape.from());
    let n_heard = engine.counts().n_packets;
    sample(tape, id, (&mut data, &mut prints), |n_packets| on_packet(n_heard + n_packets));
    let (n_trades, n_trades_before) = (prints.n_trades, prints.n_before);
    data.prints = prints.into_closed();
    Ok(Chart { instrument, data, n_trades, n_trades_before })
}

/// The instrument to draw.
fn choose<'a>(
    engine: &'a Engine,
    tape: &Tape,
    wanted: Option<&str>,
) -> Result<(InstrumentId, &'a Watched)> {
    let fits = |watched: &Watched| {
        wanted.is_none_or(|symbol| watched.market.instrument().symbol == symbol)
    };
    let busiest = engine
        .all_watched()
        .filter(|(_, watched)| fits(watched))
        .max_by_key(|(_, watched)| watched.n_packets);
    busiest.with_context(|| {
        format!("nothing of {} was heard in {}", wanted.unwrap_or("any instrument"), tape.name())
    })
}

/// The lowest and the highest price of a session's trades.
fn traded_between(market: &Market) -> (Price, Price) {
    let days = || market.bars().series(SECONDS_PER_DAY).into_iter().flat_map(|days| days.iter());
    let low = days().map(|bar| bar.low).min();
    let high = days().map(|bar| bar.high).max();
    (low.unwrap_or_default(), high.unwrap_or_default())
}

/// Hears all again and takes a column at each equal step of time; the last holds the last packet.
fn sample(
    tape: &Tape,
    id: InstrumentId,
    (data, prints): (&mut PlotData, &mut Prints),
    mut on_packet: impl FnMut(u64),
) {
    let (from, to) = (tape.from(), tape.to());
    let step = to.nanos_since(from).max(0) / N_COLUMNS + 1;
    let mut engine = Engine::without_views();
    let mut asks: Vec<Ask> = Vec::new();
    let (mut lost, mut gaps) = (LostWatch::default(), Gaps::default());
    let mut note = |of: InstrumentId, gap| {
        if of == id {
            gaps.push(gap);
        }
    };
    let mut close_at = from.plus_nanos(step);
    for packet in tape.packets() {
        while packet.received_at >= close_at {
            engine.step(Input::Tick(close_at), &mut asks);
            let traded = prints.close_column(close_at.plus_nanos(-step / 2));
            data.columns.push(column(&engine, id, close_at, traded));
            close_at = close_at.plus_nanos(step);
        }
        let at = packet.received_at;
        engine.step(Input::Packet(packet), &mut asks);
        asks.clear();
        lost.note(&engine, at, &mut note);
        on_packet(engine.counts().n_packets);
        for trade in engine.traded().iter().filter(|trade| trade.instrument == id) {
            prints.add(trade);
        }
    }
    let traded = prints.close_column(close_at.plus_nanos(-step / 2));
    data.columns.push(column(&engine, id, close_at, traded));
    lost.finish(to, note);
    data.gaps = gaps.all().iter().map(Gap::span).collect();
}

fn column(engine: &Engine, id: InstrumentId, at: Timestamp, traded: Traded) -> PlotColumn {
    let Some(watched) = engine.watched(id) else {
        return PlotColumn { at, ..PlotColumn::default() };
    };
    let (price_unit, size_unit) = units(watched.market.instrument());
    let (bought, sold) = (traded.bought as f64 * size_unit, traded.sold as f64 * size_unit);
    let empty = PlotColumn { at, bought, sold, ..PlotColumn::default() };
    if !watched.health().is_good() {
        return empty;
    }
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

/// What one unit of stored price and quantity is worth, for drawing.
fn units(instrument: &Instrument) -> (f64, f64) {
    let unit = |scale: u8| 10_f64.powi(-i32::from(scale));
    (unit(instrument.price_scale), unit(instrument.quantity_scale))
}
