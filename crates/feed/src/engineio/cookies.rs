//! The cookies of one session. A load balancer keeps a session with the server that opened it by one (`AWSALB`, `io`);
//! they are kept as long as the session, are sent to where they came from, and are never recorded.

use std::collections::BTreeMap;

use cookie::{Cookie, Expiration};
use market::Timestamp;
use tokio_tungstenite::tungstenite::http::HeaderValue;

/// Cookies of a session; load balancers use one or two.
const COOKIES_MAX: usize = 16;

/// The longest cookie with its name, as browsers have it.
const COOKIE_BYTES_MAX: usize = 4_096;

/// Names and values. All requests of a session go to one host and one path, so that neither needs to be compared.
#[derive(Default)]
pub(super) struct Cookies(BTreeMap<String, String>);

impl Cookies {
    /// Takes in what `Set-Cookie` said. What cannot be read, is too long or too much is left out.
    pub(super) fn take(&mut self, set: &[String], now: Timestamp) {
        for text in set.iter().filter(|text| text.len() <= COOKIE_BYTES_MAX) {
            let Ok(cookie) = Cookie::parse(text.as_str()) else { continue };
            if is_over(&cookie, now) {
                self.0.remove(cookie.name());
            } else if self.0.contains_key(cookie.name()) || self.0.len() < COOKIES_MAX {
                self.0.insert(cookie.name().to_owned(), cookie.value().to_owned());
            }
        }
    }

    /// What is sent with each request; `None` without cookies.
    pub(super) fn header(&self) -> Option<HeaderValue> {
        let pairs: Vec<String> =
            self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let header = HeaderValue::from_str(&pairs.join("; ")).ok()?;
        (!pairs.is_empty()).then(|| {
            let mut header = header;
            header.set_sensitive(true); // Whoever has it can speak in the session: no log shows it.
            header
        })
    }
}

/// Whether a cookie is set in order to be forgotten.
fn is_over(cookie: &Cookie<'_>, now: Timestamp) -> bool {
    if let Some(age) = cookie.max_age() {
        return age.whole_seconds() <= 0;
    }
    match cookie.expires() {
        Some(Expiration::DateTime(at)) => at.unix_timestamp() <= now.nanos() / 1_000_000_000,
        Some(Expiration::Session) | None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The header after each of the lists was taken in, in 2026.
    fn told(lists: &[&[&str]]) -> Option<String> {
        let now = Timestamp::from_millis(1_790_000_000_000);
        let mut cookies = Cookies::default();
        for list in lists {
            let list: Vec<String> = list.iter().map(|&text| text.to_owned()).collect();
            cookies.take(&list, now);
        }
        cookies.header().map(|header| header.to_str().unwrap().to_owned())
    }

    #[test]
    fn cookies_are_sent_back_with_name_and_value_alone() {
        assert_eq!(told(&[]), None);
        let set =
            ["io=abc; Path=/; HttpOnly", "AWSALB=x+y/z=; Expires=Fri, 31 Dec 2099 23:59:59 GMT"];
        assert_eq!(told(&[&set]).unwrap(), "AWSALB=x+y/z=; io=abc");
    }

    #[test]
    fn the_newest_value_counts_and_what_is_over_is_forgotten() {
        assert_eq!(told(&[&["io=a"], &["io=b"]]).unwrap(), "io=b");
        assert_eq!(told(&[&["io=a"], &["io=; Max-Age=0"]]), None);
        assert_eq!(told(&[&["io=a"], &["io=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"]]), None);
    }

    #[test]
    fn what_is_no_cookie_or_too_much_is_left_out() {
        let long = format!("a={}", "x".repeat(COOKIE_BYTES_MAX));
        assert_eq!(told(&[&["", "=", "no cookie", &long]]), None);
        let many: Vec<String> = (10..60).map(|n| format!("c{n}=1")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(told(&[&many]).unwrap().split("; ").count(), COOKIES_MAX);
    }
}
