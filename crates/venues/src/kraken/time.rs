//! Moments of Kraken: RFC 3339 in UTC with up to nine decimals.

use market::Timestamp;

const NANOS_PER_SECOND: i64 = 1_000_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// The moment that `2023-10-06T17:35:56.123456Z` names; `None` when the text is none.
pub(crate) fn timestamp(text: &str) -> Option<Timestamp> {
    let text = text.strip_suffix('Z').or_else(|| text.strip_suffix("+00:00"))?;
    let (date, time) = text.split_once('T')?;
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, ""));
    let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?;
    // A second of 60 is a leap second.
    let is_in_range = (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    if !is_in_range || fraction.len() > 9 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = fraction.bytes().chain(std::iter::repeat(b'0')).take(9);
    let nanos = digits.fold(0, |nanos: i64, digit| nanos * 10 + i64::from(digit - b'0'));
    let seconds = days_from_civil(year, month, day)
        .checked_mul(SECONDS_PER_DAY)?
        .checked_add(hour * 3_600 + minute * 60 + second)?;
    let nanos = seconds.checked_mul(NANOS_PER_SECOND)?.checked_add(nanos)?;
    Some(Timestamp::from_nanos(nanos))
}

/// The moment that seconds since 1970 with decimals name: `1688669597.8277369`. Decimals beyond the ninth are cut.
pub(crate) fn timestamp_of_seconds(text: &str) -> Option<Timestamp> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = fraction.bytes().chain(std::iter::repeat(b'0')).take(9);
    let nanos = digits.fold(0, |nanos: i64, digit| nanos * 10 + i64::from(digit - b'0'));
    let seconds = i64::try_from(seconds.parse::<u64>().ok()?).ok()?;
    Some(Timestamp::from_nanos(seconds.checked_mul(NANOS_PER_SECOND)?.checked_add(nanos)?))
}

/// Three numbers of exactly these many digits.
fn numbers(text: &str, separator: char, n_digits: [usize; 3]) -> Option<[i64; 3]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; 3];
    for (number, n_digits) in numbers.iter_mut().zip(n_digits) {
        let part = parts.next().filter(|part| part.len() == n_digits)?;
        if !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

/// Days from 1970-01-01 to a date of the Gregorian calendar, counting in eras of 400 years that begin in March.
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::{timestamp, timestamp_of_seconds};

    #[test]
    fn moments_of_any_precision_are_read_to_the_nanosecond() {
        for text in [
            "1970-01-01T00:00:00.000000000Z",
            "2026-07-19T17:54:39.614741000Z",
            "2000-02-29T23:59:59.999999999Z",
            "2100-03-01T00:00:00.100000000Z",
            "1969-12-31T23:59:59.999999999Z",
        ] {
            assert_eq!(timestamp(text).map(|moment| moment.to_string()).as_deref(), Some(text));
        }
        let short = timestamp("2026-08-24T22:21:56.7Z").unwrap();
        assert_eq!(short.to_string(), "2026-08-24T22:21:56.700000000Z");
        assert_eq!(timestamp("2026-08-24T22:21:56Z"), timestamp("2026-08-24T22:21:56.0+00:00"));
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for text in [
            "",
            "Z",
            "2026-08-24",
            "2026-13-24T00:00:00Z",
            "2026-08-24T24:00:00Z",
            "2026-8-24T00:00:00Z",
            "2026-08-24T00:00:00.1234567890Z",
            "2026-08-24T00:00:00",
            "2026-08-24T00:00:00-05:00",
            "9999-12-31T00:00:00Z",
        ] {
            assert_eq!(timestamp(text), None, "{text}");
        }
    }

    #[test]
    fn seconds_are_read_to_the_nanosecond() {
        let nanos = |text| timestamp_of_seconds(text).map(|moment| moment.nanos());
        assert_eq!(nanos("1688669597.8277369"), Some(1_688_669_597_827_736_900));
        assert_eq!(nanos("1688669597"), Some(1_688_669_597_000_000_000));
        assert_eq!(nanos("0.1234567899"), Some(123_456_789));
        for text in ["", "-1", "1e9", "1.5e3", "1.-5", "99999999999999999999"] {
            assert_eq!(nanos(text), None, "{text}");
        }
    }
}
