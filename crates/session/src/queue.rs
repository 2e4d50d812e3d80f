//! The bounded queue between the market and the recorder's thread. Handing over never waits for the disk.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use market::{Packet, Timestamp};

use crate::keyframe::{Block, Keyframe, MadeKeyframe};
use crate::remark::{Lost, Remark};
use crate::tape::{head_of, is_heard, remark_at};

/// Packets that wait at most: 3 s of the busiest burst that was ever recorded here (20,000 a second).
pub(crate) const MAX_PACKETS: usize = 65_536;

/// Payload that waits at most, so that a few huge answers do not take the memory.
const MAX_BYTES: usize = 256 << 20;

/// Packets taken at once: the lock is held for their move only.
const BATCH: usize = 1_024;

/// After some work the thread naps, so that a busy market does not wake it for each packet ...
pub(crate) const NAP: Duration = Duration::from_millis(20);
/// ... unless so much has come meanwhile.
const WAKE_PACKETS: usize = 8_192;
const WAKE_BYTES: usize = 16 << 20;

/// What the recorder's thread is to do, in order.
pub(crate) enum Job {
    /// Write a packet.
    Packet(Packet),
    /// Write a keyframe of the state after all packets before it.
    Keyframe(Box<(Keyframe, Vec<Block>)>),
    /// Write a keyframe of what was written before.
    Made(Box<MadeKeyframe>),
    /// Close the file and begin the next with these packets.
    Roll(Vec<Packet>),
    /// Name these addresses at the start of each file that is made from now on.
    Endpoints(Vec<(String, String)>),
    /// Close the file and end.
    Finish,
}

/// The queue, shared by the owner and the thread.
#[derive(Default)]
pub(crate) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    n_packets: usize,
    n_bytes: usize,
    hole: Option<Hole>,
    n_lost: u64,
    sleep: Sleep,
    has_worked: bool,
}

/// What wakes the thread.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Sleep {
    /// It is at work.
    #[default]
    Awake,
    /// It wakes by itself soon; only much work or an order wakes it before.
    Napping,
    /// Anything wakes it.
    Asleep,
}

/// Packets that found the queue full.
struct Hole {
    first: Packet,
    /// When the last of them was received.
    to: Timestamp,
    n_packets: u64,
}

impl Queue {
    /// Hands a packet over, or counts it as lost when there is no room.
    pub(crate) fn push(&self, packet: Packet) {
        let mut state = self.lock();
        let length = crate::message::encoded_length(&packet.body);
        // While there is a hole the queue is full: only taking makes room, and taking closes the hole.
        let is_full = state.hole.is_some()
            || state.n_packets >= MAX_PACKETS
            || state.n_bytes.saturating_add(length) > MAX_BYTES;
        if is_full {
            state.lose(&packet);
            return;
        }
        state.n_packets += 1;
        state.n_bytes += length;
        state.jobs.push_back(Job::Packet(packet));
        let is_much = state.n_packets >= WAKE_PACKETS || state.n_bytes >= WAKE_BYTES;
        let must_wake = match state.sleep {
            Sleep::Awake => false,
            Sleep::Napping => is_much,
            Sleep::Asleep => true,
        };
        drop(state);
        if must_wake {
            self.changed.notify_one();
        }
    }

    /// Hands over what is not a packet; it always finds room, and its owner sends few.
    pub(crate) fn push_order(&self, job: Job) {
        let mut state = self.lock();
        state.jobs.push_back(job);
        drop(state);
        self.changed.notify_one();
    }

    /// Hands over a keyframe, unless packets before it found no room: it knows of them, and the file does not.
    pub(crate) fn push_keyframe(&self, keyframe: Keyframe, blocks: Vec<Block>) {
        if self.lock().hole.is_none() {
            self.push_order(Job::Keyframe(Box::new((keyframe, blocks))));
        }
    }

    /// Takes what has come, in order, waiting at most `patience` for the first; `n_lost` counts what found no room.
    pub(crate) fn take(&self, patience: Duration, jobs: &mut Vec<Job>) -> u64 {
        let mut state = self.lock();
        let sleep = state.sleep_wanted();
        if sleep != Sleep::Awake && !patience.is_zero() {
            let patience = if sleep == Sleep::Napping { patience.min(NAP) } else { patience };
            state.sleep = sleep;
            let woken = self.changed.wait_timeout(state, patience);
            (state, _) = woken.unwrap_or_else(PoisonError::into_inner);
            state.sleep = Sleep::Awake;
        }
        let n_taken = state.jobs.len().min(BATCH);
        for job in state.jobs.drain(..n_taken) {
            jobs.push(job);
        }
        for job in &jobs[jobs.len() - n_taken..] {
            if let Job::Packet(packet) = job {
                state.n_packets -= 1;
                state.n_bytes -= crate::message::encoded_length(&packet.body);
            }
        }
        state.has_worked = n_taken > 0;
        if n_taken > 0 {
            state.close_hole();
        }
        std::mem::take(&mut state.n_lost)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether the thread, having nothing else to do, goes to sleep now.
    fn sleep_wanted(&self) -> Sleep {
        let has_orders = self.jobs.len() > self.n_packets;
        if has_orders || self.n_packets >= WAKE_PACKETS || self.n_bytes >= WAKE_BYTES {
            Sleep::Awake
        } else if self.has_worked {
            Sleep::Napping
        } else if self.jobs.is_empty() {
            Sleep::Asleep
        } else {
            Sleep::Awake
        }
    }

    fn lose(&mut self, packet: &Packet) {
        if !is_heard(packet) {
            return;
        }
        self.n_lost += 1;
        let to = packet.received_at;
        match &mut self.hole {
            Some(hole) => (hole.n_packets, hole.to) = (hole.n_packets + 1, to),
            None => self.hole = Some(Hole { first: head_of(packet), to, n_packets: 1 }),
        }
    }

    /// Puts the remark of the hole where the hole is: behind all that came before it.
    fn close_hole(&mut self) {
        let Some(hole) = self.hole.take() else { return };
        let Hole { first, to, n_packets } = hole;
        let lost = Lost { n_packets, to: Some(to), ..Lost::default() };
        let remark = remark_at(&first, Remark::Lost(lost));
        self.n_packets += 1;
        self.n_bytes += crate::message::encoded_length(&remark.body);
        self.jobs.push_back(Job::Packet(remark));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use market::{Body, LinkId, Timestamp, Venue};

    fn packet(number: u64) -> Packet {
        Packet {
            venue: Venue::Kraken,
            link: LinkId(1),
            number,
            received_at: Timestamp::from_nanos(number as i64),
            body: Body::Text(Bytes::from_static(b"{}")),
        }
    }

    #[test]
    fn what_finds_no_room_is_remarked_where_it_is_missing() {
        let queue = Queue::default();
        let n_lost = 5;
        for number in 0..MAX_PACKETS as u64 + n_lost {
            queue.push(packet(number));
        }
        let mut jobs = Vec::new();
        assert_eq!(queue.take(Duration::ZERO, &mut jobs), n_lost);
        queue.push(packet(90_000));
        while jobs.len() < MAX_PACKETS + 2 {
            assert_eq!(queue.take(Duration::ZERO, &mut jobs), 0);
        }
        let Job::Packet(hole) = &jobs[MAX_PACKETS] else { panic!("a packet") };
        assert_eq!(hole.number, MAX_PACKETS as u64);
        let to = Some(packet(MAX_PACKETS as u64 + n_lost - 1).received_at);
        let lost = Lost { n_packets: n_lost, to, ..Lost::default() };
        assert_eq!(hole.body, Remark::Lost(lost).to_body());
        let Job::Packet(after) = &jobs[MAX_PACKETS + 1] else { panic!("a packet") };
        assert_eq!(after.number, 90_000);
    }
}
