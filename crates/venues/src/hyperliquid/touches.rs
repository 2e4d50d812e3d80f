//! The best prices that were told last of each coin: an image that is older than they are must not put them back.

use std::collections::BTreeMap;

use market::LinkId;
use serde::{Deserialize, Serialize};

use crate::remember::pairs;

/// Coins that are remembered; with more, all are forgotten once.
const COINS_MAX: usize = 4_096;

/// The longest text of one level; what is longer is not remembered.
const LEVEL_CHARS_MAX: usize = 256;

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Touches {
    #[serde(with = "pairs")]
    touches: BTreeMap<(LinkId, String), Touch>,
}

/// Best bid and ask as they stand in a message, each an object or `null`, and its time in milliseconds.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Touch {
    pub time: u64,
    pub bid: String,
    pub ask: String,
}

impl Touches {
    pub fn note(&mut self, (link, coin): (LinkId, &str), touch: Touch) {
        if touch.bid.len().max(touch.ask.len()) > LEVEL_CHARS_MAX {
            return;
        }
        if self.touches.len() >= COINS_MAX {
            self.touches.clear();
        }
        self.touches.insert((link, coin.to_owned()), touch);
    }

    /// The best prices of a coin, where they are younger than this.
    pub fn after(&self, (link, coin): (LinkId, &str), time: u64) -> Option<&Touch> {
        self.touches.get(&(link, coin.to_owned())).filter(|touch| touch.time > time)
    }

    pub fn forget(&mut self, link: LinkId) {
        self.touches.retain(|(of, _), _| *of != link);
    }
}
