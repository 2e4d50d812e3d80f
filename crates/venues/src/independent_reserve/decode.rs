//! Frames of Independent Reserve → events.

use market::{Event, HttpExchange, LinkId, Side};
use serde_json::value::RawValue;

use super::change::Change;
use super::channel::{Link, Place, Said};
use super::http;
use super::message::{Message, TradeEntry};
use crate::assemble::{self, TradeText, inner, millis, object, word};
use crate::context::Context;
use crate::error::DecodeError;
use crate::image::{Memory, Restored};
use crate::json::{Walk, for_each, integer, string, token};
use crate::list::Language;
use crate::number::Printing;
use crate::per_link::PerLink;
use crate::remember::{recall, remember};
use crate::table::Table;
use crate::{text, trade_id};

/// What is remembered between the frames of Independent Reserve.
#[derive(Debug, Default)]
pub(super) struct Decode {
    links: PerLink<Link>,
}

impl Language for Decode {
    fn frame(&mut self, frame: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
        let Some(message): Option<Message<'_>> = object(frame, "a message", context)? else {
            return Ok(());
        };
        match string(message.event).as_deref() {
            Some(event @ ("NewOrder" | "OrderChanged" | "OrderCanceled")) => {
                return self.order(event, &message, context);
            }
            Some("Trade") => return self.trade(&message, context),
            Some("Heartbeat") => context.push(Event::Heartbeat),
            Some("Subscriptions") => subscriptions(message.data, context),
            Some("Error") => context.refused("", &word(message.data)),
            other => context.unknown(other.unwrap_or("object")),
        }
        Ok(())
    }

    fn answered(
        &mut self,
        exchange: &HttpExchange,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        http::answer(&mut self.links, exchange, context)
    }

    /// The link is known from here on, so that a book is kept for it though its channel is quiet.
    fn opened(&mut self, _address: &str, context: &mut Context<'_>) {
        self.forget(context.link);
        self.links.get(context.link);
    }

    fn forget(&mut self, link: LinkId) {
        self.links.forget(link);
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

impl Decode {
    /// `orderbook-dot`: an order of this primary currency. "A nonce will increase by exactly 1 with every published
    /// event on the channel" (github.com/independentreserve/websockets).
    fn order(
        &mut self,
        event: &str,
        message: &Message<'_>,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        let (channel, nonce) = place(message, context)?;
        let primary = channel.strip_prefix("orderbook-").filter(|primary| !primary.is_empty());
        let primary = primary.ok_or_else(|| context.no_field("an event", "Channel"))?;
        let change = Change::read(event, message.data, context)?;
        let said = Said { primary, nonce, at: millis(message.time), change };
        self.links.get(context.link).hear(said, context)
    }

    /// `ticker-eth-aud`. The side is said to be `Buy` or `Sell`; public clients take it for the taker's, and no file
    /// here holds one.
    fn trade(
        &mut self,
        message: &Message<'_>,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        const WHAT: &str = "a trade";
        let (channel, nonce) = place(message, context)?;
        let symbol = channel.strip_prefix("ticker-").filter(|symbol| symbol.contains('-'));
        let Some(symbol) = symbol else {
            // `ticker-eth`, of later years: one trade with prices in all currencies.
            context.unknown("trade of all currencies");
            return Ok(());
        };
        let no_field = |field| context.no_field(WHAT, field);
        let entry: TradeEntry<'_> = inner(message.data).ok_or_else(|| no_field("Data"))?;
        let traded_at = millis(message.time).ok_or_else(|| no_field("Time"))?;
        let id = string(entry.trade_guid).ok_or_else(|| no_field("TradeGuid"))?;
        let text = TradeText {
            symbol,
            what: WHAT,
            price: token(entry.price).ok_or_else(|| no_field("Price"))?,
            quantity: token(entry.volume).ok_or_else(|| no_field("Volume"))?,
            trade_id: trade_id::of_text(&id, traded_at),
            taker: match string(entry.side).as_deref() {
                Some("Buy") => Side::Buy,
                Some("Sell") => Side::Sell,
                Some(_) | None => return Err(no_field("Side")),
            },
            traded_at,
        };
        assemble::trade_as(Printing::Padded, &text, context)?;
        match self.links.get(context.link).note_trade(&channel, nonce) {
            Place::Next | Place::Repeated => {}
            Place::Hole | Place::Reset { .. } => context.unknown("hole in the trades"),
        }
        Ok(())
    }
}

/// The channel of an event, in lower case, and its place there.
fn place(message: &Message<'_>, context: &Context<'_>) -> Result<(String, u64), DecodeError> {
    let no_field = |field| context.no_field("an event", field);
    let channel = string(message.channel).filter(|channel| channel.len() <= CHANNEL_BYTES_MAX);
    let channel = channel.ok_or_else(|| no_field("Channel"))?.to_ascii_lowercase();
    Ok((channel, integer(message.nonce).ok_or_else(|| no_field("Nonce"))?))
}

/// Characters of a channel's name; theirs have fewer than twenty.
const CHANNEL_BYTES_MAX: usize = 64;

/// All channels that the connection is subscribed to now.
fn subscriptions(data: Option<&RawValue>, context: &mut Context<'_>) {
    let channels = data.map_or("[]", RawValue::get);
    let walked: Result<(), Walk<()>> = for_each(channels, |channel: &RawValue| {
        let topic = text::name(&word(Some(channel)));
        context.push(Event::Subscribed { topic });
        Ok(())
    });
    if walked.is_err() {
        context.unknown("Subscriptions");
    }
}
