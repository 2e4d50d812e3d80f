//! The colours of the dark theme.

use plotters::style::RGBColor;

pub(crate) const APP: RGBColor = RGBColor(9, 12, 17);
pub(crate) const GRID: RGBColor = RGBColor(32, 40, 53);
pub(crate) const TEXT: RGBColor = RGBColor(219, 226, 236);
pub(crate) const TEXT_FAINT: RGBColor = RGBColor(154, 166, 183);
pub(crate) const ACCENT: RGBColor = RGBColor(90, 169, 255);
pub(crate) const WARN: RGBColor = RGBColor(226, 171, 63);
pub(crate) const BID: RGBColor = RGBColor(47, 181, 140);
pub(crate) const ASK: RGBColor = RGBColor(240, 100, 111);

/// The ramp Glacier, dark to bright.
const GLACIER: [RGBColor; 9] = [
    RGBColor(14, 18, 24),
    RGBColor(16, 32, 47),
    RGBColor(17, 52, 79),
    RGBColor(19, 80, 121),
    RGBColor(33, 115, 163),
    RGBColor(69, 153, 191),
    RGBColor(134, 191, 205),
    RGBColor(207, 224, 207),
    RGBColor(255, 243, 196),
];

/// Shades that are told apart: enough for the eye, few enough that equal neighbours are one shape.
pub(crate) const N_SHADES: usize = 33;

/// A shade of the ramp, 0 (nothing) to `N_SHADES - 1`.
pub(crate) fn shade(index: usize) -> RGBColor {
    let position = index.min(N_SHADES - 1) * (GLACIER.len() - 1);
    let (stop, rest) = (position / (N_SHADES - 1), position % (N_SHADES - 1));
    let (from, to) = (GLACIER[stop], GLACIER[(stop + 1).min(GLACIER.len() - 1)]);
    let mix = |from: u8, to: u8| {
        let share = rest as f64 / (N_SHADES - 1) as f64;
        (f64::from(from) + (f64::from(to) - f64::from(from)) * share).round() as u8
    };
    RGBColor(mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
}
