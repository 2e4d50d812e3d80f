//! What is known of a recording without replaying it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use market::{Body, LinkId, Packet, Timestamp, Venue};

use crate::chunks::Chunks;
use crate::damage::Damage;

/// In what form the packets lie in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Our own recordings.
    Mcap,
    /// A capture: one JSON object a line with the kind in `t`.
    Jsonl,
    /// A capture: nanoseconds, a space and the frame, a line.
    Collector,
    /// Isolated books with their checksums, one JSON object a line. Lines have no time.
    Ladders,
}

impl Format {
    /// The name in JSON and on the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mcap => "mcap",
            Self::Jsonl => "jsonl",
            Self::Collector => "collector",
            Self::Ladders => "ladders",
        }
    }
}

/// What a recording holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info {
    /// The file.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// Its form.
    pub format: Format,
    /// `received_at` of the first packet; `None` when there is none, or none has a time.
    pub from: Option<Timestamp>,
    /// `received_at` of the last packet.
    pub to: Option<Timestamp>,
    /// How many packets can be read.
    pub n_packets: u64,
    /// What cannot be read, the first [`MAX_DAMAGES`](Self::MAX_DAMAGES) places of it.
    pub damage: Vec<Damage>,
    /// How many places cannot be read.
    pub n_damages: u64,
    /// Whether the market was simulated: an address on loopback was opened, or the file says so.
    pub is_simulated: bool,
    /// The connections, in order of first appearance.
    pub links: Vec<LinkInfo>,
    /// The header line of a capture, as it stands.
    pub header: Option<String>,
    /// What the file says about itself (format, program, endpoints); empty for captures.
    pub metadata: BTreeMap<String, String>,
    /// Stretches of the file in order: where packets lie in time, and how dense.
    pub chunks: Chunks,
}

impl Info {
    /// How many places of damage are described; more are only counted.
    pub const MAX_DAMAGES: usize = 100;

    /// Information about a file of which nothing is known yet.
    pub(crate) fn empty(path: PathBuf, bytes: u64, format: Format) -> Self {
        Self {
            path,
            bytes,
            format,
            from: None,
            to: None,
            n_packets: 0,
            damage: Vec::new(),
            n_damages: 0,
            is_simulated: false,
            links: Vec::new(),
            header: None,
            metadata: BTreeMap::new(),
            chunks: Chunks::default(),
        }
    }

    /// Counts a place of damage and describes it while there is room.
    pub(crate) fn add_damage(&mut self, damage: Damage) {
        self.n_damages = self.n_damages.saturating_add(1);
        if self.damage.len() < Self::MAX_DAMAGES {
            self.damage.push(damage);
        }
    }
}

/// One connection of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkInfo {
    /// The venue; `Unknown` in captures, which name none.
    pub venue: Venue,
    /// Its number in the packets.
    pub link: LinkId,
    /// What the capture calls it.
    pub name: Option<String>,
    /// The address that was opened, or first asked.
    pub address: Option<String>,
    /// How many packets it has.
    pub n_packets: u64,
}

impl LinkInfo {
    /// Counts a packet of this link; the first address that it opens or asks is kept.
    pub(crate) fn note(&mut self, packet: &Packet) {
        self.n_packets = self.n_packets.saturating_add(1);
        if self.address.is_some() {
            return;
        }
        self.address = match &packet.body {
            Body::Opened(address) | Body::Requested(address) => Some(address),
            Body::Answered(exchange) => Some(&exchange.url),
            Body::Text(_)
            | Body::Binary(_)
            | Body::Ping
            | Body::Sent(_)
            | Body::Closed(_)
            | Body::Derived(_)
            | Body::Remark(_) => None,
        }
        .filter(|address| !address.is_empty())
        .map(|address| String::from_utf8_lossy(&address[..address.len().min(2_048)]).into_owned());
    }
}

/// A stretch of the file: a chunk of an MCAP, or some lines of a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkSpan {
    /// Where it begins in the file, in bytes (captures: before compression).
    pub offset: u64,
    /// `received_at` of its first packet.
    pub from: Timestamp,
    /// `received_at` of its last packet.
    pub to: Timestamp,
    /// How many packets it holds.
    pub n_packets: u64,
}

/// Collects the links of a file while its packets go by.
#[derive(Clone, Default)]
pub(crate) struct Links {
    links: Vec<LinkInfo>,
    positions: BTreeMap<(Venue, LinkId), usize>,
}

impl Links {
    /// Counts a packet.
    pub(crate) fn note(&mut self, packet: &Packet) {
        let links = &mut self.links;
        let position = *self.positions.entry((packet.venue, packet.link)).or_insert_with(|| {
            let (venue, link) = (packet.venue, packet.link);
            links.push(LinkInfo { venue, link, name: None, address: None, n_packets: 0 });
            links.len() - 1
        });
        links[position].note(packet);
    }

    /// The links in order of first appearance.
    pub(crate) fn finish(self) -> Vec<LinkInfo> {
        self.links
    }
}

/// Collects stretches of a file while its packets go by; a bounded number of them.
pub(crate) struct Spans {
    spans: Vec<ChunkSpan>,
    n_packets_min: u64,
    last_offset: Option<u64>,
}

impl Spans {
    /// At most so many stretches are kept: more are joined in pairs.
    pub(crate) const MAX: usize = 1 << 20;

    /// Stretches of at least so many packets.
    pub(crate) fn new(n_packets_min: u64) -> Self {
        Self { spans: Vec::new(), n_packets_min, last_offset: None }
    }

    /// Counts a packet. A new stretch begins only where the packet's own `offset` is a new one.
    pub(crate) fn add(&mut self, offset: u64, at: Timestamp) {
        let is_border = self.last_offset.replace(offset) != Some(offset);
        match self.spans.last_mut() {
            Some(span) if !is_border || span.n_packets < self.n_packets_min => {
                span.to = at;
                span.n_packets += 1;
            }
            Some(_) | None => {
                if self.spans.len() >= Self::MAX {
                    self.join_pairs();
                }
                self.spans.push(ChunkSpan { offset, from: at, to: at, n_packets: 1 });
            }
        }
    }

    /// The stretches in order.
    pub(crate) fn finish(self) -> Chunks {
        self.spans.into_iter().collect()
    }

    fn join_pairs(&mut self) {
        self.n_packets_min = self.n_packets_min.saturating_mul(2);
        let join = |pair: &[ChunkSpan]| {
            let n_packets = pair.iter().map(|span| span.n_packets).sum();
            ChunkSpan { to: pair[pair.len() - 1].to, n_packets, ..pair[0] }
        };
        self.spans = self.spans.chunks(2).map(join).collect();
    }
}

/// Whether one of these links was to a simulated venue.
pub(crate) fn any_is_simulated(links: &[LinkInfo]) -> bool {
    let mut links = links.iter().filter(|link| link.venue.is_simulated_on_loopback());
    links.any(|link| link.address.as_deref().is_some_and(is_loopback))
}

/// Whether an address is on loopback, where no real venue is.
fn is_loopback(address: &str) -> bool {
    let Some((_, rest)) = address.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host_and_port = authority.rsplit('@').next().unwrap_or_default();
    let host = match host_and_port.strip_prefix('[') {
        Some(bracketed) => bracketed.split(']').next().unwrap_or_default(),
        None => host_and_port.split(':').next().unwrap_or_default(),
    };
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn only_loopback_is_simulated() {
        for address in
            ["ws://127.0.0.1:80/ws", "http://[::1]:9/api", "ws://LOCALHOST/", "ws://127.9.9.9"]
        {
            assert!(is_loopback(address), "{address}");
        }
        for address in [
            "wss://ws.kraken.com/v2",
            "wss://127.0.0.1.example.com/",
            "127.0.0.1",
            "",
            "ws://localhost@a.b/",
        ] {
            assert!(!is_loopback(address), "{address}");
        }
    }
}
