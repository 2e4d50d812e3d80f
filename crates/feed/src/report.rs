//! What a link says of itself: for the status bar, beside the packets.

use std::time::Duration;

use market::Timestamp;

/// Where a link stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// Being opened.
    Connecting,
    /// Open, and the venue is talking.
    Up,
    /// Closed because nothing was heard; about to be opened again.
    Silent,
    /// Closed; about to be opened again at [`LinkReport::retry_at`], or for good when that is `None`.
    Down,
}

/// What a link's trouble is about, so that nobody has to read its sentence in order to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkCause {
    /// The venue wants nothing to do with this network: 403, 451.
    Refused,
    /// The venue asks us to slow down, or has banned us for a while: 429, 418.
    RateLimited,
    /// The venue is in maintenance, or has too much to do: 503.
    Maintenance,
    /// The venue answers with another status than it should.
    Status,
    /// The venue's name is not known.
    NameNotFound,
    /// Nobody takes the connection.
    Unreachable,
    /// Who answers is not proven to be the venue.
    Tls,
    /// The proxy cannot be reached, or does not speak as it should.
    Proxy,
    /// The proxy does not let us through to the venue.
    ProxyRefused,
    /// The proxy asks for a password.
    ProxyWantsPassword,
    /// The proxy does not accept the password.
    ProxyRefusesPassword,
    /// The connection was closed, or broke.
    Closed,
    /// The venue says nothing, or takes nothing.
    Silent,
    /// The venue does not speak as it should.
    Protocol,
    /// The address cannot be used.
    Address,
}

impl LinkCause {
    /// Whether a login at the proxy would help.
    pub const fn is_about_login(self) -> bool {
        matches!(self, Self::ProxyWantsPassword | Self::ProxyRefusesPassword)
    }
}

/// How a venue is heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// Over its WebSocket.
    #[default]
    WebSocket,
    /// By HTTP, since WebSockets are blocked.
    Polling {
        /// How often all is asked for.
        every: Duration,
    },
    /// Over a session of Engine.IO by HTTP long-polling, since its WebSocket is blocked; nothing comes later for it.
    LongPolling,
}

/// The state of a link in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkReport {
    /// Where it stands.
    pub state: LinkState,
    /// Why, as one sentence without a countdown; [`told`](Self::told) adds it.
    pub sentence: String,
    /// What the trouble is about; `None` while there is none.
    pub cause: Option<LinkCause>,
    /// When the next attempt, or while [`LinkState::Up`] the next request, will be made.
    pub retry_at: Option<Timestamp>,
    /// The WebSocket's address.
    pub address: String,
    /// How the venue is heard, or is about to be.
    pub transport: Transport,
}

impl LinkReport {
    /// The sentence and the countdown at the moment `now`.
    pub fn told(&self, now: Timestamp) -> String {
        let Some(retry_at) = self.retry_at else { return self.sentence.clone() };
        let nanos = u64::try_from(retry_at.nanos_since(now)).unwrap_or(0);
        let seconds = nanos.div_ceil(1_000_000_000);
        match self.state {
            LinkState::Up => format!("{} Next request in {seconds} s.", self.sentence),
            LinkState::Connecting | LinkState::Silent | LinkState::Down => {
                format!("{} Trying again in {seconds} s.", self.sentence)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(state: LinkState, sentence: &str, retry_at: Option<i64>) -> LinkReport {
        let retry_at = retry_at.map(Timestamp::from_millis);
        let (address, transport) = (String::new(), Transport::WebSocket);
        LinkReport {
            state,
            sentence: sentence.to_owned(),
            cause: None,
            retry_at,
            address,
            transport,
        }
    }

    #[test]
    fn a_countdown_is_told_in_whole_seconds() {
        let now = Timestamp::from_millis(10_000);
        let down = report(LinkState::Down, "Binance is not answering.", Some(13_200));
        assert_eq!(down.told(now), "Binance is not answering. Trying again in 4 s.");
        let slow = report(LinkState::Up, "Bybit asks us to slow down.", Some(22_000));
        assert_eq!(slow.told(now), "Bybit asks us to slow down. Next request in 12 s.");
    }

    #[test]
    fn without_another_attempt_there_is_no_countdown() {
        let done = report(LinkState::Down, "Closed by us.", None);
        assert_eq!(done.told(Timestamp::from_millis(1)), "Closed by us.");
    }
}
