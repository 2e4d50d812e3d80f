//! From the fields of a message to its events, as most venues need it: books, trades and lists whose numbers are text.

use std::fmt;

use market::number::{SCALE_MAX, decimals_of};
use market::{
    BookKind, BookMessage, Continuity, Event, HttpExchange, Side, Terms, Timestamp, Trade,
};
use serde::de::{Deserialize, Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::context::{Context, Sides, Subject, TakeLevel};
use crate::error::DecodeError;
use crate::json::{Walk, for_each, is_object, string, token};
use crate::number::{Fault, Printing, SCALE_DERIVED, Scales};
use crate::table::{INSTRUMENTS_MAX, Listing};
use crate::text::{self, NAME_CHARS_MAX};
use crate::trade_id;

/// The text of a frame or a body.
pub(crate) fn utf8<'b>(bytes: &'b [u8], context: &Context<'_>) -> Result<&'b str, DecodeError> {
    std::str::from_utf8(bytes).map_err(|_| DecodeError::NotText { venue: context.venue() })
}

/// An object of which `T` names the fields; `None`, counted, for other JSON.
pub(crate) fn object<'a, T: Deserialize<'a>>(
    text: &'a str,
    what: &'static str,
    context: &mut Context<'_>,
) -> Result<Option<T>, DecodeError> {
    let object = object_if_any(text, what, context)?;
    if object.is_none() {
        context.unknown("no object");
    }
    Ok(object)
}

/// The same, not counted.
pub(crate) fn object_if_any<'a, T: Deserialize<'a>>(
    text: &'a str,
    what: &'static str,
    context: &Context<'_>,
) -> Result<Option<T>, DecodeError> {
    let read = if is_object(text) {
        serde_json::from_str(text).map(Some)
    } else {
        serde_json::from_str::<IgnoredAny>(text).map(|_| None)
    };
    read.map_err(|error| context.malformed(what, &error.to_string()))
}

/// The fields of an object that stands in a field; `None` when it is none.
pub(crate) fn inner<'a, T: Deserialize<'a>>(raw: Option<&'a RawValue>) -> Option<T> {
    inner_text(raw?.get())
}

/// The fields of a text that is an object; `None` when it is none.
pub(crate) fn inner_text<'a, T: Deserialize<'a>>(text: &'a str) -> Option<T> {
    is_object(text).then(|| serde_json::from_str(text).ok()).flatten()
}

/// What a walk over the elements of a message failed of.
pub(crate) fn walked(
    outcome: Result<(), Walk<DecodeError>>,
    what: &'static str,
    context: &Context<'_>,
) -> Result<(), DecodeError> {
    outcome.map_err(|error| match error {
        Walk::Refused(error) => error,
        Walk::Shape(error) => context.malformed(what, &error.to_string()),
    })
}

/// A moment in milliseconds of Unix time.
pub(crate) fn millis(raw: Option<&RawValue>) -> Option<Timestamp> {
    token(raw)?.parse().ok().map(Timestamp::from_millis)
}

/// A moment in microseconds of Unix time.
pub(crate) fn micros(raw: Option<&RawValue>) -> Option<Timestamp> {
    token(raw)?.parse().ok().map(Timestamp::from_micros)
}

/// How a venue writes one side of a book: hands out prices and quantities as text.
pub(crate) type WalkSide = fn(&str, &mut TakeLevel<'_>) -> Result<(), Walk<Fault>>;

/// A book message whose sides are still text.
pub(crate) struct BookText<'a> {
    pub symbol: &'a str,
    pub what: &'static str,
    pub kind: BookKind,
    pub continuity: Continuity,
    pub depth: Option<u32>,
    pub bids: &'a str,
    pub asks: &'a str,
    pub walk: WalkSide,
    pub stated_at: Option<Timestamp>,
}

/// Tells of a book message; an instrument that was never met is derived from it.
pub(crate) fn book(text: &BookText<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    book_as(Printing::Padded, text, context)
}

/// The same for a venue that prints its numbers so.
pub(crate) fn book_as(
    printing: Printing,
    text: &BookText<'_>,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    let subject = Subject { symbol: text.symbol, what: text.what, printing };
    let Sides { index, bids, asks } = context.sides(&subject, [text.bids, text.asks], text.walk)?;
    context.push(Event::Book(BookMessage {
        instrument: context.table.id(index),
        kind: text.kind,
        continuity: text.continuity,
        checksum: None,
        depth: text.depth,
        bids,
        asks,
        stated_at: text.stated_at,
    }));
    Ok(())
}

/// The same for a venue whose numbers may be finer than any before them.
pub(crate) fn book_of_any_digits(
    text: &BookText<'_>,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    context.make_room(text.symbol, text.what, |take| {
        (text.walk)(text.bids, &mut *take)?;
        (text.walk)(text.asks, take)
    })?;
    book(text, context)
}

/// A trade whose numbers are still text.
pub(crate) struct TradeText<'a> {
    pub symbol: &'a str,
    pub what: &'static str,
    pub price: &'a str,
    pub quantity: &'a str,
    pub trade_id: u64,
    pub taker: Side,
    pub traded_at: Timestamp,
}

/// Tells of a trade; an instrument that was never met is derived from it.
pub(crate) fn trade(text: &TradeText<'_>, context: &mut Context<'_>) -> Result<Trade, DecodeError> {
    trade_as(Printing::Padded, text, context)
}

/// The same for a venue that prints its numbers so.
pub(crate) fn trade_as(
    printing: Printing,
    text: &TradeText<'_>,
    context: &mut Context<'_>,
) -> Result<Trade, DecodeError> {
    let subject = Subject { symbol: text.symbol, what: text.what, printing };
    let (index, level) = context.refining_level(&subject, text.price, text.quantity)?;
    let trade = Trade {
        instrument: context.table.id(index),
        trade_id: text.trade_id,
        n_fills: 1,
        price: level.price,
        quantity: level.quantity,
        taker: text.taker,
        traded_at: text.traded_at,
    };
    context.push(Event::Trade(trade));
    Ok(trade)
}

/// The same for a venue whose ids are made of texts ([`trade_id::of_text`]): no two of one message have the same.
pub(crate) fn trade_of_hash(
    printing: Printing,
    text: &TradeText<'_>,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    trade_as(printing, text, context)?;
    if let Some((Event::Trade(trade), earlier)) = context.events.items.split_last_mut() {
        trade_id::apart(trade, earlier);
    }
    Ok(())
}

/// `["price", "quantity"]`, each a string or a number; what stands behind them is left out.
pub(crate) fn pairs(side: &str, take: &mut TakeLevel<'_>) -> Result<(), Walk<Fault>> {
    for_each(side, |row: Row<'_>| take(row.text(0), row.text(1)))
}

/// The first three values of a level that is a list.
pub(crate) struct Row<'a>([Option<&'a RawValue>; 3]);

impl<'a> Row<'a> {
    /// How many of the three there are.
    pub fn len(&self) -> usize {
        self.0.iter().flatten().count()
    }

    /// A value as the text of a number; empty where there is none.
    pub fn text(&self, index: usize) -> &'a str {
        self.0[index].map_or("", number_text)
    }
}

impl<'de> Deserialize<'de> for Row<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(OneRow)
    }
}

struct OneRow;

impl<'de> Visitor<'de> for OneRow {
    type Value = Row<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a level")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Self::Value, A::Error> {
        let mut row = [None; 3];
        for value in &mut row {
            *value = values.next_element()?;
        }
        while values.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Row(row))
    }
}

/// The text of a number; a value that is none goes on as it is, to be refused by its own text.
pub(crate) fn number_text(raw: &RawValue) -> &str {
    token(Some(raw)).unwrap_or(raw.get())
}

/// An instrument of a venue's list, its steps still text.
pub(crate) struct ListingText<'a> {
    pub symbol: &'a str,
    pub base: &'a str,
    pub quote: &'a str,
    /// The smallest step of a price: `0.5`, `1e-8`.
    pub tick: &'a str,
    /// The smallest step of a quantity.
    pub lot: &'a str,
    pub terms: Terms,
    pub is_trading: bool,
}

/// The listing; `None` when its steps are none. Storage is finer than the steps, since real quantities are.
pub(crate) fn listing(text: &ListingText<'_>) -> Option<Listing> {
    let price_decimals = decimals_of(text.tick.as_bytes())?;
    let quantity_decimals = decimals_of(text.lot.as_bytes())?;
    let scales = Scales {
        price: price_decimals.max(SCALE_DERIVED),
        quantity: quantity_decimals.max(SCALE_DERIVED),
    };
    if scales.price.max(scales.quantity) > SCALE_MAX {
        return None;
    }
    Some(Listing {
        symbol: text::clean(text.symbol, NAME_CHARS_MAX + 1).into_owned(),
        base: text::name(text.base),
        quote: text::name(text.quote),
        scales,
        price_decimals,
        quantity_decimals,
        tick_size: scales.price(text.tick).ok()?.0.max(1),
        lot_size: scales.quantity(text.lot).ok()?.0.max(1),
        terms: text.terms,
        is_trading: text.is_trading,
    })
}

/// What became of an entry of a list.
pub(crate) enum Entry {
    Listed(Listing),
    /// It is none of ours: a combination, an index.
    Passed,
}

/// Takes all entries of a list that are objects and tells how many were taken; one that cannot be read is counted and
/// left out.
pub(crate) fn list(
    entries: &str,
    context: &mut Context<'_>,
    mut read: impl FnMut(&str) -> Option<Entry>,
) -> Result<usize, DecodeError> {
    list_of_any(entries, context, |entry| if is_object(entry) { read(entry) } else { None })
}

/// The same where entries need not be objects.
pub(crate) fn list_of_any(
    entries: &str,
    context: &mut Context<'_>,
    mut read: impl FnMut(&str) -> Option<Entry>,
) -> Result<usize, DecodeError> {
    let mut n_instruments = 0;
    let outcome = for_each(entries, |entry: &RawValue| {
        let listing = match read(entry.get()) {
            Some(Entry::Passed) => return Ok(()),
            Some(Entry::Listed(listing)) => Some(listing),
            None => None,
        };
        n_instruments += put(listing, context);
        Ok(())
    });
    walked(outcome, "its list of instruments", context)?;
    Ok(n_instruments)
}

/// Puts an entry of a list into the table; 1 if it was taken. One that cannot be is counted and left out.
pub(crate) fn put(listing: Option<Listing>, context: &mut Context<'_>) -> usize {
    let event = listing.and_then(|listing| context.table.list(listing).ok());
    note_put(event, context)
}

/// Tells what the table made of an entry, `None` if it could not take it; 1 if it was taken.
pub(crate) fn note_put(put: Option<Option<Event>>, context: &mut Context<'_>) -> usize {
    match put {
        Some(event) => {
            context.events.items.extend(event);
            return 1;
        }
        None if context.events.items.len() < INSTRUMENTS_MAX => {
            context.unknown("instrument that cannot be read");
        }
        None => {}
    }
    0
}

/// Who took, where a field says `buy` or `sell`.
pub(crate) fn buyer_or_seller(raw: Option<&RawValue>) -> Option<Side> {
    match string(raw)?.as_ref() {
        "buy" => Some(Side::Buy),
        "sell" => Some(Side::Sell),
        _ => None,
    }
}

/// The words of a field, or the empty text.
pub(crate) fn word(raw: Option<&RawValue>) -> String {
    string(raw).unwrap_or_default().into_owned()
}

/// A request failed: of which symbol, and what the venue says of it.
pub(crate) fn http_refusal(
    exchange: &HttpExchange,
    symbol: &str,
    words: &str,
    context: &mut Context<'_>,
) {
    context.refused(symbol, &format!("HTTP {}: {words}", exchange.status));
}
