//! Round steps for axes, and how their labels are written.

use market::Timestamp;

/// Steps of a time axis in seconds.
const TIME_STEPS_S: [u32; 21] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200,
    86_400, 172_800, 604_800, 2_592_000,
];

/// The smallest step of 1, 2, 5, 10, … with which `range` has at most `n_max` steps, and its decimals.
pub(crate) fn price_step(range: f64, n_max: usize) -> (f64, usize) {
    let least = (range / n_max.max(1) as f64).max(f64::MIN_POSITIVE);
    let exponent = least.log10().floor() as i32;
    let steps = (exponent..=exponent + 1).flat_map(|power| [1, 2, 5].map(|digit| (digit, power)));
    let at_least = |(digit, power): &(i32, i32)| value(*digit, *power) >= least * (1.0 - 1e-9);
    let mut fitting = steps.filter(at_least);
    let (digit, power) = fitting.next().unwrap_or((1, exponent + 2));
    (value(digit, power), usize::try_from(-power).unwrap_or(0))
}

fn value(digit: i32, power: i32) -> f64 {
    f64::from(digit) * 10_f64.powi(power)
}

/// The smallest usual step of time in ms with which `range_ms` has at most `n_max` steps.
pub(crate) fn time_step_ms(range_ms: f64, n_max: usize) -> f64 {
    let least = range_ms / n_max.max(1) as f64;
    let steps = TIME_STEPS_S.iter().map(|s| f64::from(*s) * 1e3);
    let largest = f64::from(TIME_STEPS_S[TIME_STEPS_S.len() - 1]) * 1e3;
    steps.into_iter().find(|step| *step >= least).unwrap_or(largest)
}

/// The multiples of `step` in a range.
pub(crate) fn multiples(from: f64, to: f64, step: f64) -> impl Iterator<Item = f64> {
    let first = (from / step).ceil();
    let last = (to / step).floor();
    (0_u32..)
        .map(move |n| first + f64::from(n))
        .take_while(move |n| *n <= last)
        .map(move |n| n * step)
}

/// A moment as date and time of day in UTC: `2024-08-08`, `21:30:00`.
pub(crate) fn date_and_time(ms: f64) -> (String, String) {
    let text = Timestamp::from_millis(ms as i64).to_string();
    match text.split_once('T') {
        Some((date, time)) => (date.to_owned(), time.chars().take(8).collect()),
        None => (text, String::new()),
    }
}

/// A size in few digits: `0.004`, `12.5`, `1 240` as `1.24k`.
pub(crate) fn short(size: f64) -> String {
    let (value, unit) = match size.abs() {
        most if most >= 1e9 => (size / 1e9, "G"),
        most if most >= 1e6 => (size / 1e6, "M"),
        most if most >= 1e3 => (size / 1e3, "k"),
        _ => (size, ""),
    };
    let n_whole = value.abs().max(1e-9).log10().floor() as i32 + 1;
    let n_decimals = usize::try_from(3 - n_whole).unwrap_or(0).min(6);
    let text = format!("{value:.n_decimals$}");
    let text = match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => &text,
    };
    format!("{text}{unit}")
}

#[cfg(test)]
mod tests {
    use super::{date_and_time, multiples, price_step, short, time_step_ms};

    #[test]
    fn steps_are_round() {
        assert_eq!(price_step(100.0, 10), (10.0, 0));
        assert_eq!(price_step(101.0, 10), (20.0, 0));
        assert_eq!(price_step(0.004, 10), (0.0005, 4));
        assert_eq!(time_step_ms(120_000.0, 10), 15_000.0);
        assert_eq!(multiples(0.5, 2.0, 0.5).collect::<Vec<_>>(), [0.5, 1.0, 1.5, 2.0]);
    }

    #[test]
    fn sizes_are_short() {
        for (size, text) in [
            (0.0042, "0.0042"),
            (12.5, "12.5"),
            (1_240.0, "1.24k"),
            (3e6, "3M"),
            (0.0, "0"),
            (100.0, "100"),
        ] {
            assert_eq!(short(size), text);
        }
    }

    #[test]
    fn moments_are_split_into_date_and_time() {
        let (date, time) = date_and_time(1_723_152_600_500.0);
        assert_eq!((date.as_str(), time.as_str()), ("2024-08-08", "21:30:00"));
    }
}
