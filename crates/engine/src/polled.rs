//! Books that are asked for by HTTP: each is known by the address of its requests, and stale alone when they fail.

use bytes::Bytes;
use market::{Body, Event, Events, LinkId, Packet};
use serde::{Deserialize, Serialize};

use crate::engine::Engine;
use crate::links::LinkState;
use crate::watched::Watched;

/// Requests for one book in a row that come to nothing, after which it is not called right any longer.
const POLLS_FAILED_MAX: u32 = 3;

/// The requests for one book.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct PolledBook {
    /// What is asked for it, as the first answer that held the book was asked for; empty before.
    address: Vec<u8>,
    is_asked: bool,
    n_failed: u32,
}

impl PolledBook {
    /// Whether so many requests in a row came to nothing that the book cannot be believed.
    pub fn has_failed(&self) -> bool {
        self.n_failed >= POLLS_FAILED_MAX
    }

    fn asked(&mut self) {
        // The one before was never answered.
        let was_asked = std::mem::replace(&mut self.is_asked, true);
        self.n_failed = self.n_failed.saturating_add(u32::from(was_asked));
    }

    fn refused(&mut self) {
        self.is_asked = false;
        self.n_failed = self.n_failed.saturating_add(1);
    }

    fn answered(&mut self, address: &Bytes) {
        *self = Self { address: address.to_vec(), is_asked: false, n_failed: 0 };
    }

    fn restart(&mut self) {
        (self.is_asked, self.n_failed) = (false, 0);
    }
}

impl Engine {
    /// Takes note of requests and answers, before the events of the answers are taken.
    pub(crate) fn note_polls(&mut self, packet: &Packet, events: &Events) {
        match &packet.body {
            Body::Opened(_) | Body::Closed(_) => {
                self.each_on(packet.link, |watched| watched.polled.restart());
            }
            Body::Requested(address) if self.polls(packet.link) => {
                self.each_asked_by(packet.link, address, PolledBook::asked);
            }
            Body::Answered(exchange) if self.polls(packet.link) => {
                let book = events.items.iter().find_map(|event| match event {
                    Event::Book(message) => Some(message.instrument),
                    _ => None,
                });
                match book.map(|id| self.watched.get_mut(&id)) {
                    Some(Some(watched)) => watched.polled.answered(&exchange.url),
                    Some(None) => {} // The first of it: its next answer tells its address.
                    None => self.each_asked_by(packet.link, &exchange.url, PolledBook::refused),
                }
            }
            Body::Requested(_)
            | Body::Answered(_)
            | Body::Text(_)
            | Body::Binary(_)
            | Body::Ping
            | Body::Sent(_)
            | Body::Derived(_)
            | Body::Remark(_) => {}
        }
    }

    fn polls(&self, link: LinkId) -> bool {
        self.links.get(link).is_some_and(LinkState::is_polled)
    }

    fn each_asked_by(&mut self, link: LinkId, address: &Bytes, note: fn(&mut PolledBook)) {
        self.each_on(link, |watched| {
            if watched.polled.address == *address {
                note(&mut watched.polled);
            }
        });
    }

    fn each_on(&mut self, link: LinkId, mut note: impl FnMut(&mut Watched)) {
        self.watched.values_mut().filter(|watched| watched.link == link).for_each(&mut note);
    }
}
