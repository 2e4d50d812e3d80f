//! States that were saved, and all that an engine shows, so that two engines can be compared to the last bit.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use engine::{Engine, RestoreError, SaveProgress, SavedState, state_digest};
use market::{Blocks, INTERVALS_S};
use view::heat::COLUMN_LENGTHS_MS;
use view::ladder::GROUPS_TICKS;
use view::{Header, Screen, Shown};

/// Blocks that were saved, by key, and what is known of them.
#[derive(Clone, Debug, Default)]
pub struct Keep {
    /// The blocks.
    pub blocks: BTreeMap<String, Vec<u8>>,
    progress: SaveProgress,
}

impl Keep {
    /// Saves an engine; the same key must always mean the same bytes.
    pub fn save(&mut self, engine: &Engine) -> Vec<u8> {
        let SavedState { bytes, blocks } = engine.save(&mut self.progress);
        self.take(blocks);
        bytes
    }

    /// What a save would write now, with what is known of earlier ones.
    pub fn would_save(&self, engine: &Engine) -> SavedState {
        engine.save(&mut self.progress.clone())
    }

    /// The engine that was saved.
    pub fn restore(&self, bytes: &[u8]) -> Result<Engine, RestoreError> {
        Engine::restore(bytes, &mut |key| self.blocks.get(key).cloned())
    }

    /// The same, whose long histories are read when somebody looks.
    pub fn restore_lazily(&self, bytes: &[u8]) -> Result<Engine, RestoreError> {
        let all = Arc::new(self.blocks.clone());
        let named = Arc::clone(&all);
        let has = move |key: &str| named.contains_key(key);
        Engine::restore_lazily(bytes, Blocks::new(has, move |key| all.get(key).cloned()))
    }

    /// All of an engine, without regard to earlier saves.
    pub fn take_all(&mut self, engine: &Engine) -> Vec<u8> {
        let SavedState { bytes, blocks } = engine.save(&mut SaveProgress::default());
        self.take(blocks);
        bytes
    }

    fn take(&mut self, blocks: Vec<engine::SavedBlock>) {
        for block in blocks {
            let known = self.blocks.get(&block.key);
            assert!(known.is_none_or(|known| *known == block.bytes), "{} changed", block.key);
            self.blocks.insert(block.key, block.bytes);
        }
    }
}

/// All that an engine shows: the digest, what was counted, and the whole frames of every length, interval and grouping.
pub fn face(engine: &Engine) -> (String, String, u64) {
    let mut hasher = DefaultHasher::new();
    for (_, watched) in engine.all_watched() {
        let Some(view) = &watched.view else { continue };
        let shown = Shown { view, market: &watched.market };
        let lengths = COLUMN_LENGTHS_MS.iter().cycle().zip(GROUPS_TICKS.iter().cycle());
        for ((column_ms, group_ticks), interval_s) in lengths.zip(INTERVALS_S) {
            let mut screen = Screen::new();
            screen.set_column_ms(*column_ms).expect("a length");
            screen.set_interval_s(interval_s).expect("an interval");
            screen.set_group_ticks(*group_ticks).expect("a grouping");
            let mut number = 0;
            while screen.is_dirty(Some(shown), number) {
                screen.next_frame(Some(shown), &Header::default(), number).hash(&mut hasher);
                number += 1;
            }
        }
    }
    let counted: Vec<_> = engine
        .all_watched()
        .map(|(id, watched)| (id, engine.tally(id), watched.n_lost, watched.link, watched.cause()))
        .collect();
    let links: Vec<_> = engine.links().iter().collect();
    let counted = format!("{:?} {counted:?} {links:?}", engine.counts());
    (state_digest(engine), counted, hasher.finish())
}
