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

/// Holes that are told apart: more than recordings play together. What there are more of is still called lost.
const HOLES_MAX: usize = 64;

/// Why a recording lacks what was heard, where it was not for want of room.
pub const WAS_OFF: &str = "recording was off";

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
        let why = if self.is_off() { format!(": {WAS_OFF}") } else { String::new() };
        format!("Not recorded {}{why}.", span(self.from, self.to))
    }

    /// Whether recording was off.
    pub fn is_off(&self) -> bool {
        match self.why {
            WhyLost::Off => true,
            WhyLost::NoRoom => false,
        }
    }
}

impl Engine {
    /// What is missing of a link of a venue, when it stands there.
    pub fn unrecorded(&self, venue: Venue, link: LinkId) -> Option<Unrecorded> {
        let mut holes = self.unrecorded.iter();
        holes.find(|hole| !hole.is_over && hole.whose.is_of(venue, link)).copied()
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
        // Of several recordings that play together, others may be in holes of their own.
        self.unrecorded.retain(|hole| hole.whose != whose);
        if self.unrecorded.len() < HOLES_MAX {
            self.unrecorded.push(Unrecorded { from, to, whose, why, is_over: false });
        }
        self.lose_all(whose, from);
    }

    /// A packet comes where something is missing: the hole ends here.
    pub(crate) fn pass_hole(&mut self, packet: &Packet) {
        let is_of = |hole: &Unrecorded| hole.whose.is_of(packet.venue, packet.link);
        let is_remark = matches!(packet.body, Body::Remark(_));
        if is_remark || !self.unrecorded.iter().any(is_of) {
            return;
        }
        let at = packet.received_at;
        for hole in self.unrecorded.iter_mut().filter(|hole| is_of(hole)) {
            if !std::mem::replace(&mut hole.is_over, true) {
                self.links.go_on(hole.whose, at);
            }
        }
        if !matches!(packet.body, Body::Derived(_)) {
            let ended = self.unrecorded.extract_if(.., |hole| is_of(hole));
            for whose in ended.map(|hole| hole.whose).collect::<Vec<_>>() {
                self.wait_for_snapshots(whose, at);
            }
        }
    }

    /// An image was taken: what it did not make right again waits for a snapshot, as after any gap.
    pub(crate) fn pass_image(&mut self, packet: &Packet) {
        if matches!(packet.body, Body::Derived(_)) && !self.unrecorded.is_empty() {
            self.wait_for_snapshots(Whose::Venue(packet.venue), packet.received_at);
        }
    }

    /// Remarks that say what is still missing, for a range that begins within a hole; as packets like this one.
    pub(crate) fn remark_holes(&self, like: &Packet) -> Vec<Packet> {
        let open = self.unrecorded.iter().filter(|hole| !hole.is_over);
        let remarks = open.map(|hole| {
            let (whose, venue) = match hole.whose {
                Whose::All => (WhoseLost::All, like.venue),
                Whose::Venue(venue) => (WhoseLost::Venue, venue),
                Whose::Links(first, last) => (WhoseLost::Links { first, last }, like.venue),
            };
            // How many packets were missing before the range begins is not known.
            let lost = Lost { n_packets: 0, to: hole.to, why: hole.why, whose };
            let shown = self.all_watched().find(|(id, _)| id.venue == venue);
            let link = shown.map_or(like.link, |(_, watched)| watched.link);
            Packet { venue, link, body: Remark::Lost(lost).to_body(), ..like.clone() }
        });
        remarks.collect()
    }

    fn wait_for_snapshots(&mut self, whose: Whose, at: Timestamp) {
        for (id, watched) in &mut self.watched {
            if whose.is_of(id.venue, watched.link) && is_unrecorded(watched.market.sync().state()) {
                watched.market.lose(Cause::Gap);
                watched.judge(&self.links, at);
            }
        }
    }

    /// A state that was kept within a hole does not say where that ends; its books say that it stands in one.
    pub(crate) fn find_hole(&mut self) {
        let mut states = self.watched.values().map(|watched| watched.market.sync().state());
        if states.any(is_unrecorded) {
            let (from, to, why) = (self.now(), None, WhyLost::NoRoom);
            let (whose, is_over) = (Whose::All, false);
            self.unrecorded = vec![Unrecorded { from, to, whose, why, is_over }];
        }
    }
}

fn is_unrecorded(state: State) -> bool {
    state == State::Lost { cause: Cause::NotRecorded }
}
