//! A proxy that wants a login, and the login that a user gives it.

use feed::{LinkCause, LinkState, ProxyConfig};
use market::Secret;

use super::Live;
use crate::wire::ProxyLogin;

/// What a host does with logins at proxies.
#[derive(Clone, Copy, Debug)]
pub struct LoginTools {
    /// Keeps the login of this proxy where the next start finds it; may wait for the user. Where that cannot be, a
    /// sentence says so.
    pub keep: fn(&ProxyConfig) -> Result<(), String>,
}

/// How the proxy keeps us out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeptOut {
    /// It was given no login.
    Wanted,
    /// It refused the one it was given.
    Refused,
}

impl Live {
    /// The proxy that keeps us out until somebody logs in.
    pub fn proxy_login(&self) -> Option<ProxyLogin> {
        let (kept_out, proxy) = (self.kept_out?, self.config.proxy.as_ref()?);
        Some(ProxyLogin {
            place: proxy.place(),
            user: proxy.user().unwrap_or_default().to_owned(),
            is_refused: kept_out == KeptOut::Refused,
        })
    }

    /// Logs in at the proxy, on all links at once; gives the proxy as it is used now.
    ///
    /// # Errors
    /// A sentence, when there is no proxy or the login cannot be one.
    pub fn set_proxy_login(&mut self, user: &str, password: Secret) -> Result<ProxyConfig, String> {
        let proxy = self.config.proxy.as_ref().ok_or("No proxy is used.")?;
        let proxy = proxy.with_login(user, password);
        let proxy = proxy.map_err(|error| format!("This is no login: {error}."))?;
        self.config.proxy = Some(proxy.clone());
        self.kept_out = None;
        self.given = Some(proxy.clone());
        for line in self.lines.values() {
            line.use_proxy(&proxy);
        }
        Ok(proxy)
    }

    /// Asks the links whether the proxy keeps them out. Between two attempts they do not know, and what was last
    /// known counts. Gives a login that was given and is now proved to be right.
    pub fn look_after_login(&mut self) -> Option<ProxyConfig> {
        let all = || self.lines.values().flat_map(super::Line::logins);
        let is_told = |cause| all().any(|(_, trouble)| trouble == Some(cause));
        if is_told(LinkCause::ProxyRefusesPassword) {
            self.kept_out = Some(KeptOut::Refused);
        } else if is_told(LinkCause::ProxyWantsPassword) {
            self.kept_out = Some(KeptOut::Wanted);
        } else if all().any(|(state, _)| state == LinkState::Up) {
            self.kept_out = None;
            return self.given.take();
        }
        None
    }
}
