//! A way through a proxy to a venue: HTTP CONNECT or SOCKS 5.

use std::future::{Ready, ready};
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::client::proxy::matcher::Intercept;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use tokio::net::{TcpStream, lookup_host};
use tokio_tungstenite::tungstenite::http::Uri;
use tower_service::Service;

use crate::address::Address;
use crate::dial::{ByteStream, encrypt};
use crate::fault::Fault;
use crate::proxy::{ProxyConfig, Speech};
use crate::report::LinkCause;

/// What a proxy did instead of opening the way.
#[derive(Debug)]
pub(crate) enum ProxyTrouble {
    /// Its name is not known.
    NoSuchName,
    /// Nobody took the connection, or not in time; why, in words.
    Unreachable(String),
    /// It asks who we are.
    WantsPassword,
    /// It does not believe who we say we are.
    RefusesPassword,
    /// It does not let us through to the venue; why, in words.
    Refuses(String),
    /// It does not speak as it should, or broke off.
    Broken(String),
}

impl ProxyTrouble {
    /// What it is about.
    pub(crate) const fn cause(&self) -> LinkCause {
        match self {
            Self::NoSuchName | Self::Unreachable(_) | Self::Broken(_) => LinkCause::Proxy,
            Self::WantsPassword => LinkCause::ProxyWantsPassword,
            Self::RefusesPassword => LinkCause::ProxyRefusesPassword,
            Self::Refuses(_) => LinkCause::ProxyRefused,
        }
    }

    /// It asks for a password: the first one, or another one.
    pub(crate) const fn no_entry(proxy: &ProxyConfig) -> Self {
        if proxy.has_password() { Self::RefusesPassword } else { Self::WantsPassword }
    }
}

/// Asks `proxy`, which took the connection `tcp`, for a way to `venue`.
pub(crate) async fn tunnel(
    (proxy, way): (&ProxyConfig, &Intercept),
    venue: &Address,
    tcp: TcpStream,
    tls: &Arc<ClientConfig>,
) -> Result<Box<dyn ByteStream>, Fault> {
    let stream: Box<dyn ByteStream> = match proxy.speech {
        Speech::Https => encrypt(tcp, &proxy.host, tls).await?,
        Speech::Http | Speech::Socks5 | Speech::Socks5h => Box::new(tcp),
    };
    let venue = destination(proxy.speech, venue).await?;
    let taken = Taken(Some(stream));
    let opened = match proxy.speech {
        Speech::Http | Speech::Https => {
            let mut tunnel = Tunnel::new(way.uri().clone(), taken);
            if let Some(login) = way.basic_auth() {
                tunnel = tunnel.with_auth(login.clone());
            }
            tunnel.call(venue).await.map_err(|error| error.to_string())
        }
        Speech::Socks5 | Speech::Socks5h => {
            let mut tunnel = SocksV5::new(way.uri().clone(), taken);
            if let Some((user, password)) = way.raw_auth() {
                tunnel = tunnel.with_auth(user.to_owned(), password.to_owned());
            }
            tunnel.call(venue).await.map_err(|error| error.to_string())
        }
    };
    opened.map(TokioIo::into_inner).map_err(|words| {
        let trouble = trouble(&words, proxy).unwrap_or(ProxyTrouble::Broken(words));
        Fault::Proxy { place: proxy.place(), trouble }
    })
}

/// What the proxy is asked for: a number where it is not to look names up.
async fn destination(speech: Speech, venue: &Address) -> Result<Uri, Fault> {
    let unknown = || Fault::NoSuchName(venue.host.clone());
    let number = venue.host.parse::<IpAddr>().ok();
    let number = match (speech, number) {
        (Speech::Socks5, None) => {
            let found = lookup_host((venue.host.as_str(), venue.port)).await;
            Some(found.map_err(|_| unknown())?.next().ok_or_else(unknown)?.ip())
        }
        (Speech::Socks5 | Speech::Socks5h | Speech::Http | Speech::Https, number) => number,
    };
    let host = match number {
        Some(IpAddr::V6(number)) => format!("[{number}]"),
        Some(IpAddr::V4(number)) => number.to_string(),
        None => venue.host.clone(),
    };
    format!("https://{host}:{}", venue.port).parse().map_err(|_| unknown())
}

/// What a word of the library about a proxy means; `None` when it is about something else. Its errors have no names
/// outside of it (0.1.21): their words are all that tells them apart, and tests hold them.
pub(crate) fn trouble(words: &str, proxy: &ProxyConfig) -> Option<ProxyTrouble> {
    if let Some(words) = words.strip_prefix("tunnel error: ") {
        return Some(match words {
            "proxy authorization required" => ProxyTrouble::no_entry(proxy),
            "unsuccessful" => ProxyTrouble::Refuses(String::new()),
            "failed to create underlying connection" => ProxyTrouble::Unreachable(String::new()),
            words => ProxyTrouble::Broken(words.to_owned()),
        });
    }
    Some(match words.strip_prefix("SOCKS error: ")? {
        "credentials not accepted" => ProxyTrouble::RefusesPassword,
        "server does not support user/pass authentication" if proxy.has_password() => {
            ProxyTrouble::Broken("it takes no password".to_owned())
        }
        "server does not support user/pass authentication" => ProxyTrouble::WantsPassword,
        "failed to create underlying connection" => ProxyTrouble::Unreachable(String::new()),
        words if words.starts_with("io error") => ProxyTrouble::Broken("it broke off".to_owned()),
        words if words.starts_with("failed") => ProxyTrouble::Broken(words.to_owned()),
        words => ProxyTrouble::Refuses(words.to_owned()),
    })
}

/// A connection that is there already, in the shape in which the library asks for one.
struct Taken(Option<Box<dyn ByteStream>>);

impl Service<Uri> for Taken {
    type Response = TokioIo<Box<dyn ByteStream>>;
    type Error = io::Error;
    type Future = Ready<io::Result<Self::Response>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        ready(self.0.take().map(TokioIo::new).ok_or_else(|| io::ErrorKind::NotConnected.into()))
    }
}
