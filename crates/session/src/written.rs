//! What a recorder has written so far: readable while it goes on, without reading its files through.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use market::Timestamp;

use crate::info::{Format, Info, any_is_simulated};
use crate::keyframe::{Doubts, Keyframes};
use crate::recording::Recording;
use crate::tape::Tape;
use crate::walk::Known;

/// The parts of a session as they lie on the disk, oldest first.
#[derive(Default)]
pub(crate) struct Written {
    parts: Vec<Part>,
}

struct Part {
    info: Info,
    known: Known,
    keyframes: Arc<Keyframes>,
    doubts: Arc<Doubts>,
    /// Made when it is asked for, and again when there is more.
    recording: Option<Arc<Recording>>,
}

impl Written {
    /// Takes note of what the tape has handed to the disk since the last call.
    pub(crate) fn note(&mut self, tape: &Tape, path: &Path) {
        if self.parts.last().is_none_or(|part| part.info.path != path) {
            self.parts.push(Part::new(path.to_owned()));
        }
        let Some(part) = self.parts.last_mut() else { return };
        let bytes = tape.written_bytes();
        if part.info.bytes == bytes {
            return;
        }
        let info = &mut part.info;
        info.bytes = bytes;
        info.chunks = tape.spans().clone();
        info.links = tape.links();
        info.metadata = tape.metadata().clone();
        info.n_packets = info.chunks.n_packets();
        info.from = info.chunks.first().map(|chunk| chunk.from);
        info.to = info.chunks.last().map(|chunk| chunk.to);
        let is_said = info.metadata.get("simulated").is_some_and(|value| value == "true");
        info.is_simulated = is_said || any_is_simulated(&info.links);
        part.keyframes = tape.keyframes();
        part.known = Known { channels: tape.channels(), is_ours: true };
        part.recording = None;
    }

    /// All parts that hold packets, each up to its last whole chunk.
    pub(crate) fn recordings(&mut self) -> Vec<Arc<Recording>> {
        let parts = self.parts.iter_mut().filter(|part| part.info.n_packets > 0);
        parts.map(Part::recording).collect()
    }

    /// `received_at` of the last packet on the disk.
    pub(crate) fn to(&self) -> Option<Timestamp> {
        self.parts.iter().rev().find_map(|part| part.info.to)
    }
}

impl Part {
    fn new(path: PathBuf) -> Self {
        let info = Info::empty(path, 0, Format::Mcap);
        let (known, keyframes, doubts) = Default::default();
        Self { info, known, keyframes, doubts, recording: None }
    }

    fn recording(&mut self) -> Arc<Recording> {
        let Self { info, known, keyframes, doubts, recording } = self;
        let make = || {
            let (keyframes, doubts) = (Arc::clone(keyframes), Arc::clone(doubts));
            Arc::new(Recording::of_known(info.clone(), known.clone(), keyframes, doubts))
        };
        Arc::clone(recording.get_or_insert_with(make))
    }
}
