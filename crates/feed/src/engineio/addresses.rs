//! Where a session is spoken to: one address as a WebSocket, one by HTTP.

use reqwest::Url;
use venues::EngineIoVersion;

use super::machine::Carrier;
use crate::address::AddressError;
use crate::link::received_at;

/// Where servers listen when the venue's address has no path.
const PATH: &str = "/socket.io/";

/// The addresses of a server, with all that a new session asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Addresses {
    websocket: Url,
    polling: Url,
}

impl Addresses {
    /// Both addresses from the WebSocket's, with or without its query.
    pub(super) fn parse(address: &str, version: EngineIoVersion) -> Result<Self, AddressError> {
        let unreadable = || AddressError::Unreadable(address.to_owned());
        let mut url = Url::parse(address).map_err(|_| unreadable())?;
        if url.path() == "/" {
            url.set_path(PATH);
        } else if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        let at = |scheme: &str, transport: &str| {
            let mut at = url.clone();
            at.set_scheme(scheme).map_err(|()| unreadable())?;
            let eio = match version {
                EngineIoVersion::V3 => "3",
                EngineIoVersion::V4 => "4",
            };
            let is_ours = |name: &str| matches!(name, "EIO" | "transport" | "sid" | "b64" | "t");
            let others = url.query_pairs().filter(|(name, _)| !is_ours(name));
            at.query_pairs_mut()
                .clear()
                .append_pair("EIO", eio)
                .append_pair("transport", transport)
                .extend_pairs(others);
            Ok(at)
        };
        let (ws, http) = match url.scheme() {
            "wss" | "https" => ("wss", "https"),
            "ws" | "http" => ("ws", "http"),
            _ => return Err(unreadable()),
        };
        let websocket = at(ws, "websocket")?;
        let mut polling = at(http, "polling")?;
        if version == EngineIoVersion::V3 {
            polling.query_pairs_mut().append_pair("b64", "1"); // Bytes as text, too.
        }
        Ok(Self { websocket, polling })
    }

    /// The address of a new session.
    pub(super) fn of(&self, carrier: Carrier) -> &str {
        match carrier {
            Carrier::WebSocket => self.websocket.as_str(),
            Carrier::Polling => self.polling.as_str(),
        }
    }

    /// The WebSocket of a session that exists.
    pub(super) fn websocket_of(&self, session: &str) -> String {
        with(&self.websocket, "sid", session).into()
    }

    /// Where to poll next, never twice the same, so that nobody on the way answers from memory.
    pub(super) fn poll(&self, session: Option<&str>) -> String {
        let once = with(&self.polling, "t", &format!("{:x}", received_at().nanos()));
        session.map_or_else(|| once.clone(), |session| with(&once, "sid", session)).into()
    }
}

fn with(url: &Url, name: &str, value: &str) -> Url {
    let mut url = url.clone();
    url.query_pairs_mut().append_pair(name, value);
    url
}

#[cfg(test)]
mod tests {
    use super::*;
    use EngineIoVersion::{V3, V4};

    #[test]
    fn both_addresses_follow_from_one() {
        for given in [
            "wss://stream.bitbank.cc",
            "wss://stream.bitbank.cc/socket.io",
            "wss://stream.bitbank.cc/socket.io/?EIO=4&transport=websocket",
            "https://stream.bitbank.cc/socket.io/?transport=polling&sid=old",
        ] {
            let at = Addresses::parse(given, V4).unwrap();
            let websocket = "wss://stream.bitbank.cc/socket.io/?EIO=4&transport=websocket";
            let polling = "https://stream.bitbank.cc/socket.io/?EIO=4&transport=polling";
            assert_eq!(at.of(Carrier::WebSocket), websocket);
            assert_eq!(at.of(Carrier::Polling), polling);
            assert_eq!(at.websocket_of("a"), format!("{websocket}&sid=a"));
            let poll = at.poll(Some("a"));
            assert!(poll.starts_with(polling) && poll.ends_with("&sid=a"), "{poll}");
        }
    }

    #[test]
    fn what_else_an_address_says_is_kept() {
        let at = Addresses::parse("ws://127.0.0.1:9/feed/?EIO=4&key=a%20b", V3).unwrap();
        let websocket = "ws://127.0.0.1:9/feed/?EIO=3&transport=websocket&key=a+b";
        assert_eq!(at.of(Carrier::WebSocket), websocket);
        let polling = "http://127.0.0.1:9/feed/?EIO=3&transport=polling&key=a+b&b64=1";
        assert_eq!(at.of(Carrier::Polling), polling);
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for given in ["", "stream.bitbank.cc", "ftp://stream.bitbank.cc"] {
            assert!(Addresses::parse(given, V4).is_err(), "{given}");
        }
    }
}
