//! REST responses of Kraken: none is needed, but a refusal is told.

use market::{Event, Events, HttpExchange};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::endpoint::query_value;
use crate::text;

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(default)]
    error: Vec<String>,
    #[serde(default, borrow, rename = "result")]
    _result: Option<&'a RawValue>,
}

/// Decodes one response.
pub(super) fn answer(exchange: &HttpExchange, events: &mut Events) {
    let url = String::from_utf8_lossy(&exchange.url);
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let endpoint = path.rsplit('/').next().unwrap_or_default();
    let body = String::from_utf8_lossy(&exchange.body);
    let errors = serde_json::from_str::<Answer<'_>>(&body).map_or(Vec::new(), |body| body.error);
    if exchange.status < 400 && errors.is_empty() {
        events.items.push(Event::Unknown { name: text::name(endpoint) });
        return;
    }
    let words = if errors.is_empty() { body.into_owned() } else { errors.join(", ") };
    let symbol = text::name(&query_value(&url, "pair").unwrap_or_default());
    let reason = text::words(&format!("HTTP {}: {words}", exchange.status));
    events.items.push(Event::Refused { symbol, reason });
}
