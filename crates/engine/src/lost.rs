//! When the book of each instrument of a recording was not right: found once, in the background, for the timeline.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use market::{InstrumentId, Timestamp};

use crate::engine::{Engine, Input};
use crate::source::Tape;

/// Spans kept for each instrument; a timeline of 1,600 px shows no more.
const SPANS_MAX: usize = 1_000;

/// A span of session time.
pub type Span = (Timestamp, Timestamp);

/// Spans without a right book, by instrument.
#[derive(Clone, Debug, Default)]
pub struct Lost {
    path: PathBuf,
    spans: BTreeMap<InstrumentId, Vec<Span>>,
}

impl Lost {
    /// The spans of one instrument of the recording at `path`.
    pub fn of(&self, path: &Path, id: InstrumentId) -> &[Span] {
        if self.path != path {
            return &[];
        }
        self.spans.get(&id).map_or(&[], Vec::as_slice)
    }
}

/// Reads a whole recording.
pub fn find_lost(tape: &Tape) -> Lost {
    let mut engine = Engine::without_views();
    let mut open: BTreeMap<InstrumentId, Timestamp> = BTreeMap::new();
    let mut lost = Lost { path: tape.path().to_owned(), spans: BTreeMap::new() };
    let mut asks = Vec::new();
    for packet in tape.packets() {
        let at = packet.received_at;
        engine.step(Input::Packet(packet), &mut asks);
        asks.clear();
        for (id, watched) in engine.all_watched() {
            let is_right = watched.health().is_good();
            let is_waiting = watched.health() == view::Health::Loading;
            if !is_right && !is_waiting {
                // Silence is found at the packet that ends it: it began with the last one before.
                open.entry(id).or_insert_with(|| watched.heard_at().unwrap_or(at));
            } else if let Some(from) = open.remove(&id) {
                push(&mut lost, id, (from, at));
            }
        }
    }
    for (id, from) in open {
        push(&mut lost, id, (from, tape.to()));
    }
    lost
}

fn push(lost: &mut Lost, id: InstrumentId, span: Span) {
    let spans = lost.spans.entry(id).or_default();
    if spans.len() < SPANS_MAX {
        spans.push(span);
    }
}
