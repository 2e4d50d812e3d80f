//! Frames of bitFlyer → events, whichever transport brought them.

use market::{
    BookKind, ChecksumRule, Continuity, Event, HttpExchange, LinkId, NoticeKind, Reference, Side,
    Timestamp,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::http;
use super::links::Links;
use super::message::{BoardLevel, Data, Execution, Message, Params};
use crate::assemble::{self, BookText, TradeText, inner, number_text, object, walked, word};
use crate::context::{Context, TakeLevel};
use crate::error::DecodeError;
use crate::image::{Memory, Restored};
use crate::json::{Walk, for_each, integer, is_zero, string, token};
use crate::list::Language;
use crate::number::{Fault, figure};
use crate::remember::{recall, remember};
use crate::table::Table;
use crate::{socketio, text};

/// Levels a side of a snapshot. Those below them come in changes as well, but not all: the book is cut there.
pub(super) const SNAPSHOT_LEVELS: u32 = 300;

/// The code of a subscription that is there already, which is as good as a new one.
const ALREADY_SUBSCRIBED: &str = "-32009";

/// What is remembered between the frames of bitFlyer.
#[derive(Debug, Default)]
pub(super) struct Decode {
    links: Links,
}

impl Language for Decode {
    fn frame(&mut self, frame: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
        const WHAT: &str = "a message";
        match frame.trim_start().bytes().next() {
            // Packets of Engine.IO begin with their type.
            Some(b'0'..=b'9' | b'b') => {
                let Some(event) = socketio::event(frame, context)? else { return Ok(()) };
                let Pushed(channel, message) = serde_json::from_str(event)
                    .map_err(|error| context.malformed(WHAT, &error.to_string()))?;
                self.push(&channel, message, context)
            }
            // The answers to several requests at once.
            Some(b'[') => {
                let outcome =
                    for_each(frame, |message: Message<'_>| self.message(&message, context));
                walked(outcome, WHAT, context)
            }
            Some(_) | None => match object::<Message<'_>>(frame, WHAT, context)? {
                Some(message) => self.message(&message, context),
                None => Ok(()),
            },
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
        http::answer(exchange, context)
    }

    fn forget(&mut self, link: LinkId) {
        self.links.forget(link);
    }

    fn sent(&mut self, request: &str, context: &mut Context<'_>) {
        self.links.note_sent(context.link, request);
    }

    /// Its only sign of life on a quiet link of JSON-RPC.
    fn ping(&mut self, context: &mut Context<'_>) {
        context.push(Event::Heartbeat);
    }

    fn memory(&self, _table: &Table) -> Vec<Memory> {
        remember(&self.links)
    }

    fn restore(&mut self, restored: &Restored, _table: &Table) {
        if let Some(links) = recall(restored) {
            self.links = links;
        }
    }
}

/// An event of Socket.IO: the channel, and its message.
#[derive(Deserialize)]
struct Pushed<'a>(String, #[serde(borrow)] &'a RawValue);

impl Decode {
    fn message(
        &mut self,
        message: &Message<'_>,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        const WHAT: &str = "a message";
        match string(message.method).as_deref() {
            Some("channelMessage") => {
                let params: Params<'_> =
                    inner(message.params).ok_or_else(|| context.no_field(WHAT, "params"))?;
                let channel = string(params.channel);
                let channel = channel.ok_or_else(|| context.no_field(WHAT, "channel"))?;
                let data = params.message.ok_or_else(|| context.no_field(WHAT, "message"))?;
                self.push(&channel, data, context)
            }
            Some(other) => {
                context.unknown(other);
                Ok(())
            }
            None => {
                self.answer(message, context);
                Ok(())
            }
        }
    }

    /// The answer to a request, which its id names.
    fn answer(&mut self, message: &Message<'_>, context: &mut Context<'_>) {
        let asked = message.id.and_then(|id| self.links.answered(context.link, id.get()));
        let channel = asked.as_ref().map_or("", |asked| asked.channel.as_str());
        let is_subscribe = asked.as_ref().is_none_or(|asked| asked.is_subscribe);
        let fault: Option<Params<'_>> = inner(message.error);
        let code = fault.as_ref().and_then(|fault| token(fault.code)).unwrap_or_default();
        match (fault.as_ref(), message.result) {
            (Some(fault), _) if code != ALREADY_SUBSCRIBED => {
                let words = format!("{code} {}", word(fault.message));
                let symbol = split(channel).map_or("", |(_, symbol)| symbol);
                context.refused(symbol, &words);
            }
            (Some(_), _) | (None, Some(_)) if is_subscribe => {
                context.push(Event::Subscribed { topic: text::name(channel) });
            }
            (Some(_), _) | (None, Some(_)) => {}
            (None, None) => context.unknown("object"),
        }
    }

    fn push(
        &mut self,
        channel: &str,
        message: &RawValue,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        let Some((kind, symbol)) = split(channel) else {
            context.unknown(channel);
            return Ok(());
        };
        match kind {
            Channel::Snapshot => board(symbol, message, BookKind::Snapshot, context),
            Channel::Board => board(symbol, message, BookKind::Delta, context),
            Channel::Executions => executions(symbol, message.get(), context),
            Channel::Ticker => {
                self.ticker(symbol, message, context);
                Ok(())
            }
        }
    }

    /// All of a ticker but the volume of 24 hours and the state of the market stands in the board already.
    fn ticker(&mut self, symbol: &str, message: &RawValue, context: &mut Context<'_>) {
        let data: Data<'_> = inner(Some(message)).unwrap_or_default();
        if let (Some(volume), Some(index)) =
            (figure(data.volume_by_product), context.table.index(symbol))
        {
            context.push(Event::Reference(Reference {
                volume_24h: Some(volume),
                stated_at: moment(data.timestamp),
                ..Reference::of(context.table.id(index))
            }));
        }
        let Some(state) = string(data.state) else { return };
        let is_running = state == "RUNNING";
        if self.links.note_state(context.link, symbol, is_running) {
            let kind = if is_running { NoticeKind::Online } else { NoticeKind::Maintenance };
            let text = text::words(&format!("the state of {symbol} is {state}"));
            context.push(Event::Notice { kind, subject: text::name(symbol), text });
        }
    }
}

/// What a channel carries.
#[derive(Clone, Copy, Debug)]
enum Channel {
    Snapshot,
    Board,
    Executions,
    Ticker,
}

/// `lightning_board_snapshot_FX_BTC_JPY`: what it carries, and of which product.
fn split(channel: &str) -> Option<(Channel, &str)> {
    let rest = channel.strip_prefix("lightning_")?;
    let kinds = [
        ("board_snapshot_", Channel::Snapshot),
        ("board_", Channel::Board),
        ("executions_", Channel::Executions),
        ("ticker_", Channel::Ticker),
    ];
    kinds.into_iter().find_map(|(prefix, kind)| Some((kind, rest.strip_prefix(prefix)?)))
}

/// A snapshot comes every five seconds and replaces the book; changes are absolute, unsorted and not numbered, and now
/// and then a deletion among them is missing, until the next snapshot (bf-lightning-api, "Realtime API").
///
/// The `mid_price` beside them is the middle of the best prices, cut to the market's decimals. Where it differs from
/// ours, a change was left out, by the venue even if we heard all, and the best prices are wrong until the next
/// snapshot. (2021-12-12_BITFLYER: it is ours after 748 of 749 boards.)
fn board(
    symbol: &str,
    message: &RawValue,
    kind: BookKind,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    const WHAT: &str = "a board";
    let data: Data<'_> = inner(Some(message)).ok_or_else(|| context.no_field(WHAT, "bids"))?;
    book(symbol, &data, (kind, Some(SNAPSHOT_LEVELS)), context)?;
    let stated = token(data.mid_price);
    if let (Some(Event::Book(book)), Some(stated)) = (context.events.items.last_mut(), stated) {
        let index = book.instrument.index;
        // No middle is stated where a side is empty; one that cannot be a price proves nothing.
        let price = context.table.scales(index).price(stated).ok().filter(|price| price.0 > 0);
        let one = context.table.get(index);
        book.checksum = price.map(|price| ChecksumRule::of_mid_price(price, one));
    }
    Ok(())
}

pub(super) fn book(
    symbol: &str,
    data: &Data<'_>,
    (kind, depth): (BookKind, Option<u32>),
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    const WHAT: &str = "a board";
    assemble::book(
        &BookText {
            symbol,
            what: WHAT,
            kind,
            continuity: Continuity::Unnumbered,
            depth,
            bids: data.bids.ok_or_else(|| context.no_field(WHAT, "bids"))?.get(),
            asks: data.asks.ok_or_else(|| context.no_field(WHAT, "asks"))?.get(),
            walk: levels,
            // A board bears no moment.
            stated_at: None,
        },
        context,
    )
}

/// A price of zero is a market order in an auction, and no level.
fn levels(side: &str, take: &mut TakeLevel<'_>) -> Result<(), Walk<Fault>> {
    for_each(side, |level: BoardLevel<'_>| {
        let price = level.price.map_or("", number_text);
        if is_zero(price) { Ok(()) } else { take(price, level.size.map_or("", number_text)) }
    })
}

/// Trades by ascending id, whatever their order: the socket sends the oldest first, REST the newest.
pub(super) fn executions(
    symbol: &str,
    list: &str,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    const WHAT: &str = "an execution";
    let mut entries: Vec<Execution<'_>> = Vec::new();
    let outcome = for_each(list, |entry| {
        entries.push(entry);
        Ok(())
    });
    walked(outcome, WHAT, context)?;
    entries.sort_by_key(|entry| integer(entry.id));
    for entry in &entries {
        let no_field = |field| context.no_field(WHAT, field);
        let taker = match string(entry.side).as_deref() {
            Some("BUY") => Side::Buy,
            Some("SELL") => Side::Sell,
            // Of an auction: nobody took.
            Some("") => {
                context.unknown("execution without a side");
                continue;
            }
            Some(_) | None => return Err(no_field("side")),
        };
        let text = TradeText {
            symbol,
            what: WHAT,
            price: token(entry.price).ok_or_else(|| no_field("price"))?,
            quantity: token(entry.size).ok_or_else(|| no_field("size"))?,
            trade_id: integer(entry.id).ok_or_else(|| no_field("id"))?,
            taker,
            traded_at: moment(entry.exec_date).ok_or_else(|| no_field("exec_date"))?,
        };
        assemble::trade(&text, context)?;
    }
    Ok(())
}

/// `2021-12-12T23:05:29.9692063Z`, with up to seven decimals; REST leaves the zone out, which is UTC too.
pub(super) fn moment(raw: Option<&RawValue>) -> Option<Timestamp> {
    let text = string(raw)?;
    let text = text.strip_suffix('Z').unwrap_or(&text);
    format!("{text}Z").parse().ok()
}
