//! The instruments of a venue in this session: in the order in which they were first met.

use std::collections::HashMap;

use market::number::SCALE_MAX;
use market::{
    Event, Events, Instrument, InstrumentId, Level, Origin, Price, Quantity, Terms, Venue,
};

use crate::error::DecodeError;
use crate::number::{Digits, Scales, power_of_ten};
use crate::text::{self, NAME_CHARS_MAX};

/// Instruments of one venue that are kept. The largest list, Binance spot with all that it ever listed, has some 3,500.
pub(crate) const INSTRUMENTS_MAX: usize = 65_536;

/// The finest scale that one message can ask for: six digits are left for what stands before the point.
const SCALE_GROWN_MAX: u8 = 12;

/// An instrument as a venue's own list describes it, before it has an address and scales of storage.
#[derive(Clone, Debug)]
pub(crate) struct Listing {
    pub symbol: String,
    pub base: String,
    pub quote: String,
    pub scales: Scales,
    pub price_decimals: u8,
    pub quantity_decimals: u8,
    /// In units of `scales`.
    pub tick_size: i64,
    /// In units of `scales`.
    pub lot_size: i64,
    pub terms: Terms,
    pub is_trading: bool,
}

/// All instruments of a venue by position and by symbol.
#[derive(Debug)]
pub(crate) struct Table {
    pub venue: Venue,
    instruments: Vec<Instrument>,
    index_by_symbol: HashMap<String, u32>,
    /// The position that was asked for last: frames of one symbol come in runs.
    recent: u32,
    /// Counts the changes of the list.
    revision: u64,
}

impl Table {
    pub fn new(venue: Venue) -> Self {
        let (instruments, index_by_symbol) = (Vec::new(), HashMap::new());
        Self { venue, instruments, index_by_symbol, recent: 0, revision: 0 }
    }

    /// A list that changed as often as its revision says.
    pub fn set_revision(&mut self, revision: u64) {
        self.revision = revision;
    }

    /// Counts the changes of the list.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    pub fn instruments(&self) -> &[Instrument] {
        &self.instruments
    }

    /// The position of a symbol as it stands in a frame.
    pub fn index(&self, symbol: &str) -> Option<u32> {
        self.index_by_symbol.get(symbol).copied()
    }

    /// As [`index`](Self::index), without a look-up when it is the symbol of the time before.
    pub fn index_in_a_run(&mut self, symbol: &str) -> Option<u32> {
        let recent = self.instruments.get(self.recent as usize);
        if recent.is_none_or(|recent| recent.symbol != symbol) {
            self.recent = self.index(symbol)?;
        }
        Some(self.recent)
    }

    pub fn get(&self, index: u32) -> &Instrument {
        &self.instruments[index as usize]
    }

    pub fn id(&self, index: u32) -> InstrumentId {
        InstrumentId { venue: self.venue, index }
    }

    pub fn scales(&self, index: u32) -> Scales {
        let instrument = self.get(index);
        Scales { price: instrument.price_scale, quantity: instrument.quantity_scale }
    }

    /// Forgets what was added after the first `n_instruments`, since the message that named it was refused.
    pub fn truncate(&mut self, n_instruments: usize) {
        self.revision += 1;
        for instrument in self.instruments.drain(n_instruments..) {
            self.index_by_symbol.remove(&instrument.symbol);
        }
    }

    /// The position of a symbol; when it was never met, it is added with what `digits` finds, and an event says so.
    pub fn index_or_derive(
        &mut self,
        symbol: &str,
        events: &mut Events,
        digits: Digits,
    ) -> Result<u32, DecodeError> {
        if let Some(index) = self.index(symbol) {
            return Ok(index);
        }
        let symbol = text::clean(symbol, NAME_CHARS_MAX + 1);
        if let Some(index) = self.index(&symbol) {
            return Ok(index);
        }
        let index = self.derive(&symbol, digits)?;
        events.items.push(self.event(index));
        Ok(index)
    }

    /// Adds an instrument of which only the digits of a message are known.
    fn derive(&mut self, symbol: &str, digits: Digits) -> Result<u32, DecodeError> {
        let scales = digits.scales();
        let step = |scale: u8, decimals: u8| power_of_ten(scale.saturating_sub(decimals));
        self.add(Instrument {
            id: self.id(0),
            symbol: symbol.to_owned(),
            base: String::new(),
            quote: String::new(),
            price_scale: scales.price,
            quantity_scale: scales.quantity,
            price_decimals: digits.price_decimals,
            quantity_decimals: digits.quantity_decimals,
            tick_size: Price(step(scales.price, digits.price_decimals)),
            lot_size: Quantity(step(scales.quantity, digits.quantity_decimals)),
            terms: Terms::default(),
            is_trading: true,
            origin: Origin::Derived,
        })
    }

    /// Takes an entry of the venue's list; the event when it is new or says something new.
    ///
    /// An instrument that is known keeps its scales of storage where they hold the listed ones, so that its book
    /// survives.
    pub fn list(&mut self, listing: Listing) -> Result<Option<Event>, DecodeError> {
        let known = self.index(&listing.symbol);
        let kept = known.map(|index| self.scales(index));
        let scales = kept.filter(|kept| holds(*kept, listing.scales)).unwrap_or(listing.scales);
        let grown = |value: i64, from: u8, to: u8| value.saturating_mul(power_of_ten(to - from));
        let instrument = Instrument {
            id: self.id(known.unwrap_or(0)),
            price_scale: scales.price,
            quantity_scale: scales.quantity,
            price_decimals: listing.price_decimals,
            quantity_decimals: listing.quantity_decimals,
            tick_size: Price(grown(listing.tick_size, listing.scales.price, scales.price)),
            lot_size: Quantity(grown(listing.lot_size, listing.scales.quantity, scales.quantity)),
            terms: listing.terms,
            is_trading: listing.is_trading,
            origin: Origin::Listed,
            symbol: listing.symbol,
            base: listing.base,
            quote: listing.quote,
        };
        self.put(instrument)
    }

    /// Puts an instrument as it is, at its symbol's position; the event when it is new or differs.
    pub fn put(&mut self, mut instrument: Instrument) -> Result<Option<Event>, DecodeError> {
        let Some(index) = self.index(&instrument.symbol) else {
            let index = self.add(instrument)?;
            return Ok(Some(self.event(index)));
        };
        instrument.id = self.id(index);
        let known = &mut self.instruments[index as usize];
        if *known == instrument {
            return Ok(None);
        }
        *known = instrument;
        self.revision += 1;
        Ok(Some(self.event(index)))
    }

    /// What is said of an instrument that is new or that changed.
    pub fn event(&self, index: u32) -> Event {
        Event::Instrument(Box::new(self.get(index).clone()))
    }

    /// Makes tick and lot of a derived instrument finer when these levels are; the event when they were.
    pub fn refine(&mut self, index: u32, levels: &[Level]) -> Option<Event> {
        let instrument = &mut self.instruments[index as usize];
        if instrument.origin == Origin::Listed {
            return None;
        }
        let (mut tick, mut lot) = (instrument.tick_size.0, instrument.lot_size.0);
        let (ticks, lots) = (PowerOfTen::of(tick), PowerOfTen::of(lot));
        for level in levels {
            if !ticks.divides(level.price.0) {
                tick = finer(tick, level.price.0);
            }
            if !lots.divides(level.quantity.0) {
                lot = finer(lot, level.quantity.0);
            }
        }
        if (tick, lot) == (instrument.tick_size.0, instrument.lot_size.0) {
            return None;
        }
        instrument.price_decimals += decimals_between(tick, instrument.tick_size.0);
        instrument.quantity_decimals += decimals_between(lot, instrument.lot_size.0);
        instrument.tick_size = Price(tick);
        instrument.lot_size = Quantity(lot);
        self.revision += 1;
        Some(self.event(index))
    }

    /// Gives a derived instrument the decimals of numbers that are printed exactly, where it had fewer: it was met by
    /// numbers without the zeros at their end. The event when it had.
    pub fn refine_printed(&mut self, index: u32, digits: Digits) -> Option<Event> {
        let instrument = &mut self.instruments[index as usize];
        let price_decimals = digits.price_decimals.min(SCALE_MAX).max(instrument.price_decimals);
        let quantity_decimals =
            digits.quantity_decimals.min(SCALE_MAX).max(instrument.quantity_decimals);
        let known = (instrument.price_decimals, instrument.quantity_decimals);
        if instrument.origin == Origin::Listed || known == (price_decimals, quantity_decimals) {
            return None;
        }
        let step = |scale: u8, decimals: u8| power_of_ten(scale.saturating_sub(decimals));
        instrument.tick_size = Price(step(instrument.price_scale, price_decimals));
        instrument.lot_size = Quantity(step(instrument.quantity_scale, quantity_decimals));
        instrument.price_decimals = price_decimals;
        instrument.quantity_decimals = quantity_decimals;
        self.revision += 1;
        Some(self.event(index))
    }

    /// Gives an instrument finer scales of storage where these numbers need them; the event when they do. What is held
    /// at the scales of before has another meaning then.
    pub fn make_room(&mut self, index: u32, digits: Digits) -> Option<Event> {
        let instrument = &mut self.instruments[index as usize];
        let (price, quantity) = (instrument.price_scale, instrument.quantity_scale);
        let finer = |scale: u8, decimals: u8| scale.max(decimals.min(SCALE_GROWN_MAX));
        instrument.price_scale = finer(price, digits.price_decimals);
        instrument.quantity_scale = finer(quantity, digits.quantity_decimals);
        if (instrument.price_scale, instrument.quantity_scale) == (price, quantity) {
            return None;
        }
        let grown = |value: i64, from: u8, to: u8| value.saturating_mul(power_of_ten(to - from));
        instrument.tick_size = Price(grown(instrument.tick_size.0, price, instrument.price_scale));
        instrument.lot_size =
            Quantity(grown(instrument.lot_size.0, quantity, instrument.quantity_scale));
        self.revision += 1;
        Some(self.event(index))
    }

    fn add(&mut self, mut instrument: Instrument) -> Result<u32, DecodeError> {
        let venue = self.venue.name();
        let symbol = instrument.symbol.as_str();
        if symbol.is_empty() || symbol.chars().count() > NAME_CHARS_MAX {
            let (symbol, max) = (text::name(symbol), NAME_CHARS_MAX);
            return Err(DecodeError::Symbol { venue, symbol, max });
        }
        if self.instruments.len() >= INSTRUMENTS_MAX {
            let (symbol, max) = (text::name(symbol), INSTRUMENTS_MAX);
            return Err(DecodeError::TooManyInstruments { venue, symbol, max });
        }
        let index = u32::try_from(self.instruments.len()).expect("INSTRUMENTS_MAX fits");
        instrument.id = self.id(index);
        self.index_by_symbol.insert(instrument.symbol.clone(), index);
        self.instruments.push(instrument);
        self.revision += 1;
        Ok(index)
    }
}

/// The largest step of which `value` is a multiple, a power of ten finer than `step`.
fn finer(step: i64, value: i64) -> i64 {
    let mut step = step;
    while value % step != 0 {
        step = (step / 10).max(1);
    }
    step
}

/// Divisibility by 10^n without a division, since it is asked of each level: a multiple of 2^n has n zeros at its end,
/// and a multiple of the odd number 5^n, times the inverse of that modulo 2^64, is no larger than 2^64 / 5^n.
struct PowerOfTen {
    mask: u64,
    inverse: u64,
    largest: u64,
}

impl PowerOfTen {
    /// The largest power of ten that is not above `step`, which is at least 1.
    fn of(step: i64) -> Self {
        let exponent = step.max(1).ilog10();
        let odd = 5_u64.pow(exponent);
        // Newton's iteration; each step doubles the bits that are right, of which there are three at first.
        let mut inverse = odd;
        for _ in 0..5 {
            inverse = inverse.wrapping_mul(2_u64.wrapping_sub(odd.wrapping_mul(inverse)));
        }
        Self { mask: (1 << exponent) - 1, inverse, largest: u64::MAX / odd }
    }

    const fn divides(&self, value: i64) -> bool {
        let value = value.cast_unsigned();
        value & self.mask == 0 && value.wrapping_mul(self.inverse) <= self.largest
    }
}

/// Whether numbers of the scales `needed` can be stored at the scales `kept`.
const fn holds(kept: Scales, needed: Scales) -> bool {
    kept.price >= needed.price && kept.quantity >= needed.quantity
}

/// Powers of ten between a step and a coarser one.
fn decimals_between(step: i64, coarser: i64) -> u8 {
    let ratio = coarser / step.max(1);
    u8::try_from(ratio.checked_ilog10().unwrap_or(0)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::PowerOfTen;

    proptest! {
        #[test]
        fn divisibility_is_that_of_the_remainder(
            (exponent, factor, offset) in (0_u32..19, 0_i64..10_000, 0_i64..3),
        ) {
            let step = 10_i64.pow(exponent);
            let value = step.saturating_mul(factor).saturating_add(offset);
            prop_assert_eq!(PowerOfTen::of(step).divides(value), value % step == 0);
        }
    }
}
