//! Kraken's checksum: CRC32 over the ten best levels of each side, as text.
//!
//! Kraken WebSocket v2, book: asks from the lowest price up, then bids from the highest down; of each level the price
//! and then the quantity, printed with the pair's decimals, without the point and without leading zeros.

use crate::levels::Levels;
use crate::{Book, Instrument, Level};

/// Levels of each side that the checksum covers.
pub const CHECKSUM_DEPTH: usize = 10;

/// Digits of the largest number of 64 bits.
const DIGITS_MAX: usize = 20;

/// CRC32 (IEEE) of the ten best levels of each side, as Kraken v2 states it after each message.
///
/// The numbers are printed with the instrument's `price_decimals` and `quantity_decimals`; digits beyond them, which
/// the venue cannot have printed, are left out. Allocates nothing.
pub fn checksum_top_ten<L: Levels>(book: &Book<L>, instrument: &Instrument) -> u32 {
    let price = Printing::new(instrument.price_scale, instrument.price_decimals);
    let quantity = Printing::new(instrument.quantity_scale, instrument.quantity_decimals);
    let mut hasher = crc32fast::Hasher::new();
    let mut update = |level: Level| {
        price.feed(level.price.0, &mut hasher);
        quantity.feed(level.quantity.0, &mut hasher);
    };
    book.asks().take(CHECKSUM_DEPTH).for_each(&mut update);
    book.bids().take(CHECKSUM_DEPTH).for_each(&mut update);
    hasher.finalize()
}

/// How a stored number is turned into the digits that the venue printed.
struct Printing {
    /// What a stored number is divided by.
    divisor: u64,
}

impl Printing {
    fn new(scale: u8, decimals: u8) -> Self {
        let surplus = u32::from(scale.saturating_sub(decimals));
        Self { divisor: 10_u64.checked_pow(surplus).unwrap_or(u64::MAX) }
    }

    /// Feeds the digits without leading zeros: nothing at all for zero.
    fn feed(&self, number: i64, hasher: &mut crc32fast::Hasher) {
        let mut digits = [b'0'; DIGITS_MAX];
        let mut rest = number.unsigned_abs() / self.divisor;
        let mut at = digits.len();
        while rest > 0 {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        hasher.update(&digits[at..]);
    }
}
