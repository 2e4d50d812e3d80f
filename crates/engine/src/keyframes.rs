//! Keyframes of a session: made while it is heard or written, made again where they are missing, and used to begin
//! near a moment.
//!
//! A keyframe is the whole state of an engine right after a packet, so that whoever goes on from it sees what they
//! would have seen from the beginning on. It holds nothing that the packets do not say.

use std::sync::Arc;

use bytes::Bytes;
use market::{Blocks, Packet, SaveProgress, SavedState, Timestamp};
use session::{Block, BulkItem, Keyframe, KeyframeEntry, KeyframeFile, Packets, Recording};
use tokio_util::sync::CancellationToken;

use crate::engine::{Engine, Input, STATE_VERSION};
use crate::tail::bytes_of;

/// Packets of a session that is not worth keyframes: they are heard in a moment.
pub(crate) const PACKETS_FEW: u64 = 10_000;
/// A state takes more than this: until it would be worth that much, none is made in bulk.
const STATE_BYTES_FEW: u64 = 64 << 10;
/// A keyframe is made after so long in any case.
const AT_LEAST_EVERY_NANOS: i64 = 600_000_000_000;
/// However many recordings play together, no keyframe of theirs is made before so many times its bytes were heard.
const WEIGHT_LEAST: u64 = 5;
/// Keyframes that are tried one after the other, when they cannot be used; those further off in ever longer steps.
pub(crate) const TRIES: usize = 3;
/// The longest such step is 2 to the power of this.
const STEP_BITS_MAX: usize = 16;

/// How often keyframes are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cadence {
    /// Not before so much session time has passed.
    pub every_nanos: i64,
    /// Not before so many times the bytes of the last state were heard.
    pub weight: u64,
}

impl Default for Cadence {
    /// Ten seconds, and as many bytes that states take about a quarter of what the recording takes: frames shrink to
    /// a fifth in the file, states to three quarters. With the blocks of history, which are written once whatever the
    /// cadence, all of it is some two fifths of a generated day (`BENCHMARKS.md`, line 9). A seek hears half as many
    /// bytes on the average, and that is most of its time.
    fn default() -> Self {
        Self { every_nanos: 10_000_000_000, weight: 14 }
    }
}

impl Cadence {
    /// For keyframes of so many recordings together: as many times as often, for of as many bytes each second a
    /// state of all holds as many times as much, and a seek is not to cost more for it. They are a cache beside the
    /// recordings, which may be deleted at any time.
    #[must_use]
    pub fn of_together(self, n_recordings: usize) -> Self {
        let shared = self.weight / n_recordings.max(1) as u64;
        Self { weight: shared.max(WEIGHT_LEAST.min(self.weight)), ..self }
    }
}

/// Decides when a keyframe is due, and makes it.
#[derive(Debug, Default)]
pub struct Keyframer {
    cadence: Cadence,
    progress: SaveProgress,
    since: Option<Timestamp>,
    made_at: Timestamp,
    /// Bytes heard since the last keyframe.
    n_bytes: u64,
    /// Bytes of the last state.
    n_state_bytes: u64,
}

impl Keyframer {
    /// Makes keyframes so often.
    pub fn new(cadence: Cadence) -> Self {
        Self { cadence, ..Self::default() }
    }

    /// What was made did not all get onto the disk: the next keyframe brings all that it names.
    pub fn forget_blocks(&mut self) {
        self.progress.forget_blocks();
    }

    /// The engine has taken a packet of so many bytes that was received `at`.
    pub fn note(&mut self, at: Timestamp, n_bytes: usize) {
        if self.since.is_none() {
            self.since = Some(at);
            self.made_at = at;
        }
        self.n_bytes += n_bytes as u64;
    }

    /// Whether a keyframe is worth its bytes at this moment.
    pub fn is_due(&self, at: Timestamp) -> bool {
        let since_last = at.nanos_since(self.made_at);
        let is_worth = self.n_bytes >= self.cadence.weight.saturating_mul(self.n_state_bytes);
        let is_late = since_last >= AT_LEAST_EVERY_NANOS;
        self.n_bytes > 0 && since_last >= self.cadence.every_nanos && (is_worth || is_late)
    }

    /// The state of the engine right after a packet that was received `at`, and the blocks that are new.
    pub fn make(&mut self, engine: &Engine, at: Timestamp) -> (Keyframe, Vec<Block>) {
        self.made_at = at;
        self.n_bytes = 0;
        let SavedState { bytes, blocks } = engine.save(&mut self.progress);
        self.n_state_bytes = bytes.len() as u64;
        let since = self.since.unwrap_or(at);
        let blocks = blocks.into_iter();
        let blocks = blocks.map(|block| Block { key: block.key, bytes: block.bytes.into() });
        let keyframe = Keyframe { version: STATE_VERSION, since, at, bytes: Bytes::from(bytes) };
        (keyframe, blocks.collect())
    }
}

/// Packets that are written in bulk, with keyframes among them: an engine hears them on the way. A short session gets
/// none.
pub fn with_keyframes(
    packets: impl IntoIterator<Item = Packet>,
    cadence: Cadence,
) -> impl Iterator<Item = BulkItem> {
    let mut engine = Engine::new();
    let mut keyframer = Keyframer::new(cadence);
    let (mut asks, mut n_bytes) = (Vec::new(), 0);
    let n_bytes_few = cadence.weight.saturating_mul(STATE_BYTES_FEW);
    packets.into_iter().flat_map(move |packet| {
        let at = packet.received_at;
        engine.step(Input::Packet(packet.clone()), &mut asks);
        asks.clear();
        keyframer.note(at, bytes_of(&packet));
        n_bytes += bytes_of(&packet) as u64;
        let is_due = n_bytes >= n_bytes_few && keyframer.is_due(at);
        let made = is_due.then(|| keyframer.make(&engine, at));
        let keyframe = made.map(|(keyframe, blocks)| BulkItem::Keyframe(keyframe, blocks));
        std::iter::once(BulkItem::Packet(packet)).chain(keyframe)
    })
}

/// Where to begin so that a moment is near: a state, and the packets after it.
pub struct Beginning {
    /// The state.
    pub engine: Engine,
    /// The packets after it in its part, once; later parts follow.
    pub packets: Option<Packets>,
    /// Which of the parts that is.
    pub part_index: usize,
    /// Packets before it, in all parts.
    pub n_packets: u64,
    /// `received_at` of the last packet before it.
    pub at: Timestamp,
    /// What the state reads when somebody looks further back.
    pub blocks: Blocks,
}

/// The last keyframe before a moment that can be used, in a session whose parts are these, in order. `None`: the
/// session is to be heard from its beginning.
pub fn begin_near(parts: &[Arc<Recording>], at: Timestamp) -> Option<Beginning> {
    let since = parts.first()?.info().from?;
    let mut candidates = parts.iter().enumerate().rev().flat_map(|(part_index, recording)| {
        let entries = recording.keyframes(STATE_VERSION).into_iter().rev();
        let is_of_use = move |entry: &KeyframeEntry| entry.since == since && entry.at < at;
        entries.filter(is_of_use).map(move |entry| (part_index, entry))
    });
    let mut n_tried = 0_usize;
    let (part_index, entry, packets, engine, blocks) = loop {
        let (part_index, entry) = candidates.next()?;
        let recording = parts.get(part_index)?;
        // While the state is read, so is what follows it.
        let packets = recording.packets_after(&entry).read_ahead();
        if let Some((engine, blocks)) = restore(parts, part_index, &entry) {
            break (part_index, entry, packets, engine, blocks);
        }
        recording.doubts().add(&entry);
        n_tried += 1;
        let n_passed = (1 << n_tried.saturating_sub(TRIES).min(STEP_BITS_MAX)) - 1;
        candidates.by_ref().take(n_passed).for_each(drop);
    };
    let recording = parts.get(part_index)?;
    let earlier: u64 = parts.iter().take(part_index).map(|part| part.info().n_packets).sum();
    Some(Beginning {
        engine,
        packets: Some(packets),
        part_index,
        n_packets: earlier + recording.n_packets_before(&entry),
        at: entry.at,
        blocks,
    })
}

/// The first keyframe at a moment or later that can be used, in a session whose parts are these, in order. What turns
/// out to be damaged in it stands there as unknown.
pub fn state_after(parts: &[Arc<Recording>], at: Timestamp) -> Option<(Timestamp, Engine)> {
    let since = parts.first()?.info().from?;
    let candidates = parts.iter().enumerate().flat_map(|(part_index, recording)| {
        let is_over = recording.info().to.is_none_or(|to| to < at);
        let entries = if is_over { Vec::new() } else { recording.keyframes(STATE_VERSION) };
        let is_of_use = move |entry: &KeyframeEntry| entry.since == since && entry.at >= at;
        entries.into_iter().filter(is_of_use).map(move |entry| (part_index, entry))
    });
    let mut restored = candidates.take(TRIES).map(|(part_index, entry)| {
        let (engine, _) = restore(parts, part_index, &entry)?;
        Some((entry.at, engine))
    });
    restored.find_map(|found| found)
}

fn restore(
    parts: &[Arc<Recording>],
    part_index: usize,
    entry: &KeyframeEntry,
) -> Option<(Engine, Blocks)> {
    let bytes = parts.get(part_index)?.read_keyframe(entry)?;
    // A block lies in the part in which it was complete, mostly this one.
    let from_here: Arc<[_]> = parts[..=part_index].iter().rev().cloned().collect();
    let (named, of) = (Arc::clone(&from_here), entry.clone());
    let has = move |key: &str| named.iter().any(|part| part.names_block(&of, key));
    let of = entry.clone();
    let reading = Reading::after(from_here.iter().any(|part| part.doubts().has_blocks()));
    let read = move |key: &str| {
        let bytes = from_here.iter().find_map(|part| part.read_block(&of, key));
        if bytes.is_none()
            && let Some(own) = from_here.first()
        {
            own.doubts().add(&of);
            own.doubts().add_blocks();
        }
        bytes
    };
    revive(&bytes, Blocks::new(has, read), reading)
}

/// When the blocks of a state are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// When somebody looks that far back.
    Lazily,
    /// Before it is used, since a damaged one was found among those of other keyframes.
    AtOnce,
}

impl Reading {
    pub(crate) const fn after(has_damaged_blocks: bool) -> Self {
        if has_damaged_blocks { Self::AtOnce } else { Self::Lazily }
    }
}

/// The engine that a keyframe holds.
pub(crate) fn revive(state: &[u8], blocks: Blocks, reading: Reading) -> Option<(Engine, Blocks)> {
    let engine = match reading {
        Reading::Lazily => Engine::restore_lazily(state, blocks.clone()),
        Reading::AtOnce => Engine::restore(state, &mut |key| blocks.read(key)),
    };
    match engine {
        Ok(engine) => Some((engine, blocks)),
        Err(error) => {
            tracing::debug!(%error, "a keyframe is not used");
            None
        }
    }
}

/// Whether a session of these parts is long enough for keyframes, and lacks them.
pub fn lacks_keyframes(parts: &[&Recording]) -> bool {
    let Some(since) = parts.first().and_then(|part| part.info().from) else { return false };
    parts.iter().any(|part| {
        let is_long = part.info().n_packets >= PACKETS_FEW;
        let is_ours = part.format() == session::Format::Mcap;
        let is_of_use = |entry: &KeyframeEntry| entry.since == since;
        is_ours && is_long && !part.keyframes(STATE_VERSION).iter().any(is_of_use)
    })
}

/// Whether so many keyframes of these parts were found damaged that others are to be made beside them.
pub(crate) fn has_spoilt_keyframes(parts: &[&Recording]) -> bool {
    let is_ours = |part: &&&Recording| part.format() == session::Format::Mcap;
    parts.iter().filter(is_ours).map(|part| part.doubts().n_entries()).sum::<usize>() >= TRIES
}

/// Hears a session and keeps keyframes beside each of its parts that lacks them. Stops at damage: those before it are
/// kept, and what is behind it is heard from there each time. `false` when it was cancelled.
///
/// # Errors
/// When a file of keyframes cannot be written, as beside a recording on a disk that is read only.
pub fn make_keyframes(
    parts: &[&Recording],
    cadence: Cadence,
    cancel: &CancellationToken,
) -> std::io::Result<bool> {
    let mut engine = Engine::new();
    let mut keyframer = Keyframer::new(cadence);
    let mut asks = Vec::new();
    for part in parts {
        let info = part.info();
        let mut file = beside(part)?;
        let mut packets = part.packets();
        let mut chunks = info.chunks.iter().peekable();
        while let Some(chunk) = chunks.next() {
            for _ in 0..chunk.n_packets {
                let Some(Ok(packet)) = packets.next() else {
                    file.finish()?;
                    return Ok(true);
                };
                keyframer.note(packet.received_at, bytes_of(&packet));
                engine.step(Input::Packet(packet), &mut asks);
                asks.clear();
            }
            if cancel.is_cancelled() {
                return Ok(false);
            }
            if let Some(next) = chunks.peek()
                && keyframer.is_due(chunk.to)
            {
                let (keyframe, blocks) = keyframer.make(&engine, chunk.to);
                file.add(&keyframe, &blocks, next.offset)?;
            }
        }
        file.finish()?;
    }
    Ok(true)
}

fn beside(part: &Recording) -> std::io::Result<KeyframeFile> {
    let info = part.info();
    KeyframeFile::create(part.path(), info.bytes, info.from)
}
