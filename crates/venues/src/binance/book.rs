//! Depth, of the socket and of REST → book messages.

use std::borrow::Cow;

use market::{BookKind, BookMessage, Continuity, Event, Timestamp};
use serde_json::value::RawValue;

use super::decode::{Decode, timestamp};
use super::levels::for_each_level;
use super::links::is_partial_depth;
use super::message::Message;
use crate::context::Context;
use crate::error::DecodeError;
use crate::json::{integer, string};
use crate::number::Printing;

impl Decode {
    pub(super) fn depth(
        &mut self,
        message: &Message<'_>,
        stream: Option<&str>,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        const WHAT: &str = "a depth update";
        // On futures a partial book and one with retail orders look like a change; only the stream's name tells.
        if let Some((_, kind)) = stream.and_then(|stream| stream.split_once('@'))
            && kind.split('@').next() != Some("depth")
        {
            context.unknown(kind);
            return Ok(());
        }
        let symbol = string(message.symbol).ok_or_else(|| context.no_field(WHAT, "s"))?;
        let first = integer(message.first).ok_or_else(|| context.no_field(WHAT, "U"))?;
        let last = integer(message.last).ok_or_else(|| context.no_field(WHAT, "u"))?;
        if last < first {
            return Err(context.malformed(WHAT, "it ends before it begins"));
        }
        let continuity = match message.previous {
            None => Continuity::Range { first, last },
            Some(raw) => {
                let previous = integer(Some(raw)).ok_or_else(|| context.no_field(WHAT, "pu"))?;
                Continuity::Previous { first, last, previous }
            }
        };
        let bids = message.b.ok_or_else(|| context.no_field(WHAT, "b"))?;
        let asks = message.a.ok_or_else(|| context.no_field(WHAT, "a"))?;
        let stated_at = integer(message.sent_at).map(timestamp);
        let book = Book { kind: BookKind::Delta, continuity, stated_at, what: WHAT, bids, asks };
        self.book(&symbol, &book, context)
    }

    /// A snapshot of depth without a wrapper: a REST response that a capture keeps among its frames, or the partial
    /// book of a raw link, which is not used.
    pub(super) fn bare_snapshot(
        &mut self,
        message: &Message<'_>,
        stream: Option<&str>,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        let stream_kind = stream.and_then(|stream| stream.split_once('@')).map(|(_, kind)| kind);
        let link = self.links.get(context.link);
        if stream_kind.is_some_and(is_partial_depth) || (stream.is_none() && link.has_partial_depth)
        {
            context.unknown(stream_kind.unwrap_or("partial depth"));
            return Ok(());
        }
        let named = string(message.snapshot_symbol).map(Cow::into_owned);
        let symbol = named
            .or_else(|| link.symbol(context.table))
            .ok_or_else(|| DecodeError::NoSymbol { venue: context.venue() })?;
        self.snapshot(&symbol, message, context)
    }

    /// A snapshot of depth whose symbol is known.
    pub(super) fn snapshot(
        &mut self,
        symbol: &str,
        message: &Message<'_>,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        const WHAT: &str = "a depth snapshot";
        let id = integer(message.last_update_id)
            .ok_or_else(|| context.no_field(WHAT, "lastUpdateId"))?;
        let bids = message.bids.ok_or_else(|| context.no_field(WHAT, "bids"))?;
        let asks = message.asks.ok_or_else(|| context.no_field(WHAT, "asks"))?;
        let stated_at = integer(message.sent_at).map(timestamp);
        let (kind, continuity) = (BookKind::Snapshot, Continuity::AsOf(id));
        self.book(symbol, &Book { kind, continuity, stated_at, what: WHAT, bids, asks }, context)
    }

    fn book(
        &mut self,
        symbol: &str,
        book: &Book<'_>,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        let what = book.what;
        let index = context.index_or_derive(symbol, what, Printing::Padded, |take| {
            for_each_level(book.bids, &mut *take)?;
            for_each_level(book.asks, take)
        })?;
        let bids = context.append_levels(index, what, |take| for_each_level(book.bids, take))?;
        let asks = context.append_levels(index, what, |take| for_each_level(book.asks, take))?;
        self.push_book(
            BookMessage {
                instrument: context.table.id(index),
                kind: book.kind,
                continuity: book.continuity,
                checksum: None,
                // Binance cuts no book.
                depth: None,
                bids,
                asks,
                stated_at: book.stated_at,
            },
            context,
        );
        Ok(())
    }

    /// Tells of a book message whose levels have been appended.
    pub(super) fn push_book(&mut self, book: BookMessage, context: &mut Context<'_>) {
        let index = book.instrument.index;
        let event = context.table.refine(index, &context.events.levels);
        context.events.items.extend(event);
        context.push(Event::Book(book));
        self.links.get(context.link).note_index(index, context.table);
    }
}

/// A snapshot or an update, its sides still as text.
struct Book<'a> {
    kind: BookKind,
    continuity: Continuity,
    stated_at: Option<Timestamp>,
    what: &'static str,
    bids: &'a RawValue,
    asks: &'a RawValue,
}
