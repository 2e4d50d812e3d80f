//! What one message is decoded with, in any language: the table of instruments, and the events that it adds to.

use std::ops::Range;

use market::{Event, Events, Level, LinkId, Liquidation, Reference, Side, Timestamp};
use serde_json::value::RawValue;

use crate::error::DecodeError;
use crate::json::Walk;
use crate::number::{Digits, Fault, Printing, figure};
use crate::table::Table;
use crate::text;

/// What one message is decoded with.
pub(crate) struct Context<'c> {
    pub link: LinkId,
    pub table: &'c mut Table,
    pub events: &'c mut Events,
}

/// Which instrument numbers are of.
pub(crate) struct Subject<'a> {
    pub symbol: &'a str,
    /// The message that they stand in.
    pub what: &'static str,
    /// How they are printed, should the instrument be derived from them.
    pub printing: Printing,
}

/// Both sides of a book: of which instrument, and where their levels stand.
pub(crate) struct Sides {
    pub index: u32,
    pub bids: Range<usize>,
    pub asks: Range<usize>,
}

/// Takes a price and a quantity, both as text.
pub(crate) type TakeLevel<'t> = dyn FnMut(&str, &str) -> Result<(), Fault> + 't;

impl Context<'_> {
    pub fn venue(&self) -> &'static str {
        self.table.venue.name()
    }

    pub fn push(&mut self, event: Event) {
        self.events.items.push(event);
    }

    /// Counts a message that means nothing to us.
    pub fn unknown(&mut self, name: &str) {
        self.push(Event::Unknown { name: text::name(name) });
    }

    /// What is stated of an instrument, with no figure yet. Without a listing or a price nobody knows what its figures
    /// are of: then it is counted, and there is none.
    pub fn stated_of(&mut self, symbol: &str) -> Option<Reference> {
        let index = self.table.index(symbol);
        if index.is_none() {
            self.unknown("statement of an unlisted instrument");
        }
        index.map(|index| Reference::of(self.table.id(index)))
    }

    /// Tells what a 24-hour ticker says was traded: `volume` must be counted as the instrument's quantities are.
    pub fn traded_in_24h(
        &mut self,
        symbol: &str,
        (field, volume): (&'static str, Option<&RawValue>),
        stated_at: Option<Timestamp>,
    ) -> Result<(), DecodeError> {
        let volume = figure(volume).filter(|volume| !volume.is_sign_negative());
        let volume = volume.ok_or_else(|| self.no_field("its 24-hour ticker", field))?;
        if let Some(nothing) = self.stated_of(symbol) {
            let volume_24h = Some(volume);
            self.push(Event::Reference(Reference { volume_24h, stated_at, ..nothing }));
        }
        Ok(())
    }

    pub fn refused(&mut self, symbol: &str, words: &str) {
        self.push(Event::Refused { symbol: text::name(symbol), reason: text::words(words) });
    }

    pub fn no_field(&self, what: &'static str, field: &'static str) -> DecodeError {
        DecodeError::NoField { venue: self.venue(), what, field }
    }

    pub fn malformed(&self, what: &'static str, reason: &str) -> DecodeError {
        DecodeError::Malformed { venue: self.venue(), what, reason: text::words(reason) }
    }

    /// What a walk over levels failed of.
    pub fn level_error(&self, error: Walk<Fault>, symbol: &str, what: &'static str) -> DecodeError {
        match error {
            Walk::Refused(fault) => fault.of(self.venue(), symbol),
            Walk::Shape(error) => self.malformed(what, &error.to_string()),
        }
    }

    /// The position of a symbol. One that was never met is derived from the levels that `walk` hands out, and an event
    /// says so.
    pub fn index_or_derive(
        &mut self,
        symbol: &str,
        what: &'static str,
        printing: Printing,
        walk: impl FnOnce(&mut TakeLevel<'_>) -> Result<(), Walk<Fault>>,
    ) -> Result<u32, DecodeError> {
        if let Some(index) = self.table.index(symbol) {
            return Ok(index);
        }
        let mut digits = Digits::new(printing);
        walk(&mut |price, quantity| digits.note(price, quantity))
            .map_err(|error| self.level_error(error, symbol, what))?;
        self.table.index_or_derive(symbol, self.events, digits)
    }

    /// Makes the scales of a known instrument as fine as the levels that `walk` hands out, and tells of it. For venues
    /// whose quantities have any number of decimals, so that the first message does not tell how many.
    pub fn make_room(
        &mut self,
        symbol: &str,
        what: &'static str,
        walk: impl FnOnce(&mut TakeLevel<'_>) -> Result<(), Walk<Fault>>,
    ) -> Result<(), DecodeError> {
        let Some(index) = self.table.index(symbol) else { return Ok(()) };
        let mut digits = Digits::new(Printing::Padded);
        walk(&mut |price, quantity| digits.note(price, quantity))
            .map_err(|error| self.level_error(error, symbol, what))?;
        let finer = self.table.make_room(index, digits);
        self.events.items.extend(finer);
        Ok(())
    }

    /// Appends the levels that `walk` hands out; where they stand.
    pub fn append_levels(
        &mut self,
        index: u32,
        what: &'static str,
        walk: impl FnOnce(&mut TakeLevel<'_>) -> Result<(), Walk<Fault>>,
    ) -> Result<Range<usize>, DecodeError> {
        let scales = self.table.scales(index);
        let start = self.events.levels.len();
        let levels = &mut self.events.levels;
        let outcome = walk(&mut |price, quantity| {
            levels.push(scales.level(price, quantity)?);
            Ok(())
        });
        match outcome {
            Ok(()) => Ok(start..self.events.levels.len()),
            Err(error) => Err(self.level_error(error, &self.table.get(index).symbol, what)),
        }
    }

    /// Appends both sides of a book, whose levels `walk` hands out; an instrument that was never met is derived from
    /// them, and one that they show to be finer than was known is told of.
    pub fn sides<S: Copy>(
        &mut self,
        subject: &Subject<'_>,
        sides: [S; 2],
        walk: impl Fn(S, &mut TakeLevel<'_>) -> Result<(), Walk<Fault>>,
    ) -> Result<Sides, DecodeError> {
        let Subject { symbol, what, printing } = *subject;
        let index = self.index_or_derive(symbol, what, printing, |take| {
            walk(sides[0], &mut *take)?;
            walk(sides[1], take)
        })?;
        let first_level = self.events.levels.len();
        let bids = self.append_levels(index, what, |take| walk(sides[0], take))?;
        let asks = self.append_levels(index, what, |take| walk(sides[1], take))?;
        let mut finer = self.table.refine(index, &self.events.levels[first_level..]);
        if printing == Printing::Exact {
            // Zeros at the end of a number tell its decimals, which a sum over text needs.
            let mut digits = Digits::new(printing);
            let mut note = |price: &str, quantity: &str| digits.note(price, quantity);
            walk(sides[0], &mut note)
                .and_then(|()| walk(sides[1], &mut note))
                .map_err(|error| self.level_error(error, symbol, what))?;
            finer = self.table.refine_printed(index, digits).or(finer);
        }
        self.events.items.extend(finer);
        Ok(Sides { index, bids, asks })
    }

    /// A price and a quantity, and of which instrument; one that was never met is derived from them.
    pub fn level(
        &mut self,
        subject: &Subject<'_>,
        price: &str,
        quantity: &str,
    ) -> Result<(u32, Level), DecodeError> {
        let Subject { symbol, what, printing } = *subject;
        let index = self.index_or_derive(symbol, what, printing, |take| {
            take(price, quantity).map_err(Walk::Refused)
        })?;
        let level = self.table.scales(index).level(price, quantity);
        Ok((index, level.map_err(|fault| fault.of(self.venue(), symbol))?))
    }

    /// Tells of a position that was closed by force; the side is that of the forced order.
    pub fn liquidated(
        &mut self,
        (index, level): (u32, Level),
        side: Side,
        liquidated_at: Timestamp,
    ) {
        let Level { price, quantity } = level;
        let instrument = self.table.id(index);
        let liquidation = Liquidation { instrument, side, price, quantity, liquidated_at };
        self.push(Event::Liquidation(liquidation));
    }

    /// The same, and tells of an instrument that is shown to be finer than was known.
    pub fn refining_level(
        &mut self,
        subject: &Subject<'_>,
        price: &str,
        quantity: &str,
    ) -> Result<(u32, Level), DecodeError> {
        let (index, level) = self.level(subject, price, quantity)?;
        let finer = self.table.refine(index, &[level]);
        self.events.items.extend(finer);
        Ok((index, level))
    }
}
