//! A Socket.IO message: what an Engine.IO packet `4…` carries.

use serde_json::Value;

use super::{EngineIoError, Packet};

/// A message; namespace and data borrow from the packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// What it is.
    pub kind: MessageKind,
    /// Binary packets that belong to it and follow it.
    pub n_attachments: u16,
    /// Whom it is for; `/` when it does not say.
    pub namespace: &'a str,
    /// Which event is acknowledged, or is to be.
    pub ack_id: Option<u32>,
    /// The JSON, as it came; for an event an array whose first element is its name.
    pub data: &'a str,
}

/// Kinds of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageKind {
    /// `0`: welcome to the namespace; of a client (version 4), its wish.
    Connect,
    /// `1`: out of the namespace.
    Disconnect,
    /// `2`: an event.
    Event,
    /// `3`: the answer to an event.
    Ack,
    /// `4`: not welcome.
    Error,
    /// `5`: an event with attachments.
    BinaryEvent,
    /// `6`: an answer with attachments.
    BinaryAck,
}

impl<'a> Message<'a> {
    /// Reads what follows the `4` of a packet: `type[attachments-][/namespace,][ack id][JSON]`.
    ///
    /// # Errors
    ///
    /// [`EngineIoError::Message`].
    pub fn parse(text: &'a str) -> Result<Self, EngineIoError> {
        let kind = match text.as_bytes().first() {
            Some(b'0') => MessageKind::Connect,
            Some(b'1') => MessageKind::Disconnect,
            Some(b'2') => MessageKind::Event,
            Some(b'3') => MessageKind::Ack,
            Some(b'4') => MessageKind::Error,
            Some(b'5') => MessageKind::BinaryEvent,
            Some(b'6') => MessageKind::BinaryAck,
            _ => return Err(EngineIoError::Message),
        };
        let mut rest = &text[1..];
        let mut n_attachments = 0;
        if matches!(kind, MessageKind::BinaryEvent | MessageKind::BinaryAck) {
            let (number, behind) = rest.split_once('-').ok_or(EngineIoError::Message)?;
            n_attachments = number.parse().map_err(|_| EngineIoError::Message)?;
            rest = behind;
        }
        let mut namespace = "/";
        if rest.starts_with('/') {
            (namespace, rest) = rest.split_once(',').unwrap_or((rest, ""));
        }
        let n_digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, data) = rest.split_at(n_digits);
        let ack_id = match digits {
            "" => None,
            digits => Some(digits.parse().map_err(|_| EngineIoError::Message)?),
        };
        Ok(Self { kind, n_attachments, namespace, ack_id, data })
    }

    /// Whether it is for the namespace that venues use.
    pub fn is_ours(&self) -> bool {
        self.namespace == "/"
    }
}

/// The JSON of an event of the namespace `/`, `["name",…]`; `None` when the frame is anything else.
pub fn event(frame: &str) -> Option<&str> {
    let Ok(Packet::Message(text)) = Packet::parse(frame) else { return None };
    let message = Message::parse(text).ok()?;
    (message.kind == MessageKind::Event && message.is_ours()).then_some(message.data)
}

/// The frame of an event with one text as its argument: `42["join-room","ticker_btc_jpy"]`.
pub fn emit(name: &str, argument: &str) -> String {
    format!("42[{},{}]", Value::from(name), Value::from(argument))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Message<'_> {
        Message::parse(text).unwrap()
    }

    #[test]
    fn a_message_of_each_kind_is_told_apart() {
        let plain =
            |kind, data| Message { kind, n_attachments: 0, namespace: "/", ack_id: None, data };
        assert_eq!(parsed("0{\"sid\":\"a\"}"), plain(MessageKind::Connect, "{\"sid\":\"a\"}"));
        assert_eq!(parsed("0"), plain(MessageKind::Connect, ""));
        assert_eq!(parsed("1"), plain(MessageKind::Disconnect, ""));
        assert_eq!(parsed("2[\"t\",1]"), plain(MessageKind::Event, "[\"t\",1]"));
        assert_eq!(parsed("4\"no\""), plain(MessageKind::Error, "\"no\""));
        let ack = Message { ack_id: Some(12), ..plain(MessageKind::Ack, "[1]") };
        assert_eq!(parsed("312[1]"), ack);
        let binary = Message { n_attachments: 2, ..plain(MessageKind::BinaryEvent, "[\"t\"]") };
        assert_eq!(parsed("52-[\"t\"]"), binary);
        let answer =
            Message { n_attachments: 1, ack_id: Some(7), ..plain(MessageKind::BinaryAck, "[]") };
        assert_eq!(parsed("61-7[]"), answer);
        let elsewhere = Message { namespace: "/admin", ..plain(MessageKind::Connect, "{}") };
        assert_eq!(parsed("0/admin,{}"), elsewhere);
        assert_eq!(parsed("0/admin"), Message { data: "", ..elsewhere });
    }

    #[test]
    fn what_is_no_message_is_refused() {
        for text in ["", "7[]", "[]", "5[\"t\"]", "599999-[]", "299999999999[]"] {
            assert_eq!(Message::parse(text), Err(EngineIoError::Message), "{text}");
        }
    }

    #[test]
    fn an_event_is_taken_out_of_its_frame() {
        assert_eq!(event("42[\"message\",{}]"), Some("[\"message\",{}]"));
        assert_eq!(event("421[\"message\",{}]"), Some("[\"message\",{}]"));
        for frame in ["2", "40", "43[1]", "42/admin,[\"message\"]", "", "{}"] {
            assert_eq!(event(frame), None, "{frame}");
        }
    }

    #[test]
    fn an_event_is_written_with_its_texts_escaped() {
        assert_eq!(emit("join-room", "depth_btc_jpy"), "42[\"join-room\",\"depth_btc_jpy\"]");
        assert_eq!(emit("a\"b", "\u{1e}"), "42[\"a\\\"b\",\"\\u001e\"]");
    }
}
