//! Markets of dYdX: its list of instruments, and what is stated of them.

use market::{Event, HttpExchange, Kind, Reference, Terms};
use serde_json::value::RawValue;

use super::message::{Market, Markets};
use crate::assemble::{
    self, ListingText, http_refusal, inner, listing, object, utf8, walked, word,
};
use crate::context::Context;
use crate::endpoint::{last_of_path, path_of};
use crate::error::DecodeError;
use crate::json::{for_each_field, string, token};
use crate::kraken::timestamp;
use crate::number::figure;
use crate::table::Listing;

const WHAT: &str = "its list of instruments";

/// Decodes one response.
pub(super) fn answer(
    exchange: &HttpExchange,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    let url = String::from_utf8_lossy(&exchange.url);
    let path = path_of(&url);
    if exchange.status >= 400 {
        http_refusal(exchange, "", &String::from_utf8_lossy(&exchange.body), context);
        return Ok(());
    }
    if !path.ends_with("/v3/markets") {
        context.unknown(last_of_path(&url));
        return Ok(());
    }
    let body = utf8(&exchange.body, context)?;
    let Some(list): Option<Markets<'_>> = object(body, WHAT, context)? else { return Ok(()) };
    let markets = list.markets.ok_or_else(|| context.no_field(WHAT, "markets"))?;
    let mut n_instruments = 0;
    each(markets, context, |name, market, context| {
        n_instruments += assemble::put(entry(name, market), context);
    })?;
    context.push(Event::InstrumentsListed { n_instruments });
    each(markets, context, state)
}

/// What the channel of markets tells: all of them, then those that changed.
pub(super) fn stated(contents: &RawValue, context: &mut Context<'_>) -> Result<(), DecodeError> {
    let all: Markets<'_> = inner(Some(contents)).unwrap_or_default();
    each(all.markets.unwrap_or(contents), context, state)
}

fn each(
    markets: &RawValue,
    context: &mut Context<'_>,
    mut take: impl FnMut(&str, &Market<'_>, &mut Context<'_>),
) -> Result<(), DecodeError> {
    let outcome = for_each_field(markets.get(), |name, raw| {
        let market: Market<'_> = inner(Some(raw)).unwrap_or_default();
        take(&name, &market, &mut *context);
        Ok(())
    });
    walked(outcome, WHAT, context)
}

fn entry(name: &str, market: &Market<'_>) -> Option<Listing> {
    listing(&ListingText {
        symbol: name,
        base: &word(market.base),
        quote: &word(market.quote),
        tick: token(market.tick)?,
        lot: token(market.lot)?,
        terms: Terms { kind: Kind::Perpetual, ..Terms::default() },
        is_trading: string(market.status).as_deref() == Some("ONLINE"),
    })
}

/// Positions are valued at the price of the oracle.
fn state(name: &str, market: &Market<'_>, context: &mut Context<'_>) {
    let Some(of) = context.stated_of(name) else { return };
    let stated = Reference {
        mark: figure(market.mark),
        index: figure(market.index),
        funding_rate: figure(market.funding_rate),
        next_funding_at: string(market.next_funding).and_then(|text| timestamp(&text)),
        open_interest: figure(market.open_interest),
        ..of
    };
    if stated != of {
        context.push(Event::Reference(stated));
    }
}
