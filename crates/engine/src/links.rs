//! What is known of each link from its packets alone: whose it is, whether it is open, and when it last spoke.

use std::collections::BTreeMap;

use market::{Body, LinkId, Packet, Timestamp, Venue};

/// One link of a session.
#[derive(Clone, Debug)]
pub struct LinkState {
    /// The venue.
    pub venue: Venue,
    /// The address that it was last opened to; empty in captures that do not tell it.
    pub address: String,
    /// Whether it is open. A capture that tells no opening is open from its first packet.
    pub is_open: bool,
    /// When the venue last said anything on it.
    pub heard_at: Timestamp,
    /// Why it was last closed, as the recording tells it.
    pub closed_because: String,
    /// Packets in all.
    pub n_packets: u64,
}

impl LinkState {
    /// Whether it is open but has been silent for longer than its venue allows.
    pub fn is_silent(&self, now: Timestamp) -> bool {
        self.is_open && now.nanos_since(self.heard_at) > silence_nanos(self.venue)
    }

    /// Whether the endpoint is the simulated exchange.
    pub fn is_simulated(&self) -> bool {
        self.venue.is_simulated_on_loopback() && is_loopback(&self.address)
    }
}

/// How long a link of this venue may be silent; without end where we do not know the venue's rhythm.
pub fn silence_nanos(venue: Venue) -> i64 {
    let silence = venues::silence(venue).map(|silence| i64::try_from(silence.as_nanos()));
    silence.and_then(Result::ok).unwrap_or(i64::MAX)
}

/// Real venues are not on loopback: an endpoint there is simulated.
pub fn is_loopback(address: &str) -> bool {
    let Some((_, rest)) = address.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(bracketed) => bracketed.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// All links of a session.
#[derive(Clone, Debug, Default)]
pub struct Links {
    links: BTreeMap<LinkId, LinkState>,
}

impl Links {
    /// Takes note of a packet, before it is decoded.
    pub fn note(&mut self, packet: &Packet) {
        let link = self.links.entry(packet.link).or_insert_with(|| LinkState {
            venue: packet.venue,
            address: String::new(),
            is_open: true,
            heard_at: packet.received_at,
            closed_because: String::new(),
            n_packets: 0,
        });
        link.venue = packet.venue;
        link.n_packets += 1;
        match &packet.body {
            Body::Opened(address) => {
                link.address = String::from_utf8_lossy(address).into_owned();
                link.is_open = true;
                link.heard_at = packet.received_at;
            }
            Body::Text(_) | Body::Binary(_) | Body::Ping => link.heard_at = packet.received_at,
            Body::Closed(reason) => {
                link.is_open = false;
                link.closed_because = String::from_utf8_lossy(reason).into_owned();
            }
            Body::Sent(_)
            | Body::Requested(_)
            | Body::Answered(_)
            | Body::Derived(_)
            | Body::Remark(_) => {}
        }
    }

    /// One link.
    pub fn get(&self, link: LinkId) -> Option<&LinkState> {
        self.links.get(&link)
    }

    /// All links, by number.
    pub fn iter(&self) -> impl Iterator<Item = (LinkId, &LinkState)> {
        self.links.iter().map(|(id, link)| (*id, link))
    }

    /// Whether any link was opened to the simulated exchange.
    pub fn any_is_simulated(&self) -> bool {
        self.links.values().any(LinkState::is_simulated)
    }
}
