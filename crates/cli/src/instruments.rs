//! How an instrument is told: the same in every command.

use market::Instrument;
use serde_json::{Value, json};

/// For programs: the venue's id, its symbol, the name that is the same across venues, and what quantities count.
pub fn object(instrument: &Instrument) -> Value {
    json!({
        "venue": instrument.id.venue.id(),
        "symbol": instrument.symbol,
        "name": instrument.canonical_name(),
        "quantity_unit": engine::quantity_unit(instrument),
    })
}

/// For people: `Kraken BTC/USD (BTC-USD)`.
pub fn text(instrument: &Instrument) -> String {
    let (venue, symbol) = (instrument.id.venue.name(), &instrument.symbol);
    let name = instrument.canonical_name();
    if name == *symbol { format!("{venue} {symbol}") } else { format!("{venue} {symbol} ({name})") }
}
