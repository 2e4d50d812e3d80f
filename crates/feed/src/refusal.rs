//! A status that means no: what it is about, and how long to stay away.

use std::time::Duration;

use market::HttpExchange;

use crate::fault::capital;
use crate::patience::{BANNED, PAUSE_MAX, SLOW_DOWN, TOO_FREQUENT};
use crate::report::LinkCause;

/// How far into a body its reason is looked for: error pages can be long.
const REASON_BYTES_MAX: usize = 4_096;

/// What the body of a 403 says that is about haste and not about us: Bybit's.
const TOO_FREQUENT_WORDS: &[u8] = b"too frequent";

/// A status that means no, and how long to stay away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// What `Retry-After` says.
    retry_after: Option<Duration>,
    /// Whether a 403 says that we asked too often.
    is_too_frequent: bool,
}

impl Refusal {
    /// A status of which nothing more is known.
    pub(crate) const fn new(status: u16, retry_after: Option<Duration>) -> Self {
        Self { status, retry_after, is_too_frequent: false }
    }

    /// What an answer says, if it is one.
    pub(crate) fn of(exchange: &HttpExchange, retry_after: Option<Duration>) -> Self {
        let reason = exchange.body.get(..REASON_BYTES_MAX).unwrap_or(&exchange.body);
        let mut words = reason.windows(TOO_FREQUENT_WORDS.len());
        let is_too_frequent = exchange.status == 403
            && words.any(|words| words.eq_ignore_ascii_case(TOO_FREQUENT_WORDS));
        Self { is_too_frequent, ..Self::new(exchange.status, retry_after) }
    }

    /// The pause that the venue demands of everything that we do there; `None` when it is not about haste.
    pub(crate) fn pause(self) -> Option<Duration> {
        let said = self.retry_after;
        let pause = match self.status {
            429 => said.unwrap_or(SLOW_DOWN),
            418 => said.unwrap_or(BANNED),
            403 if self.is_too_frequent => said.map_or(TOO_FREQUENT, |said| said.max(TOO_FREQUENT)),
            _ => return None,
        };
        Some(pause.min(PAUSE_MAX))
    }

    /// Whether the venue wants nothing to do with this network.
    pub(crate) const fn is_blocked(self) -> bool {
        matches!(self.status, 403 | 451) && !self.is_too_frequent
    }

    /// What it is about.
    pub(crate) const fn cause(self) -> LinkCause {
        match self.status {
            403 if self.is_too_frequent => LinkCause::RateLimited,
            403 | 451 => LinkCause::Refused,
            418 | 429 => LinkCause::RateLimited,
            407 => LinkCause::ProxyWantsPassword,
            503 => LinkCause::Maintenance,
            _ => LinkCause::Status,
        }
    }

    /// As one sentence about `who`, the venue.
    pub(crate) fn sentence(self, who: &str) -> String {
        capital(self.words(who))
    }

    pub(crate) fn words(self, who: &str) -> String {
        match self.status {
            403 if self.is_too_frequent => format!("{who} asks us to slow down."),
            429 => format!("{who} asks us to slow down."),
            418 => format!("{who} has banned this network for a while (418)."),
            403 | 451 => format!(
                "{who} refuses connections from this network ({}). Choose another venue or set a proxy.",
                self.status
            ),
            407 => "The proxy wants a password (407).".to_owned(),
            status => format!("{who} is not answering: it sent the status {status}."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, retry_after: Option<u64>) -> Refusal {
        Refusal::new(status, retry_after.map(Duration::from_secs))
    }

    #[test]
    fn a_refusal_is_told_in_words() {
        let words = |status| refused(status, None).sentence("Binance");
        assert_eq!(words(429), "Binance asks us to slow down.");
        assert_eq!(
            words(451),
            "Binance refuses connections from this network (451). Choose another venue or set a proxy."
        );
        assert_eq!(words(407), "The proxy wants a password (407).");
        assert_eq!(words(503), "Binance is not answering: it sent the status 503.");
    }

    #[test]
    fn a_pause_is_what_the_venue_says_within_reason() {
        assert_eq!(refused(429, Some(7)).pause(), Some(Duration::from_secs(7)));
        assert_eq!(refused(418, None).pause(), Some(BANNED));
        assert_eq!(refused(429, Some(u64::MAX)).pause(), Some(PAUSE_MAX));
        assert_eq!(refused(451, Some(7)).pause(), None);
    }

    #[test]
    fn a_403_for_haste_is_a_pause_of_ten_minutes_at_least_and_no_matter_of_the_network() {
        let of = |body: &'static str, retry_after| {
            let url = "https://api.bybit.com/v5/market/orderbook".into();
            let exchange = HttpExchange { url, status: 403, body: body.into() };
            Refusal::of(&exchange, retry_after)
        };
        let hasty = of("403, Access too frequent", Some(Duration::from_secs(1)));
        assert_eq!(hasty.pause(), Some(Duration::from_secs(600)));
        assert_eq!(hasty.sentence("Bybit"), "Bybit asks us to slow down.");
        assert!(!hasty.is_blocked() && hasty.cause() == LinkCause::RateLimited);
        let blocked = of("configured to block access from your country", None);
        assert!(blocked.is_blocked() && blocked.pause().is_none());
    }
}
