//! A status or a plea that means no: what it is about, and how long to stay away.

use std::time::Duration;

use venues::Plea;

use crate::fault::capital;
use crate::patience::{BANNED, PAUSE_MAX, SLOW_DOWN};
use crate::report::LinkCause;

/// What an answer says of whether and when to ask again: by its status, and by the venue's own words, which some say
/// with a status of 200.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// What `Retry-After` says.
    retry_after: Option<Duration>,
    /// What the venue asks in its own words.
    plea: Option<Plea>,
}

impl Refusal {
    /// A status of which nothing more is known.
    pub(crate) const fn new(status: u16, retry_after: Option<Duration>) -> Self {
        Self { status, retry_after, plea: None }
    }

    /// The same, of an answer in which the venue asks this in its own words.
    pub(crate) fn with(self, plea: Option<Plea>) -> Self {
        Self { plea, ..self }
    }

    /// The pause that the venue demands of everything that we do there; `None` when it is not about haste.
    pub(crate) fn pause(self) -> Option<Duration> {
        let own = match self.plea {
            Some(Plea::SlowDown { pause }) => pause,
            Some(Plea::Maintenance) | None => None,
        };
        let said = self.retry_after.max(own);
        let pause = match self.status {
            418 => said.unwrap_or(BANNED),
            429 => said.unwrap_or(SLOW_DOWN),
            _ if self.is_hasty() => said.unwrap_or(SLOW_DOWN),
            _ => return None,
        };
        Some(pause.min(PAUSE_MAX))
    }

    /// Whether the same may well be answered soon.
    pub(crate) const fn is_passing(self) -> bool {
        self.status >= 500 || matches!(self.plea, Some(Plea::Maintenance))
    }

    /// Whether it is no answer to what was asked.
    pub(crate) const fn is_no_answer(self) -> bool {
        self.status >= 400 || self.plea.is_some()
    }

    /// Whether the venue wants nothing to do with this network.
    pub(crate) const fn is_blocked(self) -> bool {
        matches!(self.status, 403 | 451) && self.plea.is_none()
    }

    const fn is_hasty(self) -> bool {
        matches!(self.plea, Some(Plea::SlowDown { .. }))
    }

    /// What it is about.
    pub(crate) const fn cause(self) -> LinkCause {
        match self.status {
            _ if self.is_hasty() => LinkCause::RateLimited,
            _ if matches!(self.plea, Some(Plea::Maintenance)) => LinkCause::Maintenance,
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
            418 => format!("{who} has banned this network for a while (418)."),
            _ if self.is_hasty() || self.status == 429 => format!("{who} asks us to slow down."),
            _ if matches!(self.plea, Some(Plea::Maintenance)) => {
                format!("{who} is in maintenance, or has too much to do.")
            }
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
    fn a_plea_counts_whatever_the_status_and_is_no_matter_of_the_network() {
        let hasty = Some(Plea::SlowDown { pause: Some(Duration::from_secs(600)) });
        let refusal = refused(403, Some(1)).with(hasty);
        assert_eq!(refusal.pause(), Some(Duration::from_secs(600)), "the longer of both");
        assert_eq!(refusal.sentence("Bybit"), "Bybit asks us to slow down.");
        assert!(!refusal.is_blocked() && refusal.cause() == LinkCause::RateLimited);
        let refusal = refused(200, None).with(Some(Plea::SlowDown { pause: None }));
        assert_eq!((refusal.pause(), refusal.cause()), (Some(SLOW_DOWN), LinkCause::RateLimited));
        let busy = refused(200, None).with(Some(Plea::Maintenance));
        assert_eq!((busy.pause(), busy.cause()), (None, LinkCause::Maintenance));
        assert!(busy.is_passing() && busy.is_no_answer() && !refused(200, None).is_no_answer());
        assert_eq!(busy.sentence("OKX"), "OKX is in maintenance, or has too much to do.");
        assert!(refused(403, None).is_blocked());
    }
}
