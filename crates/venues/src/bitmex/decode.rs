//! Frames of BitMEX → events.

use market::{Event, HttpExchange, LinkId, Side};
use serde_json::value::RawValue;

use super::book::Books;
use super::instruments;
use super::message::{Message, Row};
use crate::assemble::{self, TradeText, inner, object, utf8, walked, word};
use crate::context::{Context, Subject};
use crate::error::DecodeError;
use crate::image::{Memory, Restored};
use crate::json::{for_each, is_object, string, token};
use crate::kraken::timestamp;
use crate::list::Language;
use crate::number::Printing;
use crate::per_link::PerLink;
use crate::remember::{recall, remember};
use crate::table::Table;
use crate::{text, trade_id};

/// The rows of the books of each link.
#[derive(Debug, Default)]
pub(super) struct Decode {
    links: PerLink<Books>,
}

impl Language for Decode {
    fn frame(&mut self, frame: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
        if frame == "pong" {
            context.push(Event::Heartbeat);
            return Ok(());
        }
        let books = self.links.get(context.link);
        let message: Option<Message<'_>> =
            object(frame, "a message", context).inspect_err(|_| books.lose())?;
        let Some(message) = message else { return Ok(()) };
        let Some(table) = string(message.table) else {
            answer(&message, context);
            return Ok(());
        };
        const WHAT: &str = "a message of a table";
        let data = message.data.ok_or_else(|| context.no_field(WHAT, "data"));
        let data = data.inspect_err(|_| books.lose())?;
        let action = string(message.action).ok_or_else(|| context.no_field(WHAT, "action"));
        let action = action.inspect_err(|_| books.lose())?;
        match (table.as_ref(), action.as_ref()) {
            ("orderBookL2" | "orderBookL2_25", action) => {
                let is_whole = table == "orderBookL2";
                let filter: Option<Row<'_>> = inner(message.filter);
                let symbol = filter.and_then(|filter| string(filter.symbol));
                books.message((is_whole, action, symbol.as_deref()), data, context)
            }
            ("trade", "insert") => trades(data, books, context),
            ("instrument", action) => instruments::rows(action, data, context),
            ("liquidation", "insert") => forced_orders(data, books, context),
            // How far they are filled; their trades are told as all others.
            ("liquidation", "update" | "delete") => Ok(()),
            // Among them the last trade before the subscription, and best prices without a number of their book.
            (table, action) => {
                context.unknown(&format!("{table} {action}"));
                Ok(())
            }
        }
    }

    fn answered(
        &mut self,
        exchange: &HttpExchange,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        let (url, body) = (utf8(&exchange.url, context)?, utf8(&exchange.body, context)?);
        if exchange.status != 200 {
            let error = inner::<Message<'_>>(serde_json::from_str(body).ok())
                .map_or(String::new(), |message| words(message.error));
            assemble::http_refusal(exchange, "", &error, context);
            return Ok(());
        }
        if url.contains("/api/v1/instrument") && !is_object(body) {
            return instruments::list(body, context);
        }
        context.unknown("HTTP response");
        Ok(())
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

/// What is said of a request, or of the connection.
fn answer(message: &Message<'_>, context: &mut Context<'_>) {
    if let Some(topic) = string(message.subscribe) {
        context.push(Event::Subscribed { topic: text::name(&topic) });
    } else if message.error.is_some() {
        context.refused("", &words(message.error));
    } else if message.unsubscribe.is_none() && message.info.is_none() {
        context.unknown("object");
    }
}

/// The words of an error, which is a text, or by HTTP an object with one.
fn words(error: Option<&RawValue>) -> String {
    #[derive(Debug, Default, serde::Deserialize)]
    #[serde(default)]
    struct Detail<'a> {
        #[serde(borrow)]
        message: Option<&'a RawValue>,
    }
    inner::<Detail<'_>>(error).map_or_else(|| word(error), |detail| word(detail.message))
}

/// A side of the book, the taker's, or of a forced order.
pub(super) fn side(raw: Option<&RawValue>) -> Option<Side> {
    match string(raw)?.as_ref() {
        "Buy" => Some(Side::Buy),
        "Sell" => Some(Side::Sell),
        _ => None,
    }
}

fn trades(
    data: &RawValue,
    books: &mut Books,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    let outcome = for_each(data.get(), |row: Row<'_>| trade(&row, books, context));
    walked(outcome, "a trade message", context)
}

/// Quantities are contracts.
fn trade(row: &Row<'_>, books: &mut Books, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a trade";
    let no_field = |field| context.no_field(WHAT, field);
    let at = string(row.timestamp).and_then(|text| timestamp(&text));
    let traded_at = at.ok_or_else(|| no_field("timestamp"))?;
    let id = string(row.match_id).ok_or_else(|| no_field("trdMatchID"))?;
    let symbol = string(row.symbol).ok_or_else(|| no_field("symbol"))?;
    let text = TradeText {
        symbol: &symbol,
        what: WHAT,
        price: token(row.price).ok_or_else(|| no_field("price"))?,
        quantity: token(row.size).ok_or_else(|| no_field("size"))?,
        trade_id: trade_id::of_text(&id, traded_at),
        taker: side(row.side).ok_or_else(|| no_field("side"))?,
        traded_at,
    };
    assemble::trade_of_hash(Printing::Padded, &text, context)?;
    books.note_time(traded_at);
    Ok(())
}

/// Orders of the liquidation engine as they are placed. They have no time of their own: it is that of the newest
/// trade or row of a book of the link before them; without one, they are counted only.
fn forced_orders(
    data: &RawValue,
    books: &Books,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    const WHAT: &str = "a liquidation";
    let Some(liquidated_at) = books.newest() else {
        context.unknown("liquidation without a time");
        return Ok(());
    };
    let outcome = for_each(data.get(), |row: Row<'_>| {
        let no_field = |field| context.no_field(WHAT, field);
        let symbol = string(row.symbol).ok_or_else(|| no_field("symbol"))?;
        let price = token(row.price).ok_or_else(|| no_field("price"))?;
        let quantity = token(row.leaves).ok_or_else(|| no_field("leavesQty"))?;
        let side = side(row.side).ok_or_else(|| no_field("side"))?;
        let subject = Subject { symbol: &symbol, what: WHAT, printing: Printing::Padded };
        let (index, level) = context.refining_level(&subject, price, quantity)?;
        context.liquidated((index, level), side, liquidated_at);
        Ok(())
    });
    walked(outcome, WHAT, context)
}
