//! The steps of a check: what came of each, told for people as they end, or for programs at the end.

use std::time::Duration;

use serde_json::{Value, json};

use crate::out::say;

/// What is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The venue's names are found.
    Dns,
    /// A connection is made that nobody else can read.
    Tls,
    /// A request is answered.
    Rest,
    /// The venue's stream is open.
    WebSocket,
    /// A first book is right.
    Book,
}

impl Step {
    const fn name(self) -> &'static str {
        match self {
            Self::Dns => "DNS",
            Self::Tls => "TLS",
            Self::Rest => "REST",
            Self::WebSocket => "WebSocket",
            Self::Book => "Book",
        }
    }

    const fn id(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Tls => "tls",
            Self::Rest => "rest",
            Self::WebSocket => "websocket",
            Self::Book => "book",
        }
    }
}

/// What came of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// `None`: there was nothing to try.
    pub is_well: Option<bool>,
    /// One sentence, without its full stop.
    pub sentence: String,
    /// How long it took; of TLS, WebSocket and book, since the first of them was begun. `None` where it did not end.
    pub took: Option<Duration>,
}

impl Outcome {
    /// It is well.
    pub fn well(sentence: String, took: Duration) -> Self {
        Self { is_well: Some(true), sentence, took: Some(took) }
    }

    /// It is not.
    pub fn failed(sentence: String, took: Option<Duration>) -> Self {
        Self { is_well: Some(false), sentence, took }
    }

    /// There was nothing to try.
    pub fn skipped(sentence: String) -> Self {
        Self { is_well: None, sentence, took: None }
    }
}

/// The steps that have ended.
#[derive(Debug)]
pub struct Steps {
    is_silent: bool,
    ended: Vec<(Step, Outcome)>,
}

impl Steps {
    /// None yet; `is_silent`: they are told only at the end.
    pub fn new(is_silent: bool) -> Self {
        Self { is_silent, ended: Vec::new() }
    }

    /// Keeps what came of a step, and tells it.
    pub fn end(&mut self, step: Step, outcome: Outcome) {
        if !self.is_silent {
            let stop = if outcome.sentence.ends_with(['.', '!', '?']) { "" } else { "." };
            say!("{}: {}{stop}", step.name(), outcome.sentence);
        }
        self.ended.push((step, outcome));
    }

    /// Whether all that was tried is well. Where the venue `is_polled`, nothing is missing without a WebSocket.
    pub fn are_well(&self, is_polled: bool) -> bool {
        let mut needed =
            self.ended.iter().filter(|(step, _)| !is_polled || *step != Step::WebSocket);
        needed.all(|(_, outcome)| outcome.is_well != Some(false))
    }

    /// The steps for programs.
    pub fn objects(&self) -> Vec<Value> {
        let object = |(step, outcome): &(Step, Outcome)| {
            json!({
                "step": step.id(),
                "ok": outcome.is_well,
                "sentence": outcome.sentence,
                "millis": outcome.took.map(|took| u64::try_from(took.as_millis()).unwrap_or(u64::MAX)),
            })
        };
        self.ended.iter().map(object).collect()
    }
}
