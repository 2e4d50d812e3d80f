//! Who may come in.

use axum::http::{HeaderMap, StatusCode, header};
use subtle::ConstantTimeEq;

/// Knows the port and the token of one start.
#[derive(Debug)]
pub struct Door {
    port: u16,
    token: String,
}

impl Door {
    /// The door of a server.
    pub fn new(port: u16, token: String) -> Self {
        Self { port, token }
    }

    /// Whether a request names this machine and, where a page sent it, that the page is ours.
    ///
    /// # Errors
    /// 403 for a foreign `Host` (a name that was made to point here) or a foreign `Origin`.
    pub fn admit(&self, headers: &HeaderMap) -> Result<(), StatusCode> {
        let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
        let is_ours = host.is_some_and(|host| self.hosts().iter().any(|ours| ours == host));
        if !is_ours {
            tracing::warn!(?host, "refused: a foreign Host");
            return Err(StatusCode::FORBIDDEN);
        }
        let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
        let origin = origin.to_str().unwrap_or_default();
        let is_own = self.hosts().iter().any(|ours| origin == format!("http://{ours}"));
        if !is_own {
            tracing::warn!(origin, "refused: a foreign Origin");
            return Err(StatusCode::FORBIDDEN);
        }
        Ok(())
    }

    /// Whether this is the token; takes the same time for any wrong one.
    pub fn knows(&self, token: &str) -> bool {
        self.token.as_bytes().ct_eq(token.as_bytes()).into()
    }

    fn hosts(&self) -> [String; 3] {
        let port = self.port;
        [format!("127.0.0.1:{port}"), format!("localhost:{port}"), format!("[::1]:{port}")]
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, header};

    use super::Door;

    fn admits(host: &str, origin: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        Door::new(4_000, "secret".to_owned()).admit(&headers).is_ok()
    }

    #[test]
    fn only_this_machine_s_names_and_our_own_pages_come_in() {
        assert!(admits("127.0.0.1:4000", None));
        assert!(admits("localhost:4000", Some("http://localhost:4000")));
        assert!(!admits("evil.example:4000", None));
        assert!(!admits("127.0.0.1:4001", None));
        assert!(!admits("127.0.0.1:4000", Some("http://evil.example")));
        assert!(!admits("127.0.0.1:4000", Some("null")));
    }

    #[test]
    fn only_the_whole_token_is_known() {
        let door = Door::new(1, "secret".to_owned());
        assert!(door.knows("secret"));
        for wrong in ["", "secre", "secrets", "Secret"] {
            assert!(!door.knows(wrong), "{wrong}");
        }
    }
}
