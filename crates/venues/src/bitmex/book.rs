//! The books of a link of BitMEX, whose rows are named by an id.
//!
//! `partial` tells all rows, `insert` new ones with price and size, `update` new sizes, `delete` ids alone. Until April
//! 2023 only the first two told the price; ids named one by a rule until July 2023 and are arbitrary since
//! (blog.bitmex.com, "Removing ID schema on orderbook feeds"). So the price of each id is kept, whichever time it is of.
//!
//! Nothing is numbered. But the rows are a table, so that a lost message is often seen: an id that is to be changed
//! must be there, and one that is inserted must not. What contradicts the table is a gap of the link.

use std::borrow::Cow;
use std::collections::BTreeMap;

use market::{BookKind, BookMessage, Continuity, Event, Level, Price, Side, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::decode::side;
use super::message;
use crate::assemble::walked;
use crate::context::Context;
use crate::error::DecodeError;
use crate::json::{Walk, for_each, integer, string, token};
use crate::kraken::timestamp;
use crate::number::{Fault, Printing, Scales};
use crate::per_link::Depths;

/// Rows of all books of a link that are kept. Ten books of 2021 had some 15,000.
const ROWS_MAX: usize = 1 << 20;

/// Books of a link.
const BOOKS_MAX: usize = 4_096;

const WHAT: &str = "a book message";

/// The books of one link.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Books {
    books: BTreeMap<String, Book>,
    depths: Depths,
    n_rows: usize,
    /// A message was refused that may have been a book's.
    is_lost: bool,
    newest: Option<Timestamp>,
}

/// The price of each row, by its id.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Book {
    /// Scale of the prices.
    scale: u8,
    /// Whether a message contradicted the rows since the last `partial`.
    is_contradicted: bool,
    #[serde(with = "steps")]
    bids: BTreeMap<u64, i64>,
    #[serde(with = "steps")]
    asks: BTreeMap<u64, i64>,
}

/// A row of a message, all of whose fields that it must have are there.
struct Row<'a> {
    symbol: Cow<'a, str>,
    id: u64,
    side: Side,
    price: Option<&'a str>,
    size: &'a str,
    at: Option<Timestamp>,
}

/// What is to be done with rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Partial,
    Insert,
    Update,
    Delete,
}

impl Books {
    /// A message was refused that may have been a book's: the next one of a book tells that one is missing.
    pub fn lose(&mut self) {
        self.is_lost = true;
    }

    /// The newest time that the venue stated on this link.
    pub fn newest(&self) -> Option<Timestamp> {
        self.newest
    }

    pub fn note_time(&mut self, at: Timestamp) {
        self.newest = self.newest.max(Some(at));
    }

    /// Takes the rows of a message: whether of the whole book, what is to be done, and the symbol of its filter.
    pub fn message(
        &mut self,
        (is_whole, action, symbol): (bool, &str, Option<&str>),
        data: &RawValue,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        let taken = self.take((is_whole, action, symbol), data, context);
        taken.inspect_err(|_| self.lose())
    }

    fn take(
        &mut self,
        (is_whole, action, symbol): (bool, &str, Option<&str>),
        data: &RawValue,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        let action = match action {
            "partial" => Action::Partial,
            "insert" => Action::Insert,
            "update" => Action::Update,
            "delete" => Action::Delete,
            _ => return Err(context.no_field(WHAT, "action")),
        };
        let rows = rows(action, data, context)?;
        if std::mem::take(&mut self.is_lost) {
            context.push(Event::LinkGap { expected: 0, found: 0 });
        }
        let depth = if is_whole { u32::MAX } else { 25 };
        if let (Action::Partial, [], Some(symbol)) = (action, rows.as_slice(), symbol)
            && self.depths.is_deepest(symbol, depth)
        {
            self.run(symbol, action, &[], context)?;
        }
        for run in rows.chunk_by(|one, next| one.symbol == next.symbol) {
            let symbol = run[0].symbol.as_ref();
            // Only what a `partial` began is a book of this depth.
            let is_meant = match action {
                Action::Partial => self.depths.is_deepest(symbol, depth),
                Action::Insert | Action::Update | Action::Delete => {
                    !self.depths.has(symbol) || self.depths.is_deepest(symbol, depth)
                }
            };
            if is_meant {
                self.run(symbol, action, run, context)?;
            } else {
                context.unknown("book of fewer levels");
            }
        }
        Ok(())
    }

    /// Rows of one book.
    fn run(
        &mut self,
        symbol: &str,
        action: Action,
        rows: &[Row<'_>],
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        if action == Action::Partial {
            let index = context.index_or_derive(symbol, WHAT, Printing::Padded, |take| {
                let mut levels = rows.iter().map(|row| take(row.price.unwrap_or(""), row.size));
                levels.try_for_each(|level| level.map_err(Walk::Refused))
            })?;
            self.begin(symbol, context.table.scales(index), context)?;
        }
        let index = context.table.index(symbol);
        let scales = index.map(|index| context.table.scales(index));
        let (Some(index), Some(scales), Some(book)) = (index, scales, self.books.get_mut(symbol))
        else {
            // "Drop any messages that came before the partial."
            context.unknown("change before its book");
            return Ok(());
        };
        if book.scale != scales.price {
            // The instrument was listed anew: its book starts over with the next `partial`.
            self.n_rows = self.n_rows.saturating_sub(book.n_rows());
            self.books.remove(symbol);
            context.unknown("change before its book");
            return Ok(());
        }
        let (before, start) = (book.n_rows(), context.events.levels.len());
        let mut asks = Vec::new();
        let contradiction = book.levels((symbol, scales), (action, rows), &mut asks, context)?;
        self.n_rows = (self.n_rows + book.n_rows()).saturating_sub(before);
        if let Some(id) = contradiction
            && !std::mem::replace(&mut book.is_contradicted, true)
        {
            // Rows have no numbers but their ids.
            context.push(Event::LinkGap { expected: id, found: id });
        }
        if self.n_rows > ROWS_MAX {
            return Err(context.malformed(WHAT, "its books have more than 1048576 rows"));
        }
        let middle = context.events.levels.len();
        context.events.levels.append(&mut asks);
        let end = context.events.levels.len();
        let finer = context.table.refine(index, &context.events.levels[start..end]);
        context.events.items.extend(finer);
        let stated_at = rows.iter().filter_map(|row| row.at).max();
        self.newest = self.newest.max(stated_at);
        context.push(Event::Book(BookMessage {
            instrument: context.table.id(index),
            kind: match action {
                Action::Partial => BookKind::Snapshot,
                Action::Insert | Action::Update | Action::Delete => BookKind::Delta,
            },
            continuity: Continuity::Unnumbered,
            checksum: None,
            // Rows that leave the best 25 are deleted by name.
            depth: None,
            bids: start..middle,
            asks: middle..end,
            stated_at,
        }));
        Ok(())
    }

    /// An empty book of this symbol.
    fn begin(
        &mut self,
        symbol: &str,
        scales: Scales,
        context: &Context<'_>,
    ) -> Result<(), DecodeError> {
        let is_new = !self.books.contains_key(symbol);
        if is_new && self.books.len() >= BOOKS_MAX {
            return Err(context.malformed(WHAT, "its link has more than 4096 books"));
        }
        let book = Book { scale: scales.price, ..Book::default() };
        let ended = self.books.insert(symbol.to_owned(), book);
        self.n_rows = self.n_rows.saturating_sub(ended.map_or(0, |book| book.n_rows()));
        Ok(())
    }
}

/// What a row does to the book.
enum Change {
    /// It changes this price.
    Of(Price),
    /// It contradicts the rows; its price, where it says one.
    Against(Option<Price>),
}

impl Book {
    fn n_rows(&self) -> usize {
        self.bids.len() + self.asks.len()
    }

    /// Changes the rows and appends the levels that they are, the bids to the events; the id of the first row that
    /// contradicts what was known.
    fn levels(
        &mut self,
        (symbol, scales): (&str, Scales),
        (action, rows): (Action, &[Row<'_>]),
        asks: &mut Vec<Level>,
        context: &mut Context<'_>,
    ) -> Result<Option<u64>, DecodeError> {
        let mut contradiction = None;
        for row in rows {
            let fault = |fault: Fault| fault.of(context.table.venue.name(), symbol);
            let stated = row.price.map(|text| scales.level(text, row.size)).transpose();
            let stated = stated.map_err(fault)?.map(|level| level.price);
            let quantity = scales.quantity(row.size);
            let quantity =
                quantity.map_err(|reason| fault(Fault::new("a quantity of", row.size, reason)))?;
            let price = match self.change(row, action, stated) {
                Change::Of(price) => price,
                Change::Against(price) => {
                    contradiction = contradiction.or(Some(row.id));
                    let Some(price) = price else { continue };
                    price
                }
            };
            match row.side {
                Side::Buy => context.events.levels.push(Level { price, quantity }),
                Side::Sell => asks.push(Level { price, quantity }),
            }
        }
        Ok(contradiction)
    }

    fn change(&mut self, row: &Row<'_>, action: Action, stated: Option<Price>) -> Change {
        let rows = match row.side {
            Side::Buy => &mut self.bids,
            Side::Sell => &mut self.asks,
        };
        let known = match action {
            Action::Delete => rows.remove(&row.id),
            Action::Partial | Action::Insert | Action::Update => rows.get(&row.id).copied(),
        };
        let known = known.map(Price);
        if let (Action::Partial | Action::Insert | Action::Update, Some(price)) = (action, stated) {
            rows.insert(row.id, price.0);
        }
        let is_expected = match action {
            Action::Partial | Action::Insert => known.is_none(),
            Action::Update | Action::Delete => {
                known.is_some() && stated.is_none_or(|it| known == Some(it))
            }
        };
        match (is_expected, stated.or(known)) {
            (true, Some(price)) => Change::Of(price),
            (_, price) => Change::Against(price),
        }
    }
}

/// The rows of a message, once all that they must have is there.
fn rows<'a>(
    action: Action,
    data: &'a RawValue,
    context: &Context<'_>,
) -> Result<Vec<Row<'a>>, DecodeError> {
    let mut rows = Vec::new();
    let outcome = for_each(data.get(), |row: message::Row<'a>| {
        let no_field = |field| context.no_field(WHAT, field);
        let (price, size) = (token(row.price), token(row.size));
        let is_new = matches!(action, Action::Partial | Action::Insert);
        if is_new && price.is_none() {
            return Err(no_field("price"));
        }
        rows.push(Row {
            symbol: string(row.symbol).ok_or_else(|| no_field("symbol"))?,
            id: integer(row.id).ok_or_else(|| no_field("id"))?,
            side: side(row.side).ok_or_else(|| no_field("side"))?,
            price,
            size: match action {
                Action::Delete => "0",
                Action::Partial | Action::Insert | Action::Update => {
                    size.ok_or_else(|| no_field("size"))?
                }
            },
            at: string(row.timestamp).and_then(|text| timestamp(&text)),
        });
        Ok(())
    });
    walked(outcome, WHAT, context)?;
    Ok(rows)
}

/// Rows in few words: each as its distance from the one before it.
mod steps {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        rows: &BTreeMap<u64, i64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(rows.iter().scan((0_u64, 0_i64), |last, (id, price)| {
            let step = (id.wrapping_sub(last.0), price.wrapping_sub(last.1));
            *last = (*id, *price);
            Some(step)
        }))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<u64, i64>, D::Error> {
        let steps = Vec::<(u64, i64)>::deserialize(deserializer)?;
        let rows = steps.into_iter().scan((0_u64, 0_i64), |last, (id, price)| {
            *last = (last.0.wrapping_add(id), last.1.wrapping_add(price));
            Some(*last)
        });
        Ok(rows.collect())
    }
}
