//! Where exact integers become numbers for drawing, and exact texts.

use market::{FixedText, Instrument, Price, Quantity, Timestamp};

/// The scales of an instrument.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Units {
    /// Units of a price in one of the quote currency.
    pub(crate) price: f64,
    /// Units of a quantity in one of the base currency.
    pub(crate) quantity: f64,
    price_scale: u8,
    quantity_scale: u8,
    price_decimals: u8,
    quantity_decimals: u8,
}

impl Units {
    /// Those of an instrument.
    pub(crate) fn of(instrument: &Instrument) -> Self {
        Self {
            price: ten_to(instrument.price_scale),
            quantity: ten_to(instrument.quantity_scale),
            price_scale: instrument.price_scale,
            quantity_scale: instrument.quantity_scale,
            price_decimals: instrument.price_decimals,
            quantity_decimals: instrument.quantity_decimals,
        }
    }

    /// Whether numbers mean the same in both.
    pub(crate) const fn are_those_of(self, other: Self) -> bool {
        self.price_scale == other.price_scale && self.quantity_scale == other.quantity_scale
    }

    /// A price for drawing: the double nearest to it.
    pub(crate) fn f64_from_price(self, price: i64) -> f64 {
        price as f64 / self.price
    }

    /// A price for drawing, NaN when there is none.
    pub(crate) fn f64_from_some_price(self, price: Option<i64>) -> f64 {
        price.map_or(f64::NAN, |price| self.f64_from_price(price))
    }

    /// A quantity for drawing.
    pub(crate) fn f64_from_quantity(self, quantity: i64) -> f64 {
        quantity as f64 / self.quantity
    }

    /// A sum of quantities for drawing.
    pub(crate) fn f64_from_sum(self, quantity: i128) -> f64 {
        quantity as f64 / self.quantity
    }

    /// A price as it is printed, exact.
    pub(crate) fn text_from_price(self, price: i64) -> FixedText {
        Price(price).text(self.price_scale, self.price_decimals)
    }

    /// A sum of quantities as it is printed, exact.
    pub(crate) fn text_from_sum(self, quantity: i128) -> String {
        match i64::try_from(quantity) {
            Ok(quantity) => self.text_from_quantity(quantity).to_string(),
            Err(_) => format!("{quantity}e-{}", self.quantity_scale),
        }
    }

    /// A quantity as it is printed, exact.
    pub(crate) fn text_from_quantity(self, quantity: i64) -> FixedText {
        Quantity(quantity).text(self.quantity_scale, self.quantity_decimals)
    }
}

/// A moment for drawing, in Unix ms: the double nearest to its microsecond.
pub(crate) const fn ms_from_time(at: Timestamp) -> f64 {
    at.nanos().div_euclid(1_000) as f64 / 1e3
}

/// Exact for all scales of a 64-bit number.
fn ten_to(scale: u8) -> f64 {
    10_i64.checked_pow(u32::from(scale)).map_or(1e19, |power| power as f64)
}
