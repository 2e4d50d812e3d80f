//! Sentences for the user: the last few, numbered.

use std::collections::VecDeque;

use market::Timestamp;

use crate::status::ms;
use crate::wire::{Notice, NoticeLevel};

/// Notices that are kept.
const NOTICES_KEPT: usize = 8;

/// The last notices, oldest first.
#[derive(Debug, Default)]
pub struct Notices {
    notices: VecDeque<Notice>,
    number: u64,
}

impl Notices {
    /// Adds a sentence; the same one again only renews it.
    pub fn add(&mut self, level: NoticeLevel, sentence: String, at: Timestamp) {
        self.notices.retain(|notice| notice.sentence != sentence);
        if self.notices.len() == NOTICES_KEPT {
            self.notices.pop_front();
        }
        self.number += 1;
        self.notices.push_back(Notice { number: self.number, level, at_ms: ms(at), sentence });
    }

    /// Oldest first.
    pub fn to_vec(&self) -> Vec<Notice> {
        self.notices.iter().cloned().collect()
    }
}
