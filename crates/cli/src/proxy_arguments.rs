//! Arguments that say how to get out; the same in every command that does.

use crate::out::complain;
use std::io::{IsTerminal, stdin};

use anyhow::{Context, Result, bail};
use engine::{LoginTools, ProxyConfig};
use market::Secret;
use settings::Keyring;

/// What is done with a login that a screen gives while Tapedeck runs.
pub const LOGIN_TOOLS: LoginTools = LoginTools { keep, find };

/// How to get out.
#[derive(Debug, clap::Args)]
pub struct ProxyArguments {
    /// Go out through this proxy: http://HOST:PORT, socks5://NAME@HOST:PORT, or none. Without it, that of the settings
    /// or of the environment.
    #[arg(long, value_name = "URL")]
    proxy: Option<String>,
    /// Ask for the proxy's password again, in place of the one that is kept.
    #[arg(long)]
    ask_proxy_password: bool,
}

impl ProxyArguments {
    /// The proxy to use, with its password: the argument, else the setting, else the environment.
    ///
    /// # Errors
    /// When it is no proxy, or its password is not known and nobody is there to be asked.
    pub async fn chosen(&self, setting: Option<&str>) -> Result<Option<ProxyConfig>> {
        let proxy = match self.proxy.as_deref() {
            Some("none") => None,
            Some(given) => Some(ProxyConfig::parse(given)?),
            None => ProxyConfig::chosen(setting, |name| std::env::var(name).ok())?,
        };
        let Some(proxy) = proxy else { return Ok(None) };
        if !proxy.wants_password() {
            return Ok(Some(proxy));
        }
        let again = self.ask_proxy_password;
        // The keyring may wait for its user.
        tokio::task::spawn_blocking(move || with_password(proxy, again).map(Some))
            .await
            .context("the password could not be asked for")?
    }
}

fn with_password(proxy: ProxyConfig, again: bool) -> Result<ProxyConfig> {
    let (account, place) = (proxy.to_string(), proxy.place());
    let ask = || ask(&account);
    let found = match again {
        true => Keyring.asked(&account, ask()),
        false => Keyring.proxy_password(&account, ask),
    };
    let Some(password) = found.password else {
        bail!(
            "the proxy {place} needs a password; start in a terminal, where it is asked for, or \
             set TAPEDECK_PROXY_PASSWORD"
        );
    };
    if let Some(trouble) = found.trouble {
        complain!("tapedeck: the password is not kept: {trouble}");
    }
    Ok(proxy.with_password(password))
}

/// Asks on the terminal, without showing what is typed; `None` where there is none.
fn ask(account: &str) -> Option<Secret> {
    if !stdin().is_terminal() {
        return None;
    }
    match rpassword::prompt_password(format!("Password of the proxy {account}: ")) {
        Ok(password) => Some(Secret::new(password)),
        Err(error) => {
            complain!("tapedeck: the terminal could not be asked: {error}");
            None
        }
    }
}

fn keep(proxy: &ProxyConfig) -> Result<(), String> {
    let (Some(user), Some(password)) = (proxy.user(), proxy.password()) else { return Ok(()) };
    let places = [proxy.to_string(), proxy.without_login().to_string()];
    Keyring.keep_login(&places, (user, password)).map_err(|trouble| {
        format!("The proxy's password is kept only while Tapedeck runs: {trouble}.")
    })
}

fn find(proxy: &ProxyConfig) -> Option<ProxyConfig> {
    let (user, password) = Keyring.login(&proxy.without_login().to_string())?;
    proxy.with_login(&user, password).ok()
}
