//! What was asked of `info`, over the socket or by HTTP: told by its shape, since an answer does not name its question.

use market::HttpExchange;
use serde_json::value::RawValue;

use super::decode::{book, trades};
use super::instruments::Lists;
use super::message::Data;
use crate::assemble::{http_refusal, inner, utf8, word};
use crate::context::Context;
use crate::error::DecodeError;
use crate::json::is_object;

/// The answer to a request over the socket: `{"id": 1, "response": {"type": "info", "payload": {"type": "meta", "data":
/// {…}}}}`, or `{"type": "error", "payload": "…"}`.
pub(super) fn posted(
    lists: &mut Lists,
    data: &RawValue,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    const WHAT: &str = "an answer";
    let data: Data<'_> = inner(Some(data)).ok_or_else(|| context.no_field(WHAT, "data"))?;
    let response: Data<'_> =
        inner(data.response).ok_or_else(|| context.no_field(WHAT, "response"))?;
    if word(response.kind) == "error" {
        context.refused("", &word(response.payload));
        return Ok(());
    }
    let payload: Data<'_> =
        inner(response.payload).ok_or_else(|| context.no_field(WHAT, "payload"))?;
    let found = payload.data.ok_or_else(|| context.no_field(WHAT, "data"))?;
    answered(lists, found, context)
}

/// The answer to a request by HTTP.
pub(super) fn answer(
    lists: &mut Lists,
    exchange: &HttpExchange,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    let body = utf8(&exchange.body, context)?;
    if exchange.status >= 400 {
        http_refusal(exchange, "", body, context);
        return Ok(());
    }
    let found: &RawValue = serde_json::from_str(body)
        .map_err(|error| context.malformed("a response", &error.to_string()))?;
    answered(lists, found, context)
}

fn answered(
    lists: &mut Lists,
    found: &RawValue,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    if !is_object(found.get()) {
        // `recentTrades`; the other lists are of no use here, and their elements no trades.
        let is_trades = found.get().contains("\"tid\"");
        if is_trades {
            return trades(found.get(), context);
        }
        context.unknown("list");
        return Ok(());
    }
    let data: Data<'_> = inner(Some(found)).unwrap_or_default();
    match (data.universe, data.tokens) {
        (Some(pairs), Some(tokens)) => lists.spot(pairs, tokens, context),
        (Some(coins), None) => lists.perpetuals(coins, context),
        (None, _) if data.levels.is_some() => book(found, context),
        (None, _) => {
            context.unknown("answer");
            Ok(())
        }
    }
}
