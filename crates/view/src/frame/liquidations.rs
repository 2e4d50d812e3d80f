//! The section of forced orders.

use super::header::code_from_side;
use super::writer::{FrameWriter, Kind};
use crate::liquidations::Forced;
use crate::units::{Units, ms_from_time};

/// Writes liquidations, oldest first.
pub(crate) fn write_liquidations<'a>(
    out: &mut FrameWriter,
    forced: impl ExactSizeIterator<Item = &'a Forced> + Clone,
    units: Units,
) {
    out.begin(Kind::Liquidations, 0, forced.len(), 0);
    out.f64s(forced.clone().map(|one| one.number as f64));
    out.f64s(forced.clone().map(|one| ms_from_time(one.received_at)));
    out.f64s(forced.clone().map(|one| ms_from_time(one.liquidated_at)));
    out.f64s(forced.clone().map(|one| units.f64_from_price(one.price.0)));
    out.f64s(forced.clone().map(|one| units.f64_from_quantity(one.quantity.0)));
    out.u8s(forced.map(|one| code_from_side(one.side)));
    out.end();
}
