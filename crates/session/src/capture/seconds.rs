//! Unix seconds as a JSON number, to nanoseconds, digit by digit: a double cannot hold them.

use market::Timestamp;

/// Nanoseconds have nine digits behind the seconds' point.
const NANO_DIGITS: i64 = 9;

/// The moment; digits below a nanosecond are cut off. `None` when it is not a number or out of range.
pub(crate) fn parse_seconds(text: &str) -> Option<Timestamp> {
    let (is_negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = whole.bytes().chain(fraction.bytes());
    let point = i64::try_from(whole.len()).ok()?.checked_add(exponent)?.checked_add(NANO_DIGITS)?;
    let mut nanos = 0_i64;
    let mut n_used = 0_i64;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        if n_used < point {
            nanos = nanos.checked_mul(10)?.checked_add(i64::from(digit - b'0'))?;
        }
        n_used += 1;
    }
    if n_used == 0 {
        return None;
    }
    while nanos != 0 && n_used < point {
        nanos = nanos.checked_mul(10)?;
        n_used += 1;
    }
    Some(Timestamp::from_nanos(if is_negative { -nanos } else { nanos }))
}

fn parse_exponent(text: &str) -> Option<i64> {
    text.strip_prefix('+').unwrap_or(text).parse::<i32>().ok().map(i64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, nanos: Option<i64>) {
        assert_eq!(parse_seconds(text).map(Timestamp::nanos), nanos, "{text}");
    }

    #[test]
    fn seconds_become_nanoseconds_digit_by_digit() {
        check("1618677371.3386219", Some(1_618_677_371_338_621_900));
        check("1618677371", Some(1_618_677_371_000_000_000));
        check("1618677371.000000001999", Some(1_618_677_371_000_000_001));
        check("1.6186773713386219e9", Some(1_618_677_371_338_621_900));
        check("16186773713386219E-7", Some(1_618_677_371_338_621_900));
        check("1618677371.0000000e+0", Some(1_618_677_371_000_000_000));
        check("0", Some(0));
        check("0.0e99999", Some(0));
        check("1e-400", Some(0));
        check("-1.5", Some(-1_500_000_000));
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in
            ["", "-", "1e", "1e99", "9999999999999", "abc", "1.2.3", "\"1\"", "1e99999999999"]
        {
            check(text, None);
        }
    }
}
