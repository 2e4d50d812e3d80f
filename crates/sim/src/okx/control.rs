//! What a client may say to OKX: `ping`, subscribe, unsubscribe.

use axum::extract::ws::Utf8Bytes;
use serde_json::{Value, json};

use super::Okx;
use super::frames;
use crate::allowance::Allowance;

const CONNECTION: &str = "a4d3ae55";

/// Subscriptions and their ends of one connection.
const REQUESTS: Allowance = Allowance::new("subscriptions", 480, 3_600);

impl Okx {
    /// Obeys a message.
    pub(super) fn control(&mut self, link: u64, text: &str) {
        if text == "ping" {
            return self.floor.send(link, &Utf8Bytes::from_static("pong"));
        }
        let message: Value = serde_json::from_str(text).unwrap_or(Value::Null);
        let operation = message.get("op").and_then(Value::as_str);
        let args = message.get("args").and_then(Value::as_array);
        let (Some(operation @ ("subscribe" | "unsubscribe")), Some(args)) = (operation, args)
        else {
            let words = format!("Invalid request: {text}");
            return self.refuse(link, &message, "60012", &words);
        };
        let now = self.world.now();
        let is_too_often =
            self.floor.wants(link).is_some_and(|wants| !wants.asked.spend(now, REQUESTS));
        if is_too_often {
            return self.refuse(link, &message, "60014", "Requests too frequent");
        }
        for arg in args {
            let Some(topic) = self.topic(link, arg) else {
                let words = format!("Wrong URL or {} doesn't exist.", described(arg));
                self.refuse(link, &message, "60018", &words);
                continue;
            };
            let mut ack = json!({ "event": operation, "arg": arg, "connId": CONNECTION });
            if let Some(id) = message.get("id") {
                ack["id"] = id.clone();
            }
            self.floor.send(link, &Utf8Bytes::from(ack.to_string()));
            if operation == "subscribe" {
                self.begin(link, &topic);
            } else if let Some(topics) = self.floor.wants(link) {
                topics.remove(&topic);
            }
        }
    }

    fn refuse(&mut self, link: u64, message: &Value, code: &str, words: &str) {
        let mut refusal =
            json!({ "event": "error", "code": code, "msg": words, "connId": CONNECTION });
        if let Some(id) = message.get("id") {
            refusal["id"] = id.clone();
        }
        self.floor.send(link, &Utf8Bytes::from(refusal.to_string()));
    }

    /// The topic of an arg; `None` when there is no such channel at the address of the link.
    fn topic(&mut self, link: u64, arg: &Value) -> Option<String> {
        let channel = arg.get("channel")?.as_str()?;
        let is_business = self.floor.wants(link)?.is_business;
        let bar = channel.strip_prefix("candle").and_then(frames::bar);
        if bar.is_some() != is_business {
            return None;
        }
        let kind = arg.get("instType").and_then(Value::as_str);
        match channel {
            "liquidation-orders" => (kind == Some("SWAP")).then(|| format!("{channel}:SWAP")),
            "instruments" => kind.map(|kind| format!("{channel}:{kind}")),
            _ => {
                let id = arg.get("instId")?.as_str()?;
                let index = self.ids.iter().position(|known| known == id);
                let is_swap = || {
                    let market = &self.world.markets()[index?];
                    market.listing().is_perpetual.then_some(())
                };
                match channel {
                    "books" | "books5" | "bbo-tbt" | "trades" | "tickers" => index.map(|_| ()),
                    "funding-rate" | "mark-price" | "open-interest" => is_swap(),
                    "index-tickers" => self.has_index(id).then_some(()),
                    _ => bar.and(index).map(|_| ()),
                }?;
                Some(format!("{channel}:{id}"))
            }
        }
    }
}

/// `channel:books,instId:BTC-USD`.
fn described(arg: &Value) -> String {
    let Some(fields) = arg.as_object() else { return arg.to_string() };
    let field = |(key, value): (&String, &Value)| match value {
        Value::String(text) => format!("{key}:{text}"),
        other => format!("{key}:{other}"),
    };
    fields.iter().map(field).collect::<Vec<_>>().join(",")
}
