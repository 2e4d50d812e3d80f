//! The pages of the list of instruments: a response holds 1,000 at most, and says what asks for the next.

use market::HttpExchange;

use super::message::{List, Response};
use crate::assemble::inner;
use crate::endpoint::{last_of_path, percent_encoded, query_value};
use crate::json::string;

/// The endpoint of the list.
pub(super) const LIST: &str = "instruments-info";

/// Marks a further page, with its number behind it. It is not sent.
const PAGE: &str = "#page=";

/// Pages of a list that are asked for; linear had 800 instruments in 2026-08, on one.
const PAGES_MAX: u32 = 10;

/// The longest word that asks for a next page.
const CURSOR_CHARS_MAX: usize = 512;

/// Which page of the list this address asks for, from 1 on.
pub(super) fn page(url: &str) -> u32 {
    url.split_once(PAGE).and_then(|(_, page)| page.parse().ok()).unwrap_or(1)
}

/// The address of the page behind this one; `None` where this is the last, or the last that is asked for.
pub(super) fn next(url: &str, list: &List<'_>) -> Option<String> {
    let page = page(url);
    let cursor = string(list.next)?;
    if cursor.is_empty() || cursor.len() > CURSOR_CHARS_MAX || page >= PAGES_MAX {
        return None;
    }
    // It is told as it goes into a query: `first%3DA%26last%3DB`.
    let is_of_query = |byte: u8| byte.is_ascii_alphanumeric() || b"%-_.~".contains(&byte);
    let is_encoded = cursor.bytes().all(is_of_query);
    let cursor = if is_encoded { cursor.into_owned() } else { percent_encoded(&cursor) };
    let first = url.split('#').next()?.split("&cursor=").next()?;
    Some(format!("{first}&cursor={cursor}{PAGE}{}", page + 1))
}

/// The same of a response that was not read yet.
pub(super) fn next_of(exchange: &HttpExchange) -> Option<String> {
    let url = std::str::from_utf8(&exchange.url).ok()?;
    if last_of_path(url) != LIST || query_value(url, "category").is_none() {
        return None;
    }
    let response: Response<'_> = serde_json::from_slice(&exchange.body).ok()?;
    next(url, &inner(response.result)?)
}
