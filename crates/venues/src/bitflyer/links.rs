//! What must be remembered of a link: which channel each request asked for, and which products do not run.

use std::collections::{BTreeMap, BTreeSet};

use market::LinkId;
use serde::{Deserialize, Serialize};

use crate::remember::pairs;

/// Requests whose answer is awaited; with more, all are forgotten once.
const REQUESTS_MAX: usize = 4_096;

/// Products that do not run; with more, all are forgotten once.
const HALTED_MAX: usize = 1_024;

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Links {
    #[serde(with = "pairs")]
    asked: BTreeMap<(LinkId, String), Asked>,
    halted: BTreeSet<(LinkId, String)>,
}

/// A request for a channel.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Asked {
    pub is_subscribe: bool,
    pub channel: String,
}

#[derive(Deserialize)]
struct Sent<'a> {
    #[serde(borrow)]
    id: &'a serde_json::value::RawValue,
    method: String,
    params: Channel,
}

#[derive(Deserialize)]
struct Channel {
    channel: String,
}

impl Links {
    /// We sent this text. A request without an id is not answered.
    pub fn note_sent(&mut self, link: LinkId, text: &str) {
        let Ok(Sent { id, method, params }) = serde_json::from_str(text) else { return };
        if self.asked.len() >= REQUESTS_MAX {
            self.asked.clear();
        }
        let asked = Asked { is_subscribe: method == "subscribe", channel: params.channel };
        self.asked.insert((link, id.get().to_owned()), asked);
    }

    /// The request that has this id, which is answered now.
    pub fn answered(&mut self, link: LinkId, id: &str) -> Option<Asked> {
        self.asked.remove(&(link, id.to_owned()))
    }

    /// A product runs or does not; whether that is news.
    pub fn note_state(&mut self, link: LinkId, product: &str, is_running: bool) -> bool {
        let key = (link, product.to_owned());
        if is_running {
            return self.halted.remove(&key);
        }
        if self.halted.len() >= HALTED_MAX {
            self.halted.clear();
        }
        self.halted.insert(key)
    }

    pub fn forget(&mut self, link: LinkId) {
        self.asked.retain(|(of, _), _| *of != link);
        self.halted.retain(|(of, _)| *of != link);
    }
}
