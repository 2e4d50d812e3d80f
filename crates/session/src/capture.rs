//! Captures of other programs, opened as they are.

mod base64;
mod jsonl;
mod lines;
mod seconds;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use bytes::Bytes;
use market::{Body, LinkId, Packet, Timestamp, Venue};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::damage::{Damage, DamageKind, ReadError};
use crate::info::{Format, Info, Links, Spans, any_is_simulated};
use jsonl::Said;
use lines::{Lines, Next};

/// So many lines are looked at in order to tell the form of a file; the first ones may be broken.
const MAX_SNIFFED_LINES: u64 = 100;

/// A stretch of a capture has at least so many packets.
const SPAN_PACKETS: u64 = 500;

/// The form of a capture, told by its first line that makes sense; `None` when none does.
pub(crate) fn sniff(path: &Path) -> io::Result<Option<Format>> {
    let mut lines = Lines::open(path)?;
    while lines.number() < MAX_SNIFFED_LINES {
        match lines.advance()? {
            Next::Line { .. } => {
                if let Some(format) = std::str::from_utf8(lines.line()).ok().and_then(form_of) {
                    return Ok(Some(format));
                }
            }
            // A form of which the first line is so long is none of ours.
            Next::TooLong | Next::Bomb | Next::End => break,
        }
    }
    Ok(None)
}

/// The keys by which a line is told.
#[derive(Deserialize)]
struct Keys<'a> {
    #[serde(borrow, default)]
    t: Option<&'a RawValue>,
    #[serde(borrow, default)]
    checksum: Option<&'a RawValue>,
    #[serde(borrow, default)]
    bids: Option<&'a RawValue>,
    #[serde(borrow, default)]
    asks: Option<&'a RawValue>,
}

fn form_of(line: &str) -> Option<Format> {
    if collector_line(line).is_some() {
        return Some(Format::Collector);
    }
    let keys: Keys<'_> = serde_json::from_str(line).ok()?;
    if keys.t.is_some() {
        return Some(Format::Jsonl);
    }
    (keys.checksum.is_some() && keys.bids.is_some() && keys.asks.is_some())
        .then_some(Format::Ladders)
}

/// `<nanoseconds> <frame>`.
fn collector_line(line: &str) -> Option<(Timestamp, &str)> {
    let (nanos, frame) = line.split_once(' ')?;
    let is_number = !nanos.is_empty() && nanos.bytes().all(|byte| byte.is_ascii_digit());
    let nanos = if is_number { nanos.parse::<i64>().ok()? } else { return None };
    (!frame.trim().is_empty()).then_some((Timestamp::from_nanos(nanos), frame))
}

/// Packets out of a capture.
pub(crate) struct CapturePackets {
    lines: Lines,
    format: Format,
    links: BTreeMap<Option<String>, Link>,
    header: Option<String>,
    skip_before: Option<Timestamp>,
    last_at: Timestamp,
    has_time: bool,
    is_done: bool,
}

/// A connection of the capture.
struct Link {
    id: LinkId,
    next_number: u64,
}

impl CapturePackets {
    /// All packets; with `skip_before` only those not before it.
    pub(crate) fn open(
        path: &Path,
        format: Format,
        skip_before: Option<Timestamp>,
    ) -> io::Result<Self> {
        Ok(Self {
            lines: Lines::open(path)?,
            format,
            links: BTreeMap::new(),
            header: None,
            skip_before,
            last_at: Timestamp::from_nanos(i64::MIN),
            has_time: false,
            is_done: false,
        })
    }

    /// What the line last read says; `None` when it holds no packet.
    fn understand(&mut self) -> Result<Option<Packet>, String> {
        let line =
            std::str::from_utf8(self.lines.line()).map_err(|_| "the line is not UTF-8 text")?;
        if line.trim().is_empty() {
            return Ok(None);
        }
        let (connection, at, body) = match self.format {
            Format::Collector => {
                let (at, frame) =
                    collector_line(line).ok_or("the line is not nanoseconds and a frame")?;
                (None, Some(at), Body::Text(Bytes::copy_from_slice(frame.as_bytes())))
            }
            Format::Jsonl => match jsonl::parse(line)? {
                Said::Packet { connection, at, body } => (connection, at, body),
                Said::Header => {
                    self.header.get_or_insert_with(|| line.to_owned());
                    return Ok(None);
                }
            },
            Format::Ladders | Format::Mcap => {
                if form_of(line) != Some(Format::Ladders) {
                    return Err("the line is not a book with its checksum".to_owned());
                }
                let at = Some(Timestamp::from_nanos(0));
                (None, at, Body::Text(Bytes::copy_from_slice(line.as_bytes())))
            }
        };
        self.stamp(connection, at, body).map(Some)
    }

    /// Numbers the packet on its link; stamps never run backwards, and a line without one has the last.
    fn stamp(
        &mut self,
        connection: Option<String>,
        at: Option<Timestamp>,
        body: Body,
    ) -> Result<Packet, String> {
        let n_links = self.links.len();
        let link = match self.links.get_mut(&connection) {
            Some(link) => link,
            None => {
                let id =
                    u16::try_from(n_links).map_err(|_| "the capture has more than 65,536 links")?;
                self.links.entry(connection).or_insert(Link { id: LinkId(id), next_number: 0 })
            }
        };
        let number = link.next_number;
        link.next_number += 1;
        self.has_time |= at.is_some() && self.format != Format::Ladders;
        let floor =
            if self.last_at.nanos() == i64::MIN { Timestamp::default() } else { self.last_at };
        let received_at = at.map_or(floor, |at| at.max(self.last_at));
        self.last_at = received_at;
        Ok(Packet { venue: Venue::Unknown, link: link.id, number, received_at, body })
    }

    fn damaged(&self, kind: DamageKind, what: String) -> ReadError {
        let from = Some(self.last_at).filter(|at| at.nanos() != i64::MIN);
        ReadError::Damaged(Damage {
            kind,
            offset: self.lines.offset(),
            line: Some(self.lines.number()),
            from,
            to: None,
            what,
        })
    }
}

impl Iterator for CapturePackets {
    type Item = Result<Packet, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.is_done {
            let is_ended = match self.lines.advance() {
                Ok(Next::Line { is_ended }) => is_ended,
                Ok(Next::TooLong) => {
                    let what = format!("the line is longer than {} bytes", lines::MAX_LINE_BYTES);
                    return Some(Err(self.damaged(DamageKind::Line, what)));
                }
                Ok(Next::Bomb) => {
                    self.is_done = true;
                    let what = "the file unpacks to absurdly much; it is not read further";
                    return Some(Err(self.damaged(DamageKind::Tail, what.to_owned())));
                }
                Ok(Next::End) => break,
                Err(error) => {
                    self.is_done = true;
                    let what =
                        format!("the file ends too early: it cannot be unpacked further ({error})");
                    return Some(Err(self.damaged(DamageKind::Tail, what)));
                }
            };
            match self.understand() {
                Ok(Some(packet)) => {
                    if self.skip_before.is_none_or(|before| packet.received_at >= before) {
                        return Some(Ok(packet));
                    }
                }
                Ok(None) => {}
                Err(what) if is_ended => return Some(Err(self.damaged(DamageKind::Line, what))),
                Err(_) => {
                    let what = "the file ends in the middle of a line".to_owned();
                    return Some(Err(self.damaged(DamageKind::Tail, what)));
                }
            }
        }
        self.is_done = true;
        None
    }
}

/// Reads a capture through: what there is to know of it.
pub(crate) fn read_through(path: &Path, bytes: u64, format: Format) -> io::Result<Info> {
    let mut packets = CapturePackets::open(path, format, None)?;
    let mut info = Info::empty(path.to_owned(), bytes, format);
    let (mut spans, mut links) = (Spans::new(SPAN_PACKETS), Links::default());
    while let Some(result) = packets.next() {
        match result {
            Ok(packet) => {
                spans.add(packets.lines.offset(), packet.received_at);
                links.note(&packet);
                info.n_packets += 1;
            }
            Err(ReadError::Damaged(damage)) => info.add_damage(damage),
            Err(ReadError::Io { source, .. }) => return Err(source),
        }
    }
    info.chunks = spans.finish();
    if packets.has_time {
        info.from = info.chunks.first().map(|span| span.from);
        info.to = info.chunks.last().map(|span| span.to);
    }
    info.links = links.finish();
    for (name, link) in packets.links {
        if let Some(known) = info.links.get_mut(usize::from(link.id.0)) {
            known.name = name;
        }
    }
    info.is_simulated = any_is_simulated(&info.links);
    info.header = packets.header;
    Ok(info)
}
