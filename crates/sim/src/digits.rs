//! Fixed-point integers as the decimal text that a venue prints.

/// Digits of the largest number.
const N_DIGITS_MAX: usize = 20;

/// Appends `units` · 10^-`scale`, printed with `decimals` decimals; digits beyond them are cut.
pub fn push(out: &mut String, units: i64, scale: u8, decimals: u8) {
    let scale = usize::from(scale);
    // The last digits first: what stands before the point, and at least a nought.
    let mut digits = [b'0'; N_DIGITS_MAX];
    let (mut rest, mut n_digits) = (units.unsigned_abs(), 0);
    while rest > 0 || n_digits <= scale {
        digits[n_digits] = b'0' + (rest % 10) as u8;
        rest /= 10;
        n_digits += 1;
    }
    if units < 0 {
        out.push('-');
    }
    out.extend(digits[scale..n_digits].iter().rev().map(|digit| char::from(*digit)));
    if decimals == 0 {
        return;
    }
    out.push('.');
    let fraction = digits[..scale].iter().rev().map(|digit| char::from(*digit));
    out.extend(fraction.chain(std::iter::repeat('0')).take(usize::from(decimals)));
}

/// `units` · 10^-`scale` with `decimals` decimals.
pub fn text(units: i64, scale: u8, decimals: u8) -> String {
    let mut out = String::new();
    push(&mut out, units, scale, decimals);
    out
}

/// As [`text`] with all decimals, without zeros at the end: `78715`, `0.5`.
pub fn trimmed(units: i64, scale: u8) -> String {
    trim(text(units, scale, scale))
}

/// As [`wide`] with all decimals, without zeros at the end.
pub fn wide_trimmed(units: i128, scale: u8) -> String {
    trim(wide(units, scale, scale))
}

fn trim(mut text: String) -> String {
    if text.contains('.') {
        text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    }
    text
}

/// The product of a price and a quantity, printed with `decimals` decimals; digits beyond them are cut.
pub fn product(price: (i64, u8), quantity: (i64, u8), decimals: u8) -> String {
    wide(i128::from(price.0) * i128::from(quantity.0), price.1 + quantity.1, decimals)
}

/// As [`text`], of a sum that may not fit into 64 bits.
pub fn wide(units: i128, scale: u8, decimals: u8) -> String {
    let (up, down) = (decimals.saturating_sub(scale), scale.saturating_sub(decimals));
    let units = units * 10_i128.pow(u32::from(up)) / 10_i128.pow(u32::from(down));
    let one = 10_i128.pow(u32::from(decimals));
    if decimals == 0 {
        return units.to_string();
    }
    format!("{}.{:0width$}", units / one, units % one, width = usize::from(decimals))
}

#[cfg(test)]
mod tests {
    use super::{product, text, trimmed};

    #[test]
    fn a_number_is_printed_with_all_decimals_of_the_venue() {
        assert_eq!(text(974_125, 1, 8), "97412.50000000");
        assert_eq!(text(1_234, 8, 8), "0.00001234");
        assert_eq!(text(5_600, 4, 4), "0.5600");
        assert_eq!(text(7, 0, 0), "7");
        assert_eq!(text(7, 0, 2), "7.00");
        assert_eq!(text(0, 8, 8), "0.00000000");
        assert_eq!(text(1_299, 3, 1), "1.2");
        assert_eq!(
            [trimmed(7_871_500, 2), trimmed(500, 3), trimmed(70, 0)],
            ["78715", "0.5", "70"]
        );
    }

    #[test]
    fn a_product_is_exact() {
        assert_eq!(product((974_125, 1), (1_500, 5), 8), "1461.18750000");
    }
}
