//! The section that says of what a frame is a picture, and what it covers.

use market::Timestamp;

use super::writer::{FrameWriter, Kind};
use crate::units::ms_from_time;

/// What an answer about the past tells all of: what was heard from one moment to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Covered {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
}

/// Writes the source, and what is covered: nothing but the newest by a frame of the moment.
pub(crate) fn write_reach(out: &mut FrameWriter, source: u64, covered: Option<Covered>) {
    out.begin(Kind::Reach, 0, 0, 0);
    out.f64(source as f64);
    out.f64(covered.map_or(f64::NAN, |covered| ms_from_time(covered.from)));
    out.f64(covered.map_or(f64::NAN, |covered| ms_from_time(covered.to)));
    out.end();
}
