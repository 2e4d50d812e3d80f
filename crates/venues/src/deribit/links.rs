//! What must be remembered of a link: which channels its requests asked for.

use std::collections::{BTreeMap, VecDeque};

use market::LinkId;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Requests of a link whose answer is awaited; the oldest is forgotten first.
const REQUESTS_MAX: usize = 256;

/// Channels of one request that are remembered; no request may name more.
const CHANNELS_MAX: usize = 500;

/// Links that are remembered; a session that opened more forgets all of them once.
const LINKS_MAX: usize = 1_024;

/// The requests of all links.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Links {
    links: BTreeMap<LinkId, VecDeque<Asked>>,
}

/// A request for channels.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Asked {
    id: String,
    pub is_subscribe: bool,
    pub channels: Vec<String>,
}

#[derive(Deserialize)]
struct Sent<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    method: String,
    params: Params,
}

#[derive(Deserialize)]
struct Params {
    channels: Vec<String>,
}

impl Links {
    /// We sent this text.
    pub fn note_sent(&mut self, link: LinkId, text: &str) {
        let Ok(Sent { id, method, params }) = serde_json::from_str(text) else { return };
        let is_subscribe = method.ends_with("/subscribe");
        let channels = params.channels.into_iter().take(CHANNELS_MAX).collect();
        if self.links.len() >= LINKS_MAX && !self.links.contains_key(&link) {
            self.links.clear();
        }
        let asked = self.links.entry(link).or_default();
        if asked.len() >= REQUESTS_MAX {
            asked.pop_front();
        }
        asked.push_back(Asked { id: id.get().to_owned(), is_subscribe, channels });
    }

    /// The request that has this id, which is answered now.
    pub fn answered(&mut self, link: LinkId, id: Option<&RawValue>) -> Option<Asked> {
        let id = id?.get();
        let asked = self.links.get_mut(&link)?;
        let at = asked.iter().position(|asked| asked.id == id)?;
        asked.remove(at)
    }

    pub fn forget(&mut self, link: LinkId) {
        self.links.remove(&link);
    }
}
