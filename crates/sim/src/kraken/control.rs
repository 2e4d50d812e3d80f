//! What a client may say to Kraken v2: subscribe, unsubscribe, ping. One acknowledgement for each symbol.

use axum::extract::ws::Utf8Bytes;
use serde_json::{Map, Value, json};

use super::Kraken;
use super::frames;

/// Depths that the `book` channel offers.
const DEPTHS: [u64; 5] = [10, 25, 100, 500, 1_000];

/// A request, taken apart.
struct Asked<'a> {
    method: &'a str,
    channel: &'a str,
    params: &'a Value,
    req_id: Option<&'a Value>,
}

impl Kraken {
    /// Obeys a message and answers it.
    pub(super) fn control(&mut self, link: u64, text: &str) {
        let Ok(message) = serde_json::from_str::<Value>(text) else {
            return self.say(link, &json!({"error": "Malformed request", "success": false}));
        };
        let req_id = message.get("req_id");
        let method = message.get("method").and_then(Value::as_str).unwrap_or_default();
        let params = message.get("params").unwrap_or(&Value::Null);
        let channel = params.get("channel").and_then(Value::as_str).unwrap_or_default();
        let asked = Asked { method, channel, params, req_id };
        match (method, channel) {
            ("ping", _) => self.reply(link, &asked, json!({"method": "pong"})),
            ("subscribe" | "unsubscribe", "book" | "trade") => self.for_symbols(link, &asked),
            ("subscribe" | "unsubscribe", "instrument") => self.instrument(link, &asked),
            ("subscribe" | "unsubscribe", _) => {
                self.refuse(link, &asked, None, "Channel not found")
            }
            (_, _) => self.refuse(link, &asked, None, "Method not found"),
        }
    }

    fn for_symbols(&mut self, link: u64, asked: &Asked<'_>) {
        let symbols = asked.params.get("symbol").and_then(Value::as_array);
        let Some(symbols) = symbols.filter(|symbols| !symbols.is_empty()) else {
            return self.refuse(link, asked, None, "Symbol(s) not found");
        };
        for symbol in symbols {
            let symbol = symbol.as_str().unwrap_or_default();
            let index = self
                .world
                .markets()
                .iter()
                .position(|market| frames::symbol(market.listing()) == symbol);
            match index {
                Some(index) => self.for_symbol(link, asked, (index, symbol)),
                None => {
                    let words = format!("Currency pair not supported {symbol}");
                    self.refuse(link, asked, Some(symbol), &words);
                }
            }
        }
    }

    fn for_symbol(&mut self, link: u64, asked: &Asked<'_>, (index, symbol): (usize, &str)) {
        let depth = asked.params.get("depth").map_or(Some(10), Value::as_u64);
        let wants_snapshot = asked.params.get("snapshot").and_then(Value::as_bool);
        let Some(wants) = self.floor.wants(link) else { return };
        match (asked.channel, asked.method) {
            ("book", "subscribe") => {
                let Some(depth) = depth.filter(|depth| DEPTHS.contains(depth)) else {
                    return self.refuse(
                        link,
                        asked,
                        Some(symbol),
                        "Subscription depth not supported",
                    );
                };
                if wants.books.contains_key(&index) {
                    return self.refuse(link, asked, Some(symbol), "Already subscribed");
                }
                wants.books.insert(index, depth as u32);
                let result = json!({"channel": "book", "depth": depth,
                    "snapshot": wants_snapshot.unwrap_or(true), "symbol": symbol});
                self.accept(link, asked, result);
                self.begin_book(link, index, depth as u32);
            }
            ("book", _) => {
                // The depth is part of what is unsubscribed.
                let depth = depth.unwrap_or(10);
                if wants.books.get(&index).map(|depth| u64::from(*depth)) != Some(depth) {
                    return self.refuse(link, asked, Some(symbol), "Subscription Not Found");
                }
                wants.books.remove(&index);
                wants.waiting.remove(&index);
                let result = json!({"channel": "book", "depth": depth, "symbol": symbol});
                self.accept(link, asked, result);
            }
            (_, "subscribe") => {
                if !wants.trades.insert(index) {
                    return self.refuse(link, asked, Some(symbol), "Already subscribed");
                }
                let is_snapshot = wants_snapshot.unwrap_or(false);
                let result = json!({"channel": "trade", "snapshot": is_snapshot, "symbol": symbol});
                self.accept(link, asked, result);
                if is_snapshot {
                    self.send_trades(link, index);
                }
            }
            (_, _) => {
                if !wants.trades.remove(&index) {
                    return self.refuse(link, asked, Some(symbol), "Subscription Not Found");
                }
                self.accept(link, asked, json!({"channel": "trade", "symbol": symbol}));
            }
        }
    }

    fn instrument(&mut self, link: u64, asked: &Asked<'_>) {
        let is_wanted = asked.method == "subscribe";
        if let Some(wants) = self.floor.wants(link) {
            wants.instruments = is_wanted;
        }
        let is_snapshot = asked.params.get("snapshot").and_then(Value::as_bool).unwrap_or(true);
        self.accept(link, asked, json!({"channel": "instrument", "snapshot": is_snapshot}));
        if is_wanted && is_snapshot {
            let listings = self.world.markets().iter().map(|market| market.listing());
            let text = frames::instruments(listings);
            self.floor.send(link, &Utf8Bytes::from(text));
        }
    }

    fn accept(&mut self, link: u64, asked: &Asked<'_>, result: Value) {
        let reply = json!({"method": asked.method, "result": result, "success": true});
        self.reply(link, asked, reply);
    }

    fn refuse(&mut self, link: u64, asked: &Asked<'_>, symbol: Option<&str>, words: &str) {
        let mut reply = Map::new();
        reply.insert("error".to_owned(), words.into());
        reply.insert("method".to_owned(), asked.method.into());
        reply.insert("success".to_owned(), false.into());
        if let Some(symbol) = symbol {
            reply.insert("symbol".to_owned(), symbol.into());
        }
        self.reply(link, asked, Value::Object(reply));
    }

    fn reply(&mut self, link: u64, asked: &Asked<'_>, mut reply: Value) {
        let time = frames::time(self.unix_ns());
        if let Some(reply) = reply.as_object_mut() {
            if let Some(req_id) = asked.req_id {
                reply.insert("req_id".to_owned(), req_id.clone());
            }
            reply.insert("time_in".to_owned(), time.clone().into());
            reply.insert("time_out".to_owned(), time.into());
        }
        self.say(link, &reply);
    }

    fn say(&mut self, link: u64, reply: &Value) {
        self.floor.send(link, &Utf8Bytes::from(reply.to_string()));
    }
}
