//! Keyframes of a live session, made by who reads what its recorder has written: they know what a replay of the files
//! knows, and nothing that the files lack. Off the market's path, as far behind as it takes.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use session::{ChunkSpan, MadeKeyframe, Recording};

use crate::engine::{Engine, Input};
use crate::keyframes::{Cadence, Keyframer};
use crate::tail::bytes_of;

/// Keyframes that wait for the recorder: one that is not fetched holds up the next, and nobody else.
const MADE_QUEUED: usize = 2;

/// Follows the files of a session while they grow.
pub struct Follower {
    engine: Engine,
    keyframer: Keyframer,
    /// Which part is heard, and how many of its packets were.
    part_index: usize,
    n_heard: u64,
    n_dropped: u64,
    /// A part could not be read, or a room failed: what it would make from there on is not known to be right.
    is_over: bool,
}

impl Follower {
    /// Begins with the first packet of the session's first part, and makes keyframes so often.
    pub fn new(cadence: Cadence) -> Self {
        Self {
            engine: Engine::new(),
            keyframer: Keyframer::new(cadence),
            part_index: 0,
            n_heard: 0,
            n_dropped: 0,
            is_over: false,
        }
    }

    /// Hears what has come onto the disk, but for the newest chunk: where that ends, nothing says yet. `parts` are
    /// those of the session in order, of which `n_dropped` keyframes never got there. After each chunk `take` is given
    /// the keyframe that was made, if it is of the part that is being written, and says whether to go on.
    pub fn follow(
        &mut self,
        parts: &[Arc<Recording>],
        n_dropped: u64,
        take: &mut dyn FnMut(Option<MadeKeyframe>) -> bool,
    ) {
        if n_dropped > self.n_dropped {
            self.n_dropped = n_dropped;
            self.keyframer.forget_blocks();
        }
        while !self.is_over
            && let Some(part) = parts.get(self.part_index)
        {
            let is_last = self.part_index + 1 == parts.len();
            let heard = catch_unwind(AssertUnwindSafe(|| self.hear(part, is_last, take)));
            match heard {
                Ok(Some(true)) => {}
                Ok(Some(false)) => return,
                Ok(None) | Err(_) => {
                    tracing::warn!("the recording is not followed; no keyframes are made");
                    self.is_over = true;
                }
            }
            if is_last {
                return;
            }
            self.part_index += 1;
            self.n_heard = 0;
        }
    }

    /// Hears the chunks of a part that were not heard yet. `false`: it was told to stop; `None`: they cannot be read.
    fn hear(
        &mut self,
        part: &Recording,
        is_last: bool,
        take: &mut dyn FnMut(Option<MadeKeyframe>) -> bool,
    ) -> Option<bool> {
        let chunks = &part.info().chunks;
        let mut before = 0;
        let first = chunks.iter().position(|chunk| {
            let is_new = before >= self.n_heard;
            before += chunk.n_packets;
            is_new
        });
        let new = first.and_then(|first| chunks.get(first..)).unwrap_or_default();
        let known = if is_last { new.len().saturating_sub(1) } else { new.len() };
        if known == 0 {
            return Some(true);
        }
        let mut packets = part.packets_behind(self.n_heard)?;
        for (chunk, next) in new.iter().take(known).zip(1..) {
            for _ in 0..chunk.n_packets {
                let packet = packets.next()?.ok()?;
                self.keyframer.note(packet.received_at, bytes_of(&packet));
                self.engine.step(Input::Packet(packet), &mut Vec::new());
                self.n_heard += 1;
            }
            let made =
                new.get(next).filter(|_| is_last).and_then(|next| self.make(part, chunk, next));
            if !take(made) {
                return Some(false);
            }
        }
        Some(true)
    }

    fn make(
        &mut self,
        part: &Recording,
        heard: &ChunkSpan,
        next: &ChunkSpan,
    ) -> Option<MadeKeyframe> {
        if !self.keyframer.is_due(heard.to) {
            return None;
        }
        let (keyframe, blocks) = self.keyframer.make(&self.engine, heard.to);
        let path = part.path().to_owned();
        Some(MadeKeyframe { path, resume_offset: next.offset, keyframe, blocks })
    }
}

/// What lies on the disk by now.
struct Order {
    parts: Vec<Arc<Recording>>,
    n_dropped: u64,
}

/// A thread that follows a session.
pub struct Following {
    orders: Option<SyncSender<Order>>,
    made: Option<Receiver<MadeKeyframe>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Following {
    /// Starts the thread; without one there are no keyframes, and seeks take longer.
    pub fn start(cadence: Cadence) -> Self {
        let (orders, ordered) = sync_channel::<Order>(1);
        let (send, made) = sync_channel(MADE_QUEUED);
        let stop = Arc::new(AtomicBool::new(false));
        let is_stopped = Arc::clone(&stop);
        let work = move || {
            let mut follower = Follower::new(cadence);
            while let Ok(Order { parts, n_dropped }) = ordered.recv() {
                follower.follow(&parts, n_dropped, &mut |made| {
                    let is_wanted = made.is_none_or(|made| send.send(made).is_ok());
                    is_wanted && !is_stopped.load(Ordering::Relaxed)
                });
            }
        };
        let thread = std::thread::Builder::new().name("keyframes".to_owned()).spawn(work);
        let thread = match thread {
            Ok(thread) => Some(thread),
            Err(error) => {
                tracing::warn!(%error, "no keyframes are made; seeks take longer");
                None
            }
        };
        Self { orders: Some(orders), made: Some(made), stop, thread }
    }

    /// Tells what lies on the disk by now. Never waits: while it is busy, the next call tells it.
    pub fn look(&self, parts: Vec<Arc<Recording>>, n_dropped: u64) {
        let Some(orders) = &self.orders else { return };
        if orders.try_send(Order { parts, n_dropped }).is_err() {
            tracing::trace!("the keyframes are still being made");
        }
    }

    /// The keyframes that were made since the last call.
    pub fn take(&self) -> impl Iterator<Item = MadeKeyframe> {
        self.made.iter().flat_map(Receiver::try_iter)
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Neither an order nor a keyframe is waited for any longer.
        (self.orders, self.made) = (None, None);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread of the keyframes has panicked");
        }
    }
}
