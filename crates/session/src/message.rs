//! A packet's body as the bytes of one MCAP message: `tapedeck.packet.v1`.
//!
//! The first byte is the kind, the rest the payload as it was heard or said. An answer carries its status (u16), the
//! length of its address (u32), the address and the body, all little-endian.

use bytes::Bytes;
use market::{Body, HttpExchange};

/// The name of the schema, and of the message encoding of its channels.
pub(crate) const SCHEMA_NAME: &str = "tapedeck.packet.v1";

/// What stands in the schema record, so that a file explains itself.
pub(crate) const SCHEMA_TEXT: &str = "One packet. Byte 0 is its kind: 0 opened (address), 1 text, 2 binary, 3 ping, \
4 sent text, 5 requested (address), 6 answered (u16 status, u32 address length, address, body), 7 closed (reason), \
8 derived (JSON), 9 remark (JSON); then the payload. Little-endian. log_time: our clock at the socket. \
sequence: number of the packet on its link, modulo 2^32.";

const OPENED: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const PING: u8 = 3;
const SENT: u8 = 4;
const REQUESTED: u8 = 5;
const ANSWERED: u8 = 6;
const CLOSED: u8 = 7;
const DERIVED: u8 = 8;
const REMARK: u8 = 9;

/// Status (2), length of the address (4): what stands before the address of an answer.
const ANSWER_HEAD: usize = 6;

/// Appends the message of `body` to `out`.
pub(crate) fn encode(body: &Body, out: &mut Vec<u8>) {
    let (kind, payload) = match body {
        Body::Opened(bytes) => (OPENED, bytes),
        Body::Text(bytes) => (TEXT, bytes),
        Body::Binary(bytes) => (BINARY, bytes),
        Body::Ping => (PING, &Bytes::new()),
        Body::Sent(bytes) => (SENT, bytes),
        Body::Requested(bytes) => (REQUESTED, bytes),
        Body::Answered(exchange) => {
            out.push(ANSWERED);
            out.extend_from_slice(&exchange.status.to_le_bytes());
            let url_length = u32::try_from(exchange.url.len()).unwrap_or(u32::MAX);
            out.extend_from_slice(&url_length.to_le_bytes());
            out.extend_from_slice(&exchange.url[..url_length as usize]);
            out.extend_from_slice(&exchange.body);
            return;
        }
        Body::Closed(bytes) => (CLOSED, bytes),
        Body::Derived(bytes) => (DERIVED, bytes),
        Body::Remark(bytes) => (REMARK, bytes),
    };
    out.push(kind);
    out.extend_from_slice(payload);
}

/// How many bytes the message of `body` takes.
pub(crate) fn encoded_length(body: &Body) -> usize {
    let head = if matches!(body, Body::Answered(_)) { ANSWER_HEAD } else { 0 };
    body.n_bytes().saturating_add(head + 1)
}

/// The body of a message, sharing its bytes; `None` when the message is none of ours.
pub(crate) fn decode(message: &Bytes) -> Option<Body> {
    let kind = *message.first()?;
    let payload = message.slice(1..);
    Some(match kind {
        OPENED => Body::Opened(payload),
        TEXT => Body::Text(payload),
        BINARY => Body::Binary(payload),
        PING if payload.is_empty() => Body::Ping,
        SENT => Body::Sent(payload),
        REQUESTED => Body::Requested(payload),
        ANSWERED => Body::Answered(decode_answer(&payload)?),
        CLOSED => Body::Closed(payload),
        DERIVED => Body::Derived(payload),
        REMARK => Body::Remark(payload),
        _ => return None,
    })
}

fn decode_answer(payload: &Bytes) -> Option<HttpExchange> {
    let status = u16::from_le_bytes(payload.get(0..2)?.try_into().ok()?);
    let url_length = u32::from_le_bytes(payload.get(2..ANSWER_HEAD)?.try_into().ok()?);
    let url_end = ANSWER_HEAD.checked_add(usize::try_from(url_length).ok()?)?;
    if url_end > payload.len() {
        return None;
    }
    Some(HttpExchange {
        url: payload.slice(ANSWER_HEAD..url_end),
        status,
        body: payload.slice(url_end..),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_whose_address_is_longer_than_it_is_refused() {
        let mut bytes = vec![ANSWERED, 200, 0];
        bytes.extend_from_slice(&u32::MAX.to_le_bytes());
        bytes.extend_from_slice(b"https://");
        assert_eq!(decode(&Bytes::from(bytes)), None);
    }

    #[test]
    fn an_unknown_kind_and_an_empty_message_are_refused() {
        assert_eq!(decode(&Bytes::from_static(&[200, 1])), None);
        assert_eq!(decode(&Bytes::new()), None);
    }
}
