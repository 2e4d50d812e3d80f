//! Frames of Hyperliquid → events.

use market::{BookKind, Continuity, Event, HttpExchange, LinkId, Reference, Side, Timestamp};
use serde_json::value::RawValue;

use super::info::{self, Polled};
use super::instruments::Lists;
use super::message::{AssetContext, BookLevel, Data, Message, Print};
use super::protocol::PAST_BARS;
use super::touches::{Touch, Touches};
use crate::assemble::{
    self, BookText, TradeText, inner, millis, number_text, object, walked, word,
};
use crate::context::{Context, TakeLevel};
use crate::error::DecodeError;
use crate::image::{Memory, Restored};
use crate::json::{Walk, for_each, integer, string, token};
use crate::list::Language;
use crate::number::{Fault, figure};
use crate::past_bars::Layout;
use crate::remember::{recall, remember};
use crate::table::Table;
use crate::text;

/// Levels a side of an image; five where it is asked for the fast one.
const IMAGE_LEVELS: u32 = 20;

/// What may come before the first message, and is none.
const GREETING: &str = "Websocket connection established.";

/// What is remembered between the frames of Hyperliquid.
#[derive(Debug, Default)]
pub(super) struct Decode {
    pub(super) lists: Lists,
    pub(super) polled: Polled,
    touches: Touches,
}

impl Language for Decode {
    fn past_bars(&self) -> Option<&'static Layout> {
        Some(&PAST_BARS)
    }

    fn frame(&mut self, frame: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
        const WHAT: &str = "a message";
        if frame.trim() == GREETING {
            context.push(Event::Heartbeat);
            return Ok(());
        }
        let Some(message) = object::<Message<'_>>(frame, WHAT, context)? else {
            return Ok(());
        };
        let data = || message.data.ok_or_else(|| context.no_field(WHAT, "data"));
        match string(message.channel).as_deref() {
            Some("l2Book") => self.book(data()?, context),
            Some("bbo") => self.touch(data()?, context),
            Some("trades") => trades(data()?.get(), context),
            Some("activeAssetCtx" | "activeSpotAssetCtx") => asset(data()?, context),
            Some("post") => info::posted(&mut self.lists, data()?, context),
            Some("pong") => {
                context.push(Event::Heartbeat);
                Ok(())
            }
            Some("subscriptionResponse") => {
                subscribed(data()?, context);
                Ok(())
            }
            Some("error") => {
                context.refused("", &word(message.data));
                Ok(())
            }
            Some(other) => {
                context.unknown(other);
                Ok(())
            }
            None => {
                context.unknown("object");
                Ok(())
            }
        }
    }

    fn answered(
        &mut self,
        exchange: &HttpExchange,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        info::answer(self, exchange, context)
    }

    fn forget(&mut self, link: LinkId) {
        self.lists.forget(link);
        self.polled.forget(link);
        self.touches.forget(link);
    }

    fn memory(&self, _table: &Table) -> Vec<Memory> {
        [remember(&self.lists), remember(&self.touches)].concat()
    }

    fn restore(&mut self, restored: &Restored, _table: &Table) {
        if let Some(lists) = recall(restored) {
            self.lists = lists;
        }
        if let Some(touches) = recall(restored) {
            self.touches = touches;
        }
    }
}

impl Decode {
    /// An image, and once more the best prices where those that were told are younger: it takes up to a second to come.
    fn book(&self, data: &RawValue, context: &mut Context<'_>) -> Result<(), DecodeError> {
        book(data, context)?;
        let data: Data<'_> = inner(Some(data)).unwrap_or_default();
        let (coin, time) = (word(data.coin), integer(data.time).unwrap_or(u64::MAX));
        match self.touches.after((context.link, &coin), time) {
            Some(touch) => push_touch(&coin, touch, context),
            None => Ok(()),
        }
    }

    /// `{"coin": "BTC", "time": 1703875200000, "bbo": [{"px": "…", "sz": "…", "n": 3}, null]}`: the best bid and ask
    /// after a block that changed them; `null` is a side without orders.
    fn touch(&mut self, data: &RawValue, context: &mut Context<'_>) -> Result<(), DecodeError> {
        const WHAT: &str = "best prices";
        let data: Data<'_> = inner(Some(data)).ok_or_else(|| context.no_field(WHAT, "data"))?;
        let coin = string(data.coin).ok_or_else(|| context.no_field(WHAT, "coin"))?;
        let sides: Option<[&RawValue; 2]> =
            data.bbo.and_then(|sides| serde_json::from_str(sides.get()).ok());
        let [bid, ask] = sides.ok_or_else(|| context.no_field(WHAT, "bbo"))?;
        let time = integer(data.time).ok_or_else(|| context.no_field(WHAT, "time"))?;
        let touch = Touch { time, bid: bid.get().to_owned(), ask: ask.get().to_owned() };
        push_touch(&coin, &touch, context)?;
        self.touches.note((context.link, &coin), touch);
        Ok(())
    }
}

fn push_touch(coin: &str, touch: &Touch, context: &mut Context<'_>) -> Result<(), DecodeError> {
    assemble::book(
        &BookText {
            symbol: coin,
            what: "best prices",
            kind: BookKind::Touch,
            continuity: Continuity::Unnumbered,
            depth: Some(IMAGE_LEVELS),
            bids: &touch.bid,
            asks: &touch.ask,
            walk: level,
            stated_at: i64::try_from(touch.time).ok().map(Timestamp::from_millis),
        },
        context,
    )
}

/// One level, or none.
fn level(level: &str, take: &mut TakeLevel<'_>) -> Result<(), Walk<Fault>> {
    let level: Option<BookLevel<'_>> = serde_json::from_str(level).map_err(Walk::Shape)?;
    let Some(level) = level else { return Ok(()) };
    let (price, quantity) = (level.px.map_or("", number_text), level.sz.map_or("", number_text));
    take(price, quantity).map_err(Walk::Refused)
}

/// The answer repeats the subscription with all that it left out.
fn subscribed(data: &RawValue, context: &mut Context<'_>) {
    let data: Data<'_> = inner(Some(data)).unwrap_or_default();
    if word(data.method) == "subscribe" {
        let subscription: Data<'_> = inner(data.subscription).unwrap_or_default();
        let topic = format!("{} {}", word(subscription.kind), word(subscription.coin));
        context.push(Event::Subscribed { topic: text::name(topic.trim()) });
    }
}

/// The whole window each time; there are no changes, no numbers and no sums, and nothing to lose but freshness.
pub(super) fn book(data: &RawValue, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a book";
    let data: Data<'_> = inner(Some(data)).ok_or_else(|| context.no_field(WHAT, "data"))?;
    let coin = string(data.coin).ok_or_else(|| context.no_field(WHAT, "coin"))?;
    let sides: Option<[&RawValue; 2]> =
        data.levels.and_then(|levels| serde_json::from_str(levels.get()).ok());
    let [bids, asks] = sides.ok_or_else(|| context.no_field(WHAT, "levels"))?;
    assemble::book(
        &BookText {
            symbol: &coin,
            what: WHAT,
            kind: BookKind::Snapshot,
            continuity: Continuity::Unnumbered,
            depth: Some(IMAGE_LEVELS),
            bids: bids.get(),
            asks: asks.get(),
            walk: levels,
            stated_at: millis(data.time),
        },
        context,
    )
}

fn levels(side: &str, take: &mut TakeLevel<'_>) -> Result<(), Walk<Fault>> {
    for_each(side, |level: BookLevel<'_>| {
        take(level.px.map_or("", number_text), level.sz.map_or("", number_text))
    })
}

/// Trades in the order of time; the first message after a subscription repeats those of the last moments.
pub(super) fn trades(list: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a trade";
    let mut prints: Vec<Print<'_>> = Vec::new();
    let outcome = for_each(list, |print| {
        prints.push(print);
        Ok(())
    });
    walked(outcome, WHAT, context)?;
    prints.sort_by_key(|print| integer(print.time));
    for print in &prints {
        let no_field = |field| context.no_field(WHAT, field);
        let coin = string(print.coin).ok_or_else(|| no_field("coin"))?;
        let tid = integer(print.tid).ok_or_else(|| no_field("tid"))?;
        let traded_at = millis(print.time).ok_or_else(|| no_field("time"))?;
        // "B" when the taker bought, "A" when he sold.
        let taker = match string(print.side).as_deref() {
            Some("B") => Side::Buy,
            Some("A") => Side::Sell,
            Some(_) | None => return Err(no_field("side")),
        };
        let text = TradeText {
            symbol: &coin,
            what: WHAT,
            price: token(print.px).ok_or_else(|| no_field("px"))?,
            quantity: token(print.sz).ok_or_else(|| no_field("sz"))?,
            trade_id: id(traded_at, tid),
            taker,
            traded_at,
        };
        assemble::trade(&text, context)?;
    }
    Ok(())
}

/// An id that ascends with time, since `tid` does not: the milliseconds since 2020 in the high 40 bits, and 24 bits
/// mixed from `tid` below. Trades of one millisecond keep ids of their own but for one pair in 16 million.
fn id(traded_at: Timestamp, tid: u64) -> u64 {
    const START_MILLIS: i64 = 1_577_836_800_000;
    const BITS: u32 = 24;
    let millis = (traded_at.nanos() / 1_000_000).saturating_sub(START_MILLIS).max(0);
    // The golden ratio of 64 bits: its products are spread evenly, best in their high bits.
    let mixed = tid.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (u64::BITS - BITS);
    (millis.cast_unsigned() << BITS) | mixed
}

/// Mark, oracle, funding, open interest and volume. Funding is for the hour at whose end it is paid.
fn asset(data: &RawValue, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a context of an asset";
    let data: Data<'_> = inner(Some(data)).ok_or_else(|| context.no_field(WHAT, "data"))?;
    let coin = string(data.coin).ok_or_else(|| context.no_field(WHAT, "coin"))?;
    let stated: AssetContext<'_> = inner(data.ctx).ok_or_else(|| context.no_field(WHAT, "ctx"))?;
    reference(&coin, &stated, context);
    Ok(())
}

/// What is stated of one coin.
pub(super) fn reference(coin: &str, stated: &AssetContext<'_>, context: &mut Context<'_>) {
    let Some(index) = context.table.index(coin) else {
        context.unknown("context of an asset that is not known yet");
        return;
    };
    context.push(Event::Reference(Reference {
        mark: figure(stated.mark),
        index: figure(stated.oracle),
        funding_rate: figure(stated.funding),
        open_interest: figure(stated.open_interest),
        volume_24h: figure(stated.day_volume),
        ..Reference::of(context.table.id(index))
    }));
}
