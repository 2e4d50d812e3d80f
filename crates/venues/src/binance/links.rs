//! What must be remembered of a link: the one symbol that it carries, and what its requests asked.

use std::collections::{BTreeMap, VecDeque};

use market::LinkId;
use serde::{Deserialize, Serialize};

use crate::table::Table;

/// Requests of a link whose answer is awaited; the oldest is forgotten first.
const REQUESTS_MAX: usize = 64;

/// Topics of one request that are remembered: the streams that one connection may carry.
const TOPICS_MAX: usize = 1_024;

/// Links that are remembered; a session that opened more forgets all of them once.
const LINKS_MAX: usize = 1_024;

/// The links of a session.
#[derive(Debug, Default)]
pub(super) struct Links {
    links: BTreeMap<LinkId, Link>,
}

impl Links {
    pub fn get(&mut self, link: LinkId) -> &mut Link {
        if self.links.len() >= LINKS_MAX && !self.links.contains_key(&link) {
            self.links.clear();
        }
        self.links.entry(link).or_default()
    }

    /// A link was opened anew: what was known of it holds no more.
    pub fn open(&mut self, link: LinkId, address: &str, table: &Table) {
        self.links.remove(&link);
        let link = self.get(link);
        for stream in streams_of_address(address) {
            link.note_stream(stream, table);
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (LinkId, &Link)> {
        self.links.iter().map(|(link, known)| (*link, known))
    }

    pub fn replace(&mut self, links: BTreeMap<LinkId, Link>) {
        self.links = links;
    }

    pub fn close(&mut self, link: LinkId) {
        self.links.remove(&link);
    }
}

/// One link.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Link {
    carries: Carries,
    /// A frame without a symbol on this link may be a partial book.
    pub has_partial_depth: bool,
    requests: VecDeque<Asked>,
}

/// Which symbols a link carries. A bare depth snapshot can be understood only where it is one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Carries {
    #[default]
    Nothing,
    Named(String),
    #[serde(skip)]
    Seen(u32),
    Several,
}

/// A request that was sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Asked {
    id: String,
    pub is_subscribe: bool,
    pub topics: Vec<String>,
}

#[derive(Deserialize)]
struct Sent {
    method: String,
    #[serde(default)]
    params: Vec<serde_json::Value>,
    #[serde(default)]
    id: serde_json::Value,
}

impl Link {
    /// The same without positions, which differ from file to file.
    pub fn by_symbol(&self, table: &Table) -> Self {
        let mut link = self.clone();
        if let Carries::Seen(index) = link.carries {
            link.carries = Carries::Named(table.get(index).symbol.clone());
        }
        link
    }

    /// A frame named this instrument.
    pub fn note_index(&mut self, index: u32, table: &Table) {
        self.carries = match &self.carries {
            Carries::Seen(seen) if *seen == index => return,
            Carries::Several => return,
            Carries::Nothing => Carries::Seen(index),
            Carries::Named(symbol) if *symbol == table.get(index).symbol => Carries::Seen(index),
            Carries::Named(_) | Carries::Seen(_) => Carries::Several,
        };
    }

    /// The link was asked for this stream: `btcusdt@depth@100ms`.
    pub fn note_stream(&mut self, stream: &str, table: &Table) {
        let Some((symbol, kind)) = stream.split_once('@') else { return };
        self.has_partial_depth |= is_partial_depth(kind);
        self.note_symbol(&symbol.to_uppercase(), table);
    }

    /// The link carries this symbol.
    pub fn note_symbol(&mut self, symbol: &str, table: &Table) {
        self.carries = match &self.carries {
            Carries::Nothing => Carries::Named(symbol.to_owned()),
            Carries::Named(known) if known == symbol => return,
            Carries::Seen(index) if table.get(*index).symbol == symbol => return,
            Carries::Named(_) | Carries::Seen(_) | Carries::Several => Carries::Several,
        };
    }

    /// The one symbol that this link carries.
    pub fn symbol(&self, table: &Table) -> Option<String> {
        match &self.carries {
            Carries::Named(symbol) => Some(symbol.clone()),
            Carries::Seen(index) => Some(table.get(*index).symbol.clone()),
            Carries::Nothing | Carries::Several => None,
        }
    }

    /// We sent this text.
    pub fn note_sent(&mut self, text: &str, table: &Table) {
        let Ok(sent) = serde_json::from_str::<Sent>(text) else { return };
        let topics: Vec<String> = sent
            .params
            .into_iter()
            .filter_map(|param| param.as_str().map(str::to_owned))
            .take(TOPICS_MAX)
            .collect();
        let is_subscribe = sent.method == "SUBSCRIBE";
        if is_subscribe {
            for topic in &topics {
                self.note_stream(topic, table);
            }
        }
        if self.requests.len() >= REQUESTS_MAX {
            self.requests.pop_front();
        }
        self.requests.push_back(Asked { id: sent.id.to_string(), is_subscribe, topics });
    }

    /// The request that has this id (as JSON), which is answered now.
    pub fn answered(&mut self, id: &str) -> Option<Asked> {
        let position = self.requests.iter().position(|asked| asked.id == id)?;
        self.requests.remove(position)
    }
}

/// Whether a stream's kind is a partial book: `depth5`, `depth20@100ms`.
pub(super) fn is_partial_depth(kind: &str) -> bool {
    let first = kind.split('@').next().unwrap_or_default();
    first.strip_prefix("depth").is_some_and(|levels| levels.parse::<u32>().is_ok())
}

/// The streams that an address names: `…/stream?streams=a/b` or `…/ws/a/b`.
fn streams_of_address(address: &str) -> impl Iterator<Item = &str> {
    let streams = match address.split_once("streams=") {
        Some((_, streams)) => streams,
        None => address.split_once("/ws/").map_or("", |(_, streams)| streams),
    };
    let end = streams.find(['&', '?', '#']).unwrap_or(streams.len());
    streams[..end].split('/').filter(|stream| !stream.is_empty())
}
