//! Prices and quantities: fixed-point integers in the instrument's own scale, exact from text and back.

use std::fmt;

use rust_decimal::Decimal;

/// The largest scale at which a number of one whole unit fits into 64 bits.
pub const SCALE_MAX: u8 = 18;

/// Powers of ten that fit into 64 bits: `POWERS_OF_TEN[n]` is 10^n.
const POWERS_OF_TEN: [u64; 20] = {
    let mut powers = [1; 20];
    let mut n = 1;
    while n < powers.len() {
        powers[n] = powers[n - 1] * 10;
        n += 1;
    }
    powers
};

/// Digits whose number fits into 64 bits whatever they are.
const DIGITS_SAFE: usize = 18;

/// Exponents are cut here: beyond it every number but zero is too large or too precise for any scale.
const EXPONENT_MAX: i64 = 1 << 40;

/// A price in units of 10^-`price_scale` of its instrument.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Price(pub i64);

/// A quantity of the base asset (or of contracts) in units of 10^-`quantity_scale` of its instrument.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(pub i64);

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
        let unit = POWERS_OF_TEN.get(scale).copied();
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

/// Exactly the decimal number that stands in `text`, in units of 10^-`scale`.
///
/// Takes `[+-]digits[.digits][(e|E)[+-]digits]`: any number of leading zeros, and zeros beyond the scale. Never rounds,
/// never allocates.
///
/// # Errors
///
/// [`NumberError::Malformed`] when the text is no such number, [`NumberError::TooPrecise`] for a non-zero digit beyond
/// the scale, [`NumberError::TooLarge`] when the value needs more than 64 bits.
pub fn fixed_from_text(text: &[u8], scale: u8) -> Result<i64, NumberError> {
    match plain_from_text(text, scale) {
        Some(value) => Ok(value),
        None => Parts::of(text).ok_or(NumberError::Malformed)?.fixed(scale),
    }
}

/// Decimals that the number in `text` needs: those printed, without the zeros at the end. `None` when it is no number.
///
/// `1.50` needs 1, `2.2E3` none, `1e-7` seven.
pub fn decimals_of(text: &[u8]) -> Option<u8> {
    let parts = Parts::of(text)?;
    let fraction = &parts.fraction[..parts.fraction.len() - zeros_at_end(parts.fraction)];
    let n_zeros = if fraction.is_empty() { zeros_at_end(parts.whole) } else { 0 };
    if fraction.is_empty() && n_zeros == parts.whole.len() {
        return Some(0);
    }
    let decimals = fraction.len() as i64 - n_zeros as i64 - parts.exponent;
    u8::try_from(decimals.max(0)).ok()
}

/// Decimals with which the number in `text` is printed, zeros at the end counted. `None` when it is no number.
///
/// `1.50` is printed with 2, `2.2E3` with none, `1.0e-7` with eight.
pub fn decimals_printed(text: &[u8]) -> Option<u8> {
    let parts = Parts::of(text)?;
    u8::try_from((parts.fraction.len() as i64 - parts.exponent).max(0)).ok()
}

/// The usual number, `[-]digits[.digits]` of at most 18 digits; `None` sends every other to the thorough way.
fn plain_from_text(text: &[u8], scale: u8) -> Option<i64> {
    let (is_negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let (whole, n_whole) = digits_at_start(0, digits)?;
    let (number, n_decimals) = match &digits[n_whole..] {
        [] => (whole, 0),
        [b'.', fraction @ ..] => {
            let (number, n_decimals) = digits_at_start(whole, fraction)?;
            if n_decimals == 0 || n_decimals != fraction.len() {
                return None;
            }
            (number, n_decimals)
        }
        _ => return None,
    };
    if n_whole == 0 || n_whole + n_decimals > DIGITS_SAFE {
        return None;
    }
    let value = match usize::from(scale).checked_sub(n_decimals) {
        Some(missing) => number.checked_mul(*POWERS_OF_TEN.get(missing)?)?,
        None => {
            let unit = POWERS_OF_TEN[n_decimals - usize::from(scale)];
            if !number.is_multiple_of(unit) {
                return None;
            }
            number / unit
        }
    };
    let value = i64::try_from(value).ok()?;
    Some(if is_negative { -value } else { value })
}

/// Appends the decimal digits at the start of `text` to `number`, eight at a time; the new number and how many there
/// were. `None` when there are more than can be appended without overflow.
#[inline]
pub fn digits_at_start(number: u64, text: &[u8]) -> Option<(u64, usize)> {
    let mut number = number;
    let mut n_digits = 0;
    while let Some(chunk) = text[n_digits..].first_chunk::<8>() {
        let (value, n) = digits_of_chunk(u64::from_le_bytes(*chunk));
        number = number.wrapping_mul(POWERS_OF_TEN[n]).wrapping_add(value);
        n_digits += n;
        if n < 8 {
            return Some((number, n_digits));
        }
        if n_digits > DIGITS_SAFE {
            return None;
        }
    }
    for byte in &text[n_digits..] {
        if !byte.is_ascii_digit() {
            break;
        }
        number = number.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'));
        n_digits += 1;
    }
    Some((number, n_digits))
}

/// The number that the leading digits of eight bytes make (first byte lowest), and how many they are.
///
/// Each byte's value is found by an exclusive or with `'0'`; a byte that is no digit then exceeds nine, and shows in
/// its highest bit after adding 0x76. The digits are moved to the top, so that what leads is zero, and then summed in
/// pairs, fours and eights by two multiplications.
#[inline]
fn digits_of_chunk(chunk: u64) -> (u64, usize) {
    const HIGH_BITS: u64 = 0x8080_8080_8080_8080;
    let values = chunk ^ 0x3030_3030_3030_3030;
    let others = (((values & !HIGH_BITS) + 0x7676_7676_7676_7676) | values) & HIGH_BITS;
    let n_digits = (others.trailing_zeros() / 8) as usize;
    if n_digits == 0 {
        return (0, 0);
    }
    let digits = values << (64 - 8 * n_digits);
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let outer = (pairs & 0x0000_00FF_0000_00FF).wrapping_mul(0x000F_4240_0000_0064);
    let inner = ((pairs >> 16) & 0x0000_00FF_0000_00FF).wrapping_mul(0x0000_2710_0000_0001);
    (outer.wrapping_add(inner) >> 32, n_digits)
}

/// A decimal number taken apart: `whole.fraction × 10^exponent`.
struct Parts<'a> {
    is_negative: bool,
    whole: &'a [u8],
    fraction: &'a [u8],
    exponent: i64,
}

impl<'a> Parts<'a> {
    /// The parts of a text; `None` when it is no decimal number.
    fn of(text: &'a [u8]) -> Option<Self> {
        let (is_negative, rest) = split_sign(text);
        let (whole, rest) = split_digits(rest)?;
        let (fraction, rest) = match rest {
            [b'.', rest @ ..] => split_digits(rest)?,
            rest => (&[][..], rest),
        };
        let exponent = match rest {
            [] => 0,
            [b'e' | b'E', rest @ ..] => exponent_from_text(rest)?,
            _ => return None,
        };
        Some(Self { is_negative, whole, fraction, exponent })
    }

    /// The number in units of 10^-`scale`, digit by digit.
    fn fixed(&self, scale: u8) -> Result<i64, NumberError> {
        let too_large = NumberError::TooLarge { scale };
        // Weight of a digit, as a power of ten of our unit; the first digit has the highest.
        let mut weight = self.whole.len() as i64 + self.exponent + i64::from(scale);
        let mut magnitude = 0_u64;
        for byte in self.whole.iter().chain(self.fraction) {
            weight -= 1;
            let digit = u64::from(byte - b'0');
            if weight >= 0 {
                let appended = magnitude.checked_mul(10).and_then(|m| m.checked_add(digit));
                magnitude = appended.ok_or(too_large)?;
            } else if digit != 0 {
                return Err(NumberError::TooPrecise { scale });
            }
        }
        while weight > 0 && magnitude != 0 {
            magnitude = magnitude.checked_mul(10).ok_or(too_large)?;
            weight -= 1;
        }
        let value = i64::try_from(magnitude).map_err(|_| too_large)?;
        Ok(if self.is_negative { -value } else { value })
    }
}

fn split_sign(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    }
}

/// The digits at the start, of which there must be one, and what follows them.
fn split_digits(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let n_digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (n_digits > 0).then(|| text.split_at(n_digits))
}

fn exponent_from_text(text: &[u8]) -> Option<i64> {
    let (is_negative, text) = split_sign(text);
    let (digits, rest) = split_digits(text)?;
    if !rest.is_empty() {
        return None;
    }
    let size = digits.iter().fold(0, |size: i64, byte| {
        (size.saturating_mul(10)).saturating_add(i64::from(byte - b'0')).min(EXPONENT_MAX)
    });
    Some(if is_negative { -size } else { size })
}

fn zeros_at_end(digits: &[u8]) -> usize {
    digits.iter().rev().take_while(|byte| **byte == b'0').count()
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

    use super::{NumberError, Price, Quantity, decimals_of, decimals_printed, fixed_from_text};

    #[track_caller]
    fn check(text: &str, scale: u8, expected: Result<i64, NumberError>) {
        assert_eq!(fixed_from_text(text.as_bytes(), scale), expected, "{text} at {scale}");
    }

    #[test]
    fn a_text_becomes_exactly_its_number() {
        check("0", 8, Ok(0));
        check("29234.12000000", 8, Ok(2_923_412_000_000));
        check("0.00120000", 8, Ok(120_000));
        check("-0.5", 1, Ok(-5));
        check("+7", 0, Ok(7));
        check("007.10", 2, Ok(710));
        check("123456789012", 2, Ok(12_345_678_901_200));
        check("9223372036854775807", 0, Ok(i64::MAX));
        check("0000000000000000000000000000001.5", 1, Ok(15));
    }

    #[test]
    fn zeros_beyond_the_scale_are_fine_and_other_digits_are_too_precise() {
        check("1.50000", 1, Ok(15));
        check("1.500000000000000000000000000000000", 1, Ok(15));
        check("1.51", 1, Err(NumberError::TooPrecise { scale: 1 }));
        check("0.00000000000000000000000000000001", 8, Err(NumberError::TooPrecise { scale: 8 }));
    }

    #[test]
    fn exponents_are_exact() {
        check("1e-7", 8, Ok(10));
        check("1.0E-7", 7, Ok(1));
        check("2.2E3", 0, Ok(2200));
        check("2.2e+3", 2, Ok(220_000));
        check("12300e-2", 0, Ok(123));
        check("1e-9", 8, Err(NumberError::TooPrecise { scale: 8 }));
        check("0e999999999999999999999", 8, Ok(0));
        check("1e999999999999999999999", 8, Err(NumberError::TooLarge { scale: 8 }));
        check("1e-99999999999999999999", 8, Err(NumberError::TooPrecise { scale: 8 }));
    }

    #[test]
    fn a_number_beyond_64_bits_is_too_large() {
        check("9223372036854775808", 0, Err(NumberError::TooLarge { scale: 0 }));
        check("92233720368.54775808", 8, Err(NumberError::TooLarge { scale: 8 }));
        check("99999999999999999999999999", 0, Err(NumberError::TooLarge { scale: 0 }));
        check("1", 19, Err(NumberError::TooLarge { scale: 19 }));
        check("0", 255, Ok(0));
    }

    #[test]
    fn what_is_no_number_is_malformed() {
        let texts = [
            "",
            "-",
            ".",
            ".5",
            "5.",
            "1.2.3",
            "1e",
            "1e+",
            "e5",
            "1,5",
            " 1",
            "1 ",
            "--1",
            "NaN",
            "12345678x",
            "0x10",
            "1_000",
            "٣",
        ];
        for text in texts {
            check(text, 8, Err(NumberError::Malformed));
        }
    }

    #[test]
    fn decimals_are_counted_as_needed_and_as_printed() {
        let cases: [(&str, u8, u8); 8] = [
            ("1.50", 1, 2),
            ("100", 0, 0),
            ("0.00000000", 0, 8),
            ("2.2E3", 0, 0),
            ("1.0E-7", 7, 8),
            ("120e-3", 2, 3),
            ("62855.0", 0, 1),
            ("0.00000001", 8, 8),
        ];
        for (text, needed, printed) in cases {
            assert_eq!(decimals_of(text.as_bytes()), Some(needed), "{text}");
            assert_eq!(decimals_printed(text.as_bytes()), Some(printed), "{text}");
        }
        assert_eq!(decimals_of(b"1e-300"), None);
        assert_eq!(decimals_of(b"one"), None);
    }

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

        #[test]
        fn no_bytes_make_it_panic(text: Vec<u8>, scale: u8) {
            let read = fixed_from_text(&text, scale);
            prop_assert_eq!(read == Err(NumberError::Malformed), decimals_printed_or_too_many(&text).is_none());
        }

        #[test]
        fn numberlike_bytes_never_panic(text in "[-+]?[0-9]{0,24}[.]?[0-9]{0,24}([eE][-+]?[0-9]{0,4})?", scale: u8) {
            let read = fixed_from_text(text.as_bytes(), scale);
            let is_number = decimals_printed_or_too_many(text.as_bytes()).is_some();
            prop_assert_eq!(read != Err(NumberError::Malformed), is_number);
        }
    }

    /// Whether the bytes are a number at all, by the standard library's reading.
    fn decimals_printed_or_too_many(text: &[u8]) -> Option<f64> {
        let text = std::str::from_utf8(text).ok()?;
        let is_ours = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
        let digit = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_digit());
        let dots_are_ours = text.match_indices('.').all(|(at, _)| {
            at > 0
                && digit(text.as_bytes().get(at - 1).copied())
                && digit(text.as_bytes().get(at + 1).copied())
        });
        (is_ours && dots_are_ours).then(|| text.parse().ok()).flatten()
    }
}
