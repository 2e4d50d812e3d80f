//! Messages that venues send as events of Socket.IO: taken out of their packets, the rest of the transport told apart.

use market::{Event, HttpExchange, NoticeKind};

use crate::EngineIoVersion;
use crate::context::Context;
use crate::engineio::{self, Message, MessageKind, Packet};
use crate::error::DecodeError;

/// Whether a response carries packets: what long-polling fetched, or the receipt of what it posted.
pub(crate) fn is_polling(url: &str) -> bool {
    url.contains("transport=polling")
}

/// Hands the packets of a response of long-polling to `take`, each as a frame.
pub(crate) fn packets(
    exchange: &HttpExchange,
    context: &mut Context<'_>,
    mut take: impl FnMut(&str, &mut Context<'_>) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    let url = String::from_utf8_lossy(&exchange.url);
    let body = crate::assemble::utf8(&exchange.body, context)?;
    if exchange.status >= 400 {
        crate::assemble::http_refusal(exchange, "", body, context);
        return Ok(());
    }
    if body == "ok" {
        return Ok(()); // The receipt.
    }
    let version = if url.contains("EIO=3") { EngineIoVersion::V3 } else { EngineIoVersion::V4 };
    for packet in engineio::split(version, body) {
        let packet = packet.map_err(|error| context.malformed("packets", &error.to_string()))?;
        take(packet, context)?;
    }
    Ok(())
}

/// The JSON of the event in a frame, `["name", …]`; `None` for the other packets, which are told of.
pub(crate) fn event<'f>(
    frame: &'f str,
    context: &mut Context<'_>,
) -> Result<Option<&'f str>, DecodeError> {
    let malformed = |error: engineio::EngineIoError, context: &Context<'_>| {
        context.malformed("a packet", &error.to_string())
    };
    let packet = Packet::parse(frame).map_err(|error| malformed(error, context))?;
    let text = match packet {
        Packet::Message(text) => text,
        Packet::Ping(_) | Packet::Pong(_) => {
            context.push(Event::Heartbeat);
            return Ok(None);
        }
        Packet::Close => {
            closing(context);
            return Ok(None);
        }
        Packet::Open(_) | Packet::Upgrade | Packet::Noop => return Ok(None),
        Packet::Binary(_) => {
            context.unknown("binary packet");
            return Ok(None);
        }
    };
    let message = Message::parse(text).map_err(|error| malformed(error, context))?;
    match message.kind {
        MessageKind::Event if message.is_ours() => return Ok(Some(message.data)),
        MessageKind::Connect | MessageKind::Ack => {}
        MessageKind::Disconnect => closing(context),
        MessageKind::Error => context.refused("", &engineio::connect_refusal(message.data)),
        MessageKind::Event | MessageKind::BinaryEvent | MessageKind::BinaryAck => {
            context.unknown("event of another kind");
        }
    }
    Ok(None)
}

fn closing(context: &mut Context<'_>) {
    let text = format!("{} ends the session", context.venue());
    context.push(Event::Notice { kind: NoticeKind::ShuttingDown, subject: String::new(), text });
}
