//! REST responses of Bitfinex, known by the words of their path.

use std::time::Duration;

use market::{BookKind, Continuity, HttpExchange};
use serde_json::value::RawValue;

use super::decode::{Decode, rows, trade};
use super::instruments;
use crate::assemble::{http_refusal, utf8, walked};
use crate::context::Context;
use crate::endpoint::{path_of, query_value};
use crate::error::DecodeError;
use crate::json::{for_each, integer, string};
use crate::plea::{Plea, short_body};
use crate::sided::{Head, push_book};

/// Decodes one response. An error is an array too: `["error",10020,"symbol: invalid"]`.
pub(super) fn answer(
    decode: &mut Decode,
    exchange: &HttpExchange,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    let url = String::from_utf8_lossy(&exchange.url);
    let path = path_of(&url);
    let path = path.split_once("/v2/").map_or("", |(_, path)| path);
    let mut words = path.split('/');
    let (what, subject) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let symbol = percent_decoded_colon(if subject.starts_with('t') { subject } else { "" });
    let body = std::str::from_utf8(&exchange.body).unwrap_or_default();
    let error = error_of(body);
    if exchange.status >= 400 || error.is_some() {
        let words = error.unwrap_or_else(|| body.to_owned());
        http_refusal(exchange, &symbol, &words, context);
        return Ok(());
    }
    let body = utf8(&exchange.body, context)?;
    match what {
        "tickers" if query_value(&url, "symbols").is_some_and(|it| it != "ALL") => {
            instruments::volumes(body, context)
        }
        "tickers" => instruments::list(body, &decode.known.names, context),
        "conf" if subject == "pub:map:currency:sym" => decode.known.names.take(body, context),
        "book" if words.next() == Some("P0") => {
            const WHAT: &str = "a book";
            let payload: &RawValue = serde_json::from_str(body)
                .map_err(|error| context.malformed(WHAT, &error.to_string()))?;
            let (kind, continuity) = (BookKind::Snapshot, Continuity::Unnumbered);
            let head = Head { symbol: &symbol, what: WHAT, kind, continuity, stated_at: None };
            push_book(&head, &mut decode.asks, context, |take| rows(payload, true, take))
        }
        "trades" => newest_trades(&symbol, body, context),
        other => {
            context.unknown(other);
            Ok(())
        }
    }
}

/// The newest first, told in the order of time.
fn newest_trades(symbol: &str, body: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "its newest trades";
    let mut entries: Vec<&RawValue> = Vec::new();
    let outcome = for_each(body, |entry: &RawValue| {
        entries.push(entry);
        Ok(())
    });
    walked(outcome, WHAT, context)?;
    entries.iter().rev().try_for_each(|entry| trade(symbol, entry, context))
}

fn error_of(body: &str) -> Option<String> {
    if !body.trim_start().starts_with("[\"error\"") {
        return None;
    }
    let error: Vec<&RawValue> = serde_json::from_str(body).ok()?;
    let code = integer(error.get(1).copied()).map_or(String::new(), |code| format!(" ({code})"));
    let words = string(error.get(2).copied()).unwrap_or_else(|| "it gives no reason".into());
    Some(format!("{words}{code}"))
}

/// Symbols are letters, digits and a colon, which may be written as `%3A`.
fn percent_decoded_colon(symbol: &str) -> String {
    symbol.replace("%3A", ":").replace("%3a", ":")
}

/// Who asks too often is blocked for so long.
const HASTY_PAUSE: Duration = Duration::from_secs(60);

/// What an answer asks for: `["error",11010,"ratelimit: error"]`, `{"error":"ERR_RATE_LIMIT"}`, or 20060, a maintenance.
pub(super) fn plea(exchange: &HttpExchange) -> Option<Plea> {
    let body = short_body(exchange)?.trim();
    let hasty = Plea::SlowDown { pause: Some(HASTY_PAUSE) };
    if body.starts_with('{') {
        return body.contains("ERR_RATE_LIMIT").then_some(hasty);
    }
    let error: Vec<&RawValue> = if body.starts_with("[\"error\"") {
        serde_json::from_str(body).ok()?
    } else {
        return None;
    };
    match integer(error.get(1).copied())? {
        11_010 => Some(hasty),
        20_060 => Some(Plea::Maintenance),
        _ => None,
    }
}
