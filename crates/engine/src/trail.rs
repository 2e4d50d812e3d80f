//! Which packets were heard last: what a step back goes to.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use market::{Body, InstrumentId, LinkId, Packet, Timestamp, Venue};

/// Packets that are remembered, and for each instrument packets with trades: more steps than anyone takes in one go; an
/// earlier one is found by hearing again.
const MARKS_MAX: usize = 512;

/// One packet of a session that was heard or said, wherever it is read from: a file or memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// When it was received.
    pub at: Timestamp,
    /// On which link.
    pub link: LinkId,
    /// Its number there.
    pub number: u64,
}

impl Mark {
    /// The mark of a packet; `None` for what a recorder adds, which is not everywhere where the packet is.
    pub fn of(packet: &Packet) -> Option<Self> {
        match packet.body {
            Body::Derived(_) | Body::Remark(_) => None,
            Body::Opened(_)
            | Body::Text(_)
            | Body::Binary(_)
            | Body::Ping
            | Body::Sent(_)
            | Body::Requested(_)
            | Body::Answered(_)
            | Body::Closed(_) => {
                Some(Self { at: packet.received_at, link: packet.link, number: packet.number })
            }
        }
    }
}

/// Of which packets the playhead goes back to one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stride {
    /// Any.
    Packet,
    /// Those that tell of a trade of this instrument, which each session may know under another address.
    Trade(Venue, Arc<str>),
}

/// The same in one session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Any.
    Packet,
    /// Those that tell of a trade of this instrument.
    Trade(InstrumentId),
}

/// The packets that were heard last.
#[derive(Debug, Default)]
pub struct Trail {
    heard: VecDeque<Mark>,
    traded: BTreeMap<InstrumentId, VecDeque<Mark>>,
}

impl Trail {
    /// A packet was heard, which told of trades of these instruments.
    pub fn note(&mut self, mark: Mark, traded: impl Iterator<Item = InstrumentId>) {
        push(&mut self.heard, mark);
        for id in traded {
            push(self.traded.entry(id).or_default(), mark);
        }
    }

    /// The last packet.
    pub fn last(&self) -> Option<Mark> {
        self.heard.back().copied()
    }

    /// The packet of a kind that lies `n` of them before the last packet, or the furthest one that is remembered; and
    /// how many before it is. `None` when none is remembered.
    pub fn before_last(&self, kind: Heard, n: u64) -> Option<(Mark, u64)> {
        let last = self.last();
        let before = self.marks(kind)?.iter().rev().filter(|mark| Some(**mark) != last).copied();
        (1..=n).zip(before).last().map(|(n_back, mark)| (mark, n_back))
    }

    /// The last packet of a kind.
    pub fn last_of(&self, kind: Heard) -> Option<Mark> {
        self.marks(kind)?.back().copied()
    }

    fn marks(&self, kind: Heard) -> Option<&VecDeque<Mark>> {
        match kind {
            Heard::Packet => Some(&self.heard),
            Heard::Trade(id) => self.traded.get(&id),
        }
    }
}

fn push(marks: &mut VecDeque<Mark>, mark: Mark) {
    if marks.back() == Some(&mark) {
        return;
    }
    if marks.len() >= MARKS_MAX {
        marks.pop_front();
    }
    marks.push_back(mark);
}
