//! What a venue asks of those who ask too often, or at the wrong time, in an answer of whatever status.

use std::time::Duration;

use market::HttpExchange;

/// The longest answer that can be a plea: data are mostly longer, and are not read twice.
const PLEA_BYTES_MAX: usize = 4_096;

/// What a venue asks of us in place of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plea {
    /// To ask less often.
    SlowDown {
        /// For how long not to ask at all, at least; `None` where it does not say.
        pause: Option<Duration>,
    },
    /// To come back later: it is in maintenance, or has too much to do.
    Maintenance,
}

/// What stands in an answer that may be a plea; `None` in one that is longer.
pub(crate) fn short_body(exchange: &HttpExchange) -> Option<&str> {
    let body = exchange.body.as_ref();
    let is_short = body.len() <= PLEA_BYTES_MAX;
    std::str::from_utf8(body).ok().filter(|_| is_short)
}

/// A plea by its number, where a venue numbers them.
pub(crate) fn by_code(code: &str, hasty: &[&str], busy: &[&str]) -> Option<Plea> {
    match (hasty.contains(&code), busy.contains(&code)) {
        (true, _) => Some(Plea::SlowDown { pause: None }),
        (false, true) => Some(Plea::Maintenance),
        (false, false) => None,
    }
}
