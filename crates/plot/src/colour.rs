//! The dark palette, and the ramp Glacier.

use plotters::style::RGBColor;

/// Behind all.
pub(crate) const APP: RGBColor = RGBColor(0x09, 0x0c, 0x11);
/// Behind a panel, and where nothing rests.
pub(crate) const PANEL: RGBColor = RGBColor(0x0e, 0x12, 0x18);
/// Behind a label.
pub(crate) const RAISED: RGBColor = RGBColor(0x15, 0x1a, 0x22);
/// Round a panel.
pub(crate) const LINE: RGBColor = RGBColor(0x20, 0x28, 0x35);
/// Main text.
pub(crate) const TEXT_1: RGBColor = RGBColor(0xdb, 0xe2, 0xec);
/// Labels.
pub(crate) const TEXT_2: RGBColor = RGBColor(0x9a, 0xa6, 0xb7);
/// What is least.
pub(crate) const TEXT_3: RGBColor = RGBColor(0x83, 0x90, 0xa6);
/// Bids, and what was bought.
pub(crate) const BID: RGBColor = RGBColor(0x2f, 0xb5, 0x8c);
/// Asks, and what was sold.
pub(crate) const ASK: RGBColor = RGBColor(0xf0, 0x64, 0x6f);
/// Time without data.
pub(crate) const WARN: RGBColor = RGBColor(0xe2, 0xab, 0x3f);
/// The same where there is no room for lines: six parts in ten on what lies behind all.
pub(crate) const THIN: RGBColor = RGBColor(0x8b, 0x6b, 0x2d);
/// A simulated market.
pub(crate) const ACCENT: RGBColor = RGBColor(0x5a, 0xa9, 0xff);
/// Round a dot.
pub(crate) const RIM: RGBColor = RGBColor(0x06, 0x09, 0x0d);

/// Glacier, from nothing to the most.
const STOPS: [RGBColor; 9] = [
    RGBColor(0x0e, 0x12, 0x18),
    RGBColor(0x10, 0x20, 0x2f),
    RGBColor(0x11, 0x34, 0x4f),
    RGBColor(0x13, 0x50, 0x79),
    RGBColor(0x21, 0x73, 0xa3),
    RGBColor(0x45, 0x99, 0xbf),
    RGBColor(0x86, 0xbf, 0xcd),
    RGBColor(0xcf, 0xe0, 0xcf),
    RGBColor(0xff, 0xf3, 0xc4),
];

/// The colour of `t` from 0 to 1.
pub(crate) fn glacier(t: f64) -> RGBColor {
    let place = t.clamp(0.0, 1.0) * (STOPS.len() - 1) as f64;
    let index = (place as usize).min(STOPS.len() - 2);
    let (low, high, part) = (STOPS[index], STOPS[index + 1], place - index as f64);
    let mix = |low: u8, high: u8| {
        (f64::from(low) + (f64::from(high) - f64::from(low)) * part).round() as u8
    };
    RGBColor(mix(low.0, high.0), mix(low.1, high.1), mix(low.2, high.2))
}

#[cfg(test)]
mod tests {
    use super::{STOPS, glacier};

    #[test]
    fn the_ramp_goes_through_its_stops() {
        for (index, stop) in STOPS.iter().enumerate() {
            assert_eq!(glacier(index as f64 / 8.0), *stop);
        }
        assert_eq!((glacier(-1.0), glacier(7.0)), (STOPS[0], STOPS[8]));
    }
}
