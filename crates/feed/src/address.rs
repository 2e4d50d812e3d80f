//! Where we may connect to: encrypted anywhere, plain on this machine only.

use std::net::{IpAddr, SocketAddr};

use reqwest::Url;

/// An address that was taken apart and may be dialled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// The name or number, without brackets.
    pub host: String,
    /// The port; the scheme's own when the address has none.
    pub port: u16,
    /// Whether TLS is spoken.
    pub is_encrypted: bool,
}

/// Why an address is not dialled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AddressError {
    #[error("{0} is not an address; one looks like wss://host/path or https://host")]
    Unreadable(String),
    #[error("{0} is not encrypted; ws:// and http:// are for this machine (127.0.0.1) only")]
    Plain(String),
}

impl Address {
    /// Takes a `ws`, `wss`, `http` or `https` address apart.
    pub(crate) fn parse(text: &str) -> Result<Self, AddressError> {
        let unreadable = || AddressError::Unreadable(text.chars().take(256).collect());
        let url = Url::parse(text).map_err(|_| unreadable())?;
        let is_encrypted = match url.scheme() {
            "wss" | "https" => true,
            "ws" | "http" => false,
            _ => return Err(unreadable()),
        };
        let host = url.host_str().ok_or_else(unreadable)?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = url.port_or_known_default().ok_or_else(unreadable)?;
        let address = Self { host, port, is_encrypted };
        if !is_encrypted && !address.is_loopback() {
            return Err(AddressError::Plain(text.chars().take(256).collect()));
        }
        Ok(address)
    }

    /// Where a proxy is. What goes through it is encrypted for the venue, so that it may be anywhere.
    pub(crate) fn of_proxy(host: &str, port: u16) -> Self {
        Self { host: host.to_owned(), port, is_encrypted: true }
    }

    /// Whether this names our own machine.
    pub(crate) fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }

    /// Whether `resolved` may be dialled: a plain address must not leave the machine, whatever a name resolves to.
    pub(crate) fn allows(&self, resolved: &SocketAddr) -> bool {
        self.is_encrypted || resolved.ip().is_loopback()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_come_apart_into_host_and_port() {
        let parts = |text| {
            let address = Address::parse(text).unwrap();
            (address.host, address.port, address.is_encrypted)
        };
        assert_eq!(parts("wss://ws.kraken.com/v2"), ("ws.kraken.com".to_owned(), 443, true));
        assert_eq!(parts("wss://a.example:9443/ws"), ("a.example".to_owned(), 9_443, true));
        assert_eq!(parts("ws://[::1]:80/x"), ("::1".to_owned(), 80, false));
        assert_eq!(parts("http://127.8.9.1"), ("127.8.9.1".to_owned(), 80, false));
    }

    #[test]
    fn a_plain_address_is_for_this_machine_only() {
        for text in [
            "ws://ws.kraken.com/v2",
            "http://api.kraken.com",
            "ws://10.0.0.1/",
            "ws://localhost.example/",
            "ws://127.0.0.1.example/",
            "ws://127.0.0.1@evil.example/",
        ] {
            assert!(matches!(Address::parse(text), Err(AddressError::Plain(_))), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_in_words() {
        for text in ["", "kraken", "ftp://127.0.0.1/", "wss://", "file:///etc/passwd"] {
            let error = Address::parse(text).unwrap_err();
            assert!(error.to_string().contains("is not an address"), "{text}: {error}");
        }
    }

    #[test]
    fn a_plain_name_that_resolves_elsewhere_is_not_dialled() {
        let address = Address::parse("ws://localhost:1/").unwrap();
        assert!(address.allows(&"127.0.0.1:1".parse().unwrap()));
        assert!(!address.allows(&"192.0.2.1:1".parse().unwrap()));
    }
}
