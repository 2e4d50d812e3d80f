//! What a client may say to bitbank: packets of Engine.IO and Socket.IO.

use axum::extract::ws::Utf8Bytes;
use serde_json::Value;

use super::Bitbank;

/// From joining a room of whole books to the first one.
const FIRST_WHOLE_AFTER: i64 = 100_000_000;

impl Bitbank {
    /// Obeys a packet. One that is none ends the link; a room that does not exist is silent.
    pub(super) fn control(&mut self, link: u64, text: &str) {
        let now = self.world.now();
        if text.starts_with("40") || text == "3" {
            self.answered_at.insert(link, now);
        }
        match text {
            "3" => {}
            "2" => self.floor.send(link, &Utf8Bytes::from_static("3")),
            "1" | "41" => self.floor.close(link, 1000, ""),
            _ if text.starts_with("40") => {
                let connected = format!(r#"40{{"sid":"lUkRb31kqoS9cLPN{link:04}"}}"#);
                self.floor.send(link, &Utf8Bytes::from(connected));
            }
            _ => match text.strip_prefix("42").map(serde_json::from_str::<Value>) {
                Some(Ok(event)) => self.event(link, &event),
                Some(Err(_)) | None => self.floor.close(link, 1000, ""),
            },
        }
    }

    fn event(&mut self, link: u64, event: &Value) {
        let word = |index| event.get(index).and_then(Value::as_str);
        let (Some(name), Some(room)) = (word(0), word(1)) else { return };
        let (now, delay) = (self.world.now(), self.snapshot_delay);
        let Some(rooms) = self.floor.wants(link) else { return };
        match name {
            "join-room" if room.starts_with("depth_whole_") => {
                rooms.add_later(room, now + FIRST_WHOLE_AFTER + delay);
            }
            "join-room" => {
                rooms.add(room);
            }
            "leave-room" => {
                rooms.remove(room);
            }
            _ => {}
        }
    }
}
