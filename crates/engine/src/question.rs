//! A snapshot that was asked for: when, and whether it is to be asked for again.

use market::Timestamp;
use serde::{Deserialize, Serialize};

/// A request for a snapshot that was not answered is made again after this.
const ASK_AGAIN_NANOS: i64 = 10_000_000_000;

/// The question for the snapshot of one book.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Question {
    asked_at: Option<Timestamp>,
}

impl Question {
    /// A snapshot is wanted: whether it is to be asked for now, or was asked for a moment ago.
    pub fn ask(&mut self, now: Timestamp) -> bool {
        let is_due = self.asked_at.is_none_or(|asked| now.nanos_since(asked) >= ASK_AGAIN_NANOS);
        if is_due {
            self.asked_at = Some(now);
        }
        is_due
    }

    /// A snapshot was asked for by the subscription itself.
    pub fn expect_answer(&mut self, now: Timestamp) {
        self.asked_at.get_or_insert(now);
    }

    /// Whether a snapshot that was asked for has not come in time and is asked for again.
    pub fn ask_again(&mut self, now: Timestamp) -> bool {
        self.asked_at.is_some() && self.ask(now)
    }

    /// The book is in order, or its link is gone: nothing is asked for.
    pub fn forget(&mut self) {
        self.asked_at = None;
    }
}
