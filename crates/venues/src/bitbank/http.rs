//! REST responses of bitbank: `/v1/spot/pairs`, `/btc_jpy/depth`, `/btc_jpy/transactions`, `/btc_jpy/ticker`.

use market::HttpExchange;

use super::decode::{Decode, transactions};
use super::instruments;
use super::message::{Body, Data};
use crate::assemble::{http_refusal, inner, millis, utf8};
use crate::context::Context;
use crate::endpoint::path_of;
use crate::error::DecodeError;
use crate::json::{is_object, token};
use crate::plea::{Plea, by_code, short_body};

/// Decodes one response.
pub(super) fn answer(
    decode: &Decode,
    exchange: &HttpExchange,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    let url = String::from_utf8_lossy(&exchange.url);
    let path = path_of(&url);
    let mut words = path.rsplit('/');
    let (endpoint, symbol) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let symbol = if endpoint == "pairs" { "" } else { symbol };
    let text = utf8(&exchange.body, context)?;
    let body = is_object(text).then(|| serde_json::from_str::<Body<'_>>(text).ok()).flatten();
    let body = body.unwrap_or_default();
    let data: Option<Data<'_>> = inner(body.data);
    // `{"success": 0, "data": {"code": 10007}}`.
    if exchange.status >= 400 || token(body.success) == Some("0") {
        let code = data.and_then(|data| token(data.code));
        let words = code.map_or_else(|| text.to_owned(), |code| format!("code {code}"));
        http_refusal(exchange, symbol, &words, context);
        return Ok(());
    }
    let data = data.ok_or_else(|| context.no_field("a response", "data"))?;
    match endpoint {
        "pairs" => instruments::list(&data, context),
        "depth" => decode.fetched(symbol, &data, context),
        "transactions" => transactions(symbol, &data, context),
        // In the base asset, as amounts are.
        "ticker" => context.traded_in_24h(symbol, ("vol", data.vol), millis(data.timestamp)),
        other => {
            context.unknown(other);
            Ok(())
        }
    }
}

/// <https://github.com/bitbankinc/bitbank-api-docs/blob/master/errors.md>: 10009 too often; 10007 maintenance, 10008
/// busy.
const HASTY: [&str; 1] = ["10009"];
const BUSY: [&str; 2] = ["10007", "10008"];

/// What an answer asks for in the code of its `data`.
pub(super) fn plea(exchange: &HttpExchange) -> Option<Plea> {
    let body: Body<'_> = serde_json::from_str(short_body(exchange)?).ok()?;
    let is_no = token(body.success) == Some("0");
    let data: Data<'_> = inner(body.data).filter(|_| is_no)?;
    by_code(token(data.code)?, &HASTY, &BUSY)
}
