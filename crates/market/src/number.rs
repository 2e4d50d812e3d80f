//! Prices and quantities: fixed-point integers in the instrument's own scale, and their exact text.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use crate::parse::{
    decimals_of, decimals_printed, digits_at_start, fixed_at_start, fixed_from_text,
};

/// The largest scale at which a number of one whole unit fits into 64 bits.
pub const SCALE_MAX: u8 = 18;

/// A price in units of 10^-`price_scale` of its instrument.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Price(#[serde(deserialize_with = "crate::load::whole")] pub i64);

/// A quantity of the base asset (or of contracts) in units of 10^-`quantity_scale` of its instrument.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Quantity(#[serde(deserialize_with = "crate::load::whole")] pub i64);

/// Why a text is no number of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// The text is not a decimal number.
    #[error("it is not a decimal number")]
    Malformed,
    /// The number has a non-zero digit beyond the scale.
    #[error("it has more decimals than the scale of {scale} holds")]
    TooPrecise {
        /// Decimals that the scale holds.
        scale: u8,
    },
    /// The number does not fit into 64 bits at its scale.
    #[error("it is too large for 64 bits at a scale of {scale}")]
    TooLarge {
        /// Decimals that the scale holds.
        scale: u8,
    },
}

/// Gives a fixed-point type its conversions.
macro_rules! fixed_point {
    ($name:ident) => {
        impl $name {
            /// Exactly the decimal number that stands in `text`, at `scale` decimals.
            pub fn from_text(text: &[u8], scale: u8) -> Result<Self, NumberError> {
                fixed_from_text(text, scale).map(Self)
            }

            /// Exactly this decimal number, at `scale` decimals.
            pub fn from_decimal(decimal: Decimal, scale: u8) -> Result<Self, NumberError> {
                fixed_from_decimal(decimal, scale).map(Self)
            }

            /// This number as a decimal; fails for a scale beyond the 28 decimals of [`Decimal`].
            pub fn to_decimal(self, scale: u8) -> Result<Decimal, NumberError> {
                Decimal::try_new(self.0, u32::from(scale))
                    .map_err(|_| NumberError::TooPrecise { scale })
            }

            /// This number as text with `n_decimals` decimals, and with more where it needs them to be exact.
            pub const fn text(self, scale: u8, n_decimals: u8) -> FixedText {
                FixedText { value: self.0, scale, n_decimals }
            }
        }
    };
}
fixed_point!(Price);
fixed_point!(Quantity);

/// Writes a fixed-point number exactly: at least `n_decimals` decimals, more where the number has more digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FixedText {
    value: i64,
    scale: u8,
    n_decimals: u8,
}

impl fmt::Display for FixedText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut rest, mut scale) = (self.value.unsigned_abs(), usize::from(self.scale));
        let n_decimals = usize::from(self.n_decimals);
        while scale > n_decimals && rest.is_multiple_of(10) {
            rest /= 10;
            scale -= 1;
        }
        if self.value < 0 {
            formatter.write_str("-")?;
        }
        let unit = 10_u64.checked_pow(scale as u32);
        let (whole, decimals) = unit.map_or((0, rest), |unit| (rest / unit, rest % unit));
        write!(formatter, "{whole}")?;
        if scale > 0 {
            write!(formatter, ".{decimals:0scale$}")?;
        } else if n_decimals > 0 {
            formatter.write_str(".")?;
        }
        write!(formatter, "{:0<width$}", "", width = n_decimals.saturating_sub(scale))
    }
}

fn fixed_from_decimal(decimal: Decimal, scale: u8) -> Result<i64, NumberError> {
    let decimal = decimal.normalize();
    let missing =
        u32::from(scale).checked_sub(decimal.scale()).ok_or(NumberError::TooPrecise { scale })?;
    10_i128
        .checked_pow(missing)
        .and_then(|unit| decimal.mantissa().checked_mul(unit))
        .and_then(|value| i64::try_from(value).ok())
        .ok_or(NumberError::TooLarge { scale })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rust_decimal::Decimal;

    use super::{NumberError, Price, Quantity, fixed_from_text};

    #[test]
    fn a_number_is_written_with_the_decimals_asked_for_or_those_it_needs() {
        assert_eq!(Price(2_923_412_000_000).text(8, 2).to_string(), "29234.12");
        assert_eq!(Price(2_923_412_300_000).text(8, 2).to_string(), "29234.123");
        assert_eq!(Price(-5).text(1, 3).to_string(), "-0.500");
        assert_eq!(Price(7).text(0, 2).to_string(), "7.00");
        assert_eq!(Price(70).text(0, 0).to_string(), "70");
        assert_eq!(Quantity(120_000).text(8, 0).to_string(), "0.0012");
        assert_eq!(Quantity(i64::MIN).text(18, 0).to_string(), "-9.223372036854775808");
        assert_eq!(Quantity(1).text(25, 0).to_string(), "0.0000000000000000000000001");
    }

    #[test]
    fn a_decimal_of_the_rim_is_exact_both_ways() {
        let decimal = Price(2_923_412).to_decimal(2).unwrap();
        assert_eq!(decimal.to_string(), "29234.12");
        assert_eq!(Price::from_decimal(decimal, 8), Ok(Price(2_923_412_000_000)));
        assert_eq!(Price::from_decimal(decimal, 1), Err(NumberError::TooPrecise { scale: 1 }));
        assert_eq!(Price::from_decimal(Decimal::MAX, 8), Err(NumberError::TooLarge { scale: 8 }));
        assert!(Price(1).to_decimal(29).is_err());
    }

    proptest! {
        #[test]
        fn writing_then_reading_is_the_identity(value: i64, scale in 0_u8..=18, n_decimals in 0_u8..=24) {
            prop_assume!(value != i64::MIN);
            let text = Price(value).text(scale, n_decimals).to_string();
            prop_assert_eq!(fixed_from_text(text.as_bytes(), scale), Ok(value));
        }

        #[test]
        fn reading_agrees_with_rust_decimal(
            mantissa in -999_999_999_999_999_999_i64..=999_999_999_999_999_999,
            decimals in 0_u32..=18,
            scale in 0_u8..=18,
        ) {
            let decimal = Decimal::new(mantissa, decimals);
            let text = decimal.to_string();
            prop_assert_eq!(
                fixed_from_text(text.as_bytes(), scale),
                Price::from_decimal(decimal, scale).map(|price| price.0)
            );
        }
    }
}
