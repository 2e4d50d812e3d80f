//! The proxy through which we go out: from a setting or from the environment, and for whom it is.

use std::fmt;

use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use market::Secret;
use percent_encoding::percent_decode_str;
use reqwest::Url;
use tokio_tungstenite::tungstenite::http::Uri;

use crate::address::Address;

/// The setting that means: no proxy.
const NONE: &str = "none";

/// What is said to a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speech {
    /// HTTP CONNECT.
    Http,
    /// HTTP CONNECT to a proxy that is itself spoken to over TLS.
    Https,
    /// SOCKS 5 with addresses that we look up.
    Socks5,
    /// SOCKS 5 with names that the proxy looks up.
    Socks5h,
}

/// A proxy, and how one logs in there. The password never shows in what is printed of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyConfig {
    pub(crate) speech: Speech,
    pub(crate) host: String,
    pub(crate) port: u16,
    user: Option<String>,
    password: Option<Secret>,
    /// Who is reached without it, as `NO_PROXY` says.
    except: String,
    loopback: Loopback,
}

/// Whether what is on this machine is reached through the proxy too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loopback {
    Direct,
    Proxied,
}

/// Why an address names no proxy. The address itself is not repeated, since it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProxyError {
    /// It cannot be taken apart.
    #[error("the proxy is no address; one looks like http://host:3128 or socks5://name@host:1080")]
    Unreadable,
    /// Nothing that we speak.
    #[error("the proxy is of a kind that is not known; known are http, https, socks5, socks5h")]
    Unknown,
    /// A file that holds it would hold the password as well.
    #[error(
        "the proxy in the settings holds a password; leave only the user's name there: \
         the password is asked for, and kept in the system's keyring"
    )]
    HoldsPassword,
}

/// Bytes of a name or a password that SOCKS 5 can carry (RFC 1929).
const LOGIN_BYTES_MAX: usize = 255;

/// Why a login is none. It is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoginError {
    /// Nobody.
    #[error("a login needs a name")]
    NoName,
    /// It would end the name (RFC 7617).
    #[error("a name at a proxy cannot hold a colon")]
    Colon,
    /// It cannot be sent.
    #[error("a name or a password at a proxy has at most {LOGIN_BYTES_MAX} bytes")]
    TooLong,
}

impl ProxyConfig {
    /// The proxy of an address: `http://host:3128`, `socks5h://name:password@host`. Without a scheme it is `http`.
    ///
    /// # Errors
    /// When it is no address or no proxy that we speak with.
    pub fn parse(text: &str) -> Result<Self, ProxyError> {
        let text = text.trim();
        let url = if text.contains("://") {
            Url::parse(text)
        } else {
            Url::parse(&format!("http://{text}"))
        };
        let url = url.map_err(|_| ProxyError::Unreadable)?;
        let (speech, port) = match url.scheme() {
            "http" => (Speech::Http, 80),
            "https" => (Speech::Https, 443),
            "socks5" => (Speech::Socks5, 1_080),
            "socks5h" => (Speech::Socks5h, 1_080),
            _ => return Err(ProxyError::Unknown),
        };
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(ProxyError::Unreadable)?;
        let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        Ok(Self {
            speech,
            host: host.trim_start_matches('[').trim_end_matches(']').to_owned(),
            port: url.port().unwrap_or(port),
            user: Some(plain(url.username())).filter(|user| !user.is_empty()),
            password: url.password().map(|password| Secret::new(plain(password))),
            except: String::new(),
            loopback: Loopback::Direct,
        })
    }

    /// The proxy to use: that of the settings, else that of the environment, which `variable` reads. A setting of
    /// `none` means that there is none, whatever the environment says.
    ///
    /// # Errors
    /// As [`of_setting`](Self::of_setting) and [`of_environment`](Self::of_environment).
    pub fn chosen(
        setting: Option<&str>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, ProxyError> {
        match setting.map(str::trim).filter(|setting| !setting.is_empty()) {
            Some(NONE) => Ok(None),
            Some(setting) => Self::of_setting(setting).map(Some),
            None => Self::of_environment(variable),
        }
    }

    /// The proxy of a file of settings, which must not hold a password.
    ///
    /// # Errors
    /// As [`parse`](Self::parse), and when there is a password in it.
    pub fn of_setting(text: &str) -> Result<Self, ProxyError> {
        let proxy = Self::parse(text)?;
        if proxy.password.is_some() { Err(ProxyError::HoldsPassword) } else { Ok(proxy) }
    }

    /// The proxy that the environment names: `HTTPS_PROXY`, else `ALL_PROXY`, except for whom `NO_PROXY` names; each
    /// in either case. `variable` reads the environment.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn of_environment(
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, ProxyError> {
        let first = |names: [&str; 2]| {
            names.into_iter().filter_map(&variable).find(|value| !value.trim().is_empty())
        };
        let named =
            first(["HTTPS_PROXY", "https_proxy"]).or_else(|| first(["ALL_PROXY", "all_proxy"]));
        let Some(named) = named else { return Ok(None) };
        let except = first(["NO_PROXY", "no_proxy"]).unwrap_or_default();
        Ok(Some(Self { except, ..Self::parse(&named)? }))
    }

    /// Whether it has a user but no password yet.
    pub fn wants_password(&self) -> bool {
        self.user.is_some() && self.password.is_none()
    }

    /// The same proxy, with this password.
    pub fn with_password(self, password: Secret) -> Self {
        Self { password: Some(password), ..self }
    }

    /// The same proxy, with this login in place of the one that it had.
    ///
    /// # Errors
    /// When no proxy could be told it.
    pub fn with_login(&self, user: &str, password: Secret) -> Result<Self, LoginError> {
        if user.is_empty() {
            return Err(LoginError::NoName);
        }
        if user.contains(':') {
            return Err(LoginError::Colon);
        }
        if user.len().max(password.reveal().len()) > LOGIN_BYTES_MAX {
            return Err(LoginError::TooLong);
        }
        Ok(Self { user: Some(user.to_owned()), password: Some(password), ..self.clone() })
    }

    /// Who logs in there; `None` when nobody does.
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// The password, for those who keep it.
    pub const fn password(&self) -> Option<&Secret> {
        self.password.as_ref()
    }

    /// The same proxy, also for what is on this machine: for tests.
    #[doc(hidden)]
    pub fn for_loopback_too(self) -> Self {
        Self { loopback: Loopback::Proxied, ..self }
    }

    /// Whether what is at this address is reached through it.
    pub fn is_for(&self, address: &str) -> bool {
        Address::parse(address).is_ok_and(|address| self.way_to(&address).is_some())
    }

    /// Its address without a login: what a login is kept under that is found by the proxy alone.
    pub fn without_login(&self) -> Self {
        Self { user: None, password: None, ..self.clone() }
    }

    /// Where it is, as `host:port`.
    pub fn place(&self) -> String {
        let brackets = if self.host.contains(':') { ["[", "]"] } else { ["", ""] };
        format!("{}{}{}:{}", brackets[0], self.host, brackets[1], self.port)
    }

    /// Whether a password is sent to it.
    pub(crate) const fn has_password(&self) -> bool {
        self.password.is_some()
    }

    /// The way to an address through it; `None` when that is reached without it.
    pub(crate) fn way_to(&self, address: &Address) -> Option<Intercept> {
        if address.is_loopback() && self.loopback == Loopback::Direct {
            return None;
        }
        let host = &address.host;
        let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
        let venue = format!("https://{host}:{}", address.port).parse::<Uri>().ok()?;
        let matcher = Matcher::builder().all(self.url().to_string()).no(self.except.clone());
        matcher.build().intercept(&venue)
    }

    /// Its whole address, with the password: for those only who dial it.
    pub(crate) fn url(&self) -> Url {
        let mut url = Url::parse(&format!("{}://{}", self.speech, self.place()))
            .expect("scheme, host and port were taken from an address");
        if let Some(user) = &self.user {
            let password = self.password.as_ref().map(Secret::reveal);
            url.set_username(user).expect("an address with a host has room for a user");
            url.set_password(password).expect("and for a password");
        }
        url
    }
}

/// The address with the user's name and without the password: what it is called in a keyring.
impl fmt::Display for ProxyConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = Self { password: None, ..self.clone() }.url();
        formatter.write_str(url.as_str().trim_end_matches('/'))
    }
}

impl fmt::Display for Speech {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Socks5 => "socks5",
            Self::Socks5h => "socks5h",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> ProxyConfig {
        ProxyConfig::parse(text).unwrap()
    }

    fn is_for(proxy: &ProxyConfig, venue: &str) -> bool {
        proxy.way_to(&Address::parse(venue).unwrap()).is_some()
    }

    #[test]
    fn addresses_of_proxies_come_apart() {
        for (text, told) in [
            ("proxy.example:3128", "http://proxy.example:3128"),
            ("http://proxy.example", "http://proxy.example"),
            ("https://proxy.example:8443/", "https://proxy.example:8443"),
            ("socks5://proxy.example", "socks5://proxy.example:1080"),
            ("socks5h://ann@[::1]:9", "socks5h://ann@[::1]:9"),
            ("http://ann:s3cret@proxy.example:3128", "http://ann@proxy.example:3128"),
        ] {
            assert_eq!(parse(text).to_string(), told, "{text}");
        }
        let proxy = parse("socks5://an%40n:s%3Acret@proxy.example");
        assert_eq!(proxy.user.as_deref(), Some("an@n"));
        assert_eq!(proxy.password, Some(Secret::new("s:cret".to_owned())));
        assert_eq!(proxy.place(), "proxy.example:1080");
    }

    #[test]
    fn what_is_no_proxy_is_told_without_repeating_it() {
        assert_eq!(ProxyConfig::parse("http://"), Err(ProxyError::Unreadable));
        assert_eq!(ProxyConfig::parse("ftp://ann:s3cret@a"), Err(ProxyError::Unknown));
        let held = ProxyConfig::of_setting("http://ann:s3cret@a").unwrap_err();
        assert_eq!(held, ProxyError::HoldsPassword);
        for error in [ProxyError::Unreadable, ProxyError::Unknown, held] {
            assert!(!format!("{error} {error:?}").contains("s3cret"));
        }
    }

    #[test]
    fn a_password_shows_nowhere() {
        let proxy = parse("http://ann@a").with_password(Secret::new("s3cret".to_owned()));
        assert!(!format!("{proxy} {proxy:?} {}", proxy.place()).contains("s3cret"));
        assert!(proxy.url().as_str().contains("s3cret"), "but it is sent");
    }

    #[test]
    fn a_login_that_no_proxy_can_be_told_is_refused_without_repeating_it() {
        let secret = |text: &str| Secret::new(text.to_owned());
        let proxy = parse("socks5://bob@a:1");
        let other = proxy.with_login("an\u{e4}", secret("p@ss:w\u{f6}rd")).unwrap();
        assert_eq!(other.user(), Some("an\u{e4}"));
        assert_eq!((other.place(), other.wants_password()), ("a:1".to_owned(), false));
        assert_eq!(parse(other.url().as_str()), other, "it arrives as it was given");
        for (user, password, error) in [
            ("", "s3cret", LoginError::NoName),
            ("a:b", "s3cret", LoginError::Colon),
            ("ann", &"s3cret".repeat(43), LoginError::TooLong),
        ] {
            assert_eq!(proxy.with_login(user, secret(password)), Err(error));
            assert!(!format!("{error} {error:?}").contains("s3cret"));
        }
    }

    #[test]
    fn the_environment_is_read_in_its_order_and_in_either_case() {
        let read = |pairs: &'static [(&str, &str)]| {
            ProxyConfig::of_environment(|name| {
                pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
            })
        };
        let told = |pairs| read(pairs).unwrap().map(|proxy| proxy.to_string());
        assert_eq!(told(&[]), None);
        assert_eq!(told(&[("HTTPS_PROXY", ""), ("all_proxy", "b:1")]).unwrap(), "http://b:1");
        let both = &[("https_proxy", "socks5://a:1"), ("ALL_PROXY", "b:1")];
        assert_eq!(told(both).unwrap(), "socks5://a:1");
        assert_eq!(read(&[("ALL_PROXY", "gopher://a")]), Err(ProxyError::Unknown));
        let except = &[("HTTPS_PROXY", "a:1"), ("no_proxy", "kraken.com, 10.0.0.0/8")];
        let proxy = read(except).unwrap().unwrap();
        assert!(!is_for(&proxy, "wss://ws.kraken.com/v2") && !is_for(&proxy, "wss://10.1.2.3/"));
        assert!(is_for(&proxy, "wss://data-stream.binance.vision"));
    }

    #[test]
    fn a_setting_comes_before_the_environment() {
        let environment = |name: &str| (name == "ALL_PROXY").then(|| "b:1".to_owned());
        let chosen = |setting| ProxyConfig::chosen(setting, environment).unwrap();
        assert_eq!(chosen(Some("a:1")), Some(parse("a:1")));
        assert_eq!(chosen(Some(" none ")), None);
        assert_eq!(chosen(Some("")).map(|proxy| proxy.to_string()).as_deref(), Some("http://b:1"));
        assert_eq!(chosen(None).map(|proxy| proxy.to_string()).as_deref(), Some("http://b:1"));
    }

    #[test]
    fn this_machine_is_reached_without_a_proxy() {
        let proxy = parse("http://a:1");
        for venue in ["ws://127.0.0.1:9/", "wss://localhost:9/", "wss://[::1]:9/"] {
            assert!(!is_for(&proxy, venue), "{venue}");
            assert!(is_for(&proxy.clone().for_loopback_too(), venue), "{venue}");
        }
        assert!(is_for(&proxy, "wss://[2001:db8::1]:9/"));
    }
}
