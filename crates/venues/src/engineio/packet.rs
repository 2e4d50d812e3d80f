//! One Engine.IO packet.

use std::fmt;

use super::EngineIoError;

/// A packet in its text form; the data borrows from the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packet<'a> {
    /// `0`: the session begins; its [`Terms`](super::Terms) as JSON.
    Open(&'a str),
    /// `1`: the session ends.
    Close,
    /// `2`: a ping; with `probe` on a transport that is tried.
    Ping(&'a str),
    /// `3`: the answer to a ping, with the ping's data.
    Pong(&'a str),
    /// `4`: a [`Message`](super::Message).
    Message(&'a str),
    /// `5`: from now on this transport is the session's.
    Upgrade,
    /// `6`: nothing; it ends a poll.
    Noop,
    /// `b`: bytes in base64, which is left as it came. Version 3 puts the type, `4`, before it.
    Binary(&'a str),
}

impl<'a> Packet<'a> {
    /// Reads a packet.
    ///
    /// # Errors
    ///
    /// [`EngineIoError::Empty`] and [`EngineIoError::PacketType`].
    pub fn parse(text: &'a str) -> Result<Self, EngineIoError> {
        let kind = *text.as_bytes().first().ok_or(EngineIoError::Empty)?;
        // A first byte that is a known type is a whole character: the text can be cut behind it.
        let data = || &text[1..];
        Ok(match kind {
            b'0' => Self::Open(data()),
            b'1' => Self::Close,
            b'2' => Self::Ping(data()),
            b'3' => Self::Pong(data()),
            b'4' => Self::Message(data()),
            b'5' => Self::Upgrade,
            b'6' => Self::Noop,
            b'b' => Self::Binary(data()),
            _ => return Err(EngineIoError::PacketType),
        })
    }
}

impl fmt::Display for Packet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, data) = match self {
            Self::Open(data) => ('0', *data),
            Self::Close => ('1', ""),
            Self::Ping(data) => ('2', *data),
            Self::Pong(data) => ('3', *data),
            Self::Message(data) => ('4', *data),
            Self::Upgrade => ('5', ""),
            Self::Noop => ('6', ""),
            Self::Binary(data) => ('b', *data),
        };
        write!(f, "{kind}{data}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_of_each_kind_is_told_apart() {
        let check = |text, packet| assert_eq!(Packet::parse(text), Ok(packet));
        check("0{\"sid\":\"a\"}", Packet::Open("{\"sid\":\"a\"}"));
        check("1", Packet::Close);
        check("2", Packet::Ping(""));
        check("2probe", Packet::Ping("probe"));
        check("3probe", Packet::Pong("probe"));
        check("42[\"trade\"]", Packet::Message("2[\"trade\"]"));
        check("5", Packet::Upgrade);
        check("6", Packet::Noop);
        check("b4AQID", Packet::Binary("4AQID"));
    }

    #[test]
    fn what_is_no_packet_is_refused() {
        assert_eq!(Packet::parse(""), Err(EngineIoError::Empty));
        assert_eq!(Packet::parse("7"), Err(EngineIoError::PacketType));
        assert_eq!(Packet::parse("ütf"), Err(EngineIoError::PacketType));
        assert_eq!(Packet::parse("{\"error\":1}"), Err(EngineIoError::PacketType));
    }
}
