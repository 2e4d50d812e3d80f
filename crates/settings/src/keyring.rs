//! The door to the system's keyring: where a password is kept, which no file of ours ever holds.

use market::Secret;

/// The variable that holds the password of a proxy, for who starts Tapedeck without a terminal and without a keyring.
const PROXY_PASSWORD: &str = "TAPEDECK_PROXY_PASSWORD";

/// The keyring of this user, and in it the passwords that are ours.
///
/// Its calls may wait for the user, whom the system may ask to unlock it: not to be made where nothing may wait.
#[derive(Clone, Copy, Debug, Default)]
pub struct Keyring;

/// Why the keyring did not help.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// There is none, or it does not let us in.
    #[error("this system's keyring cannot be used: {0}")]
    Closed(String),
}

/// A password, and where it will be found next time.
#[derive(Debug)]
pub struct Found {
    /// The password; `None` when nobody knows it.
    pub password: Option<Secret>,
    /// Why it is not kept: it has to be given again at the next start.
    pub trouble: Option<KeyringError>,
}

impl Keyring {
    /// The password of a proxy: that of the environment, else the one kept, else what `ask` brings, which is kept then.
    pub fn proxy_password(self, proxy: &str, ask: impl FnOnce() -> Option<Secret>) -> Found {
        let given = std::env::var(PROXY_PASSWORD).ok().filter(|password| !password.is_empty());
        if let Some(password) = given {
            return Found { password: Some(Secret::new(password)), trouble: None };
        }
        match self.password(proxy) {
            Ok(Some(password)) => Found { password: Some(password), trouble: None },
            Ok(None) => self.asked(proxy, ask()),
            Err(trouble) => Found { password: ask(), trouble: Some(trouble) },
        }
    }

    /// A password that was just asked for, and is kept from now on.
    pub fn asked(self, proxy: &str, password: Option<Secret>) -> Found {
        let kept = password.as_ref().map_or(Ok(()), |password| self.keep(proxy, password));
        Found { password, trouble: kept.err() }
    }

    /// Keeps a login at a proxy: its password under the address with the user's name, and both under the one without,
    /// where [`login`](Self::login) finds it for a proxy that is given without a name.
    ///
    /// # Errors
    /// As [`password`](Self::password).
    pub fn keep_login(
        self,
        [with_name, without]: &[String; 2],
        (user, password): (&str, &Secret),
    ) -> Result<(), KeyringError> {
        self.keep(with_name, password)?;
        self.keep(without, &joined(user, password))
    }

    /// The login at a proxy whose address names no user; `None` when none is kept or the keyring cannot be used.
    pub fn login(self, proxy: &str) -> Option<(String, Secret)> {
        match self.password(proxy) {
            Ok(kept) => taken_apart(&kept?),
            // Whoever is asked for it then is told why it is not kept.
            Err(KeyringError::Closed(_)) => None,
        }
    }
}

/// A name cannot hold a colon (RFC 7617), a password can.
fn joined(user: &str, password: &Secret) -> Secret {
    Secret::new(format!("{user}:{}", password.reveal()))
}

fn taken_apart(login: &Secret) -> Option<(String, Secret)> {
    let (user, password) = login.reveal().split_once(':')?;
    Some((user.to_owned(), Secret::new(password.to_owned())))
}

#[cfg(feature = "keyring")]
impl Keyring {
    /// The password of an account; `None` when none is kept.
    ///
    /// # Errors
    /// When there is no keyring, or it does not let us in.
    pub fn password(self, account: &str) -> Result<Option<Secret>, KeyringError> {
        match entry(account).and_then(|entry| entry.get_password()) {
            Ok(password) => Ok(Some(Secret::new(password))),
            Err(keyring::Error::NoEntry) => Ok(None),
            Err(error) => Err(closed(&error)),
        }
    }

    /// Keeps the password of an account, in place of the one kept before.
    ///
    /// # Errors
    /// As [`password`](Self::password).
    pub fn keep(self, account: &str, password: &Secret) -> Result<(), KeyringError> {
        let kept = entry(account).and_then(|entry| entry.set_password(password.reveal()));
        kept.map_err(|error| closed(&error))
    }
}

#[cfg(feature = "keyring")]
fn entry(account: &str) -> keyring::Result<keyring::Entry> {
    keyring::Entry::new(crate::IDENTIFIER, account)
}

/// In words of ours where an error of the library could hold what was found.
#[cfg(feature = "keyring")]
fn closed(error: &keyring::Error) -> KeyringError {
    use keyring::Error as E;
    KeyringError::Closed(match error {
        E::NoDefaultStore => "there is none".to_owned(),
        E::BadEncoding(_) | E::BadDataFormat(..) => "what it holds is no password".to_owned(),
        E::Ambiguous(_) => "it holds several passwords for this account".to_owned(),
        error => error.to_string(),
    })
}

#[cfg(not(feature = "keyring"))]
impl Keyring {
    /// The password of an account; in this build always an error.
    ///
    /// # Errors
    /// This program was built without a keyring.
    pub fn password(self, _account: &str) -> Result<Option<Secret>, KeyringError> {
        Err(KeyringError::Closed("Tapedeck was built without it".to_owned()))
    }

    /// Keeps the password of an account; in this build always an error.
    ///
    /// # Errors
    /// This program was built without a keyring.
    pub fn keep(self, _account: &str, _password: &Secret) -> Result<(), KeyringError> {
        Err(KeyringError::Closed("Tapedeck was built without it".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_that_is_kept_as_one_comes_apart_at_the_first_colon() {
        let password = Secret::new("s3:cr:et".to_owned());
        let (user, found) = taken_apart(&joined("ann", &password)).unwrap();
        assert_eq!((user.as_str(), &found), ("ann", &password));
        assert!(taken_apart(&Secret::new("no login".to_owned())).is_none());
    }
}
