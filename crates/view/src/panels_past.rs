//! What a venue told of the time before hearing began, as plain data for programs.

use market::{Market, PastBar, Side};

use crate::backfill;
use crate::screen::Settings;
use crate::units::Units;

/// Bars and prints that are listed, the newest.
const BARS_LISTED: usize = 100;
const PRINTS_LISTED: usize = 50;

/// The venue's own history: no part of what was heard.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct PastPanel {
    /// When hearing began, our clock.
    pub heard_from: Option<String>,
    /// Bars before the first that holds what was heard, oldest first.
    pub bars: Vec<PastBarRow>,
    /// Prints that nobody heard, newest first: those before the first that was heard, and those missed later.
    pub tape: Vec<PastPrintRow>,
}

/// A bar that only the venue tells of.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct PastBarRow {
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
    /// Quantity bought less quantity sold; `null` where the venue does not tell.
    pub delta: Option<String>,
}

/// A print that only the venue tells of.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct PastPrintRow {
    /// The venue's time.
    pub traded_at: String,
    /// The price.
    pub price: String,
    /// The quantity of all fills.
    pub size: String,
    /// How many fills.
    pub fills: u32,
    /// `buy` or `sell`.
    pub taker: &'static str,
}

/// `None` where the venue told nothing.
pub(crate) fn past(market: &Market, units: Units) -> Option<PastPanel> {
    if market.history().is_empty() {
        return None;
    }
    let series = market.bars().series(Settings::default().interval_s())?;
    let bars = backfill::bars(market, series);
    let prints = backfill::prints(market);
    let row = |print: &crate::tape::Print| PastPrintRow {
        traded_at: print.traded_at.to_string(),
        price: units.text_from_price(print.price.0).to_string(),
        size: units.text_from_quantity(print.quantity.0).to_string(),
        fills: print.n_fills,
        taker: match print.taker {
            Side::Buy => "buy",
            Side::Sell => "sell",
        },
    };
    let newest = &bars[bars.len().saturating_sub(BARS_LISTED)..];
    Some(PastPanel {
        heard_from: market.began_at().map(|at| at.to_string()),
        bars: newest.iter().map(|bar| bar_row(bar, units)).collect(),
        tape: prints.iter().rev().take(PRINTS_LISTED).map(row).collect(),
    })
}

fn bar_row(bar: &PastBar, units: Units) -> PastBarRow {
    let price = |price: market::Price| units.text_from_price(price.0).to_string();
    PastBarRow {
        opened_at: bar.opened_at.to_string(),
        open: price(bar.open),
        high: price(bar.high),
        low: price(bar.low),
        close: price(bar.close),
        volume: units.text_from_sum(bar.volume),
        delta: bar.delta().map(|delta| units.text_from_sum(delta)),
    }
}
