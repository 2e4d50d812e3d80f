//! What is remembered of a link of Bybit: its books, and what its requests asked, since answers do not repeat it.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::per_link::Depths;

/// Requests of a link whose answer is awaited; the oldest is forgotten first.
const REQUESTS_MAX: usize = 256;

/// Topics of one request that are remembered.
const TOPICS_MAX: usize = 1_024;

/// One link.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Link {
    pub books: Depths,
    requests: VecDeque<Asked>,
}

/// A request that was sent.
#[derive(Debug, Deserialize, Serialize)]
struct Asked {
    req_id: String,
    op: String,
    #[serde(default)]
    args: Vec<String>,
}

impl Link {
    /// We sent this text.
    pub fn note_sent(&mut self, text: &str) {
        let Ok(mut asked) = serde_json::from_str::<Asked>(text) else { return };
        if asked.op == "ping" {
            return;
        }
        asked.args.truncate(TOPICS_MAX);
        if self.requests.len() >= REQUESTS_MAX {
            self.requests.pop_front();
        }
        self.requests.push_back(asked);
    }

    /// The topics of the request that is answered now; none where it was not heard.
    pub fn take_topics(&mut self, req_id: &str, op: &str) -> Vec<String> {
        let is_it = |asked: &Asked| asked.req_id == req_id && asked.op == op;
        let position = self.requests.iter().position(is_it);
        position.and_then(|at| self.requests.remove(at)).map_or(Vec::new(), |asked| asked.args)
    }
}
