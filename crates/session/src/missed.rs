//! What was heard while nothing could be kept of it: how much, since when and why, for the file with which recording
//! goes on.

use market::{Body, Packet, Timestamp};

use crate::remark::{Lost, Remark, WhoseLost, WhyLost};
use crate::tape::{head_of, is_heard, remark_at};

/// Remarks of what the user wants no longer that are kept: more than instruments are watched.
const REMARKS_MAX: usize = 4_096;

/// Packets that no file holds.
#[derive(Clone, Debug, Default)]
pub struct Missed {
    hole: Option<Hole>,
    /// What is true of the session for good and must be said all the same.
    remarks: Vec<Packet>,
}

#[derive(Clone, Debug)]
struct Hole {
    first: Packet,
    n_packets: u64,
    why: WhyLost,
}

impl Missed {
    /// A packet comes while there is no file to write to; whether that is a loss.
    pub fn note(&mut self, packet: &Packet, why: WhyLost) -> bool {
        if is_heard(packet) {
            self.widen(packet, 1, why);
            return true;
        }
        let Body::Remark(json) = &packet.body else { return false };
        match Remark::parse(json) {
            Some(Remark::Lost(lost)) => self.widen(packet, lost.n_packets, why),
            Some(Remark::Unsubscribed(_)) if self.remarks.len() < REMARKS_MAX => {
                self.remarks.push(packet.clone());
            }
            Some(Remark::Unsubscribed(_) | Remark::ClockStep(_)) | None => {}
        }
        false
    }

    /// So many more packets are missing, from `first` on unless some are already.
    pub(crate) fn widen(&mut self, first: &Packet, n_packets: u64, why: WhyLost) {
        match &mut self.hole {
            Some(hole) => {
                hole.n_packets = hole.n_packets.saturating_add(n_packets);
                if hole.why != why {
                    hole.why = WhyLost::NoRoom;
                }
            }
            None => self.hole = Some(Hole { first: head_of(first), n_packets, why }),
        }
    }

    /// What a file that goes on with the session begins with, before its preface. The hole begins before the preface,
    /// which ends it at `to`; stamps never run backwards.
    pub(crate) fn remarks(&self, to: Timestamp) -> Vec<Packet> {
        let hole = self.hole.iter().map(|hole| {
            let Hole { first, n_packets, why } = hole;
            let lost =
                Lost { n_packets: *n_packets, to: Some(to), why: *why, whose: WhoseLost::All };
            remark_at(first, Remark::Lost(lost))
        });
        let remarks = hole.chain(self.remarks.iter().cloned());
        let mut remarks: Vec<Packet> =
            remarks.map(|one| Packet { received_at: one.received_at.min(to), ..one }).collect();
        remarks.sort_by_key(|one| one.received_at);
        remarks
    }
}
