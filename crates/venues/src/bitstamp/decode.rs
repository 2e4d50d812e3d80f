//! Frames of Bitstamp → events.

use market::{BookKind, Continuity, Event, HttpExchange, LinkId, NoticeKind, Side};
use serde_json::value::RawValue;

use super::http;
use super::message::{Data, Message, RECONNECT};
use super::protocol::PAST_BARS;
use crate::assemble::{self, BookText, TradeText, inner, micros, object, pairs, word};
use crate::context::Context;
use crate::error::DecodeError;
use crate::image::{Memory, Restored};
use crate::json::{integer, string, token};
use crate::list::Language;
use crate::past_bars::Layout;
use crate::recent::Recent;
use crate::remember::{recall, remember};
use crate::table::Table;
use crate::text;

/// Levels a side of the images of `order_book`.
const IMAGE_LEVELS: u32 = 100;

/// What is remembered between the frames of Bitstamp.
#[derive(Debug, Default)]
pub(super) struct Decode {
    recent: Recent,
}

impl Language for Decode {
    fn past_bars(&self) -> Option<&'static Layout> {
        Some(&PAST_BARS)
    }

    fn frame(&mut self, frame: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
        let Some(message) = object::<Message<'_>>(frame, "a message", context)? else {
            return Ok(());
        };
        let channel = word(message.channel);
        match string(message.event).as_deref() {
            Some("data" | "trade") => return self.data(&channel, message.data, context),
            Some("bts:subscription_succeeded") => {
                context.push(Event::Subscribed { topic: text::name(&channel) });
            }
            Some("bts:unsubscription_succeeded") => {}
            Some("bts:heartbeat") => context.push(Event::Heartbeat),
            Some(RECONNECT) => context.push(Event::Notice {
                kind: NoticeKind::ShuttingDown,
                subject: String::new(),
                text: "Bitstamp asks for a new connection".into(),
            }),
            Some("bts:error") => {
                let data: Data<'_> = inner(message.data).unwrap_or_default();
                let code = token(data.code).filter(|code| *code != "null").unwrap_or_default();
                let words = format!("{code} {}", word(data.message));
                context.refused(channel.rsplit('_').next().unwrap_or_default(), &words);
            }
            Some(other) => context.unknown(other),
            None => context.unknown("object"),
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

    fn forget(&mut self, link: LinkId) {
        self.recent.forget(link);
    }

    fn memory(&self, _table: &Table) -> Vec<Memory> {
        remember(&self.recent)
    }

    fn restore(&mut self, restored: &Restored, _table: &Table) {
        if let Some(recent) = recall(restored).filter(Recent::is_sound) {
            self.recent = recent;
        }
    }
}

impl Decode {
    /// `diff_order_book_btcusd`: the pair stands behind the last line, and holds none itself.
    fn data(
        &mut self,
        channel: &str,
        data: Option<&RawValue>,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        let (kind, symbol) = channel.rsplit_once('_').unwrap_or((channel, ""));
        let data = || inner::<Data<'_>>(data).ok_or_else(|| context.no_field("a message", "data"));
        match kind {
            "diff_order_book" => self.change(symbol, &data()?, context),
            // Where the changes are heard the book is deeper than these images, and they add nothing that is sure:
            // nowhere is it said that the two channels share their moments.
            "order_book" if !self.recent.knows(context.link, symbol) => {
                image(symbol, &data()?, context)
            }
            "live_trades" => trade(symbol, &data()?, context),
            other => {
                context.unknown(other);
                Ok(())
            }
        }
    }

    /// Changes are absolute and bear no number but their moment: those that are not later than a whole book are to be
    /// passed over (bitstamp.net/websocket/v2), and a lost one is not to be seen.
    fn change(
        &mut self,
        symbol: &str,
        data: &Data<'_>,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        const WHAT: &str = "a book message";
        let number = number(data, WHAT, context)?;
        let (kind, continuity) = (BookKind::Delta, Continuity::Later(number));
        assemble::book(&book(symbol, WHAT, data, (kind, continuity, None), context)?, context)?;
        self.recent.keep(number, context);
        Ok(())
    }

    /// A whole book that was fetched. It may be seconds old, so that the changes heard since follow it; it is of no use
    /// when some of those were not heard. It replaces the book even when that is right: levels that a lost change
    /// left behind are gone with it, which is why it is fetched again and again.
    pub(super) fn snapshot(
        &self,
        symbol: &str,
        data: &Data<'_>,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        const WHAT: &str = "a book that was fetched";
        let number = number(data, WHAT, context)?;
        let is_joined = self.recent.begins_before(symbol, number, context)
            && self.recent.holds(symbol, number, context);
        if !is_joined {
            context.unknown("book older than the changes heard");
            return Ok(());
        }
        let (kind, continuity) = (BookKind::Snapshot, Continuity::Later(number));
        assemble::book(&book(symbol, WHAT, data, (kind, continuity, None), context)?, context)?;
        self.recent.follow(symbol, number, context);
        Ok(())
    }
}

/// The best hundred levels a side, whole each time.
fn image(symbol: &str, data: &Data<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a book image";
    let number = number(data, WHAT, context)?;
    let how = (BookKind::Snapshot, Continuity::Later(number), Some(IMAGE_LEVELS));
    assemble::book(&book(symbol, WHAT, data, how, context)?, context)
}

fn number(data: &Data<'_>, what: &'static str, context: &Context<'_>) -> Result<u64, DecodeError> {
    integer(data.microtimestamp).ok_or_else(|| context.no_field(what, "microtimestamp"))
}

fn book<'a>(
    symbol: &'a str,
    what: &'static str,
    data: &Data<'a>,
    (kind, continuity, depth): (BookKind, Continuity, Option<u32>),
    context: &Context<'_>,
) -> Result<BookText<'a>, DecodeError> {
    Ok(BookText {
        symbol,
        what,
        kind,
        continuity,
        depth,
        bids: data.bids.ok_or_else(|| context.no_field(what, "bids"))?.get(),
        asks: data.asks.ok_or_else(|| context.no_field(what, "asks"))?.get(),
        walk: pairs,
        stated_at: micros(data.microtimestamp),
    })
}

/// The texts of price and amount, where there are any, are exact; the moment is that in microseconds, since the other
/// is in seconds for spot and in milliseconds for perpetuals.
fn trade(symbol: &str, data: &Data<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a trade";
    let no_field = |field| context.no_field(WHAT, field);
    let text = TradeText {
        symbol,
        what: WHAT,
        price: token(data.price_str.or(data.price)).ok_or_else(|| no_field("price_str"))?,
        quantity: token(data.amount_str.or(data.amount)).ok_or_else(|| no_field("amount_str"))?,
        trade_id: integer(data.id).ok_or_else(|| no_field("id"))?,
        taker: taker(data.kind).ok_or_else(|| no_field("type"))?,
        traded_at: micros(data.microtimestamp).ok_or_else(|| no_field("microtimestamp"))?,
    };
    assemble::trade(&text, context).map(drop)
}

/// "type: 0 - buy; 1 - sell".
pub(super) fn taker(kind: Option<&RawValue>) -> Option<Side> {
    match token(kind)? {
        "0" => Some(Side::Buy),
        "1" => Some(Side::Sell),
        _ => None,
    }
}
