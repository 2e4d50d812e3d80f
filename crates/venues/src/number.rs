//! From the text of a number to a price or a quantity, and from many texts to the scale that holds them.

use market::number::{decimals_of, decimals_printed};
use market::{Level, NumberError, Price, Quantity};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::error::{DecodeError, NumberFault};
use crate::json::token;
use crate::text;

/// Decimals of the storage of an instrument whose list was not heard; more where the venue prints more.
pub(crate) const SCALE_DERIVED: u8 = 8;

/// Digits of the largest number that surely fits into 64 bits.
const DIGITS_MAX: usize = 18;

/// Digits kept free above the largest quantity that was seen when a scale is derived: a thousand times as much fits.
const DIGITS_SPARE: usize = 3;

/// The scales of storage of an instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Scales {
    pub price: u8,
    pub quantity: u8,
}

impl Scales {
    /// A price that is above zero.
    pub fn price(self, text: &str) -> Result<Price, NumberFault> {
        let price = Price::from_text(text.as_bytes(), self.price)?;
        match price.0 {
            i64::MIN..0 => Err(NumberFault::Negative),
            0 => Err(NumberFault::Zero),
            1.. => Ok(price),
        }
    }

    /// A quantity that is not below zero.
    pub fn quantity(self, text: &str) -> Result<Quantity, NumberFault> {
        let quantity = Quantity::from_text(text.as_bytes(), self.quantity)?;
        if quantity.0 < 0 { Err(NumberFault::Negative) } else { Ok(quantity) }
    }

    /// A level.
    pub fn level(self, price: &str, quantity: &str) -> Result<Level, Fault> {
        Ok(Level {
            price: self.price(price).map_err(|reason| Fault::new("a price of", price, reason))?,
            quantity: self
                .quantity(quantity)
                .map_err(|reason| Fault::new("a quantity of", quantity, reason))?,
        })
    }
}

/// A number that cannot be used, before it is known for which venue and symbol.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    field: &'static str,
    value: String,
    reason: NumberFault,
}

impl Fault {
    pub fn new(field: &'static str, value: &str, reason: NumberFault) -> Self {
        Self { field, value: text::name(value), reason }
    }

    /// A level of neither side.
    pub fn no_side(value: &str) -> Self {
        Self::new("a level of side", value, NumberFault::Number(NumberError::Malformed))
    }

    /// A level without a price or a quantity.
    pub fn no_level() -> Self {
        Self::new("a level of", "", NumberFault::Number(NumberError::Malformed))
    }

    /// The error, now that venue and symbol are known.
    pub fn of(self, venue: &'static str, symbol: &str) -> DecodeError {
        let Self { field, value, reason } = self;
        DecodeError::Number { venue, symbol: text::name(symbol), field, value, reason }
    }
}

/// Which decimals of a number tell how fine a market is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Printing {
    /// The venue prints zeros up to a fixed number of decimals: those at the end say nothing (Binance).
    Padded,
    /// The venue prints each number with the market's own decimals (Kraken).
    Exact,
}

/// What the numbers of messages tell of an instrument whose list was not heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Digits {
    printing: Printing,
    pub price_decimals: u8,
    pub quantity_decimals: u8,
    n_whole_digits_of_price: usize,
    n_whole_digits_of_quantity: usize,
}

impl Digits {
    pub const fn new(printing: Printing) -> Self {
        Self {
            printing,
            price_decimals: 0,
            quantity_decimals: 0,
            n_whole_digits_of_price: 0,
            n_whole_digits_of_quantity: 0,
        }
    }

    /// Learns from a price and the quantity beside it.
    pub fn note(&mut self, price: &str, quantity: &str) -> Result<(), Fault> {
        let fault =
            |field, value| Fault::new(field, value, NumberFault::Number(NumberError::Malformed));
        let decimals = self.decimals(price).ok_or_else(|| fault("a price of", price))?;
        self.price_decimals = self.price_decimals.max(decimals);
        let decimals = self.decimals(quantity).ok_or_else(|| fault("a quantity of", quantity))?;
        self.quantity_decimals = self.quantity_decimals.max(decimals);
        self.n_whole_digits_of_price = self.n_whole_digits_of_price.max(n_whole_digits(price));
        self.n_whole_digits_of_quantity =
            self.n_whole_digits_of_quantity.max(n_whole_digits(quantity));
        Ok(())
    }

    /// Decimals that the text of a number promises.
    pub fn decimals(self, text: &str) -> Option<u8> {
        match self.printing {
            Printing::Padded => decimals_of(text.as_bytes()),
            Printing::Exact => decimals_printed(text.as_bytes()),
        }
    }

    /// The scales of storage: eight decimals, more where they are needed, fewer where numbers are too large for them.
    pub fn scales(self) -> Scales {
        let scale = |decimals: u8, n_whole_digits: usize| {
            let room = DIGITS_MAX.saturating_sub(n_whole_digits + DIGITS_SPARE);
            let room = u8::try_from(room).unwrap_or(SCALE_DERIVED);
            decimals.max(SCALE_DERIVED.min(room)).min(market::number::SCALE_MAX)
        };
        Scales {
            price: scale(self.price_decimals, self.n_whole_digits_of_price),
            quantity: scale(self.quantity_decimals, self.n_whole_digits_of_quantity),
        }
    }
}

/// Digits before the point, leading zeros left out; an exponent form counts its digits only.
fn n_whole_digits(text: &str) -> usize {
    let digits = text.trim_start_matches(['-', '+', '0']);
    digits.bytes().take_while(u8::is_ascii_digit).count()
}

/// A figure beside the market (a mark price, a rate), exact, from plain or exponent text; `None` for an empty text, as
/// venues write what they do not know.
pub(crate) fn decimal(text: &str) -> Option<Decimal> {
    Decimal::from_str_exact(text).or_else(|_| Decimal::from_scientific(text)).ok()
}

/// Such a figure as a value of JSON, quoted or not.
pub(crate) fn figure(raw: Option<&RawValue>) -> Option<Decimal> {
    token(raw).and_then(decimal)
}

/// Powers of ten that fit into 63 bits.
const POWERS_OF_TEN: [i64; 19] = {
    let mut powers = [1; 19];
    let mut n = 1;
    while n < powers.len() {
        powers[n] = powers[n - 1] * 10;
        n += 1;
    }
    powers
};

/// 10^`exponent`, saturating.
#[inline]
pub(crate) fn power_of_ten(exponent: u8) -> i64 {
    POWERS_OF_TEN.get(usize::from(exponent)).copied().unwrap_or(i64::MAX)
}
