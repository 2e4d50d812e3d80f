//! Frames of Kraken → events.

use market::{
    BookKind, BookMessage, Checksum, ChecksumRule, Continuity, Event, HttpExchange, LinkId,
    NoticeKind, Timestamp,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::levels::for_each_level;
use super::links::{DEPTH_DEFAULT, Links, depth_that_holds};
use super::message::{Message, TradeEntry};
use super::protocol::PAST_BARS;
use super::time::timestamp;
use super::{http, instruments};
use crate::assemble::{self, TradeText, object_if_any, walked};
use crate::context::{Context, Sides, Subject};
use crate::error::DecodeError;
use crate::image::{Memory, Restored};
use crate::json::{for_each, integer, is_object, string, token};
use crate::list::Language;
use crate::number::Printing;
use crate::past_bars::Layout;
use crate::remember::{recall, remember};
use crate::table::Table;
use crate::text;

/// What is remembered between the frames of Kraken.
#[derive(Debug, Default)]
pub(super) struct Decode {
    links: Links,
}

impl Language for Decode {
    fn past_bars(&self) -> Option<&'static Layout> {
        Some(&PAST_BARS)
    }

    fn frame(&mut self, frame: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
        let Some(message) = object_if_any::<Message<'_>>(frame, "a message", context)? else {
            context.unknown("array");
            return Ok(());
        };
        match string(message.channel).as_deref() {
            Some("book") => self.books(&message, context),
            Some("trade") => trades(&message, context),
            Some("instrument") => pairs(&message, context),
            Some("status") => status(&message, context),
            Some("heartbeat") => {
                context.events.items.push(Event::Heartbeat);
                Ok(())
            }
            Some(other) => {
                context.unknown(other);
                Ok(())
            }
            None => self.without_channel(&message, context),
        }
    }

    fn answered(
        &mut self,
        exchange: &HttpExchange,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        http::answer(exchange, context)
    }

    fn forget(&mut self, link: LinkId) {
        self.links.forget(link);
    }

    /// What we ask tells the depth of a book too, should the answer be missing.
    fn sent(&mut self, request: &str, context: &mut Context<'_>) {
        #[derive(Deserialize)]
        struct Sent {
            method: String,
            params: Params,
        }
        #[derive(Deserialize)]
        struct Params {
            channel: String,
            #[serde(default)]
            symbol: Vec<String>,
            depth: Option<u32>,
        }
        let Ok(Sent { method, params }) = serde_json::from_str(request) else { return };
        if method == "subscribe" && params.channel == "book" {
            for symbol in params.symbol {
                self.links.set_depth(context.link, &symbol, params.depth.unwrap_or(DEPTH_DEFAULT));
            }
        }
    }

    fn memory(&self, _table: &Table) -> Vec<Memory> {
        remember(&self.links)
    }

    /// Takes over what an image says of the time before.
    fn restore(&mut self, restored: &Restored, _table: &Table) {
        if let Some(links) = recall(restored) {
            self.links = links;
        }
        for (link, symbol, depth) in &restored.depths {
            self.links.set_depth(*link, symbol, *depth);
        }
    }
}

impl Decode {
    fn without_channel(
        &mut self,
        message: &Message<'_>,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        if let Some(method) = string(message.method) {
            self.answer(&method, message, context);
            return Ok(());
        }
        if let Some(words) = string(message.rate_error) {
            context.refused("", &words);
            return Ok(());
        }
        if message.symbol.is_some() && message.bids.is_some() && message.asks.is_some() {
            return self.book(message, BookKind::Snapshot, context);
        }
        context.unknown("object");
        Ok(())
    }

    /// The answer to a request: of a subscription there is one per symbol.
    fn answer(&mut self, method: &str, message: &Message<'_>, context: &mut Context<'_>) {
        let result = message.result.filter(|result| is_object(result.get()));
        let result: Message<'_> =
            result.and_then(|result| serde_json::from_str(result.get()).ok()).unwrap_or_default();
        if message.success.map(RawValue::get) == Some("false") {
            let symbol = string(message.symbol).or_else(|| string(result.symbol));
            let words = string(message.error).unwrap_or_else(|| "it gives no reason".into());
            context.refused(&symbol.unwrap_or_default(), &words);
            return;
        }
        match method {
            "pong" => context.events.items.push(Event::Heartbeat),
            "subscribe" => {
                let channel = string(result.channel).unwrap_or_default();
                let symbol = string(result.symbol).unwrap_or_default();
                if let ("book", Some(depth)) = (channel.as_ref(), depth_of(result.depth)) {
                    self.links.set_depth(context.link, &symbol, depth);
                }
                let topic = text::name(format!("{channel} {symbol}").trim());
                context.events.items.push(Event::Subscribed { topic });
            }
            "unsubscribe" => {}
            other => context.unknown(other),
        }
    }

    fn books(
        &mut self,
        message: &Message<'_>,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        const WHAT: &str = "a book message";
        let kind = match string(message.kind).as_deref() {
            Some("snapshot") => BookKind::Snapshot,
            Some("update") => BookKind::Delta,
            Some(_) | None => return Err(context.no_field(WHAT, "type")),
        };
        let data = message.data.ok_or_else(|| context.no_field(WHAT, "data"))?;
        let outcome = for_each(data.get(), |book: Message<'_>| self.book(&book, kind, context));
        walked(outcome, WHAT, context)
    }

    fn book(
        &mut self,
        book: &Message<'_>,
        kind: BookKind,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        const WHAT: &str = "a book message";
        let symbol = string(book.symbol).ok_or_else(|| context.no_field(WHAT, "symbol"))?;
        let bids = book.bids.ok_or_else(|| context.no_field(WHAT, "bids"))?;
        let asks = book.asks.ok_or_else(|| context.no_field(WHAT, "asks"))?;
        let checksum = match book.checksum {
            None => None,
            Some(raw) => {
                let value = integer(Some(raw)).and_then(|sum| u32::try_from(sum).ok());
                let value = value.ok_or_else(|| context.no_field(WHAT, "checksum"))?;
                Some(Checksum { rule: ChecksumRule::Kraken, value })
            }
        };
        let stated_at = string(book.timestamp).and_then(|text| timestamp(&text));
        let depth = self.links.depth(context.link, &symbol);
        let book = Book { what: WHAT, kind, bids, asks, checksum, depth, stated_at };
        let found = push_book(&symbol, &book, context)?;
        if depth.is_none() {
            found.inspect(|depth| self.links.set_depth(context.link, &symbol, *depth));
        }
        Ok(())
    }
}

/// A book message, its sides still as text.
pub(super) struct Book<'a> {
    pub what: &'static str,
    pub kind: BookKind,
    pub bids: &'a RawValue,
    pub asks: &'a RawValue,
    pub checksum: Option<Checksum>,
    pub depth: Option<u32>,
    pub stated_at: Option<Timestamp>,
}

/// Tells of a book message, and gives its depth: of a snapshot at least the smallest that holds it.
pub(super) fn push_book(
    symbol: &str,
    book: &Book<'_>,
    context: &mut Context<'_>,
) -> Result<Option<u32>, DecodeError> {
    let subject = Subject { symbol, what: book.what, printing: Printing::Exact };
    let Sides { index, bids, asks } =
        context.sides(&subject, [book.bids, book.asks], |side, take| for_each_level(side, take))?;
    let depth = book.depth.or_else(|| match book.kind {
        BookKind::Snapshot => depth_that_holds(bids.len().max(asks.len())),
        BookKind::Delta | BookKind::Touch => None,
    });
    context.events.items.push(Event::Book(BookMessage {
        instrument: context.table.id(index),
        kind: book.kind,
        continuity: Continuity::Unnumbered,
        checksum: book.checksum,
        depth,
        bids,
        asks,
        stated_at: book.stated_at,
    }));
    Ok(depth)
}

fn trades(message: &Message<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a trade message";
    // The last trades before the subscription; we ask for none, since they belong to bars that were not heard.
    if string(message.kind).as_deref() == Some("snapshot") {
        context.unknown("trade snapshot");
        return Ok(());
    }
    let data = message.data.ok_or_else(|| context.no_field(WHAT, "data"))?;
    let outcome = for_each(data.get(), |entry: TradeEntry<'_>| trade(&entry, context));
    walked(outcome, WHAT, context)
}

fn trade(entry: &TradeEntry<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a trade";
    let symbol = string(entry.symbol).ok_or_else(|| context.no_field(WHAT, "symbol"))?;
    let price = token(entry.price).ok_or_else(|| context.no_field(WHAT, "price"))?;
    let quantity = token(entry.qty).ok_or_else(|| context.no_field(WHAT, "qty"))?;
    let trade_id = integer(entry.trade_id).ok_or_else(|| context.no_field(WHAT, "trade_id"))?;
    let taker =
        assemble::buyer_or_seller(entry.side).ok_or_else(|| context.no_field(WHAT, "side"))?;
    let traded_at = string(entry.timestamp)
        .and_then(|text| timestamp(&text))
        .ok_or_else(|| context.no_field(WHAT, "timestamp"))?;
    let text =
        TradeText { symbol: &symbol, what: WHAT, price, quantity, trade_id, taker, traded_at };
    assemble::trade_as(Printing::Exact, &text, context).map(|_| ())
}

fn pairs(message: &Message<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "its list of instruments";
    let data = message.data.filter(|data| is_object(data.get()));
    let data: Message<'_> = data
        .and_then(|data| serde_json::from_str(data.get()).ok())
        .ok_or_else(|| context.no_field(WHAT, "data"))?;
    // An update may tell of assets only.
    let n_instruments = match data.pairs {
        Some(pairs) => instruments::list(pairs, context)?,
        None => 0,
    };
    if string(message.kind).as_deref() == Some("snapshot") {
        context.events.items.push(Event::InstrumentsListed { n_instruments });
    }
    Ok(())
}

fn status(message: &Message<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "its status";
    let data = message.data.ok_or_else(|| context.no_field(WHAT, "data"))?;
    let outcome = for_each(data.get(), |entry: Message<'_>| {
        let system = string(entry.system).ok_or_else(|| context.no_field(WHAT, "system"))?;
        let is_online = system == "online";
        let kind = if is_online { NoticeKind::Online } else { NoticeKind::Maintenance };
        let text = system_words(&system);
        context.events.items.push(Event::Notice { kind, subject: String::new(), text });
        Ok(())
    });
    walked(outcome, WHAT, context)
}

/// `online`, `maintenance`, `cancel_only`, `post_only` and what may come, as a clause.
pub(crate) fn system_words(system: &str) -> String {
    match system {
        "online" => "its system is online".to_owned(),
        "maintenance" => "it is in maintenance".to_owned(),
        other => text::words(&format!("its system is in the mode {other}")),
    }
}

fn depth_of(raw: Option<&RawValue>) -> Option<u32> {
    integer(raw).and_then(|depth| u32::try_from(depth).ok())
}
