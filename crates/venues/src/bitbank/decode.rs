//! Packets of bitbank → events, by WebSocket and by long-polling.

use std::collections::BTreeMap;

use market::{BookKind, Continuity, Event, HttpExchange, Level, LinkId, NoticeKind, Quote, Side};
use serde::{Deserialize, Serialize};

use super::http;
use super::message::{self, Data, Room, Transaction};
use super::protocol::PAST_BARS;
use crate::assemble::{self, BookText, TradeText, inner, millis, pairs, walked, word};
use crate::context::Context;
use crate::error::DecodeError;
use crate::image::{Memory, Restored};
use crate::json::{for_each, integer, string, token};
use crate::list::Language;
use crate::past_bars::Layout;
use crate::recent::Recent;
use crate::remember::{self, recall, remember};
use crate::table::Table;
use crate::{socketio, text};

/// Pairs whose mode is remembered; with more, all are forgotten once.
const MODES_MAX: usize = 1_024;

/// The mode of a pair that trades as usual.
const CONTINUOUS: &str = "NONE";

/// What is remembered between the packets of bitbank.
#[derive(Debug, Default)]
pub(super) struct Decode {
    known: Known,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Known {
    recent: Recent,
    /// Modes of the circuit breakers, as they were told last.
    #[serde(with = "remember::pairs")]
    modes: BTreeMap<(LinkId, String), String>,
}

impl Language for Decode {
    fn past_bars(&self) -> Option<&'static Layout> {
        Some(&PAST_BARS)
    }

    fn frame(&mut self, frame: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
        const WHAT: &str = "a message";
        let Some(event) = socketio::event(frame, context)? else { return Ok(()) };
        let Emitted(name, room) = serde_json::from_str(event)
            .map_err(|error| context.malformed(WHAT, &error.to_string()))?;
        if name != "message" {
            context.unknown(&name);
            return Ok(());
        }
        let room_name = string(room.room_name);
        let room_name = room_name.ok_or_else(|| context.no_field(WHAT, "room_name"))?;
        let body: Option<message::Body<'_>> = inner(room.message);
        let data: Option<Data<'_>> = body.and_then(|body| inner(body.data));
        let data = data.ok_or_else(|| context.no_field(WHAT, "data"))?;
        if let Some(symbol) = room_name.strip_prefix("depth_diff_") {
            self.change(symbol, &data, context)
        } else if let Some(symbol) = room_name.strip_prefix("depth_whole_") {
            self.whole(symbol, &data, context)
        } else if let Some(symbol) = room_name.strip_prefix("transactions_") {
            transactions(symbol, &data, context)
        } else if let Some(symbol) = room_name.strip_prefix("circuit_break_info_") {
            self.mode(symbol, &data, context);
            Ok(())
        } else {
            let kind = room_name.split('_').next().unwrap_or_default();
            context.unknown(if kind.is_empty() { "room without a name" } else { kind });
            Ok(())
        }
    }

    fn answered(
        &mut self,
        exchange: &HttpExchange,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        if socketio::is_polling(&String::from_utf8_lossy(&exchange.url)) {
            return socketio::packets(exchange, context, |frame, context| {
                self.frame(frame, context)
            });
        }
        http::answer(self, exchange, context)
    }

    fn forget(&mut self, link: LinkId) {
        self.known.recent.forget(link);
        self.known.modes.retain(|(of, _), _| *of != link);
    }

    fn memory(&self, _table: &Table) -> Vec<Memory> {
        remember(&self.known)
    }

    fn restore(&mut self, restored: &Restored, _table: &Table) {
        if let Some(known) = recall(restored).filter(|known: &Known| known.recent.is_sound()) {
            self.known = known;
        }
    }
}

/// An event of Socket.IO with one argument.
#[derive(Deserialize)]
struct Emitted<'a>(String, #[serde(borrow)] Room<'a>);

impl Decode {
    /// Changed levels, absolute and unordered. `s` grows, but one counter serves all pairs, so that a lost change is
    /// not seen in it (bitbank-api-docs, "public-stream").
    fn change(
        &mut self,
        symbol: &str,
        data: &Data<'_>,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        const WHAT: &str = "a change of a book";
        let number = integer(data.s).ok_or_else(|| context.no_field(WHAT, "s"))?;
        let text = BookText {
            symbol,
            what: WHAT,
            kind: BookKind::Delta,
            continuity: Continuity::Later(number),
            depth: None,
            bids: data.b.ok_or_else(|| context.no_field(WHAT, "b"))?.get(),
            asks: data.a.ok_or_else(|| context.no_field(WHAT, "a"))?.get(),
            walk: pairs,
            stated_at: millis(data.t),
        };
        assemble::book(&text, context)?;
        self.known.recent.keep(number, context);
        Ok(())
    }

    /// The whole book, some 200 levels a side: on joining, and then every 15 s. It replaces what is there, and the
    /// changes heard that are later than its `sequenceId` follow, since it may come after them.
    ///
    /// It is where a change ended: the running book stood at that very number, and its best prices are held against
    /// those of the whole one. That is how a lost change is seen at last.
    fn whole(
        &mut self,
        symbol: &str,
        data: &Data<'_>,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        const WHAT: &str = "a whole book";
        let number =
            integer(data.sequence_id).ok_or_else(|| context.no_field(WHAT, "sequenceId"))?;
        if !self.known.recent.holds(symbol, number, context) {
            context.unknown("whole book older than the changes kept");
            return Ok(());
        }
        assemble::book(&whole_text(symbol, data, Continuity::Later(number), context)?, context)?;
        if self.known.recent.meets(number, context)
            && let Some(quote) = quote(number, context)
        {
            let before = context.events.items.len() - 1;
            context.events.items.insert(before, Event::Quote(quote));
        }
        self.known.recent.follow(symbol, number, context);
        Ok(())
    }

    /// A book that was fetched, where there is no link that would tell more: its number is not where a change ended.
    pub(super) fn fetched(
        &self,
        symbol: &str,
        data: &Data<'_>,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        if self.known.recent.is_heard(symbol) {
            context.unknown("book that was fetched beside its changes");
            return Ok(());
        }
        assemble::book(&whole_text(symbol, data, Continuity::Unnumbered, context)?, context)
    }

    /// In an auction bids may lie above asks, and the book is called crossed for as long.
    fn mode(&mut self, symbol: &str, data: &Data<'_>, context: &mut Context<'_>) {
        let Some(mode) = string(data.mode) else { return };
        if self.known.modes.len() >= MODES_MAX {
            self.known.modes.clear();
        }
        let before = self.known.modes.insert((context.link, symbol.to_owned()), mode.to_string());
        if before.as_deref().unwrap_or(CONTINUOUS) == mode {
            return;
        }
        let is_usual = mode == CONTINUOUS;
        let kind = if is_usual { NoticeKind::Online } else { NoticeKind::Maintenance };
        let text = text::words(&format!("the circuit breaker of {symbol} is in mode {mode}"));
        context.push(Event::Notice { kind, subject: text::name(symbol), text });
    }
}

fn whole_text<'a>(
    symbol: &'a str,
    data: &Data<'a>,
    continuity: Continuity,
    context: &Context<'_>,
) -> Result<BookText<'a>, DecodeError> {
    const WHAT: &str = "a whole book";
    Ok(BookText {
        symbol,
        what: WHAT,
        kind: BookKind::Snapshot,
        continuity,
        depth: None,
        bids: data.bids.ok_or_else(|| context.no_field(WHAT, "bids"))?.get(),
        asks: data.asks.ok_or_else(|| context.no_field(WHAT, "asks"))?.get(),
        walk: pairs,
        stated_at: millis(data.timestamp),
    })
}

/// The best prices of the book that was told of last.
fn quote(update_id: u64, context: &Context<'_>) -> Option<Quote> {
    let Some(Event::Book(book)) = context.events.items.last() else { return None };
    let there = |level: &&Level| level.quantity.0 > 0;
    let bids = context.events.bids(book).iter().filter(there);
    let asks = context.events.asks(book).iter().filter(there);
    let bid = *bids.max_by_key(|level| level.price)?;
    let ask = *asks.min_by_key(|level| level.price)?;
    Some(Quote { instrument: book.instrument, update_id, bid, ask })
}

/// Trades, which come newest first, in the order of time.
pub(super) fn transactions(
    symbol: &str,
    data: &Data<'_>,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    const WHAT: &str = "a transaction";
    let list = data.transactions.ok_or_else(|| context.no_field(WHAT, "transactions"))?;
    let mut entries: Vec<Transaction<'_>> = Vec::new();
    let outcome = for_each(list.get(), |entry| {
        entries.push(entry);
        Ok(())
    });
    walked(outcome, WHAT, context)?;
    entries.sort_by_key(|entry| (integer(entry.executed_at), integer(entry.transaction_id)));
    for entry in &entries {
        let no_field = |field| context.no_field(WHAT, field);
        let taker = match word(entry.side).as_str() {
            "buy" => Side::Buy,
            "sell" => Side::Sell,
            _ => return Err(no_field("side")),
        };
        let text = TradeText {
            symbol,
            what: WHAT,
            price: token(entry.price).ok_or_else(|| no_field("price"))?,
            quantity: token(entry.amount).ok_or_else(|| no_field("amount"))?,
            trade_id: integer(entry.transaction_id).ok_or_else(|| no_field("transaction_id"))?,
            taker,
            traded_at: millis(entry.executed_at).ok_or_else(|| no_field("executed_at"))?,
        };
        assemble::trade(&text, context)?;
    }
    Ok(())
}
