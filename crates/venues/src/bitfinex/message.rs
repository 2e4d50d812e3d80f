//! The shapes of Bitfinex's messages: events are objects, data are arrays that grow at their end.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::json::{integer, string, token};

/// Codes of `info`: the server restarts; a maintenance has ended, and what was told meanwhile may not have been all.
/// Either way all is to be asked for again on a new connection.
pub(super) const CODES_ENDING: [u64; 2] = [20_051, 20_061];

/// An event: everything that is not data.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    pub event: Option<&'a RawValue>,
    #[serde(borrow)]
    pub channel: Option<&'a RawValue>,
    #[serde(borrow, rename = "chanId")]
    pub channel_id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub symbol: Option<&'a RawValue>,
    #[serde(borrow)]
    pub key: Option<&'a RawValue>,
    #[serde(borrow)]
    pub prec: Option<&'a RawValue>,
    #[serde(borrow)]
    pub status: Option<&'a RawValue>,
    #[serde(borrow)]
    pub flags: Option<&'a RawValue>,
    #[serde(borrow)]
    pub code: Option<&'a RawValue>,
    #[serde(borrow)]
    pub msg: Option<&'a RawValue>,
    #[serde(borrow)]
    pub platform: Option<&'a RawValue>,
}

/// A frame of data: `[channel, payload]` or `[channel, kind, payload]`, and behind it what the flags ask for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame<'a> {
    pub channel_id: u64,
    /// `hb`, `cs`, `te`, `tu`; empty where the payload follows at once.
    pub kind: &'a str,
    pub payload: Option<&'a RawValue>,
    /// Counts the frames of the connection from 1 (flag `SEQ_ALL`).
    pub number: Option<u64>,
    /// Milliseconds of Unix time (flag `TIMESTAMP`).
    pub sent_at: Option<i64>,
}

/// Trailing numbers from here on are times: as milliseconds it lies in 2001, as a count it is never reached.
const TIMES_FROM: u64 = 1_000_000_000_000;

impl<'a> Frame<'a> {
    /// The parts of a frame; `None` when it is no such array. With both flags the number comes first, then the time.
    pub fn of(elements: &[&'a RawValue]) -> Option<Self> {
        let (first, rest) = elements.split_first()?;
        let channel_id = integer(Some(first))?;
        let (kind, rest) = match rest.split_first()? {
            (word, rest) if word.get().starts_with('"') => (token(Some(word))?, rest),
            (_, _) => ("", rest),
        };
        let (payload, rest) = match rest.split_first() {
            Some((payload, rest)) if kind != "hb" => (Some(*payload), rest),
            Some(_) | None => (None, rest),
        };
        let mut frame = Self { channel_id, kind, payload, number: None, sent_at: None };
        for trailing in rest.iter().filter_map(|raw| integer(Some(raw))) {
            if trailing >= TIMES_FROM {
                frame.sent_at = frame.sent_at.or(i64::try_from(trailing).ok());
            } else {
                frame.number = frame.number.or(Some(trailing));
            }
        }
        Some(frame)
    }
}

/// The element at a place; `None` for a `null`, as Bitfinex fills places that have no meaning.
pub(super) fn at<'a>(elements: &[&'a RawValue], place: usize) -> Option<&'a RawValue> {
    elements.get(place).copied().filter(|raw| raw.get() != "null")
}

/// The text at a place, borrowed from the frame.
pub(super) fn text_at<'a>(
    elements: &[&'a RawValue],
    place: usize,
) -> Option<std::borrow::Cow<'a, str>> {
    string(at(elements, place))
}

/// Whether an array holds arrays, or nothing: a snapshot, where one row stands as it is.
pub(super) fn is_list(payload: &RawValue) -> bool {
    let inner = payload.get().trim_start_matches(['[', ' ', '\t', '\r', '\n']);
    let n_open = payload.get().len() - inner.len();
    let opened = payload.get()[..n_open].bytes().filter(|byte| *byte == b'[').count();
    opened > 1 || (opened == 1 && inner.starts_with(']'))
}

/// Whether a frame says that its connection will be closed, or must be.
pub(super) fn announces_end(frame: &str) -> bool {
    if !frame.contains("\"info\"") {
        return false;
    }
    let message: Message<'_> = serde_json::from_str(frame).unwrap_or_default();
    string(message.event).as_deref() == Some("info")
        && integer(message.code).is_some_and(|code| CODES_ENDING.contains(&code))
}
