//! A proxy that wants a login: the one that is kept, or the one that a user gives it.

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
    /// The login that was kept for this proxy, which was given without one; may wait for the user. `None` where none
    /// is.
    pub find: fn(&ProxyConfig) -> Option<ProxyConfig>,
}

/// How the proxy keeps us out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeptOut {
    /// It was given no login.
    Wanted,
    /// It refused the one it was given.
    Refused,
}

/// What a session knows of its proxy and the logins there.
#[derive(Debug, Default)]
pub(super) struct Logins {
    /// How it keeps us out, as far as is known.
    kept_out: Option<KeptOut>,
    /// A login that was given and is not proved to be right.
    given: Option<ProxyConfig>,
    kept: Kept,
}

/// Whether a login was looked for that is kept. Nobody is asked for one meanwhile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kept {
    #[default]
    NotLookedFor,
    LookedFor,
    Known,
}

/// What is to be done about a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoginTask {
    /// It was given, and has been proved to be right.
    Keep(ProxyConfig),
    /// One is wanted, and may be kept.
    Find(ProxyConfig),
}

/// What those tell of the proxy who go out beside the session's links.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// How it keeps them out.
    pub trouble: Option<LinkCause>,
    /// Whether it has let somebody through.
    pub is_through: bool,
}

impl Live {
    /// The proxy that keeps us out until somebody logs in.
    pub fn proxy_login(&self) -> Option<ProxyLogin> {
        let (kept_out, proxy) = (self.logins.kept_out?, self.config.proxy.as_ref()?);
        // The one that is kept may be right.
        if kept_out == KeptOut::Wanted && self.logins.kept != Kept::Known {
            return None;
        }
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
        self.log_in(&proxy);
        self.logins.given = Some(proxy.clone());
        Ok(proxy)
    }

    /// Takes the login that was kept, or that none is; whether there is one to be used.
    pub fn take_kept_login(&mut self, found: Option<&ProxyConfig>) -> bool {
        self.logins.kept = Kept::Known;
        // A user may have been quicker.
        let is_wanted = self.logins.kept_out == Some(KeptOut::Wanted);
        let Some(proxy) = found.filter(|_| is_wanted) else { return false };
        self.log_in(proxy);
        true
    }

    fn log_in(&mut self, proxy: &ProxyConfig) {
        self.config.proxy = Some(proxy.clone());
        self.logins.kept_out = None;
        for line in self.lines.values() {
            line.use_proxy(proxy);
        }
    }

    /// Asks the links, and those `beside` them, whether the proxy keeps them out. Between two attempts they do not
    /// know, and what was last known counts.
    pub fn look_after_login(&mut self, beside: Beside) -> Option<LoginTask> {
        let proxy = self.config.proxy.clone()?;
        let all = || self.lines.values().flat_map(super::Line::logins);
        let is_told = |cause| {
            beside.trouble == Some(cause) || all().any(|(_, trouble)| trouble == Some(cause))
        };
        // What is reached without the proxy says nothing of it.
        let is_through = |report: &feed::LinkReport| {
            report.state == LinkState::Up && proxy.is_for(&report.address)
        };
        if is_told(LinkCause::ProxyRefusesPassword) {
            self.logins.kept_out = Some(KeptOut::Refused);
        } else if is_told(LinkCause::ProxyWantsPassword) {
            self.logins.kept_out = Some(KeptOut::Wanted);
            if self.logins.kept == Kept::NotLookedFor {
                self.logins.kept = Kept::LookedFor;
                return Some(LoginTask::Find(proxy));
            }
        } else if beside.is_through || all().any(|(report, _)| is_through(&report)) {
            self.logins.kept_out = None;
            return self.logins.given.take().map(LoginTask::Keep);
        }
        None
    }
}
