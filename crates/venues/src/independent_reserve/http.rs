//! Responses of Independent Reserve: `GetAllOrders`, the orders of one book.

use market::{BookKind, Continuity, HttpExchange, Level, Side};
use serde_json::value::RawValue;

use super::change::WORD_BYTES_MAX;
use super::channel::{Link, symbol, tell};
use super::message::{Fetched, Resting};
use super::orders::{Orders, Touched};
use crate::assemble::{http_refusal, inner_text, object, utf8, walked, word};
use crate::context::{Context, TakeLevel};
use crate::endpoint::last_of_path;
use crate::error::DecodeError;
use crate::json::{Walk, for_each, is_zero, string, token};
use crate::kraken::timestamp;
use crate::number::{Fault, Printing};
use crate::per_link::PerLink;
use crate::sided::Of;

const WHAT: &str = "a book that was fetched";

/// Decodes one response.
pub(super) fn answer(
    links: &mut PerLink<Link>,
    exchange: &HttpExchange,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    let url = String::from_utf8_lossy(&exchange.url);
    if exchange.status >= 400 {
        let text = String::from_utf8_lossy(&exchange.body);
        let fault: Fetched<'_> = inner_text(&text).unwrap_or_default();
        let words = string(fault.message).map_or_else(|| text.to_string(), |words| words.into());
        http_refusal(exchange, "", &words, context);
        return Ok(());
    }
    if last_of_path(&url) != "GetAllOrders" {
        context.unknown(last_of_path(&url));
        return Ok(());
    }
    let body = utf8(&exchange.body, context)?;
    match object(body, WHAT, context)? {
        Some(fetched) => book(links, &fetched, context),
        None => Ok(()),
    }
}

/// The book belongs to all links that hear of it. Its nonces are the channel's, whichever link tells them: so what is
/// told is the book of the link that heard the most, and others pass over what they hear later.
fn book(
    links: &mut PerLink<Link>,
    fetched: &Fetched<'_>,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    let no_field = |field| context.no_field(WHAT, field);
    let primary = word(fetched.primary_currency_code).to_ascii_lowercase();
    let secondary = word(fetched.secondary_currency_code).to_ascii_lowercase();
    if primary.is_empty() || secondary.is_empty() {
        return Err(DecodeError::NoSymbol { venue: context.venue() });
    }
    let bids = fetched.buy_orders.ok_or_else(|| no_field("BuyOrders"))?;
    let asks = fetched.sell_orders.ok_or_else(|| no_field("SellOrders"))?;
    let symbol = symbol(&primary, &secondary);
    let index = context.index_or_derive(&symbol, WHAT, Printing::Padded, |take| {
        walk(bids, &mut *take)?;
        walk(asks, take)
    })?;
    let scales = context.table.scales(index);
    let mut resting: Vec<(String, Side, Level)> = Vec::new();
    for (side, orders) in [(Side::Buy, bids), (Side::Sell, asks)] {
        let outcome = for_each(orders.get(), |order: Resting<'_>| {
            let id = string(order.guid).filter(|id| id.len() <= WORD_BYTES_MAX);
            let id = id.ok_or_else(|| context.no_field(WHAT, "Guid"))?;
            let (price, volume) = numbers(&order).map_err(|it| it.of(context.venue(), &symbol))?;
            if is_zero(price) {
                return Ok(()); // Of 2,000,000 MATIC in a capture: less than the last digit of a dollar.
            }
            let level = scales.level(price, volume);
            let level = level.map_err(|fault| fault.of(context.venue(), &symbol))?;
            resting.push((id.into_owned(), side, level));
            Ok(())
        });
        walked(outcome, WHAT, context)?;
    }
    let pair = (primary.as_str(), secondary.as_str());
    let carried_on = links.all().map(|link| link.carried_on(pair, scales, &resting, context));
    // All or none: a link that cannot take the book must not leave the others with it.
    let carried_on: Vec<Orders> = carried_on.collect::<Result<_, _>>()?;
    let mut ahead = None;
    for (link, orders) in links.all().zip(carried_on) {
        let reached = link.begin(pair, orders);
        if let (Some(nonce), Some(orders)) = (reached, link.orders(pair))
            && ahead.is_none_or(|(most, _)| nonce > most)
        {
            ahead = Some((nonce, orders));
        }
    }
    let stated_at = string(fetched.created_timestamp_utc).and_then(|text| timestamp(&text));
    let mut tell = |orders: &Orders, continuity: Continuity| {
        let head = Of { index, kind: BookKind::Snapshot, continuity, stated_at };
        tell(&head, orders.levels(Side::Buy), orders.levels(Side::Sell), context);
    };
    match ahead {
        Some((nonce, orders)) => tell(orders, Continuity::Counted(nonce)),
        None => {
            let mut orders = Orders::default();
            for (id, side, level) in &resting {
                orders.put(id, *side, *level, &mut Touched::new());
            }
            tell(&orders, Continuity::Unnumbered);
        }
    }
    Ok(())
}

fn walk(orders: &RawValue, take: &mut TakeLevel<'_>) -> Result<(), Walk<Fault>> {
    for_each(orders.get(), |order: Resting<'_>| {
        let (price, volume) = numbers(&order)?;
        take(price, volume)
    })
}

fn numbers<'a>(order: &Resting<'a>) -> Result<(&'a str, &'a str), Fault> {
    token(order.price).zip(token(order.volume)).ok_or_else(Fault::no_level)
}
