//! Sizes as 16-bit logarithmic codes, computed with nothing but `+ − × ÷`, so that they are the same on every machine.
//!
//! `code = round(1500 × ln(1 + size))` with the size in units of 10^-`quantity_scale`: a code is exact to 0.04 %, and
//! the largest 64-bit quantity has code 65,505.

/// The factor k of `size = u × (exp(code ÷ k) − 1)`.
pub const CODE_FACTOR: f64 = 1500.0;
/// The code of a size that is not known.
pub const CODE_UNKNOWN: u16 = u16::MAX;
/// The largest code of a size.
const CODE_MAX: f64 = (u16::MAX - 1) as f64;
/// Bits of the fraction of an `f64`.
const FRACTION_BITS: u32 = 52;

/// The code of a size in units of the quantity's scale; 0 only for nothing.
pub fn code_from_size(size: f64) -> u16 {
    if size <= 0.0 {
        return 0;
    }
    (CODE_FACTOR * ln(1.0 + size) + 0.5).clamp(1.0, CODE_MAX) as u16
}

/// The size of a code, in units of the quantity's scale; `None` when it is not known.
pub fn size_from_code(code: u16) -> Option<f64> {
    (code != CODE_UNKNOWN).then(|| exp(f64::from(code) / CODE_FACTOR) - 1.0)
}

/// The natural logarithm of a finite number of at least 1: exponent and fraction apart, the fraction by the series of
/// the inverse hyperbolic tangent. Exact to 1e-10.
fn ln(x: f64) -> f64 {
    let bits = x.to_bits();
    let mut exponent = ((bits >> FRACTION_BITS) as i64 - 1023) as f64;
    let fraction_mask = (1_u64 << FRACTION_BITS) - 1;
    let mut m = f64::from_bits((bits & fraction_mask) | (1023 << FRACTION_BITS));
    if m > std::f64::consts::SQRT_2 {
        m *= 0.5;
        exponent += 1.0;
    }
    let s = (m - 1.0) / (m + 1.0);
    let t = s * s;
    let far = 1.0 / 7.0 + t * (1.0 / 9.0 + t * (1.0 / 11.0));
    let series = 1.0 + t * (1.0 / 3.0 + t * (0.2 + t * far));
    exponent * std::f64::consts::LN_2 + 2.0 * s * series
}

/// e to the power of a number from 0 to 44: halves of ln 2 taken out, the rest by its Taylor series.
fn exp(x: f64) -> f64 {
    let power = (x / std::f64::consts::LN_2 + 0.5).floor();
    let rest = x - power * std::f64::consts::LN_2;
    let mut term = 1.0;
    let mut sum = 1.0;
    for n in 1..14 {
        term *= rest / f64::from(n);
        sum += term;
    }
    sum * f64::from_bits(((power as i64 + 1023) as u64) << FRACTION_BITS)
}

#[cfg(test)]
mod tests {
    use super::{CODE_UNKNOWN, code_from_size, exp, ln, size_from_code};

    #[test]
    fn logarithm_and_power_agree_with_the_standard_library() {
        for n in 0..4_000 {
            let x = 1.0 + f64::from(n) * f64::from(n) * 977.3;
            assert!((ln(x) - x.ln()).abs() < 1e-9, "ln {x}");
            let y = f64::from(n) / 100.0;
            assert!((exp(y) / y.exp() - 1.0).abs() < 1e-12, "exp {y}");
        }
    }

    #[test]
    fn a_size_survives_its_code_to_a_thousandth() {
        for size in [10.0, 123.0, 4_567.0, 1e8, 3.3e12, 9.2e18] {
            let back = size_from_code(code_from_size(size)).unwrap();
            assert!((back / size - 1.0).abs() < 1e-3, "{size} became {back}");
        }
    }

    #[test]
    fn nothing_is_zero_and_the_least_is_not() {
        assert_eq!(code_from_size(0.0), 0);
        assert_eq!(code_from_size(1e-9), 1);
        assert!(code_from_size(1.0) > 1);
        assert!(code_from_size(f64::MAX) < CODE_UNKNOWN);
        assert_eq!(size_from_code(CODE_UNKNOWN), None);
    }
}
