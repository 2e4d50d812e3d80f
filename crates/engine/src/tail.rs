//! The live session as a source of packets: its parts on the disk, and behind them the newest packets in memory.

mod gone;

use std::collections::VecDeque;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use market::{Body, Packet, Timestamp};
use session::{Lost, Recording, Remark, WhyLost};

use crate::engine::Engine;
use crate::keyframes::{Beginning, begin_near, state_after};
use crate::trail::Mark;

pub use gone::Gone;

/// Packets younger than this stay in memory even when they are on the disk, so that the hand-over is never at the edge.
const KEPT_NANOS: i64 = 5_000_000_000;
/// What no file holds, since the recorder is off, stays in memory for an hour.
const KEPT_UNWRITTEN_NANOS: i64 = 3_600_000_000_000;
/// Payload that is kept at most, whatever the disk does.
const BYTES_MAX: usize = 256 << 20;
/// What a packet takes beside its payload.
const PACKET_BYTES: usize = size_of::<Packet>();

/// The packets of a live session; cheap to clone.
#[derive(Clone, Default)]
pub struct Tail(Arc<Mutex<Reel>>);

/// Packets in memory are counted from the first of the session.
#[derive(Default)]
struct Reel {
    parts: Vec<Arc<Recording>>,
    packets: VecDeque<Packet>,
    /// How many are no longer in memory.
    n_gone: u64,
    n_bytes: usize,
    from: Option<Timestamp>,
    /// Where memory alone can begin, each with what must be known there.
    starts: VecDeque<(u64, Vec<Packet>)>,
    /// The packets that no file holds: from the first on, and up to where recording went on.
    unwritten: Option<(u64, Option<u64>)>,
    /// Those among them that files hold after all: recording went on for a while.
    written_between: Vec<Range<u64>>,
    /// Up to where what no file holds has gone: the packet that is next, and when what can be read goes on.
    gone_to: Option<(u64, Timestamp)>,
    /// Bytes that are kept at most.
    room: Room,
    /// Whether what no file holds went before its hour for want of room, and that is not told yet.
    is_short: bool,
    was_short: bool,
}

/// Bytes that are kept at most.
struct Room(usize);

impl Default for Room {
    fn default() -> Self {
        Self(BYTES_MAX)
    }
}

impl Tail {
    /// Takes a packet, after all earlier ones.
    pub fn push(&self, packet: Packet) {
        let mut reel = self.lock();
        reel.from.get_or_insert(packet.received_at);
        reel.n_bytes += bytes_of(&packet);
        reel.packets.push_back(packet);
    }

    /// Takes over what lies on the disk by now, and lets go of what memory need not hold. What is kept nowhere any
    /// longer is told.
    pub fn settle(
        &self,
        parts: Vec<Arc<Recording>>,
        is_recording: bool,
        now: Timestamp,
    ) -> Vec<Gone> {
        let reel = &mut *self.lock();
        reel.parts = parts;
        let next = reel.next_index();
        match (&mut reel.unwritten, is_recording) {
            (unwritten @ None, false) => *unwritten = Some((next, None)),
            (Some((_, to @ None)), true) => *to = Some(next),
            (Some((_, to @ Some(_))), false) => {
                reel.written_between.extend(to.take().map(|from| from..next));
            }
            (None, true) | (Some((_, None)), false) | (Some((_, Some(_))), true) => {}
        }
        reel.let_go(now)
    }

    /// A tail that keeps at most so many bytes.
    pub fn with_room(n_bytes: usize) -> Self {
        Self(Arc::new(Mutex::new(Reel { room: Room(n_bytes), ..Reel::default() })))
    }

    /// That memory holds less than the hour that is promised while nothing is recorded, as a sentence; told once.
    pub fn take_shortage(&self) -> Option<String> {
        let mut reel = self.lock();
        if !std::mem::take(&mut reel.is_short) {
            return None;
        }
        let (first, last) = (reel.packets.front()?.received_at, reel.packets.back()?.received_at);
        let minutes = last.nanos_since(first) / 60_000_000_000;
        let span = match minutes {
            0 => "minute".to_owned(),
            1 => "1 minute".to_owned(),
            _ => format!("{minutes} minutes"),
        };
        let verb = if minutes < 2 { "fits" } else { "fit" };
        Some(format!("Recording is off: only the last {span} {verb} into memory."))
    }

    /// Memory alone can begin at the next packet, with these packets before it. Asked for while nothing is recorded.
    pub fn begin(&self, preface: Vec<Packet>) {
        let mut reel = self.lock();
        reel.n_bytes += preface.iter().map(bytes_of).sum::<usize>();
        let next = reel.next_index();
        reel.starts.push_back((next, preface));
    }

    /// `received_at` of the first packet that can be read; `None` before there is one.
    pub fn from(&self) -> Option<Timestamp> {
        let reel = self.lock();
        let on_disk = reel.parts.first().and_then(|part| part.info().from);
        let in_memory = || reel.packets.front().map(|packet| packet.received_at);
        match on_disk {
            Some(_) => on_disk,
            None if reel.n_gone == 0 => reel.from,
            None => in_memory(),
        }
    }

    /// The parts on the disk: when each begins, and where it is.
    pub fn files(&self) -> Vec<(Option<Timestamp>, PathBuf)> {
        let reel = self.lock();
        reel.parts.iter().map(|part| (part.info().from, part.path().to_owned())).collect()
    }

    /// `received_at` of the last packet on the disk.
    pub fn written_to(&self) -> Option<Timestamp> {
        self.lock().written_to()
    }

    /// How many packets there are in all.
    pub fn n_packets(&self) -> u64 {
        self.lock().next_index()
    }

    /// All packets that can be read, in order. After the last one `None`, until there are more.
    pub fn packets(&self) -> TailPackets {
        let ahead = VecDeque::new();
        TailPackets { tail: self.clone(), place: Place::Start, ahead, last: None }
    }

    /// A state near a moment from which to go on, and the packets after it. It is from before what no file holds, as
    /// long as memory holds that: states in the files know nothing of it. So a seek hears at most what is in memory.
    pub fn begin_near(&self, at: Timestamp) -> Option<(Beginning, TailPackets)> {
        let reel = self.lock();
        let (parts, recorded_to) = (reel.parts.clone(), reel.recorded_to());
        drop(reel);
        let at = recorded_to.map_or(at, |to| at.min(to));
        let mut begun = begin_near(&parts, at)?;
        let mut packets = begun.packets.take()?;
        // Where reading goes on is told by the last packet read: behind the very end of a file there is none yet.
        let mut ahead = VecDeque::new();
        while ahead.back().and_then(Mark::of).is_none() {
            let Some(packet) = packets.by_ref().find_map(Result::ok) else {
                return self.begin_near(begun.at);
            };
            ahead.push_back(packet);
        }
        let part_index = begun.part_index;
        let bytes = parts.get(part_index)?.info().bytes;
        let place = Place::Disk(Box::new(OnDisk { part_index, bytes, packets, skip: None }));
        Some((begun, TailPackets { tail: self.clone(), place, ahead, last: None }))
    }

    /// The first state that was kept at a moment or later, and when that was.
    pub fn state_after(&self, at: Timestamp) -> Option<(Timestamp, Engine)> {
        let parts = self.lock().parts.clone();
        state_after(&parts, at)
    }

    fn lock(&self) -> MutexGuard<'_, Reel> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reel {
    fn written_to(&self) -> Option<Timestamp> {
        self.parts.last().and_then(|part| part.info().to)
    }

    fn next_index(&self) -> u64 {
        self.n_gone + self.packets.len() as u64
    }

    fn get(&self, index: u64) -> Option<&Packet> {
        self.packets.get(usize::try_from(index.checked_sub(self.n_gone)?).ok()?)
    }

    /// Up to where the files hold all that can be read; `None`: they hold all of it.
    fn recorded_to(&self) -> Option<Timestamp> {
        let (from, to) = self.unwritten?;
        let first = from.max(self.n_gone);
        let is_held = to.is_none_or(|to| first < to);
        self.get(first).filter(|_| is_held).map(|packet| packet.received_at)
    }

    /// The packet after a marked one, counted; `None` when that one is not in memory.
    fn after(&self, mark: Mark) -> Option<u64> {
        let first = self.packets.partition_point(|packet| packet.received_at < mark.at);
        let of_moment = self.packets.range(first..).take_while(|one| one.received_at == mark.at);
        let place = of_moment.into_iter().position(|packet| Mark::of(packet) == Some(mark))?;
        Some(self.n_gone + (first + place + 1) as u64)
    }

    fn let_go(&mut self, now: Timestamp) -> Vec<Gone> {
        let written_to = self.written_to();
        let mut gone = Vec::new();
        while let Some(front) = self.packets.front() {
            let is_over = self.n_bytes > self.room.0;
            let n_going = if self.begins_unwritten() {
                let n_going = self.n_going_unwritten(now, is_over);
                if n_going > 0 && self.n_going_unwritten(now, false) == 0 {
                    self.note_shortage();
                }
                gone.extend(self.gone_with(n_going));
                n_going
            } else {
                let is_safe = written_to.is_some_and(|to| front.received_at < to)
                    && now.nanos_since(front.received_at) > KEPT_NANOS;
                u64::from(is_safe || is_over)
            };
            if n_going == 0 {
                break;
            }
            self.drop_front(n_going);
        }
        gone
    }

    /// Whether memory begins with what no file holds.
    fn begins_unwritten(&self) -> bool {
        let is_within = |(from, to): (u64, Option<u64>)| {
            self.n_gone >= from && to.is_none_or(|to| self.n_gone < to)
        };
        self.unwritten.is_some_and(is_within)
    }

    /// What no file holds goes up to the next place where memory alone can begin, once all of that is old.
    fn n_going_unwritten(&self, now: Timestamp, is_over: bool) -> u64 {
        let to = self.unwritten.and_then(|(_, to)| to);
        let next = self.starts.iter().map(|(index, _)| *index).find(|index| *index > self.n_gone);
        let Some(next) = next.or(to) else { return 0 };
        let Some(last) = self.get(next - 1) else { return 0 };
        let is_old = now.nanos_since(last.received_at) > KEPT_UNWRITTEN_NANOS;
        if is_old || is_over { next - self.n_gone } else { 0 }
    }

    /// What no file holds has gone before its hour, for the first time since recording was switched off.
    fn note_shortage(&mut self) {
        if !self.was_short {
            (self.was_short, self.is_short) = (true, true);
        }
    }

    fn drop_front(&mut self, n_going: u64) {
        let n_going = usize::try_from(n_going).unwrap_or(usize::MAX).min(self.packets.len());
        for packet in self.packets.drain(..n_going) {
            self.n_bytes = self.n_bytes.saturating_sub(bytes_of(&packet));
        }
        self.n_gone += n_going as u64;
        if self.unwritten.is_some_and(|(_, to)| to.is_some_and(|to| to <= self.n_gone)) {
            self.unwritten = None;
            self.written_between.clear();
            self.was_short = false;
        }
        let n_void = self.starts.partition_point(|(index, _)| *index < self.n_gone);
        for (_, preface) in self.starts.drain(..n_void) {
            let n_bytes: usize = preface.iter().map(bytes_of).sum();
            self.n_bytes = self.n_bytes.saturating_sub(n_bytes);
        }
    }

    /// What must be known where memory begins, at a packet that was received at `to`; behind the last one that was
    /// read, it is said first what is kept nowhere any longer.
    fn known_there(&self, last: Option<Mark>, to: Timestamp) -> Vec<Packet> {
        let start = self.starts.iter().find(|(index, _)| *index == self.n_gone && *index > 0);
        let Some((_, preface)) = start else { return Vec::new() };
        let first = self.unwritten.map_or(0, |(first, _)| first);
        let n_packets = self.n_gone.saturating_sub(first);
        let gone = last.filter(|_| n_packets > 0).zip(preface.first()).map(|(last, like)| {
            let to = Some(like.received_at.min(to));
            let lost = Lost { n_packets, to, why: WhyLost::Off, ..Lost::default() };
            let body = Remark::Lost(lost).to_body();
            Packet { received_at: last.at, number: 0, body, ..like.clone() }
        });
        gone.into_iter().chain(preface.iter().cloned()).collect()
    }
}

pub(crate) fn bytes_of(packet: &Packet) -> usize {
    packet.body.n_bytes() + PACKET_BYTES
}

/// The packets of a live session, from disk and memory: none twice, and none left out while either has it.
pub struct TailPackets {
    tail: Tail,
    place: Place,
    /// Packets that were read already.
    ahead: VecDeque<Packet>,
    /// The last one that was given out.
    last: Option<Mark>,
}

enum Place {
    Start,
    Disk(Box<OnDisk>),
    /// Packets that must be known where memory begins.
    Preface(std::vec::IntoIter<Packet>, u64),
    Memory(u64),
}

struct OnDisk {
    part_index: usize,
    /// How much of the file there was when it was opened.
    bytes: u64,
    packets: session::Packets,
    /// Packets up to this one were given out already.
    skip: Option<Mark>,
}

impl OnDisk {
    fn next(&mut self) -> Option<Packet> {
        loop {
            match self.packets.next()? {
                Ok(packet) => match self.skip {
                    Some(mark) if packet.received_at <= mark.at => {
                        if Mark::of(&packet) == Some(mark) {
                            self.skip = None;
                        }
                        if reaches_beyond(&packet, mark.at) {
                            return Some(Packet { received_at: mark.at, ..packet });
                        }
                    }
                    Some(_) | None => {
                        self.skip = None;
                        return Some(packet);
                    }
                },
                // Its end is missing as long as it is being written; what is damaged is told where it is opened.
                Err(error) => tracing::trace!(%error, "a part of the live session is skipped"),
            }
        }
    }
}

/// When a part goes on with the session, behind what it remarks of the time before.
fn known_from(part: &Recording) -> Option<Timestamp> {
    let mut packets = part.packets().filter_map(Result::ok);
    packets.find(|packet| !matches!(packet.body, Body::Remark(_))).map(|packet| packet.received_at)
}

/// Whether it says that packets behind a moment are missing: memory had those up to there.
fn reaches_beyond(packet: &Packet, at: Timestamp) -> bool {
    let Body::Remark(json) = &packet.body else { return false };
    match Remark::parse(json) {
        Some(Remark::Lost(lost)) => lost.to.is_some_and(|to| to > at),
        Some(Remark::ClockStep(_) | Remark::Unsubscribed(_)) | None => false,
    }
}

impl TailPackets {
    /// Finds the place after what was read so far. `None`: there is nothing more for now.
    fn go_on(&mut self) -> Option<Place> {
        let reel = self.tail.lock();
        if let Some(index) = self.last.and_then(|mark| reel.after(mark)) {
            return Some(Place::Memory(index));
        }
        let (next, skip) = match &self.place {
            Place::Disk(read) => {
                let part = reel.parts.get(read.part_index)?;
                let has_grown = part.info().bytes > read.bytes;
                if has_grown {
                    (read.part_index, self.last)
                } else {
                    (read.part_index + 1, read.skip)
                }
            }
            Place::Start => (0, None),
            // Memory has let go of it: by then it is on the disk.
            Place::Memory(_) | Place::Preface(..) => {
                let at = self.last.map_or(Timestamp::default(), |mark| mark.at);
                let holds = |part: &Arc<Recording>| part.info().to.is_some_and(|to| to >= at);
                (reel.parts.iter().position(holds).unwrap_or(reel.parts.len()), self.last)
            }
        };
        let is_ahead =
            |packet: &&Packet| self.last.is_none_or(|mark| packet.received_at >= mark.at);
        let in_memory = reel.packets.front().filter(is_ahead).map(|packet| packet.received_at);
        let part = reel.parts.get(next).cloned();
        let begins = part.as_ref().and_then(|part| part.info().from);
        // What no file holds lies between two parts, or before the first; the later part says first that it is missing.
        let is_before = |at: Timestamp| match (begins, reel.begins_unwritten()) {
            (Some(from), true) if from <= at => {
                part.as_deref().and_then(known_from).is_none_or(|from| at < from)
            }
            (begins, _) => begins.is_none_or(|from| at < from),
        };
        if let Some(at) = in_memory.filter(|at| is_before(*at)) {
            let known = reel.known_there(self.last, at);
            return Some(Place::Preface(known.into_iter(), reel.n_gone));
        }
        let part = part?;
        // A part that goes on behind the last packet says first what is missing between.
        let is_within = |mark: &Mark| known_from(&part).is_none_or(|from| from <= mark.at);
        let within = skip.filter(is_within);
        let packets = within.map_or_else(|| part.packets(), |mark| part.packets_from(mark.at));
        let bytes = part.info().bytes;
        Some(Place::Disk(Box::new(OnDisk { part_index: next, bytes, packets, skip })))
    }

    fn read(&mut self) -> Option<Packet> {
        match &mut self.place {
            Place::Start => None,
            Place::Disk(read) => read.next(),
            Place::Preface(packets, index) => {
                let index = *index;
                let next = packets.next();
                if next.is_none() {
                    self.place = Place::Memory(index);
                    return self.read();
                }
                next
            }
            Place::Memory(index) => {
                let next = self.tail.lock().get(*index).cloned();
                *index += u64::from(next.is_some());
                next
            }
        }
    }

    /// Whether the place is at the end of what there is.
    fn is_at_end(&self) -> bool {
        match self.place {
            Place::Memory(index) => index == self.tail.lock().next_index(),
            Place::Start | Place::Disk(_) | Place::Preface(..) => false,
        }
    }
}

impl Iterator for TailPackets {
    type Item = Packet;

    fn next(&mut self) -> Option<Packet> {
        loop {
            if let Some(packet) = self.ahead.pop_front().or_else(|| self.read()) {
                self.last = Mark::of(&packet).or(self.last);
                return Some(packet);
            }
            if self.is_at_end() {
                return None;
            }
            self.place = self.go_on()?;
        }
    }
}

impl std::fmt::Debug for TailPackets {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("TailPackets").field("last", &self.last).finish_non_exhaustive()
    }
}
