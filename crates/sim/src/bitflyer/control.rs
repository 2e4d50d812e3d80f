//! What a client may say to bitFlyer: subscribe and unsubscribe, one by one or in batches.

use axum::extract::ws::Utf8Bytes;
use serde_json::{Value, json};

use super::BitFlyer;

/// How the names of channels begin.
const CHANNELS: [&str; 4] =
    ["lightning_board_snapshot_", "lightning_board_", "lightning_ticker_", "lightning_executions_"];

impl BitFlyer {
    /// Obeys a message; what has no id is not answered. An unknown product is accepted, and stays silent.
    pub(super) fn control(&mut self, link: u64, text: &str) {
        let answer = match serde_json::from_str::<Value>(text) {
            Ok(Value::Array(calls)) => {
                let answers: Vec<_> =
                    calls.iter().filter_map(|call| self.call(link, call)).collect();
                (!answers.is_empty()).then_some(Value::Array(answers))
            }
            Ok(call) => self.call(link, &call),
            Err(_) => Some(json!({
                "jsonrpc": "2.0", "id": null, "error": { "code": -32700, "message": "Parse error" },
            })),
        };
        if let Some(answer) = answer {
            self.floor.send(link, &Utf8Bytes::from(answer.to_string()));
        }
    }

    /// Obeys a packet of Engine.IO 3, whose clients ping. One that is none ends the link.
    pub(super) fn packet(&mut self, link: u64, text: &str) {
        match text {
            "1" | "41" => self.floor.close(link, 1000, ""),
            _ if text.starts_with("40") => {}
            _ if text.starts_with('2') => {
                let pong = format!("3{}", &text[1..]);
                self.floor.send(link, &Utf8Bytes::from(pong));
            }
            _ => {
                let digits = text.strip_prefix("42").unwrap_or_default();
                let json = digits.trim_start_matches(|digit: char| digit.is_ascii_digit());
                let ack = &digits[..digits.len() - json.len()];
                match serde_json::from_str::<Value>(json) {
                    Ok(event) => self.event(link, &event, ack),
                    Err(_) => self.floor.close(link, 1000, ""),
                }
            }
        }
    }

    /// An event is acknowledged where the client asks for that: with what was wrong, or nothing.
    fn event(&mut self, link: u64, event: &Value, ack: &str) {
        let call = json!({ "method": event.get(0), "params": { "channel": event.get(1) } });
        let outcome = self.obey(link, &call);
        if !ack.is_empty() {
            let wrong = outcome.err().map(|(_, words)| words);
            let frame = format!("43{ack}{}", json!([wrong]));
            self.floor.send(link, &Utf8Bytes::from(frame));
        }
    }

    fn call(&mut self, link: u64, call: &Value) -> Option<Value> {
        let outcome = self.obey(link, call);
        let id = call.get("id").filter(|id| !id.is_null())?;
        Some(match outcome {
            Ok(()) => json!({ "jsonrpc": "2.0", "id": id, "result": true }),
            Err((code, words)) => {
                json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": words } })
            }
        })
    }

    fn obey(&mut self, link: u64, call: &Value) -> Result<(), (i32, &'static str)> {
        let channel = call.get("params").and_then(|params| params.get("channel"));
        let channel = channel.and_then(Value::as_str);
        let method = call.get("method").and_then(Value::as_str);
        let Some(method @ ("subscribe" | "unsubscribe")) = method else {
            return Err((-32601, "Method not found"));
        };
        let channel = channel.ok_or((-32602, "Invalid params"))?;
        if !CHANNELS.iter().any(|start| channel.starts_with(start)) {
            return Err((-32602, "invalid channel"));
        }
        let topics = self.floor.wants(link).ok_or((-32602, "Invalid params"))?;
        if method == "unsubscribe" {
            topics.remove(channel);
        } else if !topics.add(channel) {
            return Err((-32009, "already subscribed"));
        }
        Ok(())
    }
}
