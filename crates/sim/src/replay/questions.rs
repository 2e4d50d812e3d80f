//! Answers by their questions, of venues whose addresses we need not understand in order to serve them.

use std::collections::BTreeMap;

use axum::http::Uri;
use serde_json::Value;

use super::reel::Snapshot;

/// Answers of one venue, each to its question.
#[derive(Default)]
pub(super) struct Answers(BTreeMap<String, Vec<Snapshot>>);

impl Answers {
    /// Keeps an answer; what was posted stands behind the recorded address.
    pub fn keep(&mut self, recorded: &str, answer: Snapshot) {
        let Some(question) = recorded_question(recorded) else { return };
        let answers = self.0.entry(question).or_default();
        answers.push(answer);
        answers.sort_by_key(|answer| answer.at);
    }

    /// All answers to a question, in order of time; to one that was asked otherwise, those to the same path.
    pub fn to(&self, uri: &Uri, posted: &[u8]) -> Option<&[Snapshot]> {
        let asked = question(uri, std::str::from_utf8(posted).ok().filter(|body| !body.is_empty()));
        let found = self.0.get(&asked).or_else(|| {
            let path = uri.path().trim_end_matches('/');
            // What is posted tells the questions of one path apart.
            let is_same = |(known, _): &(&String, _)| {
                posted.is_empty() && known.split('?').next() == Some(path)
            };
            self.0.iter().find(is_same).map(|(_, answers)| answers)
        });
        found.map(Vec::as_slice)
    }
}

fn recorded_question(recorded: &str) -> Option<String> {
    let address = recorded.split('#').next()?;
    Some(question(&address.parse().ok()?, venues::posted_body(recorded)))
}

/// Path and query, and what was posted, in one form however it was spaced.
fn question(uri: &Uri, posted: Option<&str>) -> String {
    let path = uri.path().trim_end_matches('/');
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let posted = posted.map(|body| {
        let json: Option<Value> = serde_json::from_str(body).ok();
        json.map_or_else(|| body.to_owned(), |json| json.to_string())
    });
    let posted = posted.map(|body| format!("#{body}")).unwrap_or_default();
    format!("{path}{query}{posted}")
}
