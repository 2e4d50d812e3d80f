//! Frames of Bitfinex → events.

use market::{
    BookKind, Checksum, ChecksumRule, Continuity, Event, HttpExchange, Level, LinkId, NoticeKind,
    Side, Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::channels::{Channel, Channels};
use super::instruments::Names;
use super::message::{CODES_ENDING, Frame, Message, is_list};
use super::protocol::PAST_BARS;
use super::{http, status};
use crate::assemble::{self, TradeText, number_text};
use crate::context::Context;
use crate::error::DecodeError;
use crate::image::{Memory, Restored};
use crate::json::{for_each, integer, is_object, string, token};
use crate::link_numbers::{LinkNumbers, Place};
use crate::list::Language;
use crate::number::Fault;
use crate::past_bars::Layout;
use crate::remember::{recall, remember};
use crate::sided::{Head, TakeSided, push_book};
use crate::table::Table;
use crate::text;

/// What is remembered, and room that is used again.
#[derive(Debug, Default)]
pub(super) struct Decode {
    pub(super) known: Known,
    pub(super) asks: Vec<Level>,
}

/// What is remembered between the frames of Bitfinex.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Known {
    channels: Channels,
    numbers: LinkNumbers,
    pub(super) names: Names,
}

impl Language for Decode {
    fn past_bars(&self) -> Option<&'static Layout> {
        Some(&PAST_BARS)
    }

    fn frame(&mut self, frame: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
        let malformed = |error: serde_json::Error, context: &Context<'_>| {
            context.malformed("a message", &error.to_string())
        };
        if is_object(frame) {
            let message: Message<'_> =
                serde_json::from_str(frame).map_err(|error| malformed(error, context))?;
            self.event(&message, context);
            return Ok(());
        }
        let value: &RawValue =
            serde_json::from_str(frame).map_err(|error| malformed(error, context))?;
        let elements: Option<Vec<&RawValue>> = serde_json::from_str(value.get()).ok();
        let Some(frame) = elements.as_deref().and_then(Frame::of) else {
            context.unknown("no frame of a channel");
            return Ok(());
        };
        self.numbered(&frame, context)
    }

    fn answered(
        &mut self,
        exchange: &HttpExchange,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        http::answer(self, exchange, context)
    }

    fn forget(&mut self, link: LinkId) {
        self.known.channels.forget(link);
        self.known.numbers.forget(link);
    }

    /// Takes over what the channels are: nothing else tells whose a frame is. The first recordings tell them by the
    /// events that opened them, and their books run already.
    fn restore(&mut self, restored: &Restored, _table: &Table) {
        if let Some(known) = recall(restored) {
            self.known = known;
            return;
        }
        for (link, text) in &restored.memory {
            let Ok(message) = serde_json::from_str::<Message<'_>>(text) else { continue };
            let Some((id, mut channel)) = opened(&message) else { continue };
            if let Channel::Book { is_running, .. } = &mut channel {
                *is_running = true;
            }
            self.known.channels.open(*link, id, channel);
        }
    }

    fn memory(&self, _table: &Table) -> Vec<Memory> {
        remember(&self.known)
    }
}

impl Decode {
    /// With the flag `SEQ_ALL` all arrays of a connection are counted, from 1 and one by one, whatever their channel,
    /// heartbeats and checksums too; events are not.
    fn numbered(
        &mut self,
        frame: &Frame<'_>,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        let Some(number) = frame.number else { return self.data(frame, context) };
        match self.known.numbers.place(context.link, number) {
            Place::Next => {}
            Place::Repeated => {
                context.unknown("frame heard twice");
                return Ok(());
            }
            Place::Hole { expected } => context.push(Event::LinkGap { expected, found: number }),
        }
        self.data(frame, context)?;
        self.known.numbers.note(context.link, number);
        Ok(())
    }

    fn data(&mut self, frame: &Frame<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
        if frame.kind == "hb" {
            self.alive(frame.channel_id, context);
            return Ok(());
        }
        let Some((channel, is_bulk)) = self.known.channels.get(context.link, frame.channel_id)
        else {
            context.unknown("frame of a channel that was not heard opening");
            return Ok(());
        };
        let payload = frame.payload.ok_or_else(|| context.no_field("a frame", "payload"))?;
        match channel {
            Channel::Book { symbol, .. } if frame.kind == "cs" => sum(symbol, payload, context),
            Channel::Book { symbol, is_running } if frame.kind.is_empty() => {
                let is_list = is_list(payload);
                // With the flag `BULK_UPDATES`, which we never ask for, changes are lists too: only the first is the
                // book.
                let is_book = is_list && !(is_bulk && *is_running);
                let kind = if is_book { BookKind::Snapshot } else { BookKind::Delta };
                *is_running |= is_list;
                let stated_at = frame.sent_at.map(Timestamp::from_millis);
                // Numbered by the connection, where the numbers were asked for.
                let continuity = match frame.number {
                    Some(_) => Continuity::ByLink,
                    None => Continuity::Unnumbered,
                };
                let head = Head { symbol, what: WHAT_BOOK, kind, continuity, stated_at };
                push_book(&head, &mut self.asks, context, |take| rows(payload, is_list, take))
            }
            Channel::Trades { symbol } => match frame.kind {
                "te" => trade(symbol, payload, context),
                // The same trade once more, a moment later.
                "tu" => Ok(()),
                // The last trades before the subscription belong to bars that were not heard.
                "" => {
                    context.unknown("trades snapshot");
                    Ok(())
                }
                other => {
                    context.unknown(&format!("trades {other}"));
                    Ok(())
                }
            },
            Channel::Derivative { symbol } => status::derivative(symbol, payload, context),
            Channel::Liquidations => status::liquidations(payload, context),
            Channel::Book { .. } => {
                context.unknown(&format!("book {}", frame.kind));
                Ok(())
            }
            Channel::Other(name) => {
                context.unknown(name);
                Ok(())
            }
        }
    }

    /// Each channel on which nothing changes says every 15 s that it is alive.
    fn alive(&mut self, channel_id: u64, context: &mut Context<'_>) {
        context.push(Event::Heartbeat);
        let channel = self.known.channels.get(context.link, channel_id);
        let Some((stream, symbol)) = channel.and_then(|(channel, _)| channel.stream()) else {
            return;
        };
        if let Some(index) = context.table.index(symbol) {
            let instrument = context.table.id(index);
            context.push(Event::StreamAlive { instrument, stream });
        }
    }

    fn event(&mut self, message: &Message<'_>, context: &mut Context<'_>) {
        let event = string(message.event).unwrap_or_default();
        match event.as_ref() {
            "subscribed" => self.subscribed(message, context),
            "unsubscribed" => {
                if let Some(id) = integer(message.channel_id) {
                    self.known.channels.close(context.link, id);
                }
            }
            "info" => info(message, context),
            "pong" => context.push(Event::Heartbeat),
            "conf" if string(message.status).as_deref() == Some("OK") => {
                let flags = integer(message.flags).unwrap_or_default();
                self.known.channels.set_bulk(context.link, flags & BULK_UPDATES != 0);
            }
            "conf" | "error" => {
                let symbol = string(message.symbol).or_else(|| string(message.key));
                let words = string(message.msg).unwrap_or_else(|| "it gives no reason".into());
                let code = token(message.code).map_or(String::new(), |code| format!(" ({code})"));
                context.refused(&symbol.unwrap_or_default(), &format!("{words}{code}"));
            }
            "" => context.unknown("object"),
            other => context.unknown(other),
        }
    }

    fn subscribed(&mut self, message: &Message<'_>, context: &mut Context<'_>) {
        let Some((id, channel)) = opened(message) else {
            context.unknown("subscribed without a channel");
            return;
        };
        self.known.channels.open(context.link, id, channel);
        let subject = string(message.symbol).or_else(|| string(message.key)).unwrap_or_default();
        let name = string(message.channel).unwrap_or_default();
        let topic = text::name(format!("{name} {subject}").trim());
        context.push(Event::Subscribed { topic });
    }
}

/// The channel that an event opens, and its number.
fn opened(message: &Message<'_>) -> Option<(u64, Channel)> {
    let id = integer(message.channel_id)?;
    let word = |raw| text::name(&string(raw).unwrap_or_default());
    let (name, symbol, key) = (word(message.channel), word(message.symbol), word(message.key));
    Some((id, Channel::of(&name, &symbol, &key, &word(message.prec))))
}

/// The flag by which the changes of a book come as lists.
const BULK_UPDATES: u64 = 536_870_912;

const WHAT_BOOK: &str = "a book message";

/// Rows `[price, count, amount]`: bids have positive amounts, asks negative ones. A count of 0 deletes the price from
/// the side that the sign of the amount (1 or -1) names.
pub(super) fn rows(
    payload: &RawValue,
    is_list: bool,
    take: &mut TakeSided<'_>,
) -> Result<(), crate::json::Walk<Fault>> {
    let mut row = |row: &[&RawValue]| {
        let [price, count, amount, ..] = row else { return Err(Fault::no_level()) };
        let (price, amount) = (number_text(price), number_text(amount));
        let (side, quantity) = match amount.strip_prefix('-') {
            Some(quantity) => (Side::Sell, quantity),
            None => (Side::Buy, amount),
        };
        take(side, price, if count.get() == "0" { "0" } else { quantity })
    };
    if is_list {
        return for_each(payload.get(), |entry: Vec<&RawValue>| row(&entry));
    }
    let entry: Vec<&RawValue> =
        serde_json::from_str(payload.get()).map_err(crate::json::Walk::Shape)?;
    row(&entry).map_err(crate::json::Walk::Refused)
}

/// `[chanId,"cs",-890884919]`: what the best 25 levels of each side sum to now, with a sign.
fn sum(symbol: &str, payload: &RawValue, context: &mut Context<'_>) -> Result<(), DecodeError> {
    let value: Option<i32> = token(Some(payload)).and_then(|value| value.parse().ok());
    let value = value.ok_or_else(|| context.no_field("a checksum", "cs"))?.cast_unsigned();
    let Some(index) = context.table.index(symbol) else {
        context.unknown("checksum of no known book");
        return Ok(());
    };
    let instrument = context.table.id(index);
    let checksum = Checksum { rule: ChecksumRule::Bitfinex, value };
    context.push(Event::Checksum { instrument, checksum });
    Ok(())
}

/// `[id, time, amount, price]`; a positive amount was bought by the taker.
pub(super) fn trade(
    symbol: &str,
    payload: &RawValue,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    const WHAT: &str = "a trade";
    let row: Vec<&RawValue> = serde_json::from_str(payload.get())
        .map_err(|error| context.malformed(WHAT, &error.to_string()))?;
    let [id, time, amount, price, ..] = row.as_slice() else {
        return Err(context.no_field(WHAT, "price"));
    };
    let amount = number_text(amount);
    let (taker, quantity) = match amount.strip_prefix('-') {
        Some(quantity) => (Side::Sell, quantity),
        None => (Side::Buy, amount),
    };
    let trade = TradeText {
        symbol,
        what: WHAT,
        price: number_text(price),
        quantity,
        trade_id: integer(Some(id)).ok_or_else(|| context.no_field(WHAT, "id"))?,
        taker,
        traded_at: assemble::millis(Some(time)).ok_or_else(|| context.no_field(WHAT, "mts"))?,
    };
    assemble::trade(&trade, context).map(drop)
}

/// What the venue says of itself: its greeting, and the codes of its documentation.
fn info(message: &Message<'_>, context: &mut Context<'_>) {
    #[derive(Default, serde::Deserialize)]
    struct Platform {
        status: Option<u8>,
    }
    let words = string(message.msg).unwrap_or_default();
    let (kind, words) = match integer(message.code) {
        Some(code) if CODES_ENDING.contains(&code) => (NoticeKind::ShuttingDown, words),
        Some(20_060) => (NoticeKind::Paused, "it enters maintenance".into()),
        Some(code) => {
            context.unknown(&format!("info {code}"));
            return;
        }
        None => {
            let platform = message.platform.map(RawValue::get).unwrap_or("{}");
            let platform: Platform = serde_json::from_str(platform).unwrap_or_default();
            match platform.status {
                Some(0) => (NoticeKind::Maintenance, "its platform is in maintenance".into()),
                Some(_) => (NoticeKind::Online, "its platform works".into()),
                None => {
                    context.unknown("info");
                    return;
                }
            }
        }
    };
    let text = text::words(&words);
    context.push(Event::Notice { kind, subject: String::new(), text });
}
