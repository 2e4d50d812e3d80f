//! What the trouble of a link is about, in the words of the wire.

use serde::{Deserialize, Serialize};

wire! {
/// What the trouble of a link is about.
#[derive(Copy)]
#[serde(rename_all = "snake_case")]
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
}

impl From<feed::LinkCause> for LinkCause {
    fn from(cause: feed::LinkCause) -> Self {
        match cause {
            feed::LinkCause::Refused => Self::Refused,
            feed::LinkCause::RateLimited => Self::RateLimited,
            feed::LinkCause::Maintenance => Self::Maintenance,
            feed::LinkCause::Status => Self::Status,
            feed::LinkCause::NameNotFound => Self::NameNotFound,
            feed::LinkCause::Unreachable => Self::Unreachable,
            feed::LinkCause::Tls => Self::Tls,
            feed::LinkCause::Proxy => Self::Proxy,
            feed::LinkCause::ProxyRefused => Self::ProxyRefused,
            feed::LinkCause::ProxyWantsPassword => Self::ProxyWantsPassword,
            feed::LinkCause::ProxyRefusesPassword => Self::ProxyRefusesPassword,
            feed::LinkCause::Closed => Self::Closed,
            feed::LinkCause::Silent => Self::Silent,
            feed::LinkCause::Protocol => Self::Protocol,
            feed::LinkCause::Address => Self::Address,
        }
    }
}
