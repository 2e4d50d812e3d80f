//! The links of a venue: who is connected, what each wants to hear, and what was asked to go wrong.

use std::collections::BTreeMap;

use axum::extract::ws::Utf8Bytes;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

/// Frames that may wait for a slow client before its link is cut, as the venues do.
pub const N_FRAMES_WAITING: usize = 8_192;

/// What is to be done to a link.
#[derive(Clone, Debug)]
pub enum Outgoing {
    /// A text frame.
    Text(Utf8Bytes),
    /// A close frame with its code and reason.
    Close(u16, &'static str),
}

/// What is to be done wrong with the next book frame of an instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tamper {
    /// It is never sent: a gap.
    Drop,
    /// Its checksum is wrong (Kraken, OKX).
    Corrupt,
    /// It comes after the one that follows it.
    Reorder,
    /// It is sent twice.
    Duplicate,
    /// It holds a bid above the best ask.
    Cross,
}

/// Frames and the links that they are for.
type Frames = Vec<(u64, Utf8Bytes)>;

/// The links of a venue; `T` is what a link wants to hear.
#[derive(Debug)]
pub struct Floor<T> {
    links: BTreeMap<u64, Line<T>>,
    next_id: u64,
    tampers: Vec<(Option<String>, Tamper)>,
    /// Frames of a book that wait for the one that follows them, by the name of their stream.
    late: Vec<(String, Frames)>,
    /// Nothing is sent while this is set: a venue that has gone silent.
    pub is_mute: bool,
}

#[derive(Debug)]
struct Line<T> {
    frames: mpsc::Sender<Outgoing>,
    wants: T,
}

impl<T> Default for Floor<T> {
    fn default() -> Self {
        Self {
            links: BTreeMap::new(),
            next_id: 1,
            tampers: Vec::new(),
            late: Vec::new(),
            is_mute: false,
        }
    }
}

impl<T> Floor<T> {
    /// A link opens.
    pub fn join(&mut self, frames: mpsc::Sender<Outgoing>, wants: T) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.links.insert(id, Line { frames, wants });
        id
    }

    /// A link is gone.
    pub fn leave(&mut self, link: u64) {
        self.links.remove(&link);
    }

    /// Links that are open.
    pub fn len(&self) -> usize {
        self.links.len()
    }

    /// What a link wants to hear.
    pub fn wants(&mut self, link: u64) -> Option<&mut T> {
        self.links.get_mut(&link).map(|line| &mut line.wants)
    }

    /// Whether some link wants this.
    pub fn is_wanted(&self, wanted: impl Fn(&T) -> bool) -> bool {
        self.links.values().any(|line| wanted(&line.wants))
    }

    /// The links whose wishes are such.
    pub fn those(&self, such: impl Fn(&T) -> bool) -> Vec<u64> {
        self.links.iter().filter(|(_, line)| such(&line.wants)).map(|(id, _)| *id).collect()
    }

    /// Sends a frame to one link. A link whose queue is full is cut.
    pub fn send(&mut self, link: u64, text: &Utf8Bytes) {
        if self.is_mute {
            return;
        }
        if let Some(line) = self.links.get(&link)
            && line.frames.try_send(Outgoing::Text(text.clone())).is_err()
        {
            tracing::warn!(link, "a client is too slow or gone; its link is cut");
            self.links.remove(&link);
        }
    }

    /// Sends to each link what `frame` gives for it.
    pub fn publish(&mut self, frame: impl FnMut(&T) -> Option<Utf8Bytes>) {
        let frames = self.frames(frame);
        self.send_all(&frames);
    }

    /// As [`Self::publish`], a frame of the book of `stream`: never, twice or late if that was asked for.
    pub fn publish_book(
        &mut self,
        stream: &str,
        tamper: Option<Tamper>,
        frame: impl FnMut(&T) -> Option<Utf8Bytes>,
    ) {
        let frames = self.frames(frame);
        match tamper {
            Some(Tamper::Drop) => {}
            Some(Tamper::Reorder) => return self.late.push((stream.to_owned(), frames)),
            Some(Tamper::Duplicate) => {
                self.send_all(&frames);
                self.send_all(&frames);
            }
            Some(Tamper::Corrupt | Tamper::Cross) | None => self.send_all(&frames),
        }
        let late: Vec<_> = self.late.extract_if(.., |late| late.0 == stream).collect();
        for (_, frames) in late {
            self.send_all(&frames);
        }
    }

    fn frames(&self, mut frame: impl FnMut(&T) -> Option<Utf8Bytes>) -> Frames {
        let frame = |(id, line): (&u64, &Line<T>)| frame(&line.wants).map(|text| (*id, text));
        self.links.iter().filter_map(frame).collect()
    }

    fn send_all(&mut self, frames: &[(u64, Utf8Bytes)]) {
        for (id, text) in frames {
            self.send(*id, text);
        }
    }

    /// Closes a link with a code.
    pub fn close(&mut self, link: u64, code: u16, reason: &'static str) {
        if let Some(line) = self.links.remove(&link)
            && line.frames.try_send(Outgoing::Close(code, reason)).is_err()
        {
            tracing::debug!(link, "the link is gone already");
        }
    }

    /// Closes all links with a code.
    pub fn close_all(&mut self, code: u16, reason: &'static str) {
        for link in self.links.keys().copied().collect::<Vec<_>>() {
            self.close(link, code, reason);
        }
    }

    /// Asks for something to go wrong with the next book frame of `symbol`, or of any instrument.
    pub fn tamper(&mut self, symbol: Option<String>, tamper: Tamper) {
        self.tampers.push((symbol, tamper));
    }

    /// What is to go wrong with this book frame of `symbol`, which is about to be sent.
    pub fn take_tamper(&mut self, symbol: &str) -> Option<Tamper> {
        let position = self
            .tampers
            .iter()
            .position(|(wanted, _)| wanted.as_deref().is_none_or(|wanted| wanted == symbol))?;
        Some(self.tampers.remove(position).1)
    }
}
