//! REST responses of bitFlyer, known by the words of their path.

use market::{BookKind, Event, HttpExchange, Reference};

use super::decode::{book, executions, moment};
use super::instruments;
use super::message::{Data, Params};
use crate::assemble::{http_refusal, object, utf8, word};
use crate::context::Context;
use crate::endpoint::{path_of, query_value};
use crate::error::DecodeError;
use crate::json::is_object;
use crate::number::figure;
use crate::plea::{Plea, short_body};

/// Decodes one response.
pub(super) fn answer(
    exchange: &HttpExchange,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    let url = String::from_utf8_lossy(&exchange.url);
    let path = path_of(&url);
    let (_, path) = path.split_once("/v1/").unwrap_or_default();
    let endpoint = path.split('/').next().unwrap_or_default();
    let symbol = query_value(&url, "product_code").unwrap_or_default();
    let body = std::str::from_utf8(&exchange.body).unwrap_or_default();
    // `{"status": -208, "error_message": "…", "data": null}`.
    let fault = is_object(body).then(|| serde_json::from_str::<Params<'_>>(body).ok()).flatten();
    let fault = fault.and_then(|fault| fault.error_message);
    if exchange.status >= 400 || fault.is_some() {
        let words = if fault.is_some() { word(fault) } else { body.to_owned() };
        http_refusal(exchange, &symbol, &words, context);
        return Ok(());
    }
    let body = utf8(&exchange.body, context)?;
    match endpoint {
        // The whole board, not only the levels of a snapshot.
        "getboard" | "board" => match object::<Data<'_>>(body, "a board", context)? {
            Some(data) => book(&symbol, &data, (BookKind::Snapshot, None), context),
            None => Ok(()),
        },
        "getexecutions" | "executions" => executions(&symbol, body, context),
        "getmarkets" | "markets" => instruments::list(body, context),
        "getfundingrate" => funding(&symbol, body, context),
        other => {
            context.unknown(other);
            Ok(())
        }
    }
}

/// The funding of Crypto CFD: a fraction, and when it is settled next.
fn funding(symbol: &str, body: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
    let Some(data) = object::<Data<'_>>(body, "a funding rate", context)? else { return Ok(()) };
    let Some(index) = context.table.index(symbol) else {
        context.unknown("funding of an instrument that is not known yet");
        return Ok(());
    };
    context.push(Event::Reference(Reference {
        funding_rate: figure(data.current_funding_rate),
        next_funding_at: moment(data.next_funding_rate_settledate),
        ..Reference::of(context.table.id(index))
    }));
    Ok(())
}

/// What is said to who asks too often.
const HASTY: &str = "Over API limit";

/// What an answer asks for: `{"status": -1, "error_message": "Over API limit per period, per IP address"}`.
pub(super) fn plea(exchange: &HttpExchange) -> Option<Plea> {
    let body = short_body(exchange).filter(|body| is_object(body))?;
    let fault: Params<'_> = serde_json::from_str(body).ok()?;
    word(fault.error_message).contains(HASTY).then_some(Plea::SlowDown { pause: None })
}
