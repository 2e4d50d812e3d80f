//! What a client may say to Binance: SUBSCRIBE, UNSUBSCRIBE, LIST_SUBSCRIPTIONS, properties.

use serde_json::{Value, json};

use super::Binance;
use crate::world::SECOND;

/// Messages that a link may send within a second, on spot and to the futures; pings and pongs count.
const N_MESSAGES_A_SECOND: usize = 5;
const N_FUTURES_MESSAGES_A_SECOND: usize = 10;
/// Streams that a link may hear.
const N_STREAMS: usize = 1_024;

impl Binance {
    /// Counts a message of the link; whether it is one too many.
    pub(super) fn is_too_fast(&mut self, link: u64, now: i64) -> bool {
        let allowed =
            if self.is_futures() { N_FUTURES_MESSAGES_A_SECOND } else { N_MESSAGES_A_SECOND };
        let Some(wants) = self.floor.wants(link) else { return false };
        wants.heard_at.push_back(now);
        while wants.heard_at.front().is_some_and(|at| now - at >= SECOND) {
            wants.heard_at.pop_front();
        }
        wants.heard_at.len() > allowed
    }

    /// Obeys a message; the reply. A stream that does not exist is accepted, and stays silent.
    pub(super) fn control(&mut self, link: u64, text: &str) -> String {
        let Ok(message) = serde_json::from_str::<Value>(text) else {
            return refusal(3, "Invalid JSON: it could not be parsed", &Value::Null);
        };
        let id = message.get("id").cloned().unwrap_or(Value::Null);
        let Some(wants) = self.floor.wants(link) else {
            return refusal(2, "Invalid request: the link is closing", &id);
        };
        match message.get("method").and_then(Value::as_str) {
            Some("LIST_SUBSCRIPTIONS") => json!({"result": wants.streams, "id": id}).to_string(),
            Some(method @ ("SUBSCRIBE" | "UNSUBSCRIBE")) => {
                let Some(streams) = strings(&message) else {
                    return refusal(2, "Invalid request: params must be a list of strings", &id);
                };
                for stream in streams {
                    if method == "SUBSCRIBE" {
                        wants.streams.insert(stream);
                    } else {
                        wants.streams.remove(&stream);
                    }
                }
                if wants.streams.len() > N_STREAMS {
                    return refusal(2, "Invalid request: too many streams", &id);
                }
                accepted(&id)
            }
            Some("SET_PROPERTY") => match set_property(&message) {
                Some(is_combined) => {
                    wants.is_combined = is_combined;
                    accepted(&id)
                }
                None => refusal(0, "Unknown property", &id),
            },
            Some(_) | None => refusal(2, "Invalid request: unknown method", &id),
        }
    }
}

fn accepted(id: &Value) -> String {
    format!(r#"{{"result":null,"id":{id}}}"#)
}

fn refusal(code: u8, message: &str, id: &Value) -> String {
    format!(r#"{{"code":{code},"msg":"{message}","id":{id}}}"#)
}

fn strings(message: &Value) -> Option<Vec<String>> {
    message
        .get("params")?
        .as_array()?
        .iter()
        .map(|stream| stream.as_str().map(str::to_owned))
        .collect()
}

/// `["combined", true]`.
fn set_property(message: &Value) -> Option<bool> {
    let params = message.get("params")?.as_array()?;
    (params.first()?.as_str()? == "combined").then(|| params.get(1)?.as_bool())?
}
