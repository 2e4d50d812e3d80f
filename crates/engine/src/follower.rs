//! Keyframes of a live session, made by who reads what its recorder has written: they know what a replay of the files
//! knows, and nothing that the files lack. Off the market's path, as far behind as it takes. What it finds in a file
//! on the way it keeps beside it once the file is closed, so that nobody has to go through it again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use market::Packet;
use session::{Cache, ChunkSpan, MadeKeyframe, Recording};

use crate::engine::{Engine, Input};
use crate::keyframes::{Cadence, Keyframer, PACKETS_FEW};
use crate::outline::{self, OUTLINE, Outline};
use crate::tail::bytes_of;
use crate::trail::Mark;

/// Keyframes that wait for the recorder: one that is not fetched holds up the next, and nobody else.
const MADE_QUEUED: usize = 2;
/// Packets that are heard for the sake of the last file's outline when the session ends: a program ends at once.
const PACKETS_LEFT_MAX: u64 = 20_000;

/// Follows the files of a session while they grow.
pub struct Follower {
    engine: Engine,
    keyframer: Keyframer,
    /// Which part is heard, and how many of its packets were.
    part_index: usize,
    n_heard: u64,
    /// What was found in it so far.
    outline: Option<Outline>,
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
            outline: None,
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
            self.leave(parts);
        }
    }

    /// The files are closed: what is left of them is heard as well, if it is little.
    pub fn finish(&mut self, parts: &[Arc<Recording>]) {
        let left = parts.get(self.part_index..).unwrap_or_default();
        let n_left = left.iter().map(|part| part.info().n_packets).sum::<u64>();
        if n_left.saturating_sub(self.n_heard) > PACKETS_LEFT_MAX {
            return;
        }
        for part in left {
            let heard = catch_unwind(AssertUnwindSafe(|| self.hear(part, false, &mut |_| true)));
            if self.is_over || !matches!(heard, Ok(Some(true))) {
                return;
            }
            self.leave(parts);
        }
    }

    /// All of a part was heard that can be, and it is closed.
    fn leave(&mut self, parts: &[Arc<Recording>]) {
        let found = self.outline.take();
        let part = parts.get(self.part_index);
        if let Some((mut found, part)) = found.zip(part)
            && !self.is_over
            && self.engine.counts().n_packets >= PACKETS_FEW
            && is_of_session(parts, part)
        {
            found.end();
            // As it is now that it has its end.
            if let Ok(metadata) = std::fs::metadata(part.path()) {
                let (bytes, from) = (metadata.len(), part.info().from);
                outline::keep(&Cache::beside(part.path(), OUTLINE, bytes, from), &found);
            }
        }
        self.part_index += 1;
        self.n_heard = 0;
    }

    fn take(&mut self, packet: Packet) {
        let at = packet.received_at;
        self.keyframer.note(at, bytes_of(&packet));
        let outline = self.outline.get_or_insert_with(|| {
            let mut outline = Outline::default();
            outline.begin(&self.engine, at);
            outline
        });
        let mark = Mark::of(&packet);
        self.engine.step(Input::Packet(packet), &mut Vec::new());
        outline.observe(&self.engine, mark);
        self.n_heard += 1;
    }

    /// Hears the chunks of a part that were not heard yet. `false`: it was told to stop; `None`: they cannot be read.
    fn hear(
        &mut self,
        part: &Recording,
        is_last: bool,
        take: &mut dyn FnMut(Option<MadeKeyframe>) -> bool,
    ) -> Option<bool> {
        let chunks = &part.info().chunks;
        let Some((first, _)) = chunks.holding(self.n_heard) else { return Some(true) };
        let n_new = chunks.len() - first;
        let n_known = if is_last { n_new.saturating_sub(1) } else { n_new };
        if n_known == 0 {
            return Some(true);
        }
        let mut packets = part.packets_behind(self.n_heard)?;
        let mut new = chunks.iter_from(first).take(n_new).peekable();
        for _ in 0..n_known {
            let chunk = new.next()?;
            for _ in 0..chunk.n_packets {
                let packet = packets.next()?.ok()?;
                self.take(packet);
            }
            let next = new.peek().filter(|_| is_last);
            let made = next.and_then(|next| self.make(part, &chunk, next));
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

/// Whether whoever opens a part's session opens it as what follows the first one heard: not once that was given another
/// name.
fn is_of_session(parts: &[Arc<Recording>], part: &Recording) -> bool {
    let all = parts.first().map(|first| session::parts_of(first.path()));
    all.is_some_and(|all| all.iter().any(|path| path == part.path()))
}

/// What lies on the disk by now.
struct Order {
    parts: Vec<Arc<Recording>>,
    n_dropped: u64,
    /// No more follows, and the files are closed.
    is_last: bool,
}

/// A thread that follows a session.
pub struct Following {
    orders: Option<SyncSender<Order>>,
    made: Option<Receiver<MadeKeyframe>>,
    /// The parts, once they are closed.
    closed: Vec<Arc<Recording>>,
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
            while let Ok(Order { parts, n_dropped, is_last }) = ordered.recv() {
                if is_last {
                    return follower.finish(&parts);
                }
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
        Self { orders: Some(orders), made: Some(made), closed: Vec::new(), stop, thread }
    }

    /// Tells what lies on the disk by now. Never waits: while it is busy, the next call tells it.
    pub fn look(&self, parts: Vec<Arc<Recording>>, n_dropped: u64) {
        let Some(orders) = &self.orders else { return };
        if orders.try_send(Order { parts, n_dropped, is_last: false }).is_err() {
            tracing::trace!("the keyframes are still being made");
        }
    }

    /// The files are closed, and unless another look follows, the session has ended.
    pub fn close(&mut self, parts: Vec<Arc<Recording>>) {
        self.closed = parts;
    }

    /// The keyframes that were made since the last call.
    pub fn take(&self) -> impl Iterator<Item = MadeKeyframe> {
        self.made.iter().flat_map(Receiver::try_iter)
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // No keyframe is waited for any longer; what is being heard ends with the next chunk.
        self.made = None;
        if let Some(orders) = self.orders.take() {
            let parts = std::mem::take(&mut self.closed);
            // The thread has ended only when it could not be started.
            drop(orders.send(Order { parts, n_dropped: 0, is_last: true }));
        }
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread of the keyframes has panicked");
        }
    }
}
