//! Stretches that a recording lacks though they were heard: recording was off, or the disk could not keep up. Nobody
//! knows what the venue said then, so that nothing of it is called the venue's silence.
//!
//! ```text
//!          remark `lost`          image           the venue speaks
//! heard ────────┬───────── hole ────┬─── hole is over ────┬─── as ever
//!               └ books are lost    └ those in it are     └ those that were not wait for a snapshot
//!                                     right again
//! ```

use market::{Body, Cause, LinkId, Packet, State, Timestamp, Venue};
use session::{Lost, Remark, WhoseLost, WhyLost};

use crate::absence::span;
use crate::engine::Engine;

/// Whose packets are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Those of all links.
    All,
    /// Those of one venue.
    Venue(Venue),
    /// Those of the links of one of several recordings that play together.
    Links(u16, u16),
}

impl Whose {
    /// Whether what a link says of an instrument of this venue is missing.
    pub fn is_of(self, venue: Venue, link: LinkId) -> bool {
        match self {
            Self::All => true,
            Self::Venue(of) => of == venue,
            Self::Links(first, last) => (first..=last).contains(&link.0),
        }
    }
}

/// A stretch that is missing, where the engine stands in it or right behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unrecorded {
    /// `received_at` of the first packet that is missing.
    pub from: Timestamp,
    /// When recording went on; `None`: it is not told beforehand.
    pub to: Option<Timestamp>,
    /// Whose packets are missing.
    pub whose: Whose,
    why: WhyLost,
    /// Whether an image has ended it, and the venue has not spoken yet.
    is_over: bool,
}

impl Unrecorded {
    /// What a user should know of it.
    pub fn sentence(&self) -> String {
        let why = match self.why {
            WhyLost::Off => ": recording was off",
            WhyLost::NoRoom => "",
        };
        format!("Not recorded {}{why}.", span(self.from, self.to))
    }
}

impl Engine {
    /// What is missing of a link of a venue, when it stands there.
    pub fn unrecorded(&self, venue: Venue, link: LinkId) -> Option<Unrecorded> {
        self.unrecorded.filter(|hole| !hole.is_over && hole.whose.is_of(venue, link))
    }

    /// Heeds what the recorder remarks.
    pub(crate) fn heed(&mut self, remark: Remark, packet: &Packet) {
        match remark {
            Remark::Lost(lost) => self.lose_recorded(lost, packet),
            Remark::ClockStep(_) => {}
            Remark::Unsubscribed(symbol) => {
                if let Some(id) = self.find(packet.venue, &symbol).map(|one| one.id) {
                    self.forget(id);
                }
            }
        }
    }

    fn lose_recorded(&mut self, lost: Lost, packet: &Packet) {
        let Lost { n_packets, to, why, whose } = lost;
        let whose = match whose {
            WhoseLost::All => Whose::All,
            WhoseLost::Venue => Whose::Venue(packet.venue),
            WhoseLost::Links { first, last } => Whose::Links(first, last),
        };
        let from = packet.received_at;
        self.counts.n_unrecorded += n_packets;
        // Of several recordings that play together, another one may be in a hole of its own.
        let whose_now = match self.unrecorded {
            Some(hole) if hole.whose != whose && !hole.is_over => Whose::All,
            Some(_) | None => whose,
        };
        self.unrecorded = Some(Unrecorded { from, to, whose: whose_now, why, is_over: false });
        self.lose_all(whose, from);
    }

    /// A packet comes where something is missing: the hole ends here.
    pub(crate) fn pass_hole(&mut self, packet: &Packet) {
        let Some(hole) = &mut self.unrecorded else { return };
        let (whose, at) = (hole.whose, packet.received_at);
        if matches!(packet.body, Body::Remark(_)) || !whose.is_of(packet.venue, packet.link) {
            return;
        }
        if !std::mem::replace(&mut hole.is_over, true) {
            self.links.go_on(whose, at);
        }
        if matches!(packet.body, Body::Derived(_)) {
            return;
        }
        self.unrecorded = None;
        for (id, watched) in &mut self.watched {
            if whose.is_of(id.venue, watched.link) && is_unrecorded(watched.market.sync().state()) {
                watched.market.lose(Cause::Gap);
                watched.judge(&self.links, at);
            }
        }
    }

    /// A state that was kept within a hole does not say where that ends; its books say that it stands in one.
    pub(crate) fn find_hole(&mut self) {
        let states = self.watched.values().map(|watched| watched.market.sync().state());
        self.unrecorded = states.into_iter().any(is_unrecorded).then(|| Unrecorded {
            from: self.now(),
            to: None,
            whose: Whose::All,
            why: WhyLost::NoRoom,
            is_over: false,
        });
    }
}

fn is_unrecorded(state: State) -> bool {
    state == State::Lost { cause: Cause::NotRecorded }
}
