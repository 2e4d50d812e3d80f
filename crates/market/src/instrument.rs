//! What is traded: symbol, assets, tick size and lot size.

use crate::{Price, Quantity, Venue};

/// An instrument within a session: the venue, and the order in which its decoder first met the symbol.
///
/// The index is an address, not a name: it may differ between two sessions and stands in no digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstrumentId {
    /// The venue.
    pub venue: Venue,
    /// Position in the venue's table of instruments.
    pub index: u32,
}

/// Who says what an instrument's ticks and lots are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The venue's own list.
    Listed,
    /// Derived from the digits of its frames, since no list was heard. Marked so wherever it is shown.
    Derived,
}

/// An instrument of a venue.
///
/// `price_scale` and `quantity_scale` are the scales of storage (decimals of [`Price`] and [`Quantity`]); they are at
/// least the decimals that the venue prints, since real traffic carries more digits than the lot size promises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instrument {
    /// Its address in this session.
    pub id: InstrumentId,
    /// The venue's own symbol, as it stands in frames: `BTCUSDT`, `BTC/USD`.
    pub symbol: String,
    /// The asset that is traded: `BTC`. Empty when it is not known.
    pub base: String,
    /// The asset in which the price is: `USDT`. Empty when it is not known.
    pub quote: String,
    /// Decimals of a stored [`Price`].
    pub price_scale: u8,
    /// Decimals of a stored [`Quantity`].
    pub quantity_scale: u8,
    /// Decimals with which the venue prints prices; what a checksum over text needs, and what a screen shows.
    pub price_decimals: u8,
    /// Decimals with which the venue prints quantities.
    pub quantity_decimals: u8,
    /// The smallest step of a price; at least 1.
    pub tick_size: Price,
    /// The smallest step of an order's quantity; at least 1. Real quantities can be finer.
    pub lot_size: Quantity,
    /// Whether it can be traded now; `false` for a listed instrument that is halted.
    pub is_trading: bool,
    /// Who says so.
    pub origin: Origin,
}
