//! Keyframes of recordings that play in step: of what they show together, for what each shows alone cannot be joined
//! where two heard the same market. They are made once, in the background, and kept beside the first recording.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Bytes, BytesMut};
use market::{Blocks, Timestamp};
use session::{Format, KeptTogether, Keyframe, KeyframeEntry, KeyframeFile, Recording};
use tokio_util::sync::CancellationToken;

use crate::engine::{Engine, Input, STATE_VERSION};
use crate::in_step::{LanePackets, Place};
use crate::keyframes::{Cadence, Keyframer, PACKETS_FEW, Reading, TRIES, revive};
use crate::lane::Lane;
use crate::tail::bytes_of;

/// Packets that are heard between two looks at whether somebody wants it to end.
const PACKETS_PER_LOOK: u64 = 1_000;

/// What is known of the keyframes of recordings that play in step.
#[derive(Default)]
pub struct Together {
    kept: Mutex<Kept>,
    /// Held while they are being made.
    making: Mutex<()>,
}

#[derive(Clone, Default)]
enum Kept {
    /// Nobody has looked.
    #[default]
    Unknown,
    Missing,
    /// They cannot be made, or are not worth it.
    InVain,
    Here(Arc<KeptTogether>),
}

/// A state in the middle, and what follows.
pub struct Joined {
    /// The state.
    pub engine: Engine,
    /// The packets after it.
    pub packets: LanePackets,
    /// Packets before it.
    pub n_packets: u64,
    /// `received_at` of the last packet before it.
    pub at: Timestamp,
    /// What the state reads when somebody looks further back.
    pub blocks: Blocks,
}

impl Together {
    /// The last keyframe before a moment that can be used. `None`: all is to be heard from the beginning.
    pub fn begin_near(&self, lanes: &Arc<Vec<Lane>>, at: Timestamp) -> Option<Joined> {
        let Kept::Here(kept) = self.look(lanes) else { return None };
        let before = kept.of_version(STATE_VERSION).rev().filter(|entry| entry.at < at);
        before.take(TRIES).find_map(|entry| {
            let restored = restore(&kept, &entry);
            if restored.is_none() {
                kept.doubts().add(&entry);
            }
            let (engine, places, blocks) = restored?;
            let packets = LanePackets::at(Arc::clone(lanes), &places)?;
            let before = |(lane, place): (&Lane, &Place)| {
                lane.n_packets_before(place.part_index).saturating_add(place.n_before)
            };
            let n_packets = lanes.iter().zip(&places).map(before).fold(0, u64::saturating_add);
            Some(Joined { engine, packets, n_packets, at: entry.at, blocks })
        })
    }

    /// The first keyframe at a moment or later that can be used, and when it stood.
    pub fn state_after(
        &self,
        lanes: &Arc<Vec<Lane>>,
        at: Timestamp,
    ) -> Option<(Timestamp, Engine)> {
        let Kept::Here(kept) = self.look(lanes) else { return None };
        let after = kept.of_version(STATE_VERSION).filter(|entry| entry.at >= at);
        after.take(TRIES).find_map(|entry| Some((entry.at, restore(&kept, &entry)?.0)))
    }

    /// Whether keyframes can and should be made first.
    pub fn lacks(&self, lanes: &Arc<Vec<Lane>>) -> bool {
        // While they are being made they lack as well.
        self.making.try_lock().is_err() || matches!(self.look(lanes), Kept::Missing)
    }

    /// Makes those that lack, beside the first recording; whether any were made.
    pub fn make(
        &self,
        lanes: &Arc<Vec<Lane>>,
        cadence: Cadence,
        cancel: &CancellationToken,
    ) -> bool {
        // One after the other: who comes second finds them made.
        let _turn = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        if !matches!(self.look(lanes), Kept::Missing) {
            return false;
        }
        match write(lanes, cadence, cancel) {
            Ok(true) => {}
            Ok(false) => return false,
            Err(error) => tracing::info!(%error, "keyframes are not kept; seeks take longer"),
        }
        let kept = self.find(lanes).map_or(Kept::InVain, Kept::Here);
        let is_made = matches!(kept, Kept::Here(_));
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = kept;
        is_made
    }

    fn look(&self, lanes: &[Lane]) -> Kept {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*kept, Kept::Unknown) {
            *kept = self.find(lanes).map_or(Kept::Missing, Kept::Here);
            if matches!(*kept, Kept::Missing) && !is_worth(lanes) {
                *kept = Kept::InVain;
            }
        }
        kept.clone()
    }

    fn find(&self, lanes: &[Lane]) -> Option<Arc<KeptTogether>> {
        let kept = KeptTogether::open(&files_of(lanes))?;
        let is_of_use = kept.of_version(STATE_VERSION).next().is_some();
        is_of_use.then(|| Arc::new(kept))
    }
}

fn files_of(lanes: &[Lane]) -> Vec<Vec<&Recording>> {
    lanes.iter().map(|lane| lane.recordings().collect()).collect()
}

/// Whether the recordings are long enough for keyframes, and such that places in them can be told.
fn is_worth(lanes: &[Lane]) -> bool {
    let n_packets: u64 = lanes.iter().map(Lane::n_packets).sum();
    let is_whole = |lane: &Lane| lane.recordings().count() == lane.n_parts();
    let mut recordings = lanes.iter().flat_map(Lane::recordings);
    n_packets >= PACKETS_FEW
        && lanes.iter().all(is_whole)
        && recordings.all(|recording| recording.format() == Format::Mcap)
}

/// Hears all and writes the file of keyframes. Stops at damage: behind it places cannot be told by counting. `false`
/// when it was cancelled.
fn write(
    lanes: &Arc<Vec<Lane>>,
    cadence: Cadence,
    cancel: &CancellationToken,
) -> std::io::Result<bool> {
    let mut file = KeyframeFile::create_together(&files_of(lanes))?;
    let (mut engine, mut keyframer) = (Engine::new(), Keyframer::new(cadence));
    let mut packets = LanePackets::of(Arc::clone(lanes));
    let (mut asks, mut n_heard) = (Vec::new(), 0);
    while !packets.is_damaged()
        && let Some(packet) = packets.next()
    {
        let at = packet.received_at;
        keyframer.note(at, bytes_of(&packet));
        engine.step(Input::Packet(packet), &mut asks);
        asks.clear();
        n_heard += 1;
        if n_heard % PACKETS_PER_LOOK == 0 && cancel.is_cancelled() {
            return Ok(false);
        }
        if keyframer.is_due(at) && !packets.is_damaged() {
            let (keyframe, blocks) = keyframer.make(&engine, at);
            let bytes = with_places(&packets.places(), &keyframe.bytes);
            file.add(&Keyframe { bytes, ..keyframe }, &blocks, 0)?;
        }
    }
    file.finish()?;
    Ok(true)
}

/// The bytes of a keyframe: how many recordings, where each goes on (file, packets before it), and the state.
fn with_places(places: &[Place], state: &[u8]) -> Bytes {
    let number = |number: usize| (number as u64).to_le_bytes();
    let mut bytes = BytesMut::with_capacity(state.len() + 8 + 16 * places.len());
    bytes.extend(number(places.len()));
    for place in places {
        bytes.extend(number(place.part_index));
        bytes.extend(place.n_before.to_le_bytes());
    }
    bytes.extend(state);
    bytes.freeze()
}

fn take_number(bytes: &mut &[u8]) -> Option<u64> {
    let (number, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(u64::from_le_bytes(*number))
}

fn take_places(bytes: &mut &[u8]) -> Option<Vec<Place>> {
    let n_lanes = take_number(bytes)?;
    let place = |_| {
        let part_index = usize::try_from(take_number(bytes)?).ok()?;
        Some(Place { part_index, n_before: take_number(bytes)? })
    };
    (0..n_lanes).map(place).collect()
}

fn restore(
    kept: &Arc<KeptTogether>,
    entry: &KeyframeEntry,
) -> Option<(Engine, Vec<Place>, Blocks)> {
    let bytes = kept.read(entry)?;
    let mut state = bytes.as_slice();
    let places = take_places(&mut state)?;
    let (named, of) = (Arc::clone(kept), entry.clone());
    let has = move |key: &str| named.names_block(&of, key);
    let (read_from, of) = (Arc::clone(kept), entry.clone());
    let read = move |key: &str| {
        let bytes = read_from.read_block(&of, key);
        if bytes.is_none() {
            read_from.doubts().add(&of);
            read_from.doubts().add_blocks();
        }
        bytes
    };
    let reading = Reading::after(kept.doubts().has_blocks());
    let (engine, blocks) = revive(state, Blocks::new(has, read), reading)?;
    Some((engine, places, blocks))
}
