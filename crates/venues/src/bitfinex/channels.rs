//! What must be remembered of a link: what each of its channels tells. A channel's number is of that connection only.

use std::collections::{BTreeMap, HashMap};

use market::{LinkId, Stream};
use serde::{Deserialize, Serialize};

use crate::remember::sorted;

/// Channels of a link; the venue opens some 36 at most. A link with more forgets all of them once.
const CHANNELS_MAX: usize = 1_024;

/// Links that are remembered; a session that opened more forgets all of them once.
const LINKS_MAX: usize = 1_024;

/// What a channel tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Channel {
    /// A book of prices; `is_running` once its snapshot was heard.
    Book {
        symbol: String,
        is_running: bool,
    },
    Trades {
        symbol: String,
    },
    /// The status of a derivative.
    Derivative {
        symbol: String,
    },
    /// The liquidations of all.
    Liquidations,
    /// Nothing that we read; its name.
    Other(String),
}

/// The channels of all links.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Channels {
    links: BTreeMap<LinkId, Link>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Link {
    #[serde(serialize_with = "sorted")]
    channels: HashMap<u64, Channel>,
    /// Whether changes of books come as lists.
    is_bulk: bool,
}

impl Channels {
    pub fn open(&mut self, link: LinkId, id: u64, channel: Channel) {
        let channels = &mut self.link(link).channels;
        if channels.len() >= CHANNELS_MAX && !channels.contains_key(&id) {
            channels.clear();
        }
        channels.insert(id, channel);
    }

    pub fn close(&mut self, link: LinkId, id: u64) {
        self.link(link).channels.remove(&id);
    }

    pub fn set_bulk(&mut self, link: LinkId, is_bulk: bool) {
        self.link(link).is_bulk = is_bulk;
    }

    /// The channel of this number, and whether changes of books come as lists.
    pub fn get(&mut self, link: LinkId, id: u64) -> Option<(&mut Channel, bool)> {
        let Link { channels, is_bulk } = self.links.get_mut(&link)?;
        Some((channels.get_mut(&id)?, *is_bulk))
    }

    fn link(&mut self, link: LinkId) -> &mut Link {
        if self.links.len() >= LINKS_MAX && !self.links.contains_key(&link) {
            self.links.clear();
        }
        self.links.entry(link).or_default()
    }

    pub fn forget(&mut self, link: LinkId) {
        self.links.remove(&link);
    }
}

impl Channel {
    /// Which stream it is, and of which symbol; `None` where it is of none or of all.
    pub fn stream(&self) -> Option<(Stream, &str)> {
        match self {
            Self::Book { symbol, .. } => Some((Stream::Book, symbol)),
            Self::Trades { symbol } => Some((Stream::Trades, symbol)),
            Self::Derivative { symbol } => Some((Stream::Stated, symbol)),
            Self::Liquidations | Self::Other(_) => None,
        }
    }

    /// What a subscription to this channel tells. Of books only `P0`: coarser ones are no depth of the market, and
    /// `R0` names orders. Of symbols only those of markets (`t…`): funding is lent money.
    pub fn of(name: &str, symbol: &str, key: &str, precision: &str) -> Self {
        let of_market = symbol.starts_with('t').then(|| symbol.to_owned());
        match (name, of_market) {
            ("book", Some(symbol)) if precision == "P0" => Self::Book { symbol, is_running: false },
            ("book", _) => Self::Other(format!("book {precision}")),
            ("trades", Some(symbol)) => Self::Trades { symbol },
            ("status", _) => match key.strip_prefix("deriv:") {
                Some(symbol) => Self::Derivative { symbol: symbol.to_owned() },
                None if key == "liq:global" => Self::Liquidations,
                None => Self::Other("status".into()),
            },
            (_, _) => Self::Other(name.to_owned()),
        }
    }
}
