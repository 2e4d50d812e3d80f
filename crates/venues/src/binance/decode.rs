//! Frames of Binance → events.

use market::{Event, HttpExchange, Level, LinkId, NoticeKind, Quote, Timestamp};

use super::links::Links;
use super::message::{Message, SHUTDOWN};
use super::protocol::PAST_BARS;
use super::scan::{Scanned, scan};
use super::tape::Tape;
use super::{http, positions};
use crate::assemble::{object_if_any, utf8};
use crate::context::Context;
use crate::error::DecodeError;
use crate::image::{Memory, Restored};
use crate::json::{Walk, integer, is_zero, string, token};
use crate::list::Language;
use crate::number::Printing;
use crate::past_bars::Layout;
use crate::table::Table;
use crate::text;

/// From this number on a time is in microseconds: as milliseconds it would lie in the year 5138.
const MICROSECONDS_FROM: u64 = 100_000_000_000_000;

/// What is remembered between the frames of Binance.
#[derive(Debug, Default)]
pub(super) struct Decode {
    pub(super) links: Links,
    pub(super) tapes: Vec<Tape>,
}

impl Language for Decode {
    fn past_bars(&self) -> Option<&'static Layout> {
        Some(&PAST_BARS)
    }

    /// All frames: those that the scanner gave up, and in tests those that it did not.
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

    fn raw_frame(&mut self, frame: &[u8], context: &mut Context<'_>) -> Result<(), DecodeError> {
        match scan(frame, context) {
            Some(Scanned::Book(book)) => self.push_book(book, context),
            Some(Scanned::Trade(trade)) => self.push_trade(Tape::Trades, trade, context),
            Some(Scanned::Quote(quote)) => self.push_quote(quote, context),
            None => return self.frame(utf8(frame, context)?, context),
        }
        Ok(())
    }

    fn answered(
        &mut self,
        exchange: &HttpExchange,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        http::answer(self, exchange, context)
    }

    fn opened(&mut self, address: &str, context: &mut Context<'_>) {
        self.links.open(context.link, address, context.table);
    }

    fn forget(&mut self, link: LinkId) {
        self.links.close(link);
    }

    fn sent(&mut self, request: &str, context: &mut Context<'_>) {
        self.links.get(context.link).note_sent(request, context.table);
    }

    /// The server of Binance pings every 20 s: on a quiet link the only sign of life.
    fn ping(&mut self, context: &mut Context<'_>) {
        context.push(Event::Heartbeat);
    }

    fn memory(&self, table: &Table) -> Vec<Memory> {
        self.remembered(table)
    }

    /// Takes over what an image says of the time before.
    fn restore(&mut self, restored: &Restored, table: &Table) {
        self.recall(restored, table);
        for (link, symbol) in &restored.subscriptions {
            self.links.get(*link).note_symbol(symbol, table);
        }
    }
}

impl Decode {
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
                "markPriceUpdate" => positions::mark(message, context),
                "forceOrder" => positions::forced(message, context),
                SHUTDOWN => {
                    let text = "Binance will close this link (serverShutdown)".to_owned();
                    let kind = NoticeKind::ShuttingDown;
                    context.events.items.push(Event::Notice { kind, subject: String::new(), text });
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
        if is_zero(bid.0) || is_zero(ask.0) {
            context.unknown("bookTicker with an empty side");
            return Ok(());
        }
        let index = context.index_or_derive(&symbol, WHAT, Printing::Padded, |take| {
            take(bid.0, bid.1).and_then(|()| take(ask.0, ask.1)).map_err(Walk::Refused)
        })?;
        let scales = context.table.scales(index);
        let level = |(price, quantity)| -> Result<Level, DecodeError> {
            scales.level(price, quantity).map_err(|fault| fault.of(context.venue(), &symbol))
        };
        let (bid, ask) = (level(bid)?, level(ask)?);
        let instrument = context.table.id(index);
        self.push_quote(Quote { instrument, update_id, bid, ask }, context);
        Ok(())
    }

    fn push_quote(&mut self, quote: Quote, context: &mut Context<'_>) {
        let index = quote.instrument.index;
        let event = context.table.refine(index, &[quote.bid, quote.ask]);
        context.events.items.extend(event);
        context.push(Event::Quote(quote));
        self.links.get(context.link).note_index(index, context.table);
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
            context.refused(&symbol, &words);
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
}

/// A JSON object; `None` when it is another valid JSON value.
pub(super) fn parse<'a>(
    text: &'a str,
    context: &Context<'_>,
) -> Result<Option<Message<'a>>, DecodeError> {
    object_if_any(text, "a message", context)
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
