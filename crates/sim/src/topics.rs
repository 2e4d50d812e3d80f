//! What a link wants to hear at a venue of named topics, and the snapshots that a fault holds back.

use std::collections::{BTreeMap, BTreeSet};

use crate::allowance::Spent;
use crate::floor::Floor;

/// What a link wants to hear.
#[derive(Debug, Default)]
pub struct Topics {
    heard: BTreeSet<String>,
    /// Books whose snapshot has not been sent yet, and when it is due.
    waiting: BTreeMap<String, i64>,
    /// When the client last said something.
    pub(crate) heard_at: i64,
    /// What it asked lately.
    pub(crate) asked: Spent,
    /// Whether the link speaks Socket.IO where others of the venue do not (bitFlyer).
    pub(crate) is_socketio: bool,
    /// Whether the link was opened at the address for candles (OKX).
    pub(crate) is_business: bool,
}

impl Topics {
    /// Those of a link that opens.
    pub(crate) fn new(now: i64) -> Self {
        Self { heard_at: now, ..Self::default() }
    }

    /// Whether nothing is subscribed.
    pub(crate) fn is_empty(&self) -> bool {
        self.heard.is_empty() && self.waiting.is_empty()
    }

    /// Whether frames of this topic are sent on the link.
    pub(crate) fn hears(&self, topic: &str) -> bool {
        self.heard.contains(topic)
    }

    /// A topic is subscribed, or waits where its snapshot is held back until `due`; whether it is told at once.
    pub(crate) fn begin(&mut self, topic: &str, due: Option<i64>) -> bool {
        match due {
            Some(due) => self.add_later(topic, due),
            None => {
                self.add(topic);
            }
        }
        due.is_none()
    }

    /// A topic is subscribed; false when it was already.
    pub(crate) fn add(&mut self, topic: &str) -> bool {
        self.heard.insert(topic.to_owned())
    }

    /// A topic is subscribed whose first frame is due later.
    pub(crate) fn add_later(&mut self, topic: &str, due: i64) {
        self.waiting.insert(topic.to_owned(), due);
    }

    /// A topic is left; false when it was not subscribed.
    pub(crate) fn remove(&mut self, topic: &str) -> bool {
        let was_waiting = self.waiting.remove(topic).is_some();
        self.heard.remove(topic) || was_waiting
    }
}

/// When a snapshot that is asked for now is due, where a fault holds it back by `delay`.
pub(crate) fn held_back(now: i64, delay: i64) -> Option<i64> {
    (delay > 0).then_some(now + delay)
}

/// All topics that some link hears.
pub(crate) fn heard(floor: &mut Floor<Topics>) -> BTreeSet<String> {
    let mut heard = BTreeSet::new();
    for link in floor.those(|topics| !topics.heard.is_empty()) {
        if let Some(topics) = floor.wants(link) {
            heard.extend(topics.heard.iter().cloned());
        }
    }
    heard
}

/// The links and topics whose snapshot is due; from now on they hear the topic.
pub(crate) fn due(floor: &mut Floor<Topics>, now: i64) -> Vec<(u64, String)> {
    let is_due = |topics: &Topics| topics.waiting.values().any(|due| *due <= now);
    let mut found = Vec::new();
    for link in floor.those(is_due) {
        let Some(topics) = floor.wants(link) else { continue };
        let is_due = |(_, due): &(&String, &i64)| **due <= now;
        let due: Vec<_> = topics.waiting.iter().filter(is_due).map(|one| one.0.clone()).collect();
        for topic in due {
            topics.waiting.remove(&topic);
            topics.heard.insert(topic.clone());
            found.push((link, topic));
        }
    }
    found
}
