//! Frames of Coinbase → events.

use market::{Body, Event, Events, Level, Packet, Trade};

use super::message::Message;
use super::{advanced, http, pro};
use crate::context::Context;
use crate::error::DecodeError;
use crate::json::{integer, is_object, string};
use crate::link_numbers::{LinkNumbers, Place};
use crate::list::Language;
use crate::table::Table;

/// What is remembered between the frames of Coinbase, and room that is used again.
#[derive(Debug, Default)]
pub(super) struct Decode {
    numbers: LinkNumbers,
    pub(super) asks: Vec<Level>,
    pub(super) trades: Vec<Trade>,
}

impl Language for Decode {
    fn decode(
        &mut self,
        packet: &Packet,
        table: &mut Table,
        events: &mut Events,
    ) -> Result<(), DecodeError> {
        let link = packet.link;
        let mut context = Context { link, table, events };
        match &packet.body {
            Body::Text(bytes) => {
                let venue = context.venue();
                let frame =
                    std::str::from_utf8(bytes).map_err(|_| DecodeError::NotText { venue })?;
                self.frame(frame, &mut context)?;
            }
            Body::Answered(exchange) => http::answer(self, exchange, &mut context)?,
            Body::Binary(_) => context.unknown("binary frame"),
            Body::Opened(_) | Body::Closed(_) => self.numbers.forget(link),
            // Not a sign of life of Coinbase, which has heartbeats: a proxy could have sent the ping.
            Body::Ping
            | Body::Sent(_)
            | Body::Requested(_)
            | Body::Derived(_)
            | Body::Remark(_) => {}
        }
        Ok(())
    }
}

impl Decode {
    fn frame(&mut self, frame: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
        let malformed = |error: serde_json::Error, context: &Context<'_>| {
            context.malformed("a message", &error.to_string())
        };
        if !is_object(frame) {
            serde_json::from_str::<serde::de::IgnoredAny>(frame)
                .map_err(|error| malformed(error, context))?;
            context.unknown("array");
            return Ok(());
        }
        let message: Message<'_> =
            serde_json::from_str(frame).map_err(|error| malformed(error, context))?;
        match (string(message.channel), string(message.kind)) {
            (Some(channel), _) => self.numbered(&channel, &message, context),
            (None, Some(kind)) => pro::message(self, &kind, &message, context),
            (None, None) => {
                context.unknown("object");
                Ok(())
            }
        }
    }

    /// Advanced Trade counts all frames of a connection in `sequence_num`, from 0 and one by one: acknowledgements and
    /// heartbeats too, whatever the product. (The documentation speaks of each product, the wire of the connection.)
    fn numbered(
        &mut self,
        channel: &str,
        message: &Message<'_>,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        let Some(number) = integer(message.sequence_num) else {
            return advanced::message(self, channel, message, context);
        };
        match self.numbers.place(context.link, number) {
            Place::Next => {}
            Place::Repeated => {
                context.unknown("frame heard twice");
                return Ok(());
            }
            Place::Hole { expected } => context.push(Event::LinkGap { expected, found: number }),
        }
        advanced::message(self, channel, message, context)?;
        self.numbers.note(context.link, number);
        Ok(())
    }
}
