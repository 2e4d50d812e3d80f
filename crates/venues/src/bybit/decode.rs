//! Frames of Bybit → events.

use market::{Event, HttpExchange, LinkId};
use serde_json::value::RawValue;

use super::links::Link;
use super::message::{Frame, Print};
use super::protocol::PAST_BARS;
use super::{Category, book, http, stated};
use crate::assemble::{object, walked, word};
use crate::context::Context;
use crate::error::DecodeError;
use crate::image::{Memory, Restored};
use crate::json::{for_each, string};
use crate::list::Language;
use crate::past_bars::Layout;
use crate::per_link::PerLink;
use crate::remember::{recall, remember};
use crate::table::Table;
use crate::text;

/// What is remembered between the frames of Bybit.
#[derive(Debug)]
pub(super) struct Decode {
    category: Category,
    links: PerLink<Link>,
}

impl Decode {
    pub fn new(category: Category) -> Self {
        Self { category, links: PerLink::default() }
    }
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
        http::answer(exchange, self.category, self.links.get(context.link), context)
    }

    fn forget(&mut self, link: LinkId) {
        self.links.forget(link);
    }

    fn sent(&mut self, request: &str, context: &mut Context<'_>) {
        self.links.get(context.link).note_sent(request);
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
    }
}

fn message(text: &str, link: &mut Link, context: &mut Context<'_>) -> Result<(), DecodeError> {
    let Some(frame): Option<Frame<'_>> = object(text, "a message", context)? else {
        return Ok(());
    };
    let Some(topic) = string(frame.topic) else {
        answer(&frame, link, context);
        return Ok(());
    };
    let (kind, rest) = topic.split_once('.').unwrap_or((&topic, ""));
    match kind {
        "orderbook" => match rest.split_once('.').and_then(|(depth, _)| depth.parse().ok()) {
            Some(depth) => book::book(&frame, depth, &mut link.books, context),
            // `orderbook.rpi` holds orders that not everybody can trade against; `orderbook.full` begins with REST.
            None => {
                let name = rest.split('.').next().unwrap_or_default();
                context.unknown(&format!("orderbook.{name}"));
                Ok(())
            }
        },
        "publicTrade" => prints(&frame, "a trade message", context, book::trade),
        "allLiquidation" => prints(&frame, "a liquidation message", context, stated::liquidation),
        "tickers" => stated::ticker(&frame, context),
        other => {
            context.unknown(other);
            Ok(())
        }
    }
}

/// The entries of a message, in their order, which is that of time.
fn prints(
    frame: &Frame<'_>,
    what: &'static str,
    context: &mut Context<'_>,
    take: fn(&Print<'_>, &mut Context<'_>) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    let data = frame.data.ok_or_else(|| context.no_field(what, "data"))?;
    let outcome = for_each(data.get(), |print: Print<'_>| take(&print, context));
    walked(outcome, what, context)
}

/// What is said of a request. The answer to `ping` has `op` "ping" and `ret_msg` "pong" on these markets, and `op`
/// "pong" on others.
fn answer(frame: &Frame<'_>, link: &mut Link, context: &mut Context<'_>) {
    let Some(op) = string(frame.op) else {
        context.unknown("object");
        return;
    };
    let is_refused = frame.success.map(RawValue::get) == Some("false");
    match op.as_ref() {
        "ping" | "pong" if !is_refused => context.push(Event::Heartbeat),
        "subscribe" | "unsubscribe" => {
            let topics = link.take_topics(&word(frame.req_id), &op);
            if is_refused {
                refused(&word(frame.ret_msg), &topics, context);
            } else if op == "subscribe" {
                subscribed(&topics, context);
            }
        }
        other => context.unknown(other),
    }
}

fn subscribed(topics: &[String], context: &mut Context<'_>) {
    let mut tell = |topic: &str| context.push(Event::Subscribed { topic: text::name(topic) });
    if topics.is_empty() {
        tell("a request");
    }
    topics.iter().for_each(|topic| tell(topic));
}

/// One bad topic refuses a whole request: of the symbol that the words name, else of all that were asked for.
fn refused(words: &str, topics: &[String], context: &mut Context<'_>) {
    let symbol_of = |topic: &str| topic.rsplit('.').next().unwrap_or_default().to_owned();
    let named = words.split([',', ' ', '[', ']', ':']).rfind(|word| word.contains('.'));
    let mut symbols: Vec<String> = match named {
        Some(topic) => vec![symbol_of(topic)],
        None => topics.iter().map(|topic| symbol_of(topic)).collect(),
    };
    symbols.dedup();
    if symbols.is_empty() {
        symbols.push(String::new());
    }
    symbols.iter().for_each(|symbol| context.refused(symbol, words));
}
