//! What must hold of a saved state of a book.

use super::{BUFFERED_MESSAGES_MAX, Sync};
use crate::load::Sound;

impl Sound for Sync {
    fn is_sound(&self) -> bool {
        let n_levels: usize = self.waiting.iter().map(|delta| delta.levels.len()).sum();
        n_levels == self.n_waiting_levels
            && self.waiting.len() <= BUFFERED_MESSAGES_MAX
            && self.waiting.iter().all(|delta| delta.n_bids <= delta.levels.len())
    }
}
