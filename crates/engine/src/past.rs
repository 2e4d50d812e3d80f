//! What a live session keeps of its own past: its packets, and what was found in them.

use std::sync::{Arc, Mutex, PoisonError};

use market::{Packet, Timestamp};
use session::Recording;

use crate::engine::Engine;
use crate::image::{Listed, preface};
use crate::outline::{Outline, Span};
use crate::recent::Recent;
use crate::source::Act;
use crate::tail::Tail;
use crate::trail::Mark;

/// While nothing is recorded, memory alone can begin at steps of this: what is known then is kept each minute.
const START_NANOS: i64 = 60_000_000_000;

/// The past of a live session.
#[derive(Default)]
pub struct Past {
    tail: Tail,
    outline: Arc<Mutex<Outline>>,
    recent: Recent,
    /// Within this nothing is kept any longer of what was not recorded, which is not told yet.
    gone: Option<Span>,
    /// When memory could last begin.
    started_at: Option<Timestamp>,
}

impl Past {
    /// Takes a packet before the engine does.
    pub fn keep(&mut self, packet: &Packet) {
        self.tail.push(packet.clone());
    }

    /// Looks at what the packet made.
    pub fn observe(&mut self, engine: &Engine, mark: Option<Mark>) {
        let mut outline = self.outline.lock().unwrap_or_else(PoisonError::into_inner);
        outline.observe(engine, mark);
        drop(outline);
        self.recent.observe(engine);
    }

    /// Its newest time, second by second.
    pub fn recent(&self) -> &Recent {
        &self.recent
    }

    /// A second has passed, or recording was switched.
    pub fn settle(&mut self, engine: &Engine, parts: Vec<Arc<Recording>>, is_recording: bool) {
        let now = engine.now();
        let gone = self.tail.settle(parts, is_recording, now);
        let mut outline = self.outline.lock().unwrap_or_else(PoisonError::into_inner);
        outline.judge(engine);
        for one in gone {
            outline.forget(&one);
            self.recent.forget(&one);
            let (from, to) = self.gone.unwrap_or((one.from, one.to));
            self.gone = Some((from.min(one.from), to.max(one.to)));
        }
        drop(outline);
        if is_recording {
            self.started_at = None;
        } else if self.started_at.is_none_or(|at| now.nanos_since(at) >= START_NANOS) {
            self.started_at = Some(now);
            self.tail.begin(preface(engine, now, Listed::All));
        }
    }

    /// That memory holds less than an hour while nothing is recorded, as a sentence; told once.
    pub fn take_shortage(&self) -> Option<String> {
        self.tail.take_shortage()
    }

    /// A span within which nothing is kept any longer of what was not recorded, since the last call.
    pub fn take_gone(&mut self) -> Option<Span> {
        self.gone.take()
    }

    /// As a session to be played.
    pub fn act(&self) -> Act {
        Act::live(self.tail.clone(), Arc::clone(&self.outline))
    }
}
