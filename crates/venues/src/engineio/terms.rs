//! What a server states when a session begins.

use std::time::Duration;

use serde::Deserialize;

use super::EngineIoError;

/// The longest name of a session; servers use 20 characters.
const SESSION_BYTES_MAX: usize = 128;
/// A payload that any server takes (its own default is 1 MB) when it does not say.
const PAYLOAD_BYTES: usize = 100_000;
/// Nobody means to ping more often …
const SPAN_MIN: Duration = Duration::from_millis(10);
/// … or to wait for longer.
const SPAN_MAX: Duration = Duration::from_secs(600);

/// The terms of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Its name, fit for an address as it is.
    pub session: String,
    /// Between two pings.
    pub ping_interval: Duration,
    /// For the other side's answer, or beyond the interval for its ping.
    pub ping_timeout: Duration,
    /// Whether the session may go on over a WebSocket.
    pub upgrades_to_websocket: bool,
    /// The largest payload that the server takes.
    pub payload_bytes_max: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stated {
    sid: String,
    #[serde(default)]
    upgrades: Vec<String>,
    ping_interval: u64,
    ping_timeout: u64,
    max_payload: Option<u64>,
}

impl Terms {
    /// Reads the JSON of an open packet.
    ///
    /// # Errors
    ///
    /// [`EngineIoError::Terms`] when it is not JSON, states no session, interval or timeout, or a name that does not
    /// fit into an address.
    pub fn parse(json: &str) -> Result<Self, EngineIoError> {
        let stated: Stated = serde_json::from_str(json).map_err(|_| EngineIoError::Terms)?;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
        let n_bytes = stated.sid.len();
        if n_bytes == 0 || n_bytes > SESSION_BYTES_MAX || !stated.sid.bytes().all(is_plain) {
            return Err(EngineIoError::Terms);
        }
        let span = |millis| Duration::from_millis(millis).clamp(SPAN_MIN, SPAN_MAX);
        let payload = stated.max_payload.and_then(|bytes| usize::try_from(bytes).ok());
        Ok(Self {
            session: stated.sid,
            ping_interval: span(stated.ping_interval),
            ping_timeout: span(stated.ping_timeout),
            upgrades_to_websocket: stated.upgrades.iter().any(|name| name == "websocket"),
            payload_bytes_max: payload.unwrap_or(PAYLOAD_BYTES).min(PAYLOAD_BYTES),
        })
    }
}

/// Why a namespace was refused: version 4 says `{"message":"…"}`, version 3 a text; cleaned and cut.
pub fn connect_refusal(json: &str) -> String {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Refusal {
        Said { message: String },
        Text(String),
    }
    let words = match serde_json::from_str(json) {
        Ok(Refusal::Said { message } | Refusal::Text(message)) => message,
        Err(_) => json.to_owned(),
    };
    crate::text::words(&words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_terms_of_bitbank_and_bitflyer_are_read() {
        // As they are on the wire of both venues; the names are made up.
        let json = "{\"sid\":\"bDAf6vgk5xPau87WAA1u\",\"upgrades\":[],\"pingInterval\":25000,\
                    \"pingTimeout\":20000,\"maxPayload\":1000000}";
        let terms = Terms::parse(json).unwrap();
        assert_eq!(terms.session, "bDAf6vgk5xPau87WAA1u");
        assert_eq!(terms.ping_interval, Duration::from_secs(25));
        assert_eq!(terms.ping_timeout, Duration::from_secs(20));
        assert!(!terms.upgrades_to_websocket);
        assert_eq!(terms.payload_bytes_max, PAYLOAD_BYTES);
        let json = "{\"sid\":\"a\",\"upgrades\":[\"websocket\"],\"pingInterval\":15000,\
                    \"pingTimeout\":3000,\"maxPayload\":500}";
        let terms = Terms::parse(json).unwrap();
        assert!(terms.upgrades_to_websocket);
        assert_eq!(terms.payload_bytes_max, 500);
    }

    #[test]
    fn terms_that_cannot_be_kept_are_refused() {
        let with = |sid: &str, interval: &str| {
            format!("{{\"sid\":{sid},\"pingInterval\":{interval},\"pingTimeout\":1}}")
        };
        assert!(Terms::parse(&with("\"a\"", "1")).is_ok());
        let long = format!("\"{}\"", "a".repeat(SESSION_BYTES_MAX + 1));
        for (sid, interval) in [
            ("\"\"", "1"),
            ("\"a&b\"", "1"),
            ("7", "1"),
            (long.as_str(), "1"),
            ("\"a\"", "-1"),
            ("\"a\"", "\"1\""),
        ] {
            let json = with(sid, interval);
            assert_eq!(Terms::parse(&json), Err(EngineIoError::Terms), "{json}");
        }
        let hasty = Terms::parse(&with("\"a\"", "0")).unwrap();
        assert_eq!((hasty.ping_interval, hasty.ping_timeout), (SPAN_MIN, SPAN_MIN));
        let slow = Terms::parse(&with("\"a\"", "18446744073709551615")).unwrap();
        assert_eq!(slow.ping_interval, SPAN_MAX);
    }

    #[test]
    fn a_refusal_is_told_in_both_versions() {
        assert_eq!(connect_refusal("{\"message\":\"not here\"}"), "not here");
        assert_eq!(connect_refusal("\"Invalid namespace\""), "Invalid namespace");
        assert_eq!(connect_refusal("no JSON"), "no JSON");
    }
}
