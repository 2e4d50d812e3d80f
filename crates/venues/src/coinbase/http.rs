//! REST responses of Coinbase, known by the words of their path.

use std::borrow::Cow;

use market::{BookKind, Continuity, HttpExchange, Side};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::advanced::{moment, push_trades};
use super::decode::Decode;
use super::instruments;
use crate::context::Context;
use crate::endpoint::{path_of, query_value};
use crate::error::DecodeError;
use crate::json::{for_each, is_object, string};
use crate::sided::{Head, push_book};

/// The bodies of all responses; those of the Exchange feed's list are arrays.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Answer<'a> {
    #[serde(borrow)]
    products: Option<&'a RawValue>,
    #[serde(borrow)]
    pricebook: Option<&'a RawValue>,
    #[serde(borrow)]
    trades: Option<&'a RawValue>,
    #[serde(borrow)]
    product_id: Option<&'a RawValue>,
    #[serde(borrow)]
    bids: Option<&'a RawValue>,
    #[serde(borrow)]
    asks: Option<&'a RawValue>,
    #[serde(borrow)]
    time: Option<&'a RawValue>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
    #[serde(borrow)]
    errors: Option<&'a RawValue>,
}

#[derive(Debug, Deserialize)]
struct Row<'a> {
    #[serde(borrow)]
    price: Cow<'a, str>,
    #[serde(borrow)]
    size: Cow<'a, str>,
}

/// Decodes one response.
pub(super) fn answer(
    decode: &mut Decode,
    exchange: &HttpExchange,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    let url = String::from_utf8_lossy(&exchange.url);
    let path = path_of(&url);
    let mut words = path.rsplit('/');
    let (last, before) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let symbol = match last {
        "ticker" => Cow::from(before),
        _ if before == "products" => Cow::from(last),
        _ => query_value(&url, "product_id").unwrap_or_default().into(),
    };
    let body = std::str::from_utf8(&exchange.body);
    let answer = body.ok().filter(|body| is_object(body));
    let answer: Answer<'_> =
        answer.and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default();
    if exchange.status >= 400 {
        let words = string(answer.message).or_else(|| string(answer.error));
        let whole = || answer.errors.map_or(body.unwrap_or_default(), RawValue::get).into();
        let words = words.unwrap_or_else(whole);
        context.refused(&symbol, &format!("HTTP {}: {words}", exchange.status));
        return Ok(());
    }
    let body = body.map_err(|_| DecodeError::NotText { venue: context.venue() })?;
    match (last, before) {
        ("products", _) => {
            let array: Option<&RawValue> =
                if is_object(body) { None } else { serde_json::from_str(body).ok() };
            let products = answer.products.or(array);
            let no_products = || context.no_field("its list of instruments", "products");
            instruments::list(products.ok_or_else(no_products)?, context)
        }
        ("product_book", _) => book(decode, &answer, context),
        ("ticker", _) => match answer.trades {
            Some(trades) => push_trades(decode, Some(&symbol), trades, context),
            None => Err(context.no_field("its ticker", "trades")),
        },
        (_, "products") => instruments::one(body, context),
        (other, _) => {
            context.unknown(other);
            Ok(())
        }
    }
}

/// The whole book as it is; it has no number, so that nothing can be joined to it.
fn book(
    decode: &mut Decode,
    answer: &Answer<'_>,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    const WHAT: &str = "a product book";
    let raw = answer.pricebook.filter(|raw| is_object(raw.get()));
    let raw = raw.ok_or_else(|| context.no_field(WHAT, "pricebook"))?;
    let book: Answer<'_> = serde_json::from_str(raw.get())
        .map_err(|error| context.malformed(WHAT, &error.to_string()))?;
    let symbol = string(book.product_id).ok_or_else(|| context.no_field(WHAT, "product_id"))?;
    let bids = book.bids.ok_or_else(|| context.no_field(WHAT, "bids"))?;
    let asks = book.asks.ok_or_else(|| context.no_field(WHAT, "asks"))?;
    let head = Head {
        symbol: &symbol,
        what: WHAT,
        kind: BookKind::Snapshot,
        continuity: Continuity::Unnumbered,
        stated_at: moment(book.time),
    };
    push_book(&head, &mut decode.asks, context, |take| {
        for (side, rows) in [(Side::Buy, bids), (Side::Sell, asks)] {
            for_each(rows.get(), |row: Row<'_>| take(side, &row.price, &row.size))?;
        }
        Ok(())
    })
}
