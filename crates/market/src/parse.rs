//! Exact numbers from text: a fast way for the usual ones, and a thorough one for all others.

use crate::NumberError;

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
    match fixed_at_start(text, scale) {
        Some((value, n_bytes)) if n_bytes == text.len() => Ok(value),
        Some(_) | None => Parts::of(text).ok_or(NumberError::Malformed)?.fixed(scale),
    }
}

/// The number with which `text` begins, in units of 10^-`scale`, and how many bytes it takes; for scanners, which find
/// the end of a number only by reading it.
///
/// Takes the usual number only, `digits[.digits]` of at most 18 digits in all, no finer than the scale but for zeros;
/// for
/// every other one it is `None`, and [`fixed_from_text`] decides.
#[inline]
pub fn fixed_at_start(text: &[u8], scale: u8) -> Option<(i64, usize)> {
    let (whole, n_whole) = digits_from(text, 0, 0);
    if n_whole == 0 {
        return None;
    }
    let (number, end, n_decimals) = if text.get(n_whole) == Some(&b'.') {
        let (number, end) = decimals_from(text, n_whole + 1, whole);
        let n_decimals = end - n_whole - 1;
        (number, end, (n_decimals > 0).then_some(n_decimals)?)
    } else {
        (whole, n_whole, 0)
    };
    if n_whole + n_decimals > DIGITS_SAFE {
        return None;
    }
    let value = match usize::from(scale).checked_sub(n_decimals) {
        Some(missing) => number.checked_mul(*POWERS_OF_TEN.get(missing)?)?,
        None => coarsened(number, n_decimals - usize::from(scale))?,
    };
    Some((i64::try_from(value).ok()?, end))
}

/// A number without its last digits, if those are zeros.
#[cold]
fn coarsened(number: u64, n_digits: usize) -> Option<u64> {
    let unit = POWERS_OF_TEN[n_digits];
    number.is_multiple_of(unit).then(|| number / unit)
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

/// The whole number with which `text` begins, its digits appended to those of `number`, and how many bytes it takes;
/// `None` for more than 18 digits.
#[inline]
pub fn digits_at_start(number: u64, text: &[u8]) -> Option<(u64, usize)> {
    let (number, end) = digits_from(text, 0, number);
    (end <= DIGITS_SAFE).then_some((number, end))
}

/// Appends the decimal digits of `text` from `at` on to `number`; the new number, and where they end. The number is
/// meaningless after more than [`DIGITS_SAFE`] digits.
///
/// One digit at a time: the parts before a point are short, and as long as the last time, which a processor foretells;
/// measured, eight at once with a shift by their number take half as long again.
#[inline]
fn digits_from(text: &[u8], at: usize, number: u64) -> (u64, usize) {
    let (mut number, mut at) = (number, at);
    while let Some(digit) = text.get(at).map(|byte| byte.wrapping_sub(b'0'))
        && digit < 10
    {
        number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
        at += 1;
    }
    (number, at)
}

/// The same behind a point, where Binance prints eight digits: those are taken at once.
#[inline]
fn decimals_from(text: &[u8], at: usize, number: u64) -> (u64, usize) {
    let eight = text.get(at..).and_then(<[u8]>::first_chunk).and_then(|chunk| eight_digits(*chunk));
    match eight {
        Some(eight) => {
            digits_from(text, at + 8, number.wrapping_mul(100_000_000).wrapping_add(eight))
        }
        None => digits_from(text, at, number),
    }
}

/// The number that eight digits make; `None` when one of the bytes is no digit.
///
/// An exclusive or with `'0'` gives each byte's value. A byte that is no digit then exceeds nine, and shows in a
/// highest
/// bit after adding 0x76 (a carry into the next byte comes from such a byte only). The digits are then summed in pairs,
/// fours and eights by three multiplications.
#[inline]
const fn eight_digits(text: [u8; 8]) -> Option<u64> {
    let digits = u64::from_le_bytes(text) ^ 0x3030_3030_3030_3030;
    if (digits.wrapping_add(0x7676_7676_7676_7676) | digits) & 0x8080_8080_8080_8080 != 0 {
        return None;
    }
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let outer = (pairs & 0x0000_00FF_0000_00FF).wrapping_mul(0x000F_4240_0000_0064);
    let inner = ((pairs >> 16) & 0x0000_00FF_0000_00FF).wrapping_mul(0x0000_2710_0000_0001);
    Some(outer.wrapping_add(inner) >> 32)
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{decimals_of, decimals_printed, fixed_at_start, fixed_from_text};
    use crate::NumberError;

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
        check("36893488147419103233", 0, Err(NumberError::TooLarge { scale: 0 }));
        check("3689348814.7419103233", 10, Err(NumberError::TooLarge { scale: 10 }));
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
    fn a_number_is_read_off_the_start_of_a_longer_text() {
        let cases: [(&str, Option<(i64, usize)>); 10] = [
            ("29234.12000000\",\"0.5", Some((2_923_412_000_000, 14))),
            ("0.00120000\"],", Some((120_000, 10))),
            ("7,", Some((700_000_000, 1))),
            ("-7,", None),
            ("12345678.12345678", Some((1_234_567_812_345_678, 17))),
            ("7.]", None),
            (".5", None),
            ("0.123456789", None),
            ("1234567890123456789", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(fixed_at_start(text.as_bytes(), 8), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_number_read_off_the_start_is_the_number_of_its_text(text in "[0-9]{0,12}[.]?[0-9]{0,12}[\",e ]?.{0,9}", scale in 0_u8..20) {
            if let Some((value, n_bytes)) = fixed_at_start(text.as_bytes(), scale) {
                prop_assert_eq!(fixed_from_text(&text.as_bytes()[..n_bytes], scale), Ok(value));
                let next = text.as_bytes().get(n_bytes);
                prop_assert!(next.is_none_or(|byte| !byte.is_ascii_digit()));
            }
        }

        #[test]
        fn no_bytes_make_it_panic(text: Vec<u8>, scale: u8) {
            let read = fixed_from_text(&text, scale);
            prop_assert_eq!(read == Err(NumberError::Malformed), read_by_the_standard_library(&text).is_none());
        }

        #[test]
        fn numberlike_bytes_never_panic(text in "[-+]?[0-9]{0,24}[.]?[0-9]{0,24}([eE][-+]?[0-9]{0,4})?", scale: u8) {
            let read = fixed_from_text(text.as_bytes(), scale);
            let is_number = read_by_the_standard_library(text.as_bytes()).is_some();
            prop_assert_eq!(read != Err(NumberError::Malformed), is_number);
        }
    }

    /// Whether the bytes are a number at all, by the standard library's reading.
    fn read_by_the_standard_library(text: &[u8]) -> Option<f64> {
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
