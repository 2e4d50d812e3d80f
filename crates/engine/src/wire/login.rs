//! A proxy that keeps us out, on the wire.

use serde::{Deserialize, Serialize};

wire! {
/// A proxy that wants to know who we are. Answered with
/// [`Command::SetProxyLogin`](super::Command::SetProxyLogin).
pub struct ProxyLogin {
    /// Where it is: `proxy.example:3128`.
    pub place: String,
    /// The name that was given so far, in the settings or in the last try; empty when there is none.
    pub user: String,
    /// Whether it has refused the login that was given last; else it was given none.
    pub is_refused: bool,
}
}
