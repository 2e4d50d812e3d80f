//! Frames of Coinbase → events.

use market::{Event, HttpExchange, Level, LinkId, Trade};

use super::message::Message;
use super::protocol::PAST_BARS;
use super::sides::Sides;
use super::{advanced, http, pro};
use crate::assemble::object_if_any;
use crate::context::Context;
use crate::error::DecodeError;
use crate::image::{Memory, Restored};
use crate::json::{integer, string};
use crate::link_numbers::{LinkNumbers, Place};
use crate::list::Language;
use crate::past_bars::Layout;
use crate::remember::{recall, remember};
use crate::table::Table;

/// What is remembered between the frames of Coinbase, and room that is used again.
#[derive(Debug, Default)]
pub(super) struct Decode {
    numbers: LinkNumbers,
    pub(super) asks: Vec<Level>,
    pub(super) trades: Vec<Trade>,
    pub(super) sides: Sides,
}

impl Language for Decode {
    fn past_bars(&self) -> Option<&'static Layout> {
        Some(&PAST_BARS)
    }

    fn frame(&mut self, frame: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
        let Some(message) = object_if_any::<Message<'_>>(frame, "a message", context)? else {
            context.unknown("array");
            return Ok(());
        };
        match (string(message.channel), string(message.kind)) {
            (Some(channel), _) => self.numbered(&channel, &message, context),
            (None, Some(kind)) => pro::message(self, &kind, &message, context),
            (None, None) => {
                context.unknown("object");
                Ok(())
            }
        }
    }

    fn answered(
        &mut self,
        exchange: &HttpExchange,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        http::answer(self, exchange, context)
    }

    fn forget(&mut self, link: LinkId) {
        self.numbers.forget(link);
    }

    fn memory(&self, _table: &Table) -> Vec<Memory> {
        [remember(&self.numbers), remember(&self.sides)].concat()
    }

    fn restore(&mut self, restored: &Restored, _table: &Table) {
        if let Some(numbers) = recall(restored) {
            self.numbers = numbers;
        }
        if let Some(sides) = recall(restored) {
            self.sides = sides;
        }
    }

    fn doubts_sides(&self) -> bool {
        true
    }

    fn hear_witness(&mut self, agrees: bool) -> bool {
        self.sides.hear(agrees)
    }
}

impl Decode {
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
