//! When books were not right, packet by packet.

use std::collections::BTreeMap;

use market::{InstrumentId, Timestamp};

use crate::engine::Engine;
use crate::outline::Span;

/// Watches books after each packet, and tells of each span in which one was not right.
#[derive(Debug, Default)]
pub struct LostWatch {
    open: BTreeMap<InstrumentId, Timestamp>,
}

impl LostWatch {
    /// A packet that was received at `at` has been taken.
    pub fn note(
        &mut self,
        engine: &Engine,
        at: Timestamp,
        mut tell: impl FnMut(InstrumentId, Span),
    ) {
        for (id, watched) in engine.all_watched() {
            let is_right = watched.health().is_good();
            let is_waiting = watched.health() == view::Health::Loading;
            if !is_right && !is_waiting {
                // Silence is found at the packet that ends it: it began with the last one before.
                self.open.entry(id).or_insert_with(|| watched.heard_at().unwrap_or(at));
            } else if let Some(from) = self.open.remove(&id) {
                tell(id, (from, at));
            }
        }
    }

    /// The recording ends at `to`.
    pub fn finish(self, to: Timestamp, mut tell: impl FnMut(InstrumentId, Span)) {
        for (id, from) in self.open {
            tell(id, (from, to));
        }
    }
}
