//! Checksums over the best levels of a book, each as its venue defines it: CRC32 (IEEE) over text, or the middle price.

use std::fmt::{self, Write};

use serde::{Deserialize, Serialize};

use crate::levels::Levels;
use crate::{Book, Instrument, Level, Price};

/// How a venue sums a book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChecksumRule {
    /// Kraken WebSocket v2, book: asks from the lowest price up, then bids from the highest down, ten of each; of each
    /// level the price and then the quantity, printed with the pair's decimals, without the point and without leading
    /// zeros.
    Kraken,
    /// OKX v5, order book channel (and OKX v3): `bid:quantity:ask:quantity:…` from the best 25 levels of
    /// each side in turn, where one side is shorter the rest of the other; numbers without zeros at their end.
    Okx,
    /// Bitfinex v2, `OB_CHECKSUM`: as OKX, but the quantities of asks are negative and those below a millionth are
    /// printed with an exponent, as JavaScript does.
    Bitfinex,
    /// Bitget v1, `books`: as OKX, but each number as the venue printed it, zeros at its end included: with the pair's
    /// decimals.
    Bitget,
    /// bitFlyer, boards: `mid_price`, the middle of the best prices, in whole ticks; of a larger number the low 32
    /// bits. It covers no quantity.
    MidPrice,
}

impl ChecksumRule {
    /// Best levels of each side that the sum covers.
    pub const fn n_levels(self) -> u8 {
        match self {
            Self::Kraken => 10,
            Self::Okx | Self::Bitfinex | Self::Bitget => 25,
            Self::MidPrice => 1,
        }
    }

    /// Whether a book has what is summed: a side without levels has no middle with the other.
    pub fn can_sum<L: Levels>(self, book: &Book<L>) -> bool {
        match self {
            Self::Kraken | Self::Okx | Self::Bitfinex | Self::Bitget => true,
            Self::MidPrice => book.best_bid().is_some() && book.best_ask().is_some(),
        }
    }

    /// The sum of a book.
    ///
    /// Kraken's and Bitget's numbers are printed with the instrument's `price_decimals` and `quantity_decimals`. Digits
    /// beyond them, which the venue cannot have printed, are left out of Kraken's sum. Allocates nothing.
    pub fn sum<L: Levels>(self, book: &Book<L>, instrument: &Instrument) -> u32 {
        match self {
            Self::Kraken => kraken(book, instrument),
            Self::Okx => in_turn(book, instrument, Numbers::Short),
            Self::Bitfinex => in_turn(book, instrument, Numbers::Signed),
            Self::Bitget => in_turn(book, instrument, Numbers::Printed),
            Self::MidPrice => {
                let best = |level: Option<Level>| level.map_or(0, |level| level.price.0);
                let twice = i128::from(best(book.best_bid())) + i128::from(best(book.best_ask()));
                whole_ticks(twice, 2 * i128::from(instrument.tick_size.0))
            }
        }
    }

    /// What a middle price that a venue states stands for by [`MidPrice`](Self::MidPrice).
    pub fn of_mid_price(price: Price, instrument: &Instrument) -> Checksum {
        let value = whole_ticks(i128::from(price.0), i128::from(instrument.tick_size.0));
        Checksum { rule: Self::MidPrice, value }
    }
}

/// How often a tick goes into a price: the venue cuts the middle to the market's decimals, and where it states it with
/// more of them, these are cut here.
const fn whole_ticks(price: i128, tick: i128) -> u32 {
    let tick = if tick > 0 { tick } else { 1 };
    (price / tick) as u32
}

/// What a venue says that a book sums to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checksum {
    /// How it is summed.
    pub rule: ChecksumRule,
    /// The sum; where the venue states it with a sign, its bits.
    pub value: u32,
}

/// Digits of the largest number of 64 bits.
const DIGITS_MAX: usize = 20;

fn kraken<L: Levels>(book: &Book<L>, instrument: &Instrument) -> u32 {
    let n_levels = usize::from(ChecksumRule::Kraken.n_levels());
    let price = Printing::new(instrument.price_scale, instrument.price_decimals);
    let quantity = Printing::new(instrument.quantity_scale, instrument.quantity_decimals);
    let mut hasher = crc32fast::Hasher::new();
    let mut update = |level: Level| {
        price.feed(level.price.0, &mut hasher);
        quantity.feed(level.quantity.0, &mut hasher);
    };
    book.asks().take(n_levels).for_each(&mut update);
    book.bids().take(n_levels).for_each(&mut update);
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

/// How the numbers of a sum are printed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Numbers {
    /// Without zeros at their end.
    Short,
    /// The same, and quantities negative for asks, with an exponent where they are small.
    Signed,
    /// With the decimals of the instrument.
    Printed,
}

impl Numbers {
    /// Decimals that prices and quantities have at least.
    const fn decimals(self, instrument: &Instrument) -> (u8, u8) {
        match self {
            Self::Short | Self::Signed => (0, 0),
            Self::Printed => (instrument.price_decimals, instrument.quantity_decimals),
        }
    }
}

/// Levels of both sides in turn, all numbers with a colon between them.
fn in_turn<L: Levels>(book: &Book<L>, instrument: &Instrument, numbers: Numbers) -> u32 {
    let n_levels = usize::from(ChecksumRule::Okx.n_levels());
    let mut hasher = Hasher { inner: crc32fast::Hasher::new(), is_empty: true };
    let (mut bids, mut asks) = (book.bids().take(n_levels), book.asks().take(n_levels));
    loop {
        let (bid, ask) = (bids.next(), asks.next());
        if bid.is_none() && ask.is_none() {
            return hasher.inner.finalize();
        }
        if let Some(level) = bid {
            hasher.feed(level, instrument, "", numbers);
        }
        if let Some(level) = ask {
            let sign = if numbers == Numbers::Signed { "-" } else { "" };
            hasher.feed(level, instrument, sign, numbers);
        }
    }
}

/// Text that is summed as it is written.
struct Hasher {
    inner: crc32fast::Hasher,
    is_empty: bool,
}

impl Write for Hasher {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.inner.update(text.as_bytes());
        Ok(())
    }
}

impl Hasher {
    fn feed(&mut self, level: Level, instrument: &Instrument, sign: &str, numbers: Numbers) {
        let colon = if self.is_empty { "" } else { ":" };
        self.is_empty = false;
        let (price_decimals, decimals) = numbers.decimals(instrument);
        let price = level.price.text(instrument.price_scale, price_decimals);
        let (quantity, scale) = (level.quantity, instrument.quantity_scale);
        let small = (numbers == Numbers::Signed)
            .then(|| Small::of(quantity.0.unsigned_abs(), scale))
            .flatten();
        let outcome = match small {
            None => write!(self, "{colon}{price}:{sign}{}", quantity.text(scale, decimals)),
            Some(small) => write!(self, "{colon}{price}:{sign}{small}"),
        };
        outcome.expect("a hasher takes any text");
    }
}

/// A number below a millionth, as JavaScript prints it: `1e-7`, `1.25e-8`.
struct Small {
    digits: u64,
    n_digits: u32,
    exponent: u32,
}

impl Small {
    fn of(value: u64, scale: u8) -> Option<Self> {
        let n_all = value.checked_ilog10()? + 1;
        let exponent = (u32::from(scale) + 1).checked_sub(n_all).filter(|it| *it > 6)?;
        let (mut digits, mut n_digits) = (value, n_all);
        while digits.is_multiple_of(10) {
            digits /= 10;
            n_digits -= 1;
        }
        Some(Self { digits, n_digits, exponent })
    }
}

impl fmt::Display for Small {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = 10_u64.pow(self.n_digits - 1);
        write!(formatter, "{}", self.digits / unit)?;
        if self.n_digits > 1 {
            let width = self.n_digits as usize - 1;
            write!(formatter, ".{:0width$}", self.digits % unit)?;
        }
        write!(formatter, "e-{}", self.exponent)
    }
}
