//! Frames of OKX → events.

use market::{BookKind, Event, HttpExchange, LinkId, NoticeKind};

use super::book::{self, Style};
use super::links::Link;
use super::message::{Arg, CODE_CLOSING, Frame};
use super::protocol::PAST_BARS;
use super::{http, instruments, stated};
use crate::assemble::{self, inner, object, word};
use crate::context::Context;
use crate::error::DecodeError;
use crate::image::{Memory, Restored};
use crate::json::string;
use crate::list::Language;
use crate::past_bars::Layout;
use crate::per_link::PerLink;
use crate::remember::{recall, remember};
use crate::table::Table;
use crate::text;

/// What is remembered between the frames of OKX.
#[derive(Debug, Default)]
pub(super) struct Decode {
    links: PerLink<Link>,
}

impl Language for Decode {
    fn past_bars(&self) -> Option<&'static Layout> {
        Some(&PAST_BARS)
    }

    fn frame(&mut self, frame: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
        message(frame, self.links.get(context.link), context)
    }

    fn answered(
        &mut self,
        exchange: &HttpExchange,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        http::answer(exchange, self.links.get(context.link), context)
    }

    fn forget(&mut self, link: LinkId) {
        self.links.forget(link);
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
            self.links.get(*link).books.is_deepest(symbol, *depth);
        }
        for (link, symbol) in &restored.subscriptions {
            self.links.get(*link).note(symbol);
        }
    }
}

fn message(text: &str, link: &mut Link, context: &mut Context<'_>) -> Result<(), DecodeError> {
    // The answer to our `ping`, both without quotes.
    if text == "pong" {
        context.push(Event::Heartbeat);
        return Ok(());
    }
    let Some(frame): Option<Frame<'_>> = object(text, "a message", context)? else {
        return Ok(());
    };
    let arg: Arg<'_> = inner(frame.arg).unwrap_or_default();
    if let Some(event) = string(frame.event) {
        answer(&event, &frame, &arg, context);
        return Ok(());
    }
    let Some(channel) = string(arg.channel) else {
        context.unknown("object");
        return Ok(());
    };
    data(&channel, &frame, &arg, link, context)
}

/// What is said of a request, or of the connection.
fn answer(event: &str, frame: &Frame<'_>, arg: &Arg<'_>, context: &mut Context<'_>) {
    match event {
        "subscribe" => {
            let subject = string(arg.symbol).or_else(|| string(arg.kind)).unwrap_or_default();
            let topic = format!("{} {subject}", word(arg.channel));
            context.push(Event::Subscribed { topic: text::name(topic.trim()) });
        }
        "unsubscribe" => {}
        "error" => {
            let (code, words) = (word(frame.code), word(frame.msg));
            let symbol = string(arg.symbol).map_or_else(|| named(&words), |it| it.into_owned());
            context.refused(&symbol, &format!("{words} ({code})"));
        }
        "notice" if string(frame.code).as_deref() == Some(CODE_CLOSING) => {
            let text = text::words(&word(frame.msg));
            context.push(Event::Notice {
                kind: NoticeKind::ShuttingDown,
                subject: String::new(),
                text,
            });
        }
        other => context.unknown(other),
    }
}

/// The symbol that the words of a refusal name: `Wrong URL or channel:books,instId:X-Y doesn't exist.`
fn named(words: &str) -> String {
    let after = words.split_once("instId:").map_or("", |(_, after)| after);
    let symbol = after.split([' ', ',', '.', '"', '}']).next().unwrap_or_default();
    symbol.to_owned()
}

fn data(
    channel: &str,
    frame: &Frame<'_>,
    arg: &Arg<'_>,
    link: &mut Link,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    const WHAT: &str = "a message of a channel";
    let data = frame.data.ok_or_else(|| context.no_field(WHAT, "data"))?;
    if let Some((depth, style)) = book::channel(channel) {
        let symbol =
            string(arg.symbol).ok_or_else(|| context.no_field("a book message", "instId"))?;
        link.note(&symbol);
        if !link.books.is_deepest(&symbol, depth) {
            context.unknown(channel);
            return Ok(());
        }
        let kind = match style {
            Style::Images => None,
            Style::Changes => Some(action(frame, context)?),
        };
        return book::books(data, &symbol, depth, kind, context);
    }
    match channel {
        "trades" => {
            if let Some(symbol) = string(arg.symbol) {
                link.note(&symbol);
            }
            book::trades(data, context)
        }
        "mark-price" | "funding-rate" | "open-interest" => stated::figures(data, link, context),
        "tickers" => stated::volumes(data, context),
        "index-tickers" => stated::index(data, link, context),
        "liquidation-orders" => stated::liquidations(data, link, context),
        "instruments" => assemble::list(data.get(), context, instruments::read).map(|_| ()),
        other => {
            context.unknown(other);
            Ok(())
        }
    }
}

fn action(frame: &Frame<'_>, context: &Context<'_>) -> Result<BookKind, DecodeError> {
    match string(frame.action).as_deref() {
        Some("snapshot") => Ok(BookKind::Snapshot),
        Some("update") => Ok(BookKind::Delta),
        Some(_) | None => Err(context.no_field("a book message", "action")),
    }
}
