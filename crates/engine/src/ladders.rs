//! Isolated Kraken books with the venue's checksum, one a line: `{"symbol", "checksum", "bids", "asks"}`.

use market::{
    Book, ChecksumRule, Instrument, InstrumentId, Level, Origin, Price, Quantity, Venue,
    decimals_printed,
};
use serde::Deserialize;

/// Decimals of Kraken's quantities.
const QUANTITY_DECIMALS: u8 = 8;

#[derive(Deserialize)]
struct Ladder {
    symbol: String,
    checksum: u32,
    bids: Vec<(String, String)>,
    asks: Vec<(String, String)>,
}

/// The symbol of a line, and whether its checksum is right.
///
/// # Errors
/// A sentence when the line is no such book.
pub fn check(line: &[u8]) -> Result<(String, bool), String> {
    let ladder: Ladder =
        serde_json::from_slice(line).map_err(|error| format!("the line is no ladder: {error}"))?;
    let prices = || ladder.bids.iter().chain(&ladder.asks).map(|(price, _)| price.as_bytes());
    let price_decimals = prices().filter_map(decimals_printed).max().unwrap_or(0);
    let levels = |side: &[(String, String)]| -> Result<Vec<Level>, String> {
        side.iter().map(|(price, quantity)| level(price, quantity, price_decimals)).collect()
    };
    let mut book = Book::new(Price(1));
    book.replace(&levels(&ladder.bids)?, &levels(&ladder.asks)?, None);
    let instrument = Instrument {
        id: InstrumentId { venue: Venue::Kraken, index: 0 },
        symbol: ladder.symbol,
        base: String::new(),
        quote: String::new(),
        price_scale: price_decimals,
        quantity_scale: QUANTITY_DECIMALS,
        price_decimals,
        quantity_decimals: QUANTITY_DECIMALS,
        tick_size: Price(1),
        lot_size: Quantity(1),
        terms: market::Terms::default(),
        is_trading: true,
        origin: Origin::Derived,
    };
    let is_right = ChecksumRule::Kraken.sum(&book, &instrument) == ladder.checksum;
    Ok((instrument.symbol, is_right))
}

fn level(price: &str, quantity: &str, price_decimals: u8) -> Result<Level, String> {
    let price = Price::from_text(price.as_bytes(), price_decimals)
        .map_err(|error| format!("the price '{price}' cannot be used: {error}"))?;
    let quantity = Quantity::from_text(quantity.as_bytes(), QUANTITY_DECIMALS)
        .map_err(|error| format!("the quantity '{quantity}' cannot be used: {error}"))?;
    Ok(Level { price, quantity })
}
