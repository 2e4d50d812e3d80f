//! The recorder's thread: it takes packets in order, closes chunks and syncs by its own timer, and outlives the disk.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use market::{Packet, Timestamp};

use super::open::Open;
use super::words;
use super::{RecorderConfig, Shared, Told};
use crate::keyframe::{Block, Keyframe, MadeKeyframe};
use crate::missed::Missed;
use crate::part::Parts;
use crate::queue::Job;
use crate::remark::WhyLost;
use crate::tape::Tape;

/// A chunk is closed when it holds so much.
const CHUNK_BYTES: usize = 256 << 10;
/// The longest sleep while nothing comes.
const SLEEP_MAX: Duration = Duration::from_secs(1);
/// After a fault of the disk, the first wait and the longest.
const RETRY_FIRST: Duration = Duration::from_secs(1);
const RETRY_MAX: Duration = Duration::from_secs(30);
/// What went wrong and is well again is said for so long.
const SAID_FOR: Duration = Duration::from_secs(30);
/// So many names that are taken are passed over; no file is written over.
const MAX_TAKEN_NAMES: u32 = 1_000;
/// Recording stops at `min_free_bytes`; below so many times that it is said beforehand.
const LOW_FACTOR: u64 = 4;

/// The thread's state.
pub(super) struct Worker {
    config: RecorderConfig,
    parts: Parts,
    shared: Arc<Shared>,
    mode: Mode,
    retry_delay: Duration,
    /// What could not be kept since the last file.
    missed: Missed,
    said: Option<(String, Instant)>,
    low: Option<String>,
    free_bytes: Option<u64>,
    bytes_closed: u64,
    n_lost: u64,
    wants_roll: bool,
}

enum Mode {
    /// No file yet: the next packet or roll makes one.
    Idle,
    /// A file is open.
    Writing(Box<Open>),
    /// The disk failed or is full; it is looked at again at this moment.
    Waiting(Instant),
    /// The disk may be well again; the owner is asked to roll.
    Ready,
}

impl Worker {
    pub(super) fn new(mut config: RecorderConfig, parts: Parts, shared: Arc<Shared>) -> Self {
        let before = config.continued.take().unwrap_or_default();
        Self {
            config,
            parts,
            shared,
            mode: Mode::Idle,
            retry_delay: RETRY_FIRST,
            missed: before.missed,
            said: None,
            low: None,
            free_bytes: None,
            bytes_closed: before.bytes,
            n_lost: before.lost,
            wants_roll: false,
        }
    }

    /// Works until it is told to finish.
    pub(super) fn run(mut self) {
        let _end = EndNote(Arc::clone(&self.shared));
        let mut jobs = Vec::new();
        loop {
            let patience = self.patience(now());
            let n_refused = self.shared.queue.take(patience, &mut jobs);
            if n_refused > 0 {
                self.fall_behind(n_refused);
            }
            for job in jobs.drain(..) {
                match job {
                    Job::Packet(packet) => self.write(&packet),
                    Job::Keyframe(keyframe) => self.write_keyframe(&keyframe.0, &keyframe.1),
                    Job::Made(made) => self.write_made(&made),
                    Job::Roll(preface) => self.roll(&preface),
                    Job::Endpoints(all) => self.config.header.endpoints = all,
                    Job::Finish => {
                        self.close();
                        self.tell();
                        let missed = std::mem::take(&mut self.missed);
                        self.shared.with_told(|told| told.missed = missed);
                        return;
                    }
                }
            }
            self.keep_time(now());
            self.tell();
        }
    }

    /// How long there is nothing to do unless a packet comes.
    fn patience(&self, now: Instant) -> Duration {
        let due = match &self.mode {
            Mode::Writing(open) => open.next_due(),
            Mode::Waiting(until) => Some(*until),
            Mode::Idle | Mode::Ready => None,
        };
        due.map_or(SLEEP_MAX, |due| due.saturating_duration_since(now).min(SLEEP_MAX))
    }

    fn write(&mut self, packet: &Packet) {
        if matches!(self.mode, Mode::Idle) {
            self.open(&[], packet.received_at);
        }
        let Mode::Writing(open) = &mut self.mode else {
            self.lose(packet);
            return;
        };
        if packet.received_at.nanos_since(open.started_at) >= self.config.part_nanos {
            self.wants_roll = true;
        }
        if let Err(error) = open.write(packet) {
            self.fail(&error);
        }
    }

    fn write_keyframe(&mut self, keyframe: &Keyframe, blocks: &[Block]) {
        let Mode::Writing(open) = &mut self.mode else { return };
        if self.n_lost == 0
            && let Err(error) = open.tape.attach_keyframe(keyframe, blocks, None)
        {
            self.fail(&error);
        }
    }

    fn write_made(&mut self, made: &MadeKeyframe) {
        let written = match &mut self.mode {
            Mode::Writing(open) if open.path == made.path => {
                let resume_offset = Some(made.resume_offset);
                open.tape
                    .attach_keyframe(&made.keyframe, &made.blocks, resume_offset)
                    .map(|()| true)
            }
            Mode::Writing(_) | Mode::Idle | Mode::Waiting(_) | Mode::Ready => Ok(false),
        };
        if !matches!(written, Ok(true)) {
            self.shared.n_keyframes_dropped.fetch_add(1, Ordering::Relaxed);
        }
        if let Err(error) = written {
            self.fail(&error);
        }
    }

    /// Closes the file and begins the next, unless the disk is known to be unwell.
    fn roll(&mut self, preface: &[Packet]) {
        self.shared.with_told(|told| told.n_rolls_pending = told.n_rolls_pending.saturating_sub(1));
        if matches!(self.mode, Mode::Waiting(_)) {
            return;
        }
        self.wants_roll = false;
        self.close();
        if matches!(self.mode, Mode::Waiting(_)) {
            return;
        }
        self.mode = Mode::Idle;
        if let Some(last) = preface.last() {
            self.open(preface, last.received_at);
        }
    }

    /// Makes the next part; writes the remark of what is missing before it, and its preface.
    fn open(&mut self, preface: &[Packet], at: Timestamp) {
        if !self.has_room() {
            self.stop_for_room();
            return;
        }
        let mut path = self.parts.next();
        let disk = &mut *self.config.disk;
        let mut made = Tape::create(disk, &path, &self.config.header, CHUNK_BYTES);
        for _ in 0..MAX_TAKEN_NAMES {
            if !matches!(&made, Err(error) if error.kind() == io::ErrorKind::AlreadyExists) {
                break;
            }
            path = self.parts.next();
            made = Tape::create(disk, &path, &self.config.header, CHUNK_BYTES);
        }
        match made {
            Ok(tape) => self.begin(tape, path, preface, at),
            Err(error) => {
                self.parts.take_back();
                self.wait(words::cannot_create(&path, &error));
            }
        }
    }

    fn begin(&mut self, tape: Tape, path: PathBuf, preface: &[Packet], at: Timestamp) {
        let mut open = Open::new(tape, path.clone(), at);
        let missed = std::mem::take(&mut self.missed);
        let remarks = missed.remarks(preface.first().map_or(at, |first| first.received_at));
        let written = remarks.iter().chain(preface).try_for_each(|packet| open.write(packet));
        self.shared.with_told(|told| told.report.path = Some(path));
        self.mode = Mode::Writing(Box::new(open));
        match written {
            Ok(()) => self.retry_delay = RETRY_FIRST,
            Err(error) => {
                self.missed = missed;
                self.fail(&error);
            }
        }
    }

    /// Closes chunks, syncs, and looks at the disk, each when it is time.
    fn keep_time(&mut self, now: Instant) {
        if self.said.as_ref().is_some_and(|(_, at)| now.duration_since(*at) > SAID_FOR) {
            self.said = None;
        }
        match &mut self.mode {
            Mode::Waiting(until) if *until <= now => self.look_again(),
            Mode::Writing(open) => match open.keep_time(now) {
                Ok(has_synced) if has_synced && !self.has_room() => {
                    self.close();
                    self.stop_for_room();
                }
                Ok(_) => {}
                Err(error) => self.fail(&error),
            },
            Mode::Waiting(_) | Mode::Idle | Mode::Ready => {}
        }
    }

    /// Whether the disk has room; also keeps what is said of it.
    fn has_room(&mut self) -> bool {
        let least = self.config.min_free_bytes;
        match self.config.disk.free_bytes(&self.parts.directory()) {
            Ok(free) => {
                self.free_bytes = Some(free);
                let is_low = free < least.saturating_mul(LOW_FACTOR);
                self.low = is_low.then(|| words::low(free, least));
                free >= least
            }
            Err(error) => {
                // A disk that cannot be asked may still be written to; the writing tells.
                tracing::warn!(%error, "the free room of the disk is not known");
                self.free_bytes = None;
                true
            }
        }
    }

    fn look_again(&mut self) {
        if self.has_room() {
            self.mode = Mode::Ready;
            self.wants_roll = true;
        } else {
            self.stop_for_room();
        }
    }

    /// Closes the file properly.
    fn close(&mut self) {
        let Mode::Writing(open) = &mut self.mode else { return };
        if let Err(error) = open.tape.finish() {
            self.fail(&error);
            return;
        }
        self.settle();
        self.mode = Mode::Idle;
    }

    /// A call to the disk failed: the file ends at its last whole chunk, and recording goes on when it can.
    fn fail(&mut self, error: &io::Error) {
        let Mode::Writing(open) = &mut self.mode else { return };
        open.tape.abandon();
        let at = open.last.as_ref().map(|packet| packet.received_at);
        tracing::error!(%error, "the disk failed while recording");
        self.settle();
        self.wait(words::failed(at, error));
    }

    /// Takes the open file into the books of the session: its bytes, and what it did not keep.
    fn settle(&mut self) {
        self.note_written();
        let Mode::Writing(open) = &self.mode else { return };
        self.bytes_closed += open.tape.written_bytes();
        let n_lost = open.n_given.saturating_sub(open.tape.n_kept());
        if n_lost > 0
            && let Some(last) = &open.last
        {
            self.n_lost += n_lost;
            self.missed.widen(last, n_lost, WhyLost::NoRoom);
        }
    }

    fn wait(&mut self, sentence: String) {
        let now = now();
        self.said = Some((sentence, now));
        self.wants_roll = false;
        self.mode = Mode::Waiting(now + self.retry_delay);
        self.retry_delay = (self.retry_delay * 2).min(RETRY_MAX);
    }

    fn stop_for_room(&mut self) {
        let sentence = words::stopped(self.free_bytes.unwrap_or(0));
        self.wait(sentence);
    }

    /// A packet came while there is no file to write to. What the queue lost is counted already.
    fn lose(&mut self, packet: &Packet) {
        self.n_lost += u64::from(self.missed.note(packet, WhyLost::NoRoom));
    }

    /// The queue was full: the remark of it is on its way into this file; a new one heals the books.
    fn fall_behind(&mut self, n_packets: u64) {
        tracing::error!(n_packets, "the disk could not keep up");
        self.n_lost += n_packets;
        if let Mode::Writing(open) = &self.mode {
            let at = open.last.as_ref().map(|packet| packet.received_at);
            self.said = Some((words::slow(at, n_packets), now()));
            self.wants_roll = true;
        }
    }

    /// Lets readers know of the chunks that lie on the disk.
    fn note_written(&self) {
        if let Mode::Writing(open) = &self.mode {
            self.shared.with_written(|written| written.note(&open.tape, &open.path));
        }
    }

    /// Brings the report up to date.
    fn tell(&mut self) {
        self.note_written();
        let open_bytes = match &self.mode {
            Mode::Writing(open) => open.tape.written_bytes(),
            Mode::Idle | Mode::Waiting(_) | Mode::Ready => 0,
        };
        let is_on = matches!(self.mode, Mode::Idle | Mode::Writing(_));
        let said = self.said.as_ref().map(|(sentence, _)| sentence);
        let sentence = said.or(self.low.as_ref());
        self.shared.with_told(|Told { report, n_rolls_pending, missed: _ }| {
            report.is_on = is_on;
            report.bytes = self.bytes_closed + open_bytes;
            report.lost = self.n_lost;
            report.disk_free_bytes = self.free_bytes;
            if report.sentence.as_ref() != sentence {
                report.sentence = sentence.cloned();
            }
            report.wants_roll = self.wants_roll && *n_rolls_pending == 0;
        });
    }
}

/// Says that the recorder is off however its thread ends.
struct EndNote(Arc<Shared>);

impl Drop for EndNote {
    fn drop(&mut self) {
        self.0.with_told(|told| {
            told.report.is_on = false;
            told.report.wants_roll = false;
        });
    }
}

/// The recorder times its own disk with this clock; nothing of it gets into a file.
#[expect(clippy::disallowed_methods, reason = "the thread closes chunks by its own timer")]
fn now() -> Instant {
    Instant::now()
}
