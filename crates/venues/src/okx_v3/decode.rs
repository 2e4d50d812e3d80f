//! Frames of OKX's third version → events.

use market::Event;

use super::book;
use super::inflate::inflate;
use super::message::Frame;
use crate::assemble::{object, word};
use crate::context::Context;
use crate::error::DecodeError;
use crate::json::{string, token};
use crate::list::Language;
use crate::text;

/// Each frame says all that must be known of it.
#[derive(Debug)]
pub(super) struct Decode;

impl Language for Decode {
    fn frame(&mut self, frame: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
        // The answer to a `ping`, both without quotes.
        if frame == "pong" {
            context.push(Event::Heartbeat);
            return Ok(());
        }
        let Some(frame): Option<Frame<'_>> = object(frame, "a message", context)? else {
            return Ok(());
        };
        if let Some(event) = string(frame.event) {
            answer(&event, &frame, context);
            return Ok(());
        }
        let Some(table) = string(frame.table) else {
            context.unknown("object");
            return Ok(());
        };
        let data = frame.data.ok_or_else(|| context.no_field("a message of a table", "data"))?;
        let (_, channel) = table.split_once('/').unwrap_or(("", &table));
        match book::channel(channel) {
            Some(kind) => book::books(data, kind, &frame, context),
            None if channel == "trade" => book::trades(data, context),
            None => {
                context.unknown(&table);
                Ok(())
            }
        }
    }

    /// As they come: raw deflate.
    fn binary(&mut self, frame: &[u8], context: &mut Context<'_>) -> Result<(), DecodeError> {
        let text = inflate(frame).map_err(|why| context.malformed("a frame", why))?;
        self.frame(&text, context)
    }
}

/// What is said of a request: one answer a channel and instrument.
fn answer(event: &str, frame: &Frame<'_>, context: &mut Context<'_>) {
    match event {
        "subscribe" => {
            context.push(Event::Subscribed { topic: text::name(&word(frame.channel)) });
        }
        "unsubscribe" => {}
        "error" => {
            let code = token(frame.code).unwrap_or_default();
            let words = word(frame.message);
            context.refused("", &format!("{words} ({code})"));
        }
        other => context.unknown(other),
    }
}
