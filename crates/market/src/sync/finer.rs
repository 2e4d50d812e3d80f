//! Deltas that wait, when the scales of their instrument become finer before there is a book.

use super::{State, Sync};
use crate::Instrument;

impl Sync {
    /// Turns the deltas that wait into units of finer scales; `false` when what was heard cannot go on: there is a
    /// book, a scale became coarser, or a number does not fit any longer.
    pub(crate) fn make_finer(&mut self, from: &Instrument, to: &Instrument) -> bool {
        let by = |from: u8, to: u8| 10_i64.checked_pow(u32::from(to.checked_sub(from)?));
        let factors =
            by(from.price_scale, to.price_scale).zip(by(from.quantity_scale, to.quantity_scale));
        let (State::Waiting, Some((by_price, by_quantity))) = (self.state, factors) else {
            return false;
        };
        let mut levels = self.waiting.iter_mut().flat_map(|delta| delta.levels.iter_mut());
        levels.all(|level| {
            let price = level.price.0.checked_mul(by_price);
            let quantity = level.quantity.0.checked_mul(by_quantity);
            price.zip(quantity).is_some_and(|(price, quantity)| {
                (level.price.0, level.quantity.0) = (price, quantity);
                true
            })
        })
    }
}
