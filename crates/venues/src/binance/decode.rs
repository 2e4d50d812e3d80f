//! Frames of Binance → events.

use std::borrow::Cow;
use std::ops::Range;

use market::{
    Body, BookKind, BookMessage, Continuity, Event, Events, Level, LinkId, NoticeKind, Packet,
    Quote, Side, Timestamp, Trade,
};
use serde_json::value::RawValue;

use super::levels::for_each_level;
use super::links::{Links, is_partial_depth};
use super::message::Message;
use super::{http, instruments};
use crate::error::DecodeError;
use crate::image::Restored;
use crate::json::{Walk, integer, is_object, string, token};
use crate::number::{Digits, Fault, Printing};
use crate::table::Table;
use crate::text;

/// From this number on a time is in microseconds: as milliseconds it would lie in the year 5138.
const MICROSECONDS_FROM: u64 = 100_000_000_000_000;

/// What is remembered between the frames of Binance.
#[derive(Debug, Default)]
pub(crate) struct Decode {
    pub(super) links: Links,
    tapes: Vec<Tape>,
}

/// Which of the two kinds of trades makes the tape of an instrument: the first that was heard. The other would count
/// each trade twice, and its ids are of another series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Tape {
    #[default]
    Unheard,
    Trades,
    Aggregates,
}

/// What one message is decoded with.
pub(super) struct Context<'c> {
    pub link: LinkId,
    pub table: &'c mut Table,
    pub events: &'c mut Events,
}

impl Context<'_> {
    pub fn venue(&self) -> &'static str {
        self.table.venue.name()
    }

    pub fn unknown(&mut self, name: &str) {
        self.events.items.push(Event::Unknown { name: text::name(name) });
    }

    pub fn no_field(&self, what: &'static str, field: &'static str) -> DecodeError {
        DecodeError::NoField { venue: self.venue(), what, field }
    }

    pub fn malformed(&self, what: &'static str, reason: &str) -> DecodeError {
        DecodeError::Malformed { venue: self.venue(), what, reason: text::words(reason) }
    }
}

impl Decode {
    pub fn decode(
        &mut self,
        packet: &Packet,
        table: &mut Table,
        events: &mut Events,
    ) -> Result<(), DecodeError> {
        let link = packet.link;
        match &packet.body {
            Body::Text(bytes) => {
                let venue = table.venue.name();
                let frame =
                    std::str::from_utf8(bytes).map_err(|_| DecodeError::NotText { venue })?;
                self.frame(frame, &mut Context { link, table, events })?;
            }
            Body::Answered(exchange) => {
                http::answer(self, exchange, &mut Context { link, table, events })?;
            }
            Body::Binary(_) => events.items.push(Event::Unknown { name: "binary frame".into() }),
            // The server of Binance pings every 20 s: on a quiet link the only sign of life.
            Body::Ping => events.items.push(Event::Heartbeat),
            Body::Opened(address) => {
                self.links.open(link, &String::from_utf8_lossy(address), table);
            }
            Body::Closed(_) => self.links.close(link),
            Body::Sent(bytes) => {
                self.links.get(link).note_sent(&String::from_utf8_lossy(bytes), table);
            }
            Body::Requested(_) | Body::Derived(_) | Body::Remark(_) => {}
        }
        Ok(())
    }

    /// Takes over what an image says of the time before.
    pub fn restore(&mut self, restored: &Restored, table: &Table) {
        for (link, symbol) in &restored.subscriptions {
            self.links.get(*link).note_symbol(symbol, table);
        }
    }

    fn frame(&mut self, frame: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
        let outer = parse(frame, context)?;
        let Some(outer) = outer else {
            context.unknown("array");
            return Ok(());
        };
        let stream = string(outer.stream);
        match outer.data {
            None => self.message(&outer, stream.as_deref(), context),
            Some(data) => match parse(data.get(), context)? {
                Some(inner) => self.message(&inner, stream.as_deref(), context),
                None => {
                    context.unknown(stream.as_deref().unwrap_or("array"));
                    Ok(())
                }
            },
        }
    }

    fn message(
        &mut self,
        message: &Message<'_>,
        stream: Option<&str>,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        if let Some(kind) = string(message.kind) {
            return match kind.as_ref() {
                "depthUpdate" => self.depth(message, stream, context),
                "trade" => self.trade(message, context),
                "aggTrade" => self.aggregate(message, context),
                "bookTicker" => self.book_ticker(message, context),
                "serverShutdown" => {
                    let text = "Binance will close this link (serverShutdown)".to_owned();
                    let kind = NoticeKind::ShuttingDown;
                    context.events.items.push(Event::Notice { kind, text });
                    Ok(())
                }
                other => {
                    context.unknown(other);
                    Ok(())
                }
            };
        }
        if message.last_update_id.is_some() {
            return self.bare_snapshot(message, stream, context);
        }
        if message.last.is_some() && message.b_quantity.is_some() && message.a_quantity.is_some() {
            return self.book_ticker(message, context);
        }
        self.reply(message, stream, context);
        Ok(())
    }

    fn depth(
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
    fn bare_snapshot(
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
        let index = index_of(symbol, context, |context| book.digits(symbol, context))?;
        let item = context.events.items.len();
        let bids = append_side(symbol, index, book.bids, book.what, context)?;
        let asks = append_side(symbol, index, book.asks, book.what, context)?;
        if let Some(event) = context.table.refine(index, &context.events.levels) {
            context.events.items.insert(item, event);
        }
        context.events.items.push(Event::Book(BookMessage {
            instrument: context.table.id(index),
            kind: book.kind,
            continuity: book.continuity,
            depth: None,
            bids,
            asks,
            stated_at: book.stated_at,
        }));
        self.links.get(context.link).note_index(index, context.table);
        Ok(())
    }

    fn trade(
        &mut self,
        message: &Message<'_>,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        const WHAT: &str = "a trade";
        // Futures: settlements by the insurance fund and the like are no trades of the market.
        if let Some(execution) = string(message.execution)
            && execution != "MARKET"
        {
            context.unknown(&format!("trade {execution}"));
            return Ok(());
        }
        let id = integer(message.trade_id).ok_or_else(|| context.no_field(WHAT, "t"))?;
        self.print(message, Print { what: WHAT, id, n_fills: 1, tape: Tape::Trades }, context)
    }

    fn aggregate(
        &mut self,
        message: &Message<'_>,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        const WHAT: &str = "an aggregate trade";
        let id = integer(message.a).ok_or_else(|| context.no_field(WHAT, "a"))?;
        let first = integer(message.first_trade_id);
        let last = integer(message.last_trade_id);
        let n_fills = match (first, last) {
            (Some(first), Some(last)) => last.saturating_sub(first).saturating_add(1),
            (None, _) | (_, None) => 1,
        };
        let n_fills = u32::try_from(n_fills).unwrap_or(u32::MAX);
        self.print(message, Print { what: WHAT, id, n_fills, tape: Tape::Aggregates }, context)
    }

    fn print(
        &mut self,
        message: &Message<'_>,
        print: Print,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        let no_field = |context: &Context<'_>, field| context.no_field(print.what, field);
        let symbol = string(message.symbol).ok_or_else(|| no_field(context, "s"))?;
        let price = token(message.price).ok_or_else(|| no_field(context, "p"))?;
        let quantity = token(message.quantity).ok_or_else(|| no_field(context, "q"))?;
        let traded_at = integer(message.traded_at).ok_or_else(|| no_field(context, "T"))?;
        let is_buyer_maker = match message.is_buyer_maker.map(RawValue::get) {
            Some("true") => true,
            Some("false") => false,
            Some(_) | None => return Err(no_field(context, "m")),
        };
        let index = index_of(&symbol, context, |context| {
            digits_of(&symbol, &[(price, quantity)], context)
        })?;
        let level = context
            .table
            .scales(index)
            .level(price, quantity)
            .map_err(|fault| fault.of(context.venue(), &symbol))?;
        if level.quantity.0 == 0 {
            context.unknown("trade of nothing");
            return Ok(());
        }
        if !self.is_tape(index, print.tape) {
            context.unknown(print.tape.name());
            return Ok(());
        }
        let event = context.table.refine(index, &[level]);
        context.events.items.extend(event);
        context.events.items.push(Event::Trade(Trade {
            instrument: context.table.id(index),
            trade_id: print.id,
            n_fills: print.n_fills,
            price: level.price,
            quantity: level.quantity,
            taker: if is_buyer_maker { Side::Sell } else { Side::Buy },
            traded_at: timestamp(traded_at),
        }));
        self.links.get(context.link).note_index(index, context.table);
        Ok(())
    }

    /// Whether this kind of trades makes the tape of an instrument.
    fn is_tape(&mut self, index: u32, kind: Tape) -> bool {
        let index = index as usize;
        if self.tapes.len() <= index {
            self.tapes.resize(index + 1, Tape::Unheard);
        }
        if self.tapes[index] == Tape::Unheard {
            self.tapes[index] = kind;
        }
        self.tapes[index] == kind
    }

    fn book_ticker(
        &mut self,
        message: &Message<'_>,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        const WHAT: &str = "a book ticker";
        let field = |raw, name, context: &Context<'_>| {
            token(raw).ok_or_else(|| context.no_field(WHAT, name))
        };
        let symbol = string(message.symbol).ok_or_else(|| context.no_field(WHAT, "s"))?;
        let update_id = integer(message.last).ok_or_else(|| context.no_field(WHAT, "u"))?;
        let bid = (field(message.b, "b", context)?, field(message.b_quantity, "B", context)?);
        let ask = (field(message.a, "a", context)?, field(message.a_quantity, "A", context)?);
        let index = index_of(&symbol, context, |context| digits_of(&symbol, &[bid, ask], context))?;
        let scales = context.table.scales(index);
        let level = |(price, quantity)| -> Result<Level, DecodeError> {
            scales.level(price, quantity).map_err(|fault| fault.of(context.venue(), &symbol))
        };
        let (bid, ask) = (level(bid)?, level(ask)?);
        let event = context.table.refine(index, &[bid, ask]);
        context.events.items.extend(event);
        let instrument = context.table.id(index);
        context.events.items.push(Event::Quote(Quote { instrument, update_id, bid, ask }));
        self.links.get(context.link).note_index(index, context.table);
        Ok(())
    }

    /// An answer to a request that we sent over the socket, or nothing that we know.
    fn reply(&mut self, message: &Message<'_>, stream: Option<&str>, context: &mut Context<'_>) {
        let error = message.error.and_then(|raw| parse(raw.get(), context).ok().flatten());
        let words = string(message.msg).or_else(|| string(error.as_ref()?.msg));
        let asked = message.id.and_then(|id| self.links.get(context.link).answered(id.get()));
        if let Some(words) = words {
            let topics = asked.map(|asked| asked.topics).unwrap_or_default();
            let symbol = match topics.as_slice() {
                [topic] => topic.split('@').next().unwrap_or_default().to_uppercase(),
                [] | [_, ..] => String::new(),
            };
            let (symbol, reason) = (text::name(&symbol), text::words(&words));
            context.events.items.push(Event::Refused { symbol, reason });
            return;
        }
        match (message.id, asked) {
            (None, _) => context.unknown(stream.unwrap_or("object")),
            (Some(id), None) => {
                let topic = text::name(&format!("request {}", id.get()));
                context.events.items.push(Event::Subscribed { topic });
            }
            (Some(_), Some(asked)) if asked.is_subscribe => {
                let topics = asked.topics.into_iter();
                let events = topics.map(|topic| Event::Subscribed { topic: text::name(&topic) });
                context.events.items.extend(events);
            }
            (Some(_), Some(_)) => {}
        }
    }

    pub(super) fn list(
        &mut self,
        symbols: &RawValue,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        instruments::list(symbols, context)
    }
}

impl Tape {
    /// What is said of this kind where the other one makes the tape.
    const fn name(self) -> &'static str {
        match self {
            Self::Unheard => "trade",
            Self::Trades => "trade beside aggTrade",
            Self::Aggregates => "aggTrade beside trade",
        }
    }
}

/// What the two kinds of trades do not share.
#[derive(Clone, Copy)]
struct Print {
    what: &'static str,
    id: u64,
    n_fills: u32,
    tape: Tape,
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

impl Book<'_> {
    /// What its numbers tell of an instrument that was never met.
    fn digits(&self, symbol: &str, context: &Context<'_>) -> Result<Digits, DecodeError> {
        let mut digits = Digits::new(Printing::Padded);
        for side in [self.bids, self.asks] {
            for_each_level(side, |price, quantity| digits.note(price, quantity))
                .map_err(|error| level_error(error, symbol, self.what, context))?;
        }
        Ok(digits)
    }
}

/// A JSON object; `None` when it is another valid JSON value.
pub(super) fn parse<'a>(
    text: &'a str,
    context: &Context<'_>,
) -> Result<Option<Message<'a>>, DecodeError> {
    let refuse = |error: serde_json::Error| context.malformed("a message", &error.to_string());
    if is_object(text) {
        return serde_json::from_str(text).map(Some).map_err(refuse);
    }
    serde_json::from_str::<serde::de::IgnoredAny>(text).map_err(refuse)?;
    Ok(None)
}

fn index_of(
    symbol: &str,
    context: &mut Context<'_>,
    digits: impl FnOnce(&Context<'_>) -> Result<Digits, DecodeError>,
) -> Result<u32, DecodeError> {
    if let Some(index) = context.table.index(symbol) {
        return Ok(index);
    }
    let digits = digits(context)?;
    context.table.index_or_derive(symbol, context.events, digits)
}

fn digits_of(
    symbol: &str,
    levels: &[(&str, &str)],
    context: &Context<'_>,
) -> Result<Digits, DecodeError> {
    let mut digits = Digits::new(Printing::Padded);
    for (price, quantity) in levels {
        digits.note(price, quantity).map_err(|fault| fault.of(context.venue(), symbol))?;
    }
    Ok(digits)
}

/// Appends the levels of one side; where they stand.
fn append_side(
    symbol: &str,
    index: u32,
    side: &RawValue,
    what: &'static str,
    context: &mut Context<'_>,
) -> Result<Range<usize>, DecodeError> {
    let scales = context.table.scales(index);
    let start = context.events.levels.len();
    let levels = &mut context.events.levels;
    let outcome = for_each_level(side, |price, quantity| -> Result<(), Fault> {
        levels.push(scales.level(price, quantity)?);
        Ok(())
    });
    outcome.map_err(|error| level_error(error, symbol, what, context))?;
    Ok(start..context.events.levels.len())
}

fn level_error(
    error: Walk<Fault>,
    symbol: &str,
    what: &'static str,
    context: &Context<'_>,
) -> DecodeError {
    match error {
        Walk::Refused(fault) => fault.of(context.venue(), symbol),
        Walk::Shape(error) => context.malformed(what, &error.to_string()),
    }
}

/// A time of Binance: milliseconds, or microseconds where the link was opened so.
pub(super) fn timestamp(time: u64) -> Timestamp {
    let time_or_end = i64::try_from(time).unwrap_or(i64::MAX);
    if time >= MICROSECONDS_FROM {
        Timestamp::from_micros(time_or_end)
    } else {
        Timestamp::from_millis(time_or_end)
    }
}
