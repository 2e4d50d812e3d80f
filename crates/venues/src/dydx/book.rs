//! Books of dYdX: each level knows the offset of the change that touched it last, since changes come out of order.

use std::collections::BTreeMap;

use market::{BookKind, BookMessage, Continuity, Event, Side};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::message;
use crate::assemble::{Row, inner, number_text};
use crate::context::{Context, Sides, Subject};
use crate::error::DecodeError;
use crate::json::{Walk, for_each, integer};
use crate::number::{Fault, Printing};

const WHAT: &str = "a book message";

/// Levels of a link whose offsets are remembered; beyond them all are forgotten once.
const LEVELS_MAX: usize = 65_536;

/// Offsets of the levels of a link's books: by symbol, side and price as it is printed.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Offsets {
    books: BTreeMap<String, [BTreeMap<String, u64>; 2]>,
    n_levels: usize,
}

/// Prices and quantities that count.
type Levels<'a> = Vec<(&'a str, &'a str)>;

const SIDES: [Side; 2] = [Side::Buy, Side::Sell];

impl Offsets {
    /// A whole book replaces all that was known of it.
    pub fn whole(
        &mut self,
        symbol: &str,
        contents: &RawValue,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        let book = book(contents, context)?;
        let before = self.books.remove(symbol).unwrap_or_default();
        self.n_levels = self.n_levels.saturating_sub(before.iter().map(BTreeMap::len).sum());
        let mut sides: [Levels<'_>; 2] = Default::default();
        for side in SIDES {
            let levels = side_of(&book, side, context)?;
            let outcome = for_each(levels.get(), |level: message::Level<'_>| {
                let (price, size) = level.price.zip(level.size).ok_or_else(Fault::no_level)?;
                let (price, size) = (number_text(price), number_text(size));
                self.note(symbol, side, price, integer(level.offset).unwrap_or(0));
                sides[side as usize].push((price, size));
                Ok(())
            });
            outcome.map_err(|error| context.level_error(error, symbol, WHAT))?;
        }
        push(BookKind::Snapshot, symbol, &sides, context)
    }

    /// Changed levels. One whose last change has this offset or a higher one is newer than this message, and stays
    /// (docs.dydx.exchange, version 3, "Orderbook").
    pub fn change(
        &mut self,
        symbol: &str,
        contents: &RawValue,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        let book = book(contents, context)?;
        let offset = integer(book.offset).ok_or_else(|| context.no_field(WHAT, "offset"))?;
        let mut sides: [Levels<'_>; 2] = Default::default();
        for side in SIDES {
            let levels = side_of(&book, side, context)?;
            let outcome = for_each(levels.get(), |row: Row<'_>| {
                if self.note(symbol, side, row.text(0), offset) {
                    sides[side as usize].push((row.text(0), row.text(1)));
                }
                Ok::<(), Fault>(())
            });
            outcome.map_err(|error| context.level_error(error, symbol, WHAT))?;
        }
        push(BookKind::Delta, symbol, &sides, context)
    }

    /// Notes a change of a level; `false` when a newer one was heard.
    fn note(&mut self, symbol: &str, side: Side, price: &str, offset: u64) -> bool {
        let known = self.books.get_mut(symbol).and_then(|book| book[side as usize].get_mut(price));
        match known {
            Some(last) if *last >= offset => return false,
            Some(last) => *last = offset,
            None => {
                if self.n_levels >= LEVELS_MAX {
                    *self = Self::default();
                }
                let book = self.books.entry(symbol.to_owned()).or_default();
                book[side as usize].insert(price.to_owned(), offset);
                self.n_levels += 1;
            }
        }
        true
    }
}

fn book<'a>(
    contents: &'a RawValue,
    context: &Context<'_>,
) -> Result<message::Book<'a>, DecodeError> {
    inner(Some(contents)).ok_or_else(|| context.no_field(WHAT, "contents"))
}

fn side_of<'a>(
    book: &message::Book<'a>,
    side: Side,
    context: &Context<'_>,
) -> Result<&'a RawValue, DecodeError> {
    match side {
        Side::Buy => book.bids.ok_or_else(|| context.no_field(WHAT, "bids")),
        Side::Sell => book.asks.ok_or_else(|| context.no_field(WHAT, "asks")),
    }
}

fn push(
    kind: BookKind,
    symbol: &str,
    [bids, asks]: &[Levels<'_>; 2],
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    let subject = Subject { symbol, what: WHAT, printing: Printing::Padded };
    let Sides { index, bids, asks } = context.sides(&subject, [bids, asks], |side, take| {
        side.iter().try_for_each(|(price, size)| take(price, size)).map_err(Walk::Refused)
    })?;
    context.push(Event::Book(BookMessage {
        instrument: context.table.id(index),
        kind,
        continuity: Continuity::ByLink,
        checksum: None,
        depth: None,
        bids,
        asks,
        stated_at: None,
    }));
    Ok(())
}
