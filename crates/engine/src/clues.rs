//! Whose frames the links of a capture carry: told from addresses and frames.

use std::collections::BTreeMap;

use market::{Body, LinkId, Venue};
use session::Recording;
use venues::Evidence;

/// Packets of a capture that are looked at in order to tell its venues.
const PACKETS_LOOKED_AT: usize = 4_000;
/// Frames of one link that are looked at.
const FRAMES_LOOKED_AT: usize = 64;

/// What is known of one link of a capture.
#[derive(Default)]
struct Clues {
    addresses: Vec<String>,
    frames: Vec<bytes::Bytes>,
}

/// Whose each link of a capture is; `known`, when that is known of all.
pub fn tell_venues(recording: &Recording, known: Option<Venue>) -> BTreeMap<LinkId, Venue> {
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
