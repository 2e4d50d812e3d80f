//! Several recordings as one: the parts of a session joined, sessions of several venues interleaved.

mod links;

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, VecDeque};
use std::path::{Path, PathBuf};

use market::{Body, Packet, Timestamp, Venue};
use session::{BulkOptions, BulkReport, Format, Lost, RecordError, Remark, WhoseLost};
use venues::image;

use crate::keyframes::{Cadence, with_keyframes};
use crate::source::Tape;
use crate::trim::header;
use links::{Plan, plan};

/// Why nothing was merged.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// One of each kind.
    #[error(
        "{simulated} was recorded from the simulated exchange and {real} was not; a recording is one or the other, so \
         they are not merged",
        simulated = simulated.display(),
        real = real.display()
    )]
    Mixed {
        /// A simulated one.
        simulated: PathBuf,
        /// A real one.
        real: PathBuf,
    },
    /// Two recordings heard the same venue at the same time.
    #[error(
        "{one} and {other} both hold {venue} at the same time; recordings of one venue are merged only when one \
         follows the other",
        one = one.display(),
        other = other.display()
    )]
    Overlap {
        /// The one that begins first.
        one: PathBuf,
        /// The other.
        other: PathBuf,
        /// The venue's name.
        venue: &'static str,
    },
    /// A capture whose lines have no time.
    #[error("{path} says nothing of time, so that it has no place among others", path = .0.display())]
    Timeless(PathBuf),
    /// More connections than a recording can number.
    #[error(
        "together the recordings have more than 65,535 links, more than a recording can number"
    )]
    Links,
    /// The new file could not be written.
    #[error(transparent)]
    Written(#[from] RecordError),
}

/// Writes the packets of all tapes into one new recording, in the order in which they were received. Where two sessions
/// call their links by the same number, the later one's get others; keyframes are made on the way. Every packet is
/// read twice, and `on_packet` is called with the count of both.
///
/// # Errors
/// When the recordings do not go together, or the new file cannot be written.
pub fn merge(
    tapes: &[Tape],
    out: &Path,
    program: &str,
    mut on_packet: impl FnMut(u64),
) -> Result<BulkReport, MergeError> {
    let timeless = |tape: &&Tape| tape.recordings().any(|one| one.format() == Format::Ladders);
    if let Some(tape) = tapes.iter().find(timeless) {
        return Err(MergeError::Timeless(tape.path().to_owned()));
    }
    let (simulated, real): (Vec<_>, Vec<_>) = tapes.iter().partition(|tape| tape.is_simulated());
    if let (Some(simulated), Some(real)) = (simulated.first(), real.first()) {
        let (simulated, real) = (simulated.path().to_owned(), real.path().to_owned());
        return Err(MergeError::Mixed { simulated, real });
    }
    let mut tapes = tapes.to_vec();
    tapes.sort_by_key(Tape::from);
    let mut n_read = 0;
    let mut count = || {
        n_read += 1;
        on_packet(n_read);
    };
    let plan = plan(&tapes, &mut count)?;
    let options = BulkOptions::new(header(&tapes, program));
    let packets = Interleaved::of(&tapes, &plan, &mut count);
    Ok(session::write_items(out, with_keyframes(packets, Cadence::default()), &options)?)
}

/// The packets of all tapes in order of time; of one moment, in the order of the tapes.
struct Interleaved<'a, F> {
    tapes: &'a [Tape],
    plan: &'a Plan,
    sources: Vec<Option<Box<dyn Iterator<Item = Packet>>>>,
    heads: Vec<Option<Packet>>,
    /// The moment of each tape's next packet.
    order: BinaryHeap<Reverse<(Timestamp, usize)>>,
    /// What goes out before the next packet is read.
    ready: VecDeque<Packet>,
    count: F,
}

impl<'a, F: FnMut()> Interleaved<'a, F> {
    fn of(tapes: &'a [Tape], plan: &'a Plan, count: F) -> Self {
        let filled = tapes.iter().enumerate().filter(|(_, tape)| tape.n_packets() > 0);
        Self {
            tapes,
            plan,
            sources: tapes.iter().map(|_| None).collect(),
            heads: tapes.iter().map(|_| None).collect(),
            order: filled.map(|(index, tape)| Reverse((tape.from(), index))).collect(),
            ready: VecDeque::new(),
            count,
        }
    }

    /// Reads the packet that is next in time, and what goes with it.
    fn read(&mut self) -> Option<()> {
        let Reverse((_, index)) = self.order.pop()?;
        let tape = &self.tapes[index];
        let source = self.sources[index].get_or_insert_with(|| Box::new(tape.packets()));
        let Some(packet) = self.heads[index].take().or_else(|| source.next()) else {
            return Some(());
        };
        (self.count)();
        let next = source.next();
        if let Some(next) = &next {
            self.order.push(Reverse((next.received_at, index)));
        }
        let (is_last, at) = (next.is_none(), packet.received_at);
        self.heads[index] = next;
        self.give(index, packet);
        if is_last && !self.order.is_empty() {
            self.ready.extend(self.plan.tapes[index].closings(at));
        }
        Some(())
    }

    fn give(&mut self, index: usize, mut packet: Packet) {
        let part = &self.plan.tapes[index];
        let lost = match &packet.body {
            Body::Remark(json) if self.plan.n_sessions > 1 => Remark::parse(json),
            Body::Derived(json) if part.is_renumbered() => {
                if let Some(json) = image::relink(json, |link| part.number_of(link)) {
                    packet.body = Body::Derived(json);
                }
                None
            }
            Body::Opened(_)
            | Body::Text(_)
            | Body::Binary(_)
            | Body::Ping
            | Body::Sent(_)
            | Body::Requested(_)
            | Body::Answered(_)
            | Body::Closed(_)
            | Body::Derived(_)
            | Body::Remark(_) => None,
        };
        packet.link = part.number_of(packet.link);
        match lost {
            // A hole in one session is none in the others.
            Some(Remark::Lost(lost)) if lost.whose == WhoseLost::All => {
                for (venue, link) in &part.session_links {
                    let n_packets = if *venue == packet.venue { lost.n_packets } else { 0 };
                    let body = Remark::Lost(Lost { n_packets, whose: WhoseLost::Venue, ..lost });
                    let body = body.to_body();
                    self.ready.push_back(Packet {
                        venue: *venue,
                        link: *link,
                        body,
                        ..packet.clone()
                    });
                }
            }
            Some(Remark::Lost(_) | Remark::ClockStep(_) | Remark::Unsubscribed(_)) | None => {
                self.ready.push_back(packet);
            }
        }
    }
}

impl<F: FnMut()> Iterator for Interleaved<'_, F> {
    type Item = Packet;

    fn next(&mut self) -> Option<Packet> {
        loop {
            if let Some(packet) = self.ready.pop_front() {
                return Some(packet);
            }
            self.read()?;
        }
    }
}

/// The first venue that two sets share.
fn shared(one: &BTreeSet<Venue>, other: &BTreeSet<Venue>) -> Option<Venue> {
    one.intersection(other).next().copied()
}
