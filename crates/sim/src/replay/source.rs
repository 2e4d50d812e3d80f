//! The files that are served: parts of one session, each link told whose it is.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bytes::Bytes;
use market::{Body, LinkId, Packet, Venue};
use session::{Format, OpenError, Recording};
use venues::Evidence;

/// Packets of a capture that are looked at in order to tell its venues.
const PACKETS_LOOKED_AT: usize = 4_000;
/// Frames and addresses of one link that are looked at.
const CLUES_LOOKED_AT: usize = 64;

/// Parts of one session, in order.
pub(super) struct Source {
    parts: Vec<Part>,
}

struct Part {
    recording: Recording,
    /// Captures name no venue: whose each link is.
    venues: BTreeMap<LinkId, Venue>,
}

/// A packet and the part that it lies in: links are numbered anew in each part.
pub(super) struct Heard {
    /// The packet, with its venue.
    pub packet: Packet,
    /// Which part.
    pub part: usize,
}

impl Source {
    /// Opens the files.
    pub fn open(paths: &[PathBuf]) -> Result<Self, OpenError> {
        let part = |path: &PathBuf| {
            let recording = session::open(path)?;
            let venues = match recording.format() {
                Format::Mcap => BTreeMap::new(),
                Format::Jsonl | Format::Collector | Format::Ladders => tell_venues(&recording),
            };
            Ok(Part { recording, venues })
        };
        Ok(Self { parts: paths.iter().map(part).collect::<Result<_, OpenError>>()? })
    }

    /// The names of the files.
    pub fn names(&self) -> String {
        let names = self.parts.iter().map(|part| part.recording.path().display().to_string());
        names.collect::<Vec<_>>().join(", ")
    }

    /// All packets in order. What is damaged is left out.
    pub fn packets(&self) -> impl Iterator<Item = Heard> {
        self.parts.iter().enumerate().flat_map(|(index, part)| {
            part.recording.packets().filter_map(move |packet| match packet {
                Ok(mut packet) => {
                    packet.venue = part.venues.get(&packet.link).copied().unwrap_or(packet.venue);
                    Some(Heard { packet, part: index })
                }
                Err(error) => {
                    tracing::warn!(%error, "a part of a recording is not served");
                    None
                }
            })
        })
    }
}

/// What is known of one link of a capture.
#[derive(Default)]
struct Clues {
    addresses: Vec<String>,
    frames: Vec<Bytes>,
}

fn tell_venues(recording: &Recording) -> BTreeMap<LinkId, Venue> {
    let mut clues: BTreeMap<LinkId, Clues> = BTreeMap::new();
    for packet in recording.packets().filter_map(Result::ok).take(PACKETS_LOOKED_AT) {
        clues.entry(packet.link).or_default().add(packet.body);
    }
    let header = recording.info().header.clone().unwrap_or_default();
    clues.into_iter().map(|(link, clues)| (link, clues.tell(&header))).collect()
}

impl Clues {
    fn add(&mut self, body: Body) {
        let address = match body {
            Body::Opened(address) | Body::Requested(address) => address,
            Body::Answered(exchange) => exchange.url,
            Body::Text(frame) | Body::Binary(frame) => {
                if self.frames.len() < CLUES_LOOKED_AT {
                    self.frames.push(frame);
                }
                return;
            }
            Body::Ping | Body::Sent(_) | Body::Closed(_) | Body::Derived(_) | Body::Remark(_) => {
                return;
            }
        };
        if self.addresses.len() < CLUES_LOOKED_AT {
            self.addresses.push(String::from_utf8_lossy(&address).into_owned());
        }
    }

    fn tell(&self, header: &str) -> Venue {
        let addresses: Vec<&str> = self.addresses.iter().map(String::as_str).collect();
        let frames: Vec<&[u8]> = self.frames.iter().map(AsRef::as_ref).collect();
        venues::identify(&Evidence { addresses: &addresses, frames: &frames, header })
    }
}
