//! Logins at a proxy: given, looked for, and kept, off the market's path.

use feed::ProxyConfig;
use market::Secret;

use crate::clock::wall_now;
use crate::run::RunLoop;

impl RunLoop {
    /// Tries a login at once; it is kept when the proxy has taken it.
    pub(crate) fn set_proxy_login(&mut self, user: &str, password: Secret) -> Result<(), String> {
        let live = self.live.as_mut().ok_or("There is no live session.")?;
        let proxy = live.set_proxy_login(user, password)?;
        self.go_out_through(&proxy);
        Ok(())
    }

    /// Looks for a login that the host has kept; that may take long.
    pub(crate) fn find_login(&self, proxy: ProxyConfig) {
        let (find, found) = (self.config.logins.find, self.kept_logins_sender.clone());
        tokio::task::spawn_blocking(move || {
            if found.blocking_send(find(&proxy)).is_err() {
                tracing::debug!("the deck closed before a login was found");
            }
        });
    }

    /// Uses the login that was kept; where none was, a user is asked.
    pub(crate) fn take_kept_login(&mut self, kept: Option<ProxyConfig>) {
        let is_used = self.live.as_mut().is_some_and(|live| live.take_kept_login(kept.as_ref()));
        if let Some(proxy) = kept.filter(|_| is_used) {
            self.go_out_through(&proxy);
        }
    }

    /// Sessions that come later, and those who go out beside this one, do so in the same way.
    fn go_out_through(&mut self, proxy: &ProxyConfig) {
        if let Some(live) = &mut self.config.live {
            live.proxy = Some(proxy.clone());
        }
        self.lobby.log_in(proxy, wall_now());
    }

    /// Keeps a login at a proxy where the host can; that may take long.
    pub(crate) fn keep_login(&self, proxy: ProxyConfig) {
        let (keep, told) = (self.config.logins.keep, self.told_sender.clone());
        tokio::task::spawn_blocking(move || {
            if let Err(sentence) = keep(&proxy)
                && told.blocking_send(sentence).is_err()
            {
                tracing::debug!("the deck closed before a login was kept");
            }
        });
    }
}
