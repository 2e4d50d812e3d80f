//! Recordings as a source of packets: opened, joined, and each link told whose it is.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use market::{Body, LinkId, Packet, Timestamp, Venue};
use session::{Format, OpenError, Recording};
use venues::Evidence;

/// Packets of a capture that are looked at in order to tell its venues.
const PACKETS_LOOKED_AT: usize = 4_000;
/// Frames of one link that are looked at.
const FRAMES_LOOKED_AT: usize = 64;
/// Spans in which the density of a recording is told.
const N_SPANS: usize = 200;

/// One recording, or several files that are parts of one session, in order.
#[derive(Clone)]
pub struct Tape {
    parts: Arc<Vec<Part>>,
}

struct Part {
    recording: Recording,
    /// Captures name no venue: whose each link is.
    venues: BTreeMap<LinkId, Venue>,
}

impl fmt::Debug for Tape {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Tape").field("path", &self.path()).finish_non_exhaustive()
    }
}

impl Tape {
    /// Opens the files. `venue` is whose frames they are, whatever they say themselves.
    ///
    /// # Errors
    /// When a file cannot be opened or is no recording.
    pub fn open(paths: &[PathBuf], venue: Option<Venue>) -> Result<Self, OpenError> {
        let mut parts = Vec::with_capacity(paths.len());
        for path in paths {
            let recording = session::open(path)?;
            let venues = match recording.format() {
                Format::Mcap if venue.is_none() => BTreeMap::new(),
                Format::Mcap | Format::Jsonl | Format::Collector | Format::Ladders => {
                    tell_venues(&recording, venue)
                }
            };
            parts.push(Part { recording, venues });
        }
        Ok(Self { parts: Arc::new(parts) })
    }

    /// The files.
    pub fn recordings(&self) -> impl Iterator<Item = &Recording> {
        self.parts.iter().map(|part| &part.recording)
    }

    /// The first file.
    pub fn path(&self) -> &Path {
        self.parts.first().map_or(Path::new(""), |part| part.recording.path())
    }

    /// The first file's name.
    pub fn name(&self) -> String {
        self.path().file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// `received_at` of the first packet.
    pub fn from(&self) -> Timestamp {
        let moments = self.recordings().filter_map(|recording| recording.info().from);
        moments.min().unwrap_or_default()
    }

    /// `received_at` of the last packet.
    pub fn to(&self) -> Timestamp {
        let moments = self.recordings().filter_map(|recording| recording.info().to);
        moments.max().unwrap_or_default()
    }

    /// Packets in all, as far as they can be read.
    pub fn n_packets(&self) -> u64 {
        self.recordings().map(|recording| recording.info().n_packets).sum()
    }

    /// Whether any link was opened to the simulated exchange.
    pub fn is_simulated(&self) -> bool {
        self.recordings().any(|recording| recording.info().is_simulated)
    }

    /// All packets in order, each with its venue. What is damaged is left out; the recordings' info tells of it.
    pub fn packets(&self) -> TapePackets {
        TapePackets { tape: self.clone(), part_index: 0, packets: None }
    }

    /// Packets in each of 200 equal spans, spread evenly within the stretches of the file.
    pub fn density(&self) -> Vec<u32> {
        let (from, to) = (self.from(), self.to());
        let length = to.nanos_since(from).max(1);
        let mut spans = vec![0_u64; N_SPANS];
        let span_of = |at: Timestamp| {
            let share = i128::from(at.nanos_since(from)) * N_SPANS as i128 / i128::from(length);
            usize::try_from(share).unwrap_or(0).min(N_SPANS - 1)
        };
        for chunk in self.recordings().flat_map(|recording| &recording.info().chunks) {
            let (first, last) = (span_of(chunk.from), span_of(chunk.to));
            let n_spans = (last - first + 1) as u64;
            for span in &mut spans[first..=last] {
                *span += chunk.n_packets.div_ceil(n_spans);
            }
        }
        spans.into_iter().map(|count| u32::try_from(count).unwrap_or(u32::MAX)).collect()
    }

    /// What is missing, as a sentence; empty when nothing is.
    pub fn damage_sentence(&self) -> String {
        let damages = self.recordings().flat_map(|recording| &recording.info().damage);
        damages.map(|damage| damage.what.as_str()).take(3).collect::<Vec<_>>().join(" ")
    }
}

/// Packets of a tape.
pub struct TapePackets {
    tape: Tape,
    part_index: usize,
    packets: Option<session::Packets>,
}

impl fmt::Debug for TapePackets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TapePackets")
            .field("part_index", &self.part_index)
            .finish_non_exhaustive()
    }
}

impl Iterator for TapePackets {
    type Item = Packet;

    fn next(&mut self) -> Option<Packet> {
        loop {
            let part = self.tape.parts.get(self.part_index)?;
            let packets = self.packets.get_or_insert_with(|| part.recording.packets());
            match packets.next() {
                Some(Ok(mut packet)) => {
                    if let Some(venue) = part.venues.get(&packet.link) {
                        packet.venue = *venue;
                    }
                    return Some(packet);
                }
                // Told once by the recording's info, which every reader of a tape shows.
                Some(Err(error)) => tracing::debug!(%error, "a part of a recording is skipped"),
                None => {
                    self.packets = None;
                    self.part_index += 1;
                }
            }
        }
    }
}

/// What is known of one link of a capture.
#[derive(Default)]
struct Clues {
    addresses: Vec<String>,
    frames: Vec<bytes::Bytes>,
}

fn tell_venues(recording: &Recording, known: Option<Venue>) -> BTreeMap<LinkId, Venue> {
    let mut clues: BTreeMap<LinkId, Clues> = BTreeMap::new();
    let packets = recording.packets().filter_map(Result::ok);
    for packet in packets.take(if known.is_some() { usize::MAX } else { PACKETS_LOOKED_AT }) {
        clues.entry(packet.link).or_default().add(packet.body);
    }
    let header = recording.info().header.clone().unwrap_or_default();
    let told =
        clues.into_iter().map(|(link, clues)| (link, known.unwrap_or_else(|| clues.tell(&header))));
    told.collect()
}

impl Clues {
    fn add(&mut self, body: Body) {
        let address = match body {
            Body::Opened(address) | Body::Requested(address) => Some(address),
            Body::Answered(exchange) => Some(exchange.url),
            Body::Text(frame) | Body::Binary(frame) => {
                if self.frames.len() < FRAMES_LOOKED_AT {
                    self.frames.push(frame);
                }
                None
            }
            Body::Ping | Body::Sent(_) | Body::Closed(_) | Body::Derived(_) | Body::Remark(_) => {
                None
            }
        };
        if let Some(address) = address.filter(|_| self.addresses.len() < FRAMES_LOOKED_AT) {
            self.addresses.push(String::from_utf8_lossy(&address).into_owned());
        }
    }

    fn tell(&self, header: &str) -> Venue {
        let addresses: Vec<&str> = self.addresses.iter().map(String::as_str).collect();
        let frames: Vec<&[u8]> = self.frames.iter().map(AsRef::as_ref).collect();
        venues::identify(&Evidence { addresses: &addresses, frames: &frames, header })
    }
}
