//! Fine columns under a playhead: kept as far back as they can be told, and not on the whole way there.

use market::Timestamp;

use super::{Goal, Player};
use crate::fine::{FineWant, kept_nanos};

/// What is to be kept, and since when.
#[derive(Debug, Default)]
pub(super) struct Fine {
    wants: Vec<FineWant>,
    /// Not yet: once this moment is about to be heard.
    from: Option<Timestamp>,
}

impl Player {
    /// Keeps these fine columns, and no others. For those that are new, what lies before the playhead is heard again
    /// from the nearest state that was kept, so that it is there as if they had been kept all the while.
    pub fn set_fine(&mut self, wants: Vec<FineWant>) {
        if wants == self.fine.wants {
            return;
        }
        let is_known = |want: &FineWant| {
            let known = self.fine.wants.iter().find(|known| known.named == want.named);
            known.is_some_and(|known| known.lengths.has(want.lengths))
        };
        let is_new = !wants.iter().all(is_known);
        self.fine.wants = wants;
        // Where much would have to be heard again, it is looked back for.
        let act = self.tape.acts().get(self.act);
        let can_come_back = act.is_some_and(|act| !act.lacks_keyframes());
        let is_stepping = matches!(self.goal, Some(Goal::Next(_)));
        if is_new && can_come_back && !is_stepping && self.engine.counts().n_packets > 0 {
            self.come_back(self.at);
        } else if self.fine.from.is_none() {
            self.engine.set_fine(&self.fine.wants);
        }
    }

    /// Another engine is on its way to a moment: its fine columns begin shortly before that.
    pub(super) fn aim_fine(&mut self, at: Timestamp) {
        let is_far = at.nanos_since(self.at) > kept_nanos(&self.fine.wants);
        let is_kept = !self.engine.fine().is_empty();
        if self.fine.wants.is_empty() || (is_kept && !is_far) {
            return;
        }
        self.engine.set_fine(&[]);
        self.fine.from = Some(at.plus_nanos(-kept_nanos(&self.fine.wants)));
    }

    /// A moment is about to be heard.
    pub(super) fn begin_fine(&mut self, at: Timestamp) {
        if let Some(from) = self.fine.from.filter(|from| at >= *from) {
            self.engine.set_fine_at(from, &self.fine.wants);
            self.fine.from = None;
        }
    }
}
