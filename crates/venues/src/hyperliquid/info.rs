//! What was asked of `info`, over the socket or by HTTP. An answer does not name its question: over the socket it is
//! told by its shape, by HTTP by what was posted.

use std::borrow::Cow;
use std::collections::{BTreeSet, VecDeque};

use market::{HttpExchange, LinkId};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::decode::{Decode, book, reference, trades};
use super::instruments::Lists;
use super::message::{AssetContext, Data};
use crate::assemble::{http_refusal, inner, utf8, walked, word};
use crate::context::Context;
use crate::error::DecodeError;
use crate::json::{for_each, is_object, string};
use crate::protocol::posted_body;

/// Coins that are remembered as polled; with more, all are forgotten once.
const COINS_POLLED_MAX: usize = 4_096;

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

/// Coins whose books are polled, by link: of the figures of all perpetuals, theirs are taken.
#[derive(Debug, Default)]
pub(super) struct Polled(BTreeSet<(LinkId, String)>);

impl Polled {
    fn note(&mut self, link: LinkId, coin: &str) {
        if self.0.len() >= COINS_POLLED_MAX {
            self.0.clear();
        }
        self.0.insert((link, coin.to_owned()));
    }

    pub fn forget(&mut self, link: LinkId) {
        self.0.retain(|(of, _)| *of != link);
    }
}

/// What was asked by HTTP.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Question {
    #[serde(rename = "type")]
    kind: String,
    coin: String,
}

/// The answer to a request by HTTP, whose recorded address ends in its question; in captures of others it need not.
pub(super) fn answer(
    decode: &mut Decode,
    exchange: &HttpExchange,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    let url = String::from_utf8_lossy(&exchange.url);
    let question = posted_body(&url).and_then(|body| serde_json::from_str(body).ok());
    let Question { kind, coin } = question.unwrap_or_default();
    let body = utf8(&exchange.body, context)?;
    if exchange.status >= 400 {
        http_refusal(exchange, &coin, body, context);
        return Ok(());
    }
    let found: &RawValue = serde_json::from_str(body)
        .map_err(|error| context.malformed("a response", &error.to_string()))?;
    match kind.as_str() {
        "l2Book" if found.get() == "null" => {
            context.refused(&coin, "there is no such coin");
            Ok(())
        }
        "l2Book" => {
            decode.polled.note(context.link, &coin);
            book(found, context)
        }
        "recentTrades" => trades(found.get(), context),
        "metaAndAssetCtxs" => figures(&decode.polled, found, context),
        _ => answered(&mut decode.lists, found, context),
    }
}

/// `[{"universe": [{"name": "BTC", …}, …]}, [{"markPx": "…", …}, …]]`: names, and in their order what is stated.
fn figures(
    polled: &Polled,
    found: &RawValue,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    const WHAT: &str = "contexts of assets";
    let both: Option<[&RawValue; 2]> = serde_json::from_str(found.get()).ok();
    let [meta, contexts] = both.ok_or_else(|| context.no_field(WHAT, "universe"))?;
    let meta: Data<'_> = inner(Some(meta)).unwrap_or_default();
    let universe = meta.universe.ok_or_else(|| context.no_field(WHAT, "universe"))?;
    let mut names: VecDeque<Option<String>> = VecDeque::new();
    let link = context.link;
    let outcome = for_each(universe.get(), |coin: Coin<'_>| {
        let name = string(coin.name).map(Cow::into_owned);
        names.push_back(name.filter(|name| polled.0.contains(&(link, name.clone()))));
        Ok(())
    });
    walked(outcome, WHAT, context)?;
    let outcome = for_each(contexts.get(), |stated: AssetContext<'_>| {
        if let Some(Some(name)) = names.pop_front() {
            reference(&name, &stated, context);
        }
        Ok(())
    });
    walked(outcome, WHAT, context)
}

/// An entry of the universe.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Coin<'a> {
    #[serde(borrow)]
    name: Option<&'a RawValue>,
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
