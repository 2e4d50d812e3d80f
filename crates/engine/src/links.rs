//! What is known of each link from its packets alone: whose it is, whether it is open, and when it last spoke.

use std::collections::BTreeMap;

use market::load::count;
use market::{Body, LinkId, Packet, Timestamp, Venue};
use serde::{Deserialize, Serialize};

use crate::unrecorded::Whose;

/// Answers to polls come at least as often as this; the link itself tells sooner when three of its polls stay without.
const POLLED_SILENCE_NANOS: i64 = 15_000_000_000;

/// Of so many subjects it is remembered that they are not as usual: a venue has fewer.
const NOTICES_MAX: usize = 64;

/// What a venue says of itself, as a sentence.
pub fn notice(venue: Venue, words: &str) -> String {
    format!("{} says that {words}.", venue.name())
}

/// One link of a session.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
    /// What the venue says of itself that is not as usual, as it follows "it says that", by what it is said of.
    pub notices: BTreeMap<String, String>,
    /// Whether the venue said that books are not kept up for now.
    pub is_paused: bool,
    /// Packets in all.
    #[serde(deserialize_with = "count")]
    pub n_packets: u64,
}

impl LinkState {
    /// Whether it is open but has been silent for longer than its venue allows.
    pub fn is_silent(&self, now: Timestamp) -> bool {
        let silence =
            if self.is_polled() { POLLED_SILENCE_NANOS } else { silence_nanos(self.venue) };
        self.is_open && now.nanos_since(self.heard_at) > silence
    }

    /// Whether we closed it, at the end of a session or since nothing was wanted of it any longer.
    pub fn is_closed_by_us(&self) -> bool {
        !self.is_open && feed::is_closed_by_us(&self.closed_because)
    }

    /// What the venue says of itself that is not as usual, as a sentence; `None` while all is.
    pub fn notice(&self) -> Option<String> {
        self.notices.values().next().map(|words| notice(self.venue, words))
    }

    /// All is as usual, as far as it is known: what is not is said again on a new link.
    fn end_notices(&mut self) {
        self.notices.clear();
        self.is_paused = false;
    }

    /// Whether it is heard by HTTP, since its WebSocket is blocked: it was opened to the base of its requests.
    pub fn is_polled(&self) -> bool {
        self.address.starts_with("http")
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
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
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
            notices: BTreeMap::new(),
            is_paused: false,
            n_packets: 0,
        });
        link.venue = packet.venue;
        link.n_packets += 1;
        match &packet.body {
            Body::Opened(address) => {
                link.address = String::from_utf8_lossy(address).into_owned();
                link.is_open = true;
                link.heard_at = packet.received_at;
                link.end_notices();
            }
            // One that was closed may have been opened again where something is missing.
            Body::Text(_) | Body::Binary(_) | Body::Ping => {
                link.heard_at = packet.received_at;
                link.is_open = true;
            }
            Body::Answered(exchange) if link.is_polled() && exchange.status < 400 => {
                link.heard_at = packet.received_at;
            }
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

    /// Recording goes on behind a hole: nothing says that a link was silent before.
    pub fn go_on(&mut self, whose: Whose, at: Timestamp) {
        for (id, link) in &mut self.links {
            if whose.is_of(link.venue, *id) {
                link.heard_at = link.heard_at.max(at);
            }
        }
    }

    /// The venue says of a subject on this link that it is not as usual: `words` follow "it says that". Whether that
    /// is news, which another of its links did not bring.
    pub fn begin_notice(&mut self, link: LinkId, (subject, words): (&str, &str)) -> bool {
        let Some(venue) = self.links.get(&link).map(|link| link.venue) else { return false };
        let mut others = self.links.values().filter(|link| link.venue == venue && link.is_open);
        let is_known =
            others.any(|link| link.notices.get(subject).is_some_and(|said| said == words));
        if let Some(link) = self.links.get_mut(&link)
            && (link.notices.len() < NOTICES_MAX || link.notices.contains_key(subject))
        {
            link.notices.insert(subject.to_owned(), words.to_owned());
        }
        !is_known
    }

    /// The venue says of a subject that it is as usual. Whether that is news, and no other link waits for it.
    pub fn end_notice(&mut self, link: LinkId, subject: &str) -> bool {
        let Some(of) = self.links.get_mut(&link) else { return false };
        let (venue, was_said) = (of.venue, of.notices.remove(subject).is_some());
        of.is_paused &= !subject.is_empty();
        let mut others = self.links.values().filter(|link| link.venue == venue && link.is_open);
        was_said && !others.any(|link| link.notices.contains_key(subject))
    }

    /// The venue says on this link that books are not kept up for now.
    pub fn pause(&mut self, link: LinkId) {
        if let Some(link) = self.links.get_mut(&link) {
            link.is_paused = true;
        }
    }

    /// One link.
    pub fn get(&self, link: LinkId) -> Option<&LinkState> {
        self.links.get(&link)
    }

    /// Whether a link is open to where a venue speaks by itself, and not only answers.
    pub fn streams(&self, link: LinkId) -> bool {
        let link = self.links.get(&link);
        link.is_some_and(|link| link.is_open && link.address.starts_with("ws"))
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

#[cfg(test)]
mod tests {
    use market::HttpExchange;

    use super::*;

    #[test]
    fn answers_are_a_sign_of_life_only_where_the_link_is_polled() {
        let mut links = Links::default();
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1_000);
        let mut note = |seconds, body| {
            let (venue, link) = (Venue::Kraken, LinkId(0));
            links.note(&Packet { venue, link, number: 0, received_at: at(seconds), body });
            links.get(link).cloned().unwrap()
        };
        let answer = |status| {
            let url = "https://api.kraken.com/0/public/Depth?pair=XBTUSD".into();
            Body::Answered(HttpExchange { url, status, body: "{}".into() })
        };
        note(0, Body::Opened("wss://ws.kraken.com/v2".into()));
        let link = note(4, answer(200));
        assert!(!link.is_polled() && link.is_silent(at(6)));
        note(10, Body::Opened("https://api.kraken.com".into()));
        let link = note(20, answer(200));
        assert!(link.is_polled() && !link.is_silent(at(35)) && link.is_silent(at(36)));
        assert!(note(30, answer(503)).is_silent(at(36)), "a refusal is none");
    }
}
