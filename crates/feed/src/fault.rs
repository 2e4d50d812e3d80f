//! Why a link is closed or a request came to nothing, in words for the trader.

use std::error::Error;
use std::io;
use std::time::Duration;

use rustls::CertificateError;
use tokio_tungstenite::tungstenite;

use crate::address::AddressError;
use crate::patience::{MESSAGE_BYTES_MAX, Patience};
use crate::proxy::ProxyConfig;
use crate::refusal::Refusal;
use crate::report::LinkCause;
use crate::tunnel::{ProxyTrouble, trouble};

/// How the sentence ends that says of a link that we closed it ourselves.
const CLOSED_BY_US: &str = "was closed by us.";

/// Whether a link was closed by us, by the reason that stands on record.
pub fn is_closed_by_us(reason: &str) -> bool {
    reason.ends_with(CLOSED_BY_US)
}

/// What ended a connection, an attempt at one, or a request.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The address may not be dialled.
    Address(AddressError),
    /// The name is not known.
    NoSuchName(String),
    /// Nobody took the connection.
    Unreachable(io::Error),
    /// Nobody took the connection in time.
    ConnectTimeout(Duration),
    /// The certificate does not prove who answers.
    Certificate { host: String, error: CertificateError },
    /// TLS failed for another reason.
    Tls(String),
    /// TLS and upgrade took too long.
    UpgradeTimeout(Duration),
    /// The venue answered, and what it said is no.
    Refused(Refusal),
    /// The proxy at this place did not open the way.
    Proxy { place: String, trouble: ProxyTrouble },
    /// The venue closed, with its code and its reason.
    Closed(Option<(u16, String)>),
    /// The connection broke.
    Broken(String),
    /// A message or a body was larger than we take.
    TooLarge { what: &'static str, bytes_max: usize },
    /// What came is not a WebSocket.
    Nonsense(String),
    /// What came is not Engine.IO.
    NotEngineIo(String),
    /// The server does not let us into its namespace.
    NotAdmitted(String),
    /// Nothing was heard for this long.
    Silent(Duration),
    /// The ping or pong that was due did not come, whatever else did.
    NoHeartbeat(Duration),
    /// Nothing but pings was heard since we first asked.
    NoDatum(Duration),
    /// The venue did not take what we wrote.
    NotTaken(Duration),
    /// The venue will close soon: it said so, or the link has reached the age at which it does.
    Leaving,
    /// The venue takes nothing more that is asked on this connection.
    AskedOut,
    /// We poll, and need not any longer.
    WebSocketAgain,
    /// We were told to stop, or nobody listens to us.
    Stopped,
}

impl Fault {
    /// What it is about; `None` where it is no trouble.
    pub(crate) fn cause(&self) -> Option<LinkCause> {
        Some(match self {
            Self::Address(_) => LinkCause::Address,
            Self::NoSuchName(_) => LinkCause::NameNotFound,
            Self::Unreachable(_) | Self::ConnectTimeout(_) => LinkCause::Unreachable,
            Self::Certificate { .. } | Self::Tls(_) => LinkCause::Tls,
            Self::Refused(refusal) => refusal.cause(),
            Self::Proxy { trouble, .. } => trouble.cause(),
            Self::Closed(_) | Self::Broken(_) => LinkCause::Closed,
            Self::UpgradeTimeout(_)
            | Self::Silent(_)
            | Self::NoHeartbeat(_)
            | Self::NoDatum(_)
            | Self::NotTaken(_) => LinkCause::Silent,
            Self::TooLarge { .. }
            | Self::Nonsense(_)
            | Self::NotEngineIo(_)
            | Self::NotAdmitted(_) => LinkCause::Protocol,
            Self::AskedOut => LinkCause::RateLimited,
            Self::Leaving | Self::WebSocketAgain | Self::Stopped => return None,
        })
    }

    /// Whether somebody on the way refuses the connection in so many words, so that another attempt brings the same.
    pub(crate) const fn is_no(&self) -> bool {
        match self {
            Self::Refused(refusal) => refusal.is_blocked(),
            Self::Proxy { trouble, .. } => matches!(trouble, ProxyTrouble::Refuses(_)),
            _ => false,
        }
    }

    /// As one sentence about `who`, the venue.
    pub(crate) fn sentence(&self, who: &str) -> String {
        capital(self.words(who))
    }

    fn words(&self, who: &str) -> String {
        let silent = format!("{who} is not answering");
        match self {
            Self::Address(error) => format!("{error}."),
            Self::NoSuchName(host) => format!("{silent}: the name {host} was not found."),
            Self::Unreachable(error) => format!("{silent}: {}.", io_words(error)),
            Self::ConnectTimeout(limit) => {
                format!("{silent}: no connection within {}.", span(*limit))
            }
            Self::Certificate { host, error } => certificate_words(who, host, error),
            Self::Tls(error) => format!("No secure connection to {who}: {error}."),
            Self::UpgradeTimeout(limit) => {
                format!("{silent}: the handshake was not done within {}.", span(*limit))
            }
            Self::Refused(refusal) => refusal.words(who),
            Self::Proxy { place, trouble } => proxy_words(who, place, trouble),
            Self::Closed(None) => format!("{who} closed the connection."),
            Self::Closed(Some((code, reason))) if reason.is_empty() => {
                format!("{who} closed the connection ({code}).")
            }
            Self::Closed(Some((code, reason))) => {
                format!("{who} closed the connection ({code}: {}).", tame(reason))
            }
            Self::Broken(error) => format!("The connection to {who} broke: {error}."),
            Self::TooLarge { what, bytes_max } => {
                format!("{who} sent {what} larger than {} MiB.", bytes_max >> 20)
            }
            Self::Nonsense(error) => {
                format!("{who} does not speak WebSocket as it should: {}.", tame(error))
            }
            Self::NotEngineIo(error) => {
                format!("{who} does not speak Engine.IO as it should: {}.", tame(error))
            }
            Self::NotAdmitted(reason) => format!("{who} does not let us in: {}.", tame(reason)),
            Self::NoHeartbeat(limit) => {
                format!("{who} has sent no heartbeat for {}.", span(*limit))
            }
            Self::WebSocketAgain => {
                format!("The WebSocket to {who} can be opened again. Leaving HTTP polling.")
            }
            Self::Silent(limit) => format!("{who} has said nothing for {}.", span(*limit)),
            Self::NoDatum(limit) => {
                format!("{who} has sent nothing within {} of being asked.", span(*limit))
            }
            Self::NotTaken(limit) => {
                format!("{who} has not taken what we sent for {}.", span(*limit))
            }
            Self::AskedOut => {
                format!("{who} takes no more subscriptions on this connection. Opening another.")
            }
            Self::Leaving => format!("{who} is about to close this connection. Opening another."),
            Self::Stopped => format!("The connection to {who} {CLOSED_BY_US}"),
        }
    }

    /// The same trouble, had with the proxy at `place` on the way to it.
    pub(crate) fn of_proxy(self, place: String) -> Self {
        let trouble = match self {
            Self::NoSuchName(_) => ProxyTrouble::NoSuchName,
            Self::Unreachable(error) => ProxyTrouble::Unreachable(io_words(&error)),
            Self::ConnectTimeout(limit) => {
                ProxyTrouble::Unreachable(format!("no connection within {}", span(limit)))
            }
            other => return other,
        };
        Self::Proxy { place, trouble }
    }

    /// What an IO error on an open connection, or a failed handshake, means. `host` is whom we dialled.
    pub(crate) fn from_io(error: &io::Error, host: &str) -> Self {
        Self::from_tls(error, host).unwrap_or_else(|| Self::Broken(io_words(error)))
    }

    /// What a WebSocket error means.
    pub(crate) fn from_websocket(error: tungstenite::Error, host: &str) -> Self {
        use tungstenite::Error as E;
        match error {
            E::ConnectionClosed | E::AlreadyClosed => Self::Closed(None),
            E::Io(error) => Self::from_io(&error, host),
            E::Capacity(_) => Self::TooLarge { what: "a message", bytes_max: MESSAGE_BYTES_MAX },
            E::WriteBufferFull(_) => Self::Broken("it takes nothing more from us".to_owned()),
            E::Http(response) => {
                let after = response.headers().get("retry-after");
                let retry_after = after.and_then(|value| retry_after(value.to_str().ok()?));
                Self::Refused(Refusal::new(response.status().as_u16(), retry_after))
            }
            E::Protocol(tungstenite::error::ProtocolError::ResetWithoutClosingHandshake) => {
                Self::Broken("it ended without a goodbye".to_owned())
            }
            E::Protocol(error) => Self::Nonsense(error.to_string()),
            E::Utf8(_) => Self::Nonsense("a text message is not UTF-8".to_owned()),
            E::Tls(error) => Self::Tls(error.to_string()),
            E::AttackAttempt | E::Url(_) | E::HttpFormat(_) => Self::Nonsense(error.to_string()),
        }
    }

    /// What the error of a request to `host` means; through `proxy`, if there is one on the way.
    pub(crate) fn from_request(
        error: &reqwest::Error,
        host: &str,
        (proxy, patience): (Option<&ProxyConfig>, &Patience),
    ) -> Self {
        if let Some(fault) = Self::from_tls(error, host) {
            return fault;
        }
        if let Some(proxy) = proxy.filter(|_| error.is_connect()) {
            return Self::from_way(error, proxy, patience);
        }
        match find::<io::Error>(error) {
            _ if error.is_timeout() && error.is_connect() => Self::ConnectTimeout(patience.connect),
            _ if error.is_timeout() => Self::Silent(patience.answer_pause),
            Some(inner) if error.is_connect() => Self::Unreachable(copy(inner)),
            Some(inner) => Self::Broken(io_words(inner)),
            None => Self::Broken(tame(&innermost(error))),
        }
    }

    /// What it means that a request did not get as far as the venue.
    fn from_way(error: &reqwest::Error, proxy: &ProxyConfig, patience: &Patience) -> Self {
        let place = proxy.place();
        let io = find::<io::Error>(error);
        if error.is_timeout() {
            return Self::ConnectTimeout(patience.connect).of_proxy(place);
        }
        match (chain(error).find_map(|cause| trouble(&cause.to_string(), proxy)), io) {
            (Some(ProxyTrouble::Unreachable(_)) | None, Some(error)) => {
                Self::Unreachable(copy(error)).of_proxy(place)
            }
            (Some(trouble), _) => Self::Proxy { place, trouble },
            (None, None) => {
                Self::Proxy { place, trouble: ProxyTrouble::Unreachable(tame(&innermost(error))) }
            }
        }
    }

    /// A proxy that answered 407 in the venue's stead.
    pub(crate) fn asks_for_password(proxy: &ProxyConfig) -> Self {
        Self::Proxy { place: proxy.place(), trouble: ProxyTrouble::no_entry(proxy) }
    }

    /// A body above the cap.
    pub(crate) const fn body_too_large(bytes_max: usize) -> Self {
        Self::TooLarge { what: "a response", bytes_max }
    }

    fn from_tls(error: &(dyn Error + 'static), host: &str) -> Option<Self> {
        match find::<rustls::Error>(error)? {
            rustls::Error::InvalidCertificate(error) => {
                Some(Self::Certificate { host: host.to_owned(), error: error.clone() })
            }
            error => Some(Self::Tls(tame(&error.to_string()))),
        }
    }
}

/// What `Retry-After` says: whole seconds. A date is not believed, for the clocks may differ.
pub(crate) fn retry_after(value: &str) -> Option<Duration> {
    value.trim().parse().ok().map(Duration::from_secs)
}

/// A venue's text as data: at most 256 characters, without control characters and changes of direction.
pub(crate) fn tame(text: &str) -> String {
    let is_tame = |c: &char| {
        !c.is_control()
            && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().filter(is_tame).take(256).collect()
}

/// A limit as it is read: `25 s`, `1.5 s`.
fn span(limit: Duration) -> String {
    match (limit.as_secs(), limit.subsec_millis() / 100) {
        (0, _) => format!("{} ms", limit.as_millis()),
        (seconds, 0) => format!("{seconds} s"),
        (seconds, tenths) => format!("{seconds}.{tenths} s"),
    }
}

/// A sentence begins with a capital, also when it begins with "the simulated …".
pub(crate) fn capital(sentence: String) -> String {
    let mut chars = sentence.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => sentence,
    }
}

fn certificate_words(who: &str, host: &str, error: &CertificateError) -> String {
    let date = |time: &rustls::pki_types::UnixTime| {
        let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        let moment = market::Timestamp::from_millis(seconds.saturating_mul(1_000)).to_string();
        moment.chars().take(10).collect::<String>()
    };
    let clock = "Is this computer's clock right?";
    match error {
        CertificateError::ExpiredContext { not_after, .. } => {
            format!("The certificate of {host} ({who}) expired on {}. {clock}", date(not_after))
        }
        CertificateError::Expired => {
            format!("The certificate of {host} ({who}) has expired. {clock}")
        }
        CertificateError::NotValidYetContext { not_before, .. } => {
            let date = date(not_before);
            format!("The certificate of {host} ({who}) is not valid before {date}. {clock}")
        }
        CertificateError::NotValidForNameContext { presented, .. } => {
            let names = tame(&presented.join(", "));
            format!("The certificate shown for {host} ({who}) is for another name: {names}.")
        }
        CertificateError::NotValidForName => {
            format!("The certificate shown for {host} ({who}) is for another name.")
        }
        CertificateError::UnknownIssuer => format!(
            "The certificate of {host} ({who}) is signed by an authority that this system does not know."
        ),
        error => format!("The certificate of {host} ({who}) was refused: {error}."),
    }
}

fn proxy_words(who: &str, place: &str, trouble: &ProxyTrouble) -> String {
    let because = |why: &String| match why.as_str() {
        "" => String::new(),
        why => format!(": {}", tame(why)),
    };
    match trouble {
        ProxyTrouble::NoSuchName => format!("The name of the proxy {place} was not found."),
        ProxyTrouble::Unreachable(why) => {
            format!("The proxy {place} is not answering{}.", because(why))
        }
        ProxyTrouble::WantsPassword => format!(
            "The proxy {place} asks for a password. Put your name into its address, as in \
             http://name@{place}, and start Tapedeck again."
        ),
        ProxyTrouble::RefusesPassword => {
            format!("The proxy {place} does not accept this name and password.")
        }
        ProxyTrouble::Refuses(why) => {
            format!("The proxy {place} does not let us through to {who}{}.", because(why))
        }
        ProxyTrouble::Broken(why) => {
            format!("The proxy {place} does not speak as it should{}.", because(why))
        }
    }
}

fn io_words(error: &io::Error) -> String {
    use io::ErrorKind as K;
    match error.kind() {
        K::ConnectionRefused => "the connection was refused".to_owned(),
        K::ConnectionReset | K::BrokenPipe | K::ConnectionAborted => {
            "the other side dropped it".to_owned()
        }
        K::UnexpectedEof => "it ended without a goodbye".to_owned(),
        K::TimedOut => "nothing comes back any more".to_owned(),
        K::NetworkUnreachable | K::HostUnreachable => "there is no way to it".to_owned(),
        _ => tame(&error.to_string()),
    }
}

/// The first error of type `T` in a chain of causes.
fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    chain(error).find_map(|error| error.downcast_ref::<T>())
}

/// An error and its causes; also those inside IO errors, which hide theirs.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| {
        match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}

fn copy(error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), error.to_string())
}

fn innermost(error: &dyn Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_whole_seconds_or_nothing() {
        assert_eq!(retry_after(" 12 "), Some(Duration::from_secs(12)));
        assert_eq!(retry_after("Wed, 21 Oct 2026 07:28:00 GMT"), None);
        assert_eq!(retry_after("-1"), None);
    }

    #[test]
    fn a_venues_reason_cannot_disguise_itself() {
        let reason = format!("evil\u{202e}\n\u{7}{}", "x".repeat(1_000));
        let sentence = Fault::Closed(Some((1_001, reason))).sentence("Kraken");
        assert!(sentence.starts_with("Kraken closed the connection (1001: evilxxx"));
        assert!(sentence.chars().count() < 320);
    }
}
