//! REST responses of Bitstamp, known by the first word behind `/api/v2/`.

use market::{HttpExchange, Timestamp};
use serde_json::value::RawValue;

use super::decode::{Decode, taker};
use super::instruments;
use super::message::Data;
use crate::assemble::{self, TradeText, http_refusal, object, utf8, walked, word};
use crate::context::Context;
use crate::endpoint::path_of;
use crate::error::DecodeError;
use crate::json::{for_each, integer, is_object, token};
use crate::plea::{Plea, by_code, short_body};

/// Decodes one response.
pub(super) fn answer(
    decode: &Decode,
    exchange: &HttpExchange,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    let url = String::from_utf8_lossy(&exchange.url);
    let path = path_of(&url);
    let (_, path) = path.split_once("/api/v2/").unwrap_or_default();
    let mut words = path.split('/');
    let (endpoint, symbol) =
        (words.next().unwrap_or_default(), words.next().unwrap_or_default().to_lowercase());
    let body = std::str::from_utf8(&exchange.body).unwrap_or_default();
    let fields: Data<'_> = match is_object(body) {
        true => serde_json::from_str(body).unwrap_or_default(),
        false => Data::default(),
    };
    // `{"status": "error", "reason": "…", "code": "…"}`, or `{"error": "…"}`.
    let fault = [fields.reason, fields.error].into_iter().flatten().next();
    if exchange.status >= 400 || fault.is_some() {
        let words = if fault.is_some() { word(fault) } else { body.to_owned() };
        http_refusal(exchange, &symbol, &words, context);
        return Ok(());
    }
    let body = utf8(&exchange.body, context)?;
    match endpoint {
        "order_book" => match object(body, "a book that was fetched", context)? {
            Some(data) => decode.snapshot(&symbol, &data, context),
            None => Ok(()),
        },
        "transactions" => trades(&symbol, body, context),
        // In the base asset, as amounts are; of perpetuals too.
        "ticker" if is_object(body) && !symbol.is_empty() => {
            let stated_at = seconds(fields.timestamp);
            context.traded_in_24h(&symbol, ("volume", fields.volume), stated_at)
        }
        "markets" | "trading-pairs-info" => instruments::list(body, context),
        other => {
            context.unknown(other);
            Ok(())
        }
    }
}

/// The last trades, newest first: told in the order of time.
fn trades(symbol: &str, body: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "its last trades";
    let mut entries: Vec<Data<'_>> = Vec::new();
    let outcome = for_each(body, |entry| {
        entries.push(entry);
        Ok(())
    });
    walked(outcome, WHAT, context)?;
    entries.sort_by_key(|entry| (integer(entry.date), integer(entry.tid)));
    for entry in &entries {
        let no_field = |field| context.no_field(WHAT, field);
        let text = TradeText {
            symbol,
            what: WHAT,
            price: token(entry.price).ok_or_else(|| no_field("price"))?,
            quantity: token(entry.amount).ok_or_else(|| no_field("amount"))?,
            trade_id: integer(entry.tid).ok_or_else(|| no_field("tid"))?,
            taker: taker(entry.kind).ok_or_else(|| no_field("type"))?,
            traded_at: seconds(entry.date).ok_or_else(|| no_field("date"))?,
        };
        assemble::trade(&text, context)?;
    }
    Ok(())
}

/// A moment in seconds of Unix time.
fn seconds(raw: Option<&RawValue>) -> Option<Timestamp> {
    let seconds: i64 = token(raw)?.parse().ok()?;
    Some(Timestamp::from_millis(seconds.saturating_mul(1_000)))
}

/// What an answer asks for: `{"status": "error", "reason": "Request rate limit exceeded.", "code": "400.002"}`.
pub(super) fn plea(exchange: &HttpExchange) -> Option<Plea> {
    #[derive(serde::Deserialize)]
    struct Refused<'a> {
        #[serde(borrow)]
        code: Option<&'a RawValue>,
    }
    let refused: Refused<'_> = serde_json::from_str(short_body(exchange)?).ok()?;
    by_code(token(refused.code)?, &["400.002"], &[])
}
