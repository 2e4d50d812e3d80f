//! What a client may say to Bybit: ping, subscribe, unsubscribe.

use axum::extract::ws::Utf8Bytes;
use serde_json::{Value, json};

use super::Bybit;

const CONNECTION: &str = "0cc54b5e-a2a8-4b35-a2c2-1d5f5c3f4f4f";

/// Topics that spot takes in one request.
const N_ARGS_SPOT: usize = 10;

impl Bybit {
    /// Obeys a message. One topic that does not exist refuses all of its request.
    pub(super) fn control(&mut self, link: u64, text: &str) {
        let Ok(message) = serde_json::from_str::<Value>(text) else {
            return self.reply(link, &Value::Null, (false, "Params Error"), "");
        };
        let operation = message.get("op").and_then(Value::as_str).unwrap_or_default();
        if operation == "ping" {
            return self.reply(link, &message, (true, "pong"), operation);
        }
        let topics: Option<Vec<String>> = message
            .get("args")
            .and_then(Value::as_array)
            .and_then(|args| args.iter().map(|arg| arg.as_str().map(str::to_owned)).collect());
        let (true, Some(topics)) = (matches!(operation, "subscribe" | "unsubscribe"), topics)
        else {
            return self.reply(link, &message, (false, "Params Error"), operation);
        };
        if !self.is_linear && topics.len() > N_ARGS_SPOT {
            return self.reply(link, &message, (false, "args size >10"), operation);
        }
        if let Some(unknown) = topics.iter().find(|topic| !self.is_topic(topic)) {
            let words = format!("error:handler not found,topic:{unknown}");
            return self.reply(link, &message, (false, &words), operation);
        }
        let words = if self.is_linear { "" } else { operation };
        self.reply(link, &message, (true, words), operation);
        for topic in topics {
            if operation == "subscribe" {
                self.begin(link, &topic);
            } else if let Some(wants) = self.floor.wants(link) {
                wants.remove(&topic);
            }
        }
    }

    fn reply(&mut self, link: u64, asked: &Value, (is_good, words): (bool, &str), operation: &str) {
        let id = asked.get("req_id").cloned().unwrap_or_else(|| json!(""));
        let reply = json!({
            "success": is_good, "ret_msg": words, "conn_id": CONNECTION, "req_id": id,
            "op": operation,
        });
        self.floor.send(link, &Utf8Bytes::from(reply.to_string()));
    }
}
