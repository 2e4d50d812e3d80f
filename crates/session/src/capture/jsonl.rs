//! A line of a `.jsonl` capture: `t` is `header`, `http`, `connect`, `send`, `recv` or `close`.

use std::borrow::Cow;

use bytes::Bytes;
use market::{Body, HttpExchange, Timestamp};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::base64;
use super::seconds::parse_seconds;

/// What a line says.
pub(crate) enum Said {
    /// The header of the capture.
    Header,
    /// Something heard or said.
    Packet { connection: Option<String>, at: Option<Timestamp>, body: Body },
}

/// The keys that mean something; all others may be there.
#[derive(Deserialize)]
struct Wrapper<'a> {
    #[serde(borrow)]
    t: Cow<'a, str>,
    #[serde(borrow, default)]
    ts: Option<&'a RawValue>,
    #[serde(borrow, default)]
    conn: Option<&'a RawValue>,
    #[serde(default)]
    addr: Option<String>,
    #[serde(default)]
    url: Option<String>,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
    #[serde(default)]
    b64: Option<String>,
    #[serde(default)]
    status: Option<u16>,
}

/// Reads one line; the error is a sentence.
pub(crate) fn parse(line: &str) -> Result<Said, String> {
    let wrapper: Wrapper<'_> = serde_json::from_str(line).map_err(|error| {
        // The position in the line helps, serde's own line number would mislead.
        let text = error.to_string();
        let reason = text.split(" at line ").next().unwrap_or_default();
        format!("this is not a line of a capture ({reason}, column {})", error.column())
    })?;
    if wrapper.t == "header" {
        return Ok(Said::Header);
    }
    let body = wrapper.body()?;
    let at = match wrapper.ts {
        Some(number) => Some(parse_seconds(number.get()).ok_or("`ts` is not a time in seconds")?),
        None => None,
    };
    let connection = wrapper.conn.map(text_of).transpose()?;
    Ok(Said::Packet { connection, at, body })
}

impl Wrapper<'_> {
    fn body(&self) -> Result<Body, String> {
        match &*self.t {
            "recv" => match &self.b64 {
                Some(text) => {
                    let bytes = base64::decode(text).ok_or("`b64` is not base64")?;
                    Ok(Body::Binary(Bytes::from(bytes)))
                }
                None => Ok(Body::Text(self.payload()?)),
            },
            "send" => Ok(Body::Sent(match &self.b64 {
                Some(text) => Bytes::from(base64::decode(text).ok_or("`b64` is not base64")?),
                None => self.payload()?,
            })),
            "http" => Ok(Body::Answered(HttpExchange {
                url: Bytes::from(self.url.clone().ok_or("an answer has no `url`")?),
                status: self.status.unwrap_or(200),
                body: self.payload()?,
            })),
            "connect" => {
                let address = self.addr.clone().ok_or("a connection has no `addr`")?;
                Ok(Body::Opened(Bytes::from(address)))
            }
            "close" | "disconnect" => {
                let reason = self.data.map(text_of).transpose()?.unwrap_or_default();
                Ok(Body::Closed(Bytes::from(reason)))
            }
            other => {
                let kind: String = other.chars().take(32).collect();
                Err(format!("nothing is known of lines of the kind {kind:?}"))
            }
        }
    }

    fn payload(&self) -> Result<Bytes, String> {
        let data = self.data.ok_or("there is no `data`")?;
        text_of(data).map(Bytes::from)
    }
}

/// The text of a JSON string; any other value as it stands.
fn text_of(value: &RawValue) -> Result<String, String> {
    if value.get().starts_with('"') {
        serde_json::from_str(value.get()).map_err(|_| "a text has broken escapes".to_owned())
    } else {
        Ok(value.get().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wrapper_is_any_valid_json() {
        let line = "{ \"data\" :\t\"{\\\"a\\\":\\u0031}\" , \"extra\":{\"t\":[1]}, \
                    \"ts\": 1.5e0,\"t\":\"re\\u0063v\",\"conn\":7 }";
        let Ok(Said::Packet { connection, at, body }) = parse(line) else { panic!("a packet") };
        assert_eq!(connection.as_deref(), Some("7"));
        assert_eq!(at, Some(Timestamp::from_nanos(1_500_000_000)));
        assert_eq!(body, Body::Text(Bytes::from_static(b"{\"a\":1}")));
    }

    #[test]
    fn a_broken_line_says_what_is_wrong() {
        for (line, word) in [
            ("{\"t\":\"recv\"", "EOF"),
            ("{\"t\":\"recv\",\"ts\":1}", "data"),
            ("{\"t\":\"recv\",\"ts\":\"1\",\"data\":\"\"}", "ts"),
            ("{\"t\":\"recv\",\"ts\":1,\"b64\":\"*\"}", "b64"),
            ("{\"t\":\"dance\",\"ts\":1}", "dance"),
        ] {
            let Err(sentence) = parse(line) else { panic!("{line} is broken") };
            assert!(sentence.contains(word), "{sentence}");
        }
    }
}
