//! REST responses of Binance, known by the last word of their path: any host, `/api/v1`, `/api/v3`, `/fapi`, `/dapi`.

use market::HttpExchange;

use super::decode::{Decode, parse};
use super::{instruments, positions};
use crate::context::Context;
use crate::endpoint::query_value;
use crate::error::DecodeError;
use crate::json::string;

/// Decodes one response.
pub(super) fn answer(
    decode: &mut Decode,
    exchange: &HttpExchange,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    let url = String::from_utf8_lossy(&exchange.url);
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let endpoint = path.rsplit('/').next().unwrap_or_default();
    let symbol = query_value(&url, "symbol").unwrap_or_default();
    let body = std::str::from_utf8(&exchange.body);
    let message = body.ok().and_then(|body| parse(body, context).ok().flatten());
    let words = message.as_ref().and_then(|message| string(message.msg));
    if exchange.status >= 400 || words.is_some() {
        let words = words.unwrap_or(body.unwrap_or_default().into());
        context.refused(&symbol, &format!("HTTP {}: {words}", exchange.status));
        return Ok(());
    }
    match endpoint {
        "depth" => {
            let body = body.map_err(|_| DecodeError::NotText { venue: context.venue() })?;
            let message = parse(body, context)?
                .ok_or_else(|| context.malformed("a depth snapshot", "it is no JSON object"))?;
            if symbol.is_empty() {
                return Err(DecodeError::NoSymbol { venue: context.venue() });
            }
            decode.snapshot(&symbol, &message, context)
        }
        "exchangeInfo" => {
            let body = body.map_err(|_| DecodeError::NotText { venue: context.venue() })?;
            let symbols = parse(body, context)?
                .and_then(|message| message.symbols)
                .ok_or_else(|| context.no_field("its list of instruments", "symbols"))?;
            instruments::list(symbols, context)
        }
        "trades" => {
            let body = body.map_err(|_| DecodeError::NotText { venue: context.venue() })?;
            if symbol.is_empty() {
                return Err(DecodeError::NoSymbol { venue: context.venue() });
            }
            decode.newest_trades(&symbol, body, context)
        }
        "openInterest" => match message {
            Some(message) => positions::open_interest(&message, context),
            None => Err(context.malformed("its open interest", "it is no JSON object")),
        },
        other => {
            context.unknown(other);
            Ok(())
        }
    }
}
