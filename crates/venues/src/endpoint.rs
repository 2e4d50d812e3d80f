//! Addresses: where a venue is spoken to, and whether it stands on this machine.

use std::net::{Ipv4Addr, Ipv6Addr};

use market::Venue;

use crate::EngineIoVersion;
use crate::list;

/// Where a venue is spoken to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// The WebSocket: for Binance the base of `/ws` and `/stream`, for Kraken complete with its path.
    pub ws: String,
    /// The base of REST requests: before `/api/v3`, before `/0/public`.
    pub rest: String,
}

impl Endpoints {
    /// The default of a venue that can be heard live; for the others empty addresses, which no
    /// [`Protocol`](crate::Protocol) takes.
    pub fn of(venue: Venue) -> Self {
        Self::all(venue).next().unwrap_or_else(|| Self::new("", ""))
    }

    /// Where else the venue can be heard, to be tried when the default cannot be reached.
    pub fn alternatives(venue: Venue) -> Vec<Self> {
        Self::all(venue).skip(1).collect()
    }

    fn all(venue: Venue) -> impl Iterator<Item = Self> {
        let pairs = list::entry(venue).map_or(&[][..], |entry| entry.endpoints);
        pairs.iter().map(|(ws, rest)| Self::new(ws, rest))
    }

    /// Whether the venue behind these addresses is simulated: its WebSocket is on this machine.
    pub fn is_simulated(&self) -> bool {
        is_loopback(&self.ws)
    }

    fn new(ws: &str, rest: &str) -> Self {
        Self { ws: ws.to_owned(), rest: rest.to_owned() }
    }
}

/// Why an address cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// The venue can only be replayed.
    #[error("{venue} cannot be heard live: it is read from captures only")]
    NotLive {
        /// The venue's name.
        venue: &'static str,
    },
    /// The venue is wherever its user runs it.
    #[error("{venue} has no address of its own; say where it is with --endpoint ws=URL")]
    NoAddress {
        /// The venue's name.
        venue: &'static str,
    },
    /// Not an address at all.
    #[error("'{address}' is no {expected} address: {reason}")]
    Malformed {
        /// The address as it was given, cleaned and cut.
        address: String,
        /// `WebSocket` or `REST`.
        expected: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Without encryption to another machine.
    #[error(
        "'{address}' is not encrypted: use {secure}://, since {plain}:// is for this machine only"
    )]
    Plain {
        /// The address as it was given, cleaned and cut.
        address: String,
        /// The scheme to use.
        secure: &'static str,
        /// The scheme that was given.
        plain: &'static str,
    },
    /// One address is on this machine, the other is not: a simulated book would be mended with a real one.
    #[error(
        "'{ws}' and '{rest}' must both be on this machine, or both not: override both addresses"
    )]
    Mixed {
        /// The WebSocket address.
        ws: String,
        /// The REST address.
        rest: String,
    },
}

/// Which kind of address is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    WebSocket,
    Rest,
    /// A WebSocket, or a server of Socket.IO: see [`socket_io`].
    Bridge,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::WebSocket => "WebSocket",
            Self::Rest => "REST",
            Self::Bridge => "bridge",
        }
    }

    /// The scheme with encryption, and the one without.
    fn schemes(self, given: &str) -> (&'static str, &'static str) {
        match self {
            Self::Bridge if given.starts_with("http") => ("https", "http"),
            Self::WebSocket | Self::Bridge => ("wss", "ws"),
            Self::Rest => ("https", "http"),
        }
    }

    /// Whether an address of this kind may have this query.
    fn allows(self, query: &str) -> bool {
        let is_known = |pair| matches!(pair, "EIO=3" | "EIO=4" | "transport=websocket");
        match self {
            Self::Bridge => query.contains("EIO=") && query.split('&').all(is_known),
            Self::WebSocket | Self::Rest => false,
        }
    }
}

/// The address without a slash at its end, if it may be used.
pub(crate) fn checked(address: &str, kind: Kind) -> Result<String, EndpointError> {
    let shown = crate::text::words(address);
    let malformed =
        |reason| EndpointError::Malformed { address: shown.clone(), expected: kind.name(), reason };
    let (scheme, rest) =
        address.split_once("://").ok_or_else(|| malformed("it does not begin with a scheme"))?;
    let (secure, plain) = kind.schemes(scheme);
    if address.chars().any(|char| char.is_whitespace() || char.is_control()) {
        return Err(malformed("it holds a space or a control character"));
    }
    let query = rest.split_once('?').map(|(_, query)| query);
    if rest.contains('#') || query.is_some_and(|query| !kind.allows(query)) {
        return Err(malformed("it holds a query or a fragment"));
    }
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = host(authority).ok_or_else(|| malformed("its host or port is not valid"))?;
    match scheme {
        _ if scheme == secure => {}
        _ if scheme == plain && is_loopback_host(host) => {}
        _ if scheme == plain => return Err(EndpointError::Plain { address: shown, secure, plain }),
        _ => return Err(malformed("its scheme is another one")),
    }
    Ok(address.trim_end_matches('/').to_owned())
}

/// Which version of Engine.IO is spoken at the address of a bridge; `None` where it is a plain WebSocket. Servers of
/// Socket.IO are told by `http://`, `https://`, or a query that names a version.
pub(crate) fn socket_io(address: &str) -> Option<EngineIoVersion> {
    match query_value(address, "EIO").as_deref() {
        Some("3") => Some(EngineIoVersion::V3),
        Some(_) => Some(EngineIoVersion::V4),
        None => address.starts_with("http").then_some(EngineIoVersion::V4),
    }
}

/// Whether an address names this machine: 127.0.0.0/8, ::1, or `localhost`.
pub fn is_loopback(address: &str) -> bool {
    host_of(address).is_some_and(is_loopback_host)
}

/// The host that an address names.
pub(crate) fn host_of(address: &str) -> Option<&str> {
    let (_, rest) = address.split_once("://")?;
    host(rest.split(['/', '?', '#']).next()?)
}

/// The host in `host`, `host:port`, `[::1]` or `[::1]:port`; `None` for anything else, user names included.
fn host(authority: &str) -> Option<&str> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, after) = rest.split_once(']')?;
            host.parse::<Ipv6Addr>().ok()?;
            (host, after.strip_prefix(':').or(after.is_empty().then_some("443"))?)
        }
        None => authority.split_once(':').unwrap_or((authority, "443")),
    };
    let is_port = port.bytes().all(|byte| byte.is_ascii_digit())
        && port.parse::<u16>().is_ok_and(|port| port > 0);
    let is_host = !host.is_empty() && !host.contains(['@', '\\', '%']);
    (is_port && is_host).then_some(host)
}

fn is_loopback_host(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
        || host.parse::<Ipv6Addr>().is_ok_and(|ip| ip.is_loopback())
}

/// An address up to its query.
pub(crate) fn path_of(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}

/// The last word of an address's path: by it most venues name what was asked for.
pub(crate) fn last_of_path(url: &str) -> &str {
    path_of(url).rsplit('/').next().unwrap_or_default()
}

/// The decoded value of a query's parameter.
pub(crate) fn query_value(url: &str, name: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    let query = query.split('#').next()?;
    query.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        (key == name).then(|| percent_decoded(value))
    })
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let hex =
            |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        match (first, after) {
            (b'%', [high, low, after @ ..]) if hex(*high).is_some() && hex(*low).is_some() => {
                let value = hex(*high).unwrap_or(0) * 16 + hex(*low).unwrap_or(0);
                bytes.push(value);
                rest = after;
            }
            (b'+', _) => {
                bytes.push(b' ');
                rest = after;
            }
            (byte, _) => {
                bytes.push(*byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A query's value as it must be written.
pub(crate) fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_addresses_are_for_this_machine_only() {
        for address in
            ["ws://127.0.0.1:9/v2", "ws://127.8.9.1", "ws://[::1]:80/x", "ws://localhost:1"]
        {
            assert_eq!(checked(address, Kind::WebSocket).as_deref(), Ok(address));
        }
        for address in [
            "ws://192.168.0.1",
            "ws://127.0.0.1.evil.com",
            "ws://localhost.evil.com",
            "ws://[::2]",
            "ws://2130706433",
            "ws://stream.binance.com:9443",
        ] {
            let refused = checked(address, Kind::WebSocket);
            assert!(matches!(refused, Err(EndpointError::Plain { .. })), "{address}: {refused:?}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_its_reason() {
        for address in [
            "",
            "example.com",
            "ftp://example.com",
            "wss://",
            "wss://:443",
            "wss://a:0",
            "wss://a:99999",
            "wss://user@example.com",
            "ws://127.0.0.1@example.com",
            "wss://a b",
            "wss://a?b",
            "wss://a#b",
            "https://api.binance.com",
            "wss://[::1",
            "wss://a:+1",
        ] {
            let refused = checked(address, Kind::WebSocket);
            assert!(
                matches!(refused, Err(EndpointError::Malformed { .. })),
                "{address}: {refused:?}"
            );
        }
    }

    #[test]
    fn the_sentence_for_a_plain_address_says_what_to_use() {
        let refused = checked("http://api.binance.com", Kind::Rest).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "'http://api.binance.com' is not encrypted: use https://, since http:// is for this machine only",
        );
    }

    #[test]
    fn the_address_of_a_bridge_says_whether_socket_io_is_spoken_there() {
        for (address, version) in [
            ("ws://127.0.0.1:9000/feed", None),
            ("wss://bridge.example", None),
            ("http://127.0.0.1:3000", Some(EngineIoVersion::V4)),
            ("https://bridge.example/socket.io/?EIO=4", Some(EngineIoVersion::V4)),
            ("http://127.0.0.1:3000/?EIO=3", Some(EngineIoVersion::V3)),
            ("ws://127.0.0.1:3000/socket.io/?EIO=4&transport=websocket", Some(EngineIoVersion::V4)),
        ] {
            let checked = checked(address, Kind::Bridge).unwrap();
            assert_eq!(socket_io(&checked), version, "{address}");
        }
        for address in [
            "http://bridge.example",
            "http://127.0.0.1/?key=1",
            "ftp://127.0.0.1",
            "http://a?EIO=5",
        ] {
            assert!(checked(address, Kind::Bridge).is_err(), "{address}");
        }
        assert!(checked("http://127.0.0.1:3000", Kind::WebSocket).is_err(), "of a venue");
    }

    #[test]
    fn a_slash_at_the_end_is_dropped() {
        assert_eq!(checked("https://a.b/", Kind::Rest).as_deref(), Ok("https://a.b"));
    }

    #[test]
    fn an_address_on_this_machine_is_simulated() {
        assert!(
            is_loopback("wss://LOCALHOST:80/x") && is_loopback("ws://127.3.2.1/stream?streams=a")
        );
        assert!(!is_loopback("wss://ws.kraken.com/v2") && !is_loopback("nothing"));
        assert!(!Endpoints::of(Venue::Binance).is_simulated());
    }

    #[test]
    fn a_query_value_survives_encoding() {
        let url = format!("https://a.b/c?limit=1&symbol={}", percent_encoded("币安人生 &=%USDT"));
        assert_eq!(query_value(&url, "symbol").as_deref(), Some("币安人生 &=%USDT"));
    }
}
