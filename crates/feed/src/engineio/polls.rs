//! Polls and posts: requests whose answers may take their time, each with its own limit.

use std::time::Duration;

use tokio_tungstenite::tungstenite::http::HeaderValue;

use crate::fault::{Fault, tame};
use crate::patience::MESSAGE_BYTES_MAX;
use crate::refusal::Refusal;
use crate::rest::{Answer, Rest};

/// What both versions send: text, so that lengths count characters.
const CONTENT_TYPE: &str = "text/plain;charset=UTF-8";
/// Of a refusal's body, as much as is looked at.
const REFUSAL_BYTES_MAX: usize = 1_024;

/// What is sent to the server.
pub(super) struct Parcel {
    pub url: String,
    /// The cookies of the session, as a header.
    pub cookies: Option<HeaderValue>,
    /// What we have to say; of a poll nothing.
    pub payload: Option<String>,
}

/// Waits for what the server has to say.
pub(super) async fn poll(rest: Rest, parcel: Parcel, limit: Duration) -> Result<Answer, Fault> {
    exchange(rest, parcel, limit, MESSAGE_BYTES_MAX).await.map_err(|fault| match fault {
        Fault::Silent(_) => Fault::Silent(limit),
        fault => fault,
    })
}

/// Brings the server what we have to say.
pub(super) async fn post(rest: Rest, parcel: Parcel, limit: Duration) -> Result<Answer, Fault> {
    exchange(rest, parcel, limit, REFUSAL_BYTES_MAX).await.map_err(|fault| match fault {
        Fault::Silent(_) => Fault::NotTaken(limit),
        fault => fault,
    })
}

async fn exchange(
    rest: Rest,
    parcel: Parcel,
    limit: Duration,
    bytes_max: usize,
) -> Result<Answer, Fault> {
    let Parcel { url, cookies, payload } = parcel;
    let request = match payload {
        Some(payload) => {
            rest.client().post(&url).header("Content-Type", CONTENT_TYPE).body(payload)
        }
        None => rest.client().get(&url),
    };
    let request = match cookies {
        Some(cookies) => request.header("Cookie", cookies),
        None => request,
    };
    rest.ask(request.timeout(limit), url, bytes_max).await
}

/// What a status that is not 200 means. A server that no longer knows the session says so with 400 and in JSON.
pub(super) fn refusal(answer: &Answer) -> Fault {
    let status = answer.exchange.status;
    let body = answer.exchange.body.get(..REFUSAL_BYTES_MAX).unwrap_or(&answer.exchange.body);
    let said: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    match said.as_ref().and_then(|said| said.get("message")?.as_str()) {
        Some(message) if status == 400 => Fault::Closed(Some((status, tame(message)))),
        Some(_) | None => Fault::Refused(Refusal::new(status, answer.retry_after)),
    }
}
