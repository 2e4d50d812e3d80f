//! Positions in a perpetual: index, mark and funding, open interest, forced orders.
//!
//! All of it follows from the market alone, in integers: the same seed says the same.

use super::{Listing, Market, Side, Transaction};
use crate::digits;

/// Decimals of a mark beyond those of the price: it is a mean.
const DECIMALS_MORE: u8 = 4;
const UNITS: i64 = 10_000;

/// A funding period, in milliseconds.
const FUNDING_MS: i64 = 8 * 3_600_000;

/// Seconds over which the index follows the middle of the book: it stands for other exchanges' prices.
const INDEX_LAG_S: i64 = 20;

/// The usual funding of 1 bp, and the most that is asked: 5 bp. In units of 1e-8.
const RATE_USUAL: i64 = 10_000;
const RATE_MOST: i64 = 50_000;

/// Usual levels that an order must take so that it may be a forced one.
const FORCED_FROM_LEVELS: i64 = 3;

/// Positions and their prices.
#[derive(Debug)]
pub struct Positions {
    /// In stored units of price times [`UNITS`].
    index: i64,
    mark: i64,
    /// Of 1e-8.
    rate: i64,
    /// In stored units of quantity.
    open: i64,
}

/// An order that a venue sent to close a position by force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forced {
    /// The side that it takes: a buyer closes a short position.
    pub taker: Side,
    /// Its last price, in stored units.
    pub price: i64,
    /// All that it took, in stored units.
    pub quantity: i64,
}

impl Positions {
    /// Those of a market that begins.
    pub fn new(market: &Market) -> Self {
        let listing = market.listing();
        let price = listing.start_price * UNITS;
        let open = listing.character.usual_quantity * 4_000;
        Self { index: price, mark: price, rate: RATE_USUAL, open }
    }

    /// Those of each market: `None` where it is no perpetual.
    pub fn of_each(markets: &[Market]) -> Vec<Option<Self>> {
        let positions = |market: &Market| market.listing().is_perpetual.then(|| Self::new(market));
        markets.iter().map(positions).collect()
    }

    /// A second has passed.
    pub fn second(&mut self, market: &Market) {
        let book = market.book();
        let Some((bid, ask)) = book.best(Side::Bid).zip(book.best(Side::Ask)) else { return };
        let middle = (bid + ask) * (UNITS / 2);
        self.index += (middle - self.index) / INDEX_LAG_S;
        self.mark = self.index + (middle - self.index) / 2;
        let premium = i128::from(self.mark - self.index) * 100_000_000 / i128::from(self.index);
        let premium = i64::try_from(premium).unwrap_or(0);
        // Funding follows the premium of the whole period, slowly.
        self.rate += (RATE_USUAL + premium - self.rate) / 64;
        self.rate = self.rate.clamp(-RATE_MOST, RATE_MOST);
    }

    /// Positions are opened and closed by what trades; a forced order when one was among it.
    pub fn take(&mut self, listing: &Listing, transaction: &Transaction) -> Option<Forced> {
        let (first, last) = (transaction.prints.first()?, transaction.prints.last()?);
        let quantity: i64 = transaction.prints.iter().map(|print| print.quantity).sum();
        let opens = !first.trade_id.is_multiple_of(2);
        let change = quantity / 3;
        self.open = (self.open + if opens { change } else { -change }).max(quantity);
        let is_large = quantity >= listing.character.usual_quantity * FORCED_FROM_LEVELS;
        let is_forced = is_large && first.trade_id.is_multiple_of(3);
        is_forced.then_some(Forced { taker: first.taker, price: last.price, quantity })
    }

    /// Open interest, in stored units of quantity.
    pub fn open(&self) -> i64 {
        self.open
    }

    /// The mark price as text.
    pub fn mark(&self, listing: &Listing, decimals: u8) -> String {
        digits::text(self.mark, listing.price_decimals + DECIMALS_MORE, decimals)
    }

    /// The index price as text.
    pub fn index(&self, listing: &Listing, decimals: u8) -> String {
        digits::text(self.index, listing.price_decimals + DECIMALS_MORE, decimals)
    }

    /// The rate of the next funding as text, eight decimals.
    pub fn rate(&self) -> String {
        digits::text(self.rate, 8, 8)
    }
}

/// Funding is paid at 00:00, 08:00 and 16:00 UTC.
pub const fn next_funding_ms(now_ms: i64) -> i64 {
    now_ms - now_ms.rem_euclid(FUNDING_MS) + FUNDING_MS
}
