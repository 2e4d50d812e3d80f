//! Frames of Gemini → events.

use market::{Event, LinkId};
use serde::{Deserialize, Serialize};

use super::message::Message;
use super::{v1, v2};
use crate::assemble::{object, word};
use crate::context::Context;
use crate::error::DecodeError;
use crate::image::{Memory, Restored};
use crate::json::{integer, string};
use crate::link_numbers::{LinkNumbers, Place};
use crate::list::Language;
use crate::per_link::PerLink;
use crate::remember::{recall, remember};
use crate::table::Table;

/// What is remembered between the frames of Gemini.
#[derive(Debug, Default)]
pub(super) struct Decode {
    known: Known,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Known {
    numbers: LinkNumbers,
    /// Of links whose address names a symbol, which their messages do not.
    symbols: PerLink<Option<String>>,
}

impl Language for Decode {
    fn frame(&mut self, frame: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
        let Some(message): Option<Message<'_>> = object(frame, "a message", context)? else {
            return Ok(());
        };
        if string(message.result).as_deref() == Some("error") {
            let words = format!("{}: {}", word(message.reason), word(message.message));
            context.refused("", &words);
            return Ok(());
        }
        let kind = word(message.kind);
        match integer(message.socket_sequence) {
            Some(number) => self.counted(number, &kind, &message, context),
            None => v2::message(&kind, &message, context),
        }
    }

    fn opened(&mut self, address: &str, context: &mut Context<'_>) {
        self.forget(context.link);
        if let Some(symbol) = v1::symbol_of(address) {
            *self.known.symbols.get(context.link) = Some(symbol);
        }
    }

    fn forget(&mut self, link: LinkId) {
        self.known.numbers.forget(link);
        self.known.symbols.forget(link);
    }

    fn memory(&self, _table: &Table) -> Vec<Memory> {
        remember(&self.known)
    }

    fn restore(&mut self, restored: &Restored, _table: &Table) {
        if let Some(known) = recall(restored) {
            self.known = known;
        }
    }
}

impl Decode {
    /// Version 1 counts all messages of a connection in `socket_sequence`, heartbeats too: "if there is a gap in this
    /// sequence, you have missed a message" (docs.gemini.com, "Sequence Numbers").
    fn counted(
        &mut self,
        number: u64,
        kind: &str,
        message: &Message<'_>,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        match self.known.numbers.place(context.link, number) {
            Place::Next => {}
            Place::Repeated => {
                context.unknown("frame heard twice");
                return Ok(());
            }
            Place::Hole { expected } => context.push(Event::LinkGap { expected, found: number }),
        }
        match kind {
            "update" => {
                let symbol = self.known.symbols.get(context.link).as_deref();
                v1::update(message, symbol, context)?;
            }
            "heartbeat" => context.push(Event::Heartbeat),
            other => context.unknown(if other.is_empty() { "object" } else { other }),
        }
        // A message that cannot be understood is one that is missing, and the next one shows it.
        self.known.numbers.note(context.link, number);
        Ok(())
    }
}
